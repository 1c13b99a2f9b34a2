"""A running certificate authority for tests, and clients of it."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hansa_devnode.services.ca import CaService
from hansa_devnode.services.servers import ServerTls
from hansa_fabric.certificates import (
    CertificateAuthority,
    CertificateProfile,
    key_pem,
    new_key,
)
from hansa_fabric.identity import KeySigner
from hansa_gateway.ca import CaClient
from hansa_gateway.ca.transport import token

AUTHORITY = CertificateAuthority.create("ca.bank.example", "bank.example")
TLS_AUTHORITY = CertificateAuthority.create("tlsca.bank.example", "bank.example")


def server_tls() -> ServerTls:
    key = new_key()
    profile = CertificateProfile("ca", hosts=("localhost", "127.0.0.1"), server=True)
    return ServerTls(TLS_AUTHORITY.issue(profile, key.public_key()), key_pem(key))


TLS = server_tls()


class Running:
    """A service and clients of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port = free_port()
        self.service = self._start()
        self.url = f"https://{self.service.address}"
        self.client = CaClient(self.url, "BankMSP", tls_root=TLS_AUTHORITY.certificate)
        self.admin: KeySigner = self.client.enroll("admin", "adminpw").credential.signer

    def _start(self, secret: str | None = "adminpw") -> CaService:
        return asyncio.run(
            CaService.start(
                name="ca.bank.example",
                address=f"127.0.0.1:{self._port}",
                authority=AUTHORITY,
                tls=TLS,
                folder=self.folder,
                registrar=("admin", secret),
            )
        )

    def restart(self, secret: str | None = "adminpw") -> None:
        self.stop()
        self.service = self._start(secret)

    def stop(self) -> None:
        asyncio.run(self.service.stop())

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """A request by hand: status and parsed answer."""
        context = ssl.create_default_context(cadata=TLS_AUTHORITY.certificate.decode())
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=context, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            content = response.read()
            return response.status, json.loads(content) if content else None
        finally:
            connection.close()

    def signed(self, signer: KeySigner, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """A request with a token."""
        content = b"" if body is None else json.dumps(body).encode()
        return self.send(method, path, content, {"Authorization": token(signer, method, path, content)})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """A service that is stopped in the end."""
    found = Running(folder)
    try:
        yield found
    finally:
        found.stop()


def enrolled(ca: Running, name: str, **registration: Any) -> KeySigner:
    secret = ca.client.register(ca.admin, name, **registration)
    found: KeySigner = ca.client.enroll(name, secret).credential.signer
    return found


def enroll_by_hand(ca: Running, name: str, secret: str, request: str) -> tuple[int, Any]:
    proof = base64.b64encode(f"{name}:{secret}".encode()).decode()
    body = json.dumps({"certificate_request": request}).encode()
    return ca.send("POST", "/api/v1/enroll", body, {"Authorization": f"Basic {proof}"})
