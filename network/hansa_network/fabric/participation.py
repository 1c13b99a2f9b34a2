"""An ordering node's channel participation API: which channels it orders, and joining one."""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
from pathlib import Path
from typing import Any

from hansa_network.connection_profile import HOST
from hansa_network.errors import NetworkError

_CHANNELS = "/participation/v1/channels"


class Participation:
    """The administrator's interface of one ordering node, over mutual TLS.

    Args:
        node: its name, for messages.
        port: of its administration.
        tls: folder with ``ca.crt`` and a certificate it accepts, ``server.crt`` and ``server.key``.
    """

    def __init__(self, node: str, port: int, tls: Path) -> None:
        self._node, self._port = node, port
        self._context = ssl.create_default_context(cafile=str(tls / "ca.crt"))
        self._context.load_cert_chain(tls / "server.crt", tls / "server.key")

    def channel(self, name: str) -> dict[str, Any] | None:
        """What the node says of a channel (``status``, ``height``); None where it has not joined.

        Raises:
            NetworkError: it did not answer, or with something else (ORDERER_REFUSED).
        """
        status, answer = self._request("GET", f"{_CHANNELS}/{name}", b"", {})
        if status == http.HTTPStatus.NOT_FOUND:
            return None
        if status != http.HTTPStatus.OK:
            raise self._refused(status, answer)
        return answer

    def join(self, block: bytes) -> None:
        """Joins the channel that a genesis or configuration block describes. Raises NetworkError."""
        boundary = secrets.token_hex(16)
        head = (
            f"--{boundary}\r\n"
            'Content-Disposition: form-data; name="config-block"; filename="config.block"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + block + f"\r\n--{boundary}--\r\n".encode()
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        status, answer = self._request("POST", _CHANNELS, body, headers)
        if status != http.HTTPStatus.CREATED:
            raise self._refused(status, answer)

    def _request(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPSConnection(HOST, self._port, timeout=30, context=self._context)
        try:
            connection.request(method, path, body or None, {"Accept": "application/json", **headers})
            response = connection.getresponse()
            answer = json.loads(response.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NetworkError(
                "ORDERER_UNREACHABLE", f"{self._node} does not answer its administrator: {error}"
            ) from error
        finally:
            connection.close()
        return response.status, answer

    def _refused(self, status: int, answer: dict[str, Any]) -> NetworkError:
        said = answer.get("error", "no reason given")
        return NetworkError("ORDERER_REFUSED", f"{self._node} refused (HTTP {status}): {said}")
