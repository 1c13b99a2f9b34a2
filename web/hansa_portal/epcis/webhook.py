"""Sending a signed message to an address that somebody gave us (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT_S = 5.0


class DestinationError(Exception):
    """Nothing is sent to such an address; the text says why."""


@dataclass(frozen=True)
class Destination:
    """Where messages go.

    Args:
        secure: by HTTPS.
        host: name or address.
        port: TCP.
        path: with query.
        private: addresses of this machine and of private networks are allowed.
    """

    secure: bool
    host: str
    port: int
    path: str
    private: bool

    @classmethod
    def of(cls, url: str, *, private: bool) -> Destination:
        """Reads a URL. Raises DestinationError."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise DestinationError("dest is no URL.") from error
        schemes = ("https", "http") if private else ("https",)
        if parts.scheme not in schemes or not parts.hostname or parts.username or len(url) > 2000:
            raise DestinationError("dest is an https URL of at most 2000 characters, without user name.")
        if not url.isascii() or not url.isprintable() or " " in url:
            raise DestinationError("dest is a URL in ASCII.")
        secure = parts.scheme == "https"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(secure, parts.hostname, port or (443 if secure else 80), path, private)

    def send(self, body: bytes, headers: Mapping[str, str]) -> int:
        """Posts once, follows nothing, reads no answer but its status.

        Raises:
            DestinationError: the name leads to addresses that are not public.
            OSError, http.client.HTTPException: it cannot be reached, or does not speak HTTP.
        """
        plain = socket.create_connection((self._address(), self.port), timeout=TIMEOUT_S)
        connection: http.client.HTTPConnection
        connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)
        try:
            # The very address that was checked, so that a name cannot lead elsewhere in between.
            connection.sock = self._secured(plain)
            connection.request("POST", self.path, body, dict(headers))
            return connection.getresponse().status
        finally:
            connection.close()
            plain.close()

    def _secured(self, plain: socket.socket) -> socket.socket:
        if not self.secure:
            return plain
        return ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)

    def _address(self) -> str:
        found = [
            str(info[4][0]) for info in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        ]
        for address in found:
            if not self.private and not ipaddress.ip_address(address.partition("%")[0]).is_global:
                raise DestinationError(f"{self.host} is no public address.")
        return found[0]


def signature(token: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``: HMAC-SHA256 over id, time and body.

    Args:
        token: the subscriber's; ``whsec_`` and base64, as Standard Webhooks has it, or any text.
        message_id: of ``webhook-id``.
        timestamp: of ``webhook-timestamp``, Unix seconds.
        body: as it is sent.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(token), signed, hashlib.sha256)).decode()


def _key(token: str) -> bytes:
    if token.startswith("whsec_"):
        try:
            return base64.b64decode(token.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            return token.encode()  # any text is a token
    return token.encode()
