"""HTTP to a Fabric CA: TLS, the two ways to prove who asks, and its envelope of results and errors."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from hansa_fabric.identity import Signer
from hansa_gateway.ca.errors import CaConnectionError, CaRefusedError
from hansa_gateway.errors import ConfigurationError

_LARGEST_ANSWER = 10 * 1024 * 1024
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Transport:
    """One Fabric CA server. A connection is made for each request, so threads may share it.

    Args:
        url: ``https://host:port``; ``http://`` only on this machine, for secrets travel in requests.
        tls_root: PEM certificates that may vouch for an ``https`` server.
        timeout: seconds for each step of a request.

    Raises:
        ConfigurationError: another kind of URL, or TLS root missing or unreadable.
    """

    def __init__(self, url: str, tls_root: bytes | None, timeout: float) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError as error:
            raise ConfigurationError(f"{url!r}: {error}") from error
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ConfigurationError(f"a certificate authority's address is https://host:port, not {url!r}")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ConfigurationError("a certificate authority on another machine needs https")
        self._host, self._port, self._timeout = parts.hostname, port, timeout
        self._base = parts.path.rstrip("/") + "/api/v1/"
        self._tls = _tls_context(tls_root) if parts.scheme == "https" else None

    def with_secret(self, endpoint: str, body: Mapping[str, Any], name: str, secret: str) -> Any:
        """POST with an enrollment id and its secret (HTTP Basic). Raises CaError."""
        proof = base64.b64encode(f"{name}:{secret}".encode()).decode()
        return self._post(self._base + endpoint, _encode(body), f"Basic {proof}")

    def with_certificate(self, endpoint: str, body: Mapping[str, Any], signer: Signer) -> Any:
        """POST with Fabric CA's token: a certificate, and its key's signature over the request.

        Raises:
            CaError: see there.
        """
        path, content = self._base + endpoint, _encode(body)
        return self._post(path, content, token(signer, "POST", path, content))

    def anonymously(self, endpoint: str, body: Mapping[str, Any]) -> Any:
        """POST without proof of who asks. Raises CaError."""
        return self._post(self._base + endpoint, _encode(body), None)

    def _post(self, path: str, body: bytes, authorization: str | None) -> Any:
        connection = (
            http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
            if self._tls is None
            else http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._tls)
        )
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if authorization is not None:
            headers["Authorization"] = authorization
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            content = response.read(_LARGEST_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            raise CaConnectionError(f"certificate authority at {self._host}:{self._port}: {error}") from error
        finally:
            connection.close()
        return _result(response.status, content)


def token(signer: Signer, method: str, path: str, body: bytes) -> str:
    """Fabric CA's authorization token (of version 1.4 and later).

    Args:
        signer: who asks.
        method: of the request.
        path: of the request, with query.
        body: of the request.
    """
    certificate = base64.b64encode(signer.identity.certificate).decode()
    signed = ".".join(
        (method, base64.b64encode(path.encode()).decode(), base64.b64encode(body).decode(), certificate)
    )
    return f"{certificate}.{base64.b64encode(signer.sign(signed.encode())).decode()}"


def _encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()


def _result(status: int, content: bytes) -> Any:
    if len(content) > _LARGEST_ANSWER:
        raise CaConnectionError("the certificate authority's answer is too long")
    try:
        document = json.loads(content)
        reasons = [(int(error["code"]), str(error["message"])) for error in document.get("errors") or ()]
        success = document.get("success")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CaConnectionError(
            f"the certificate authority's answer (HTTP {status}) cannot be read: {error}"
        ) from error
    if status >= 400 or reasons or not success:
        raise CaRefusedError(status, reasons)
    return document.get("result")


def _tls_context(tls_root: bytes | None) -> ssl.SSLContext:
    if tls_root is None:
        raise ConfigurationError("an https certificate authority needs the TLS root to trust")
    try:
        context = ssl.create_default_context(cadata=tls_root.decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise ConfigurationError(f"the TLS root is not PEM certificates: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
