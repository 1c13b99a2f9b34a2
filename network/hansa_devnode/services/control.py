"""The node's control: how another process asks for its status or silences one organisation's peer.

A loopback port, named with a secret in a file of the data folder that only its owner may read. One JSON
document a line, each way. Requests: {"token": …, "command": "status"}, "peer stop" or "peer start" with
"msp_id", and "organization add" with "organization", an object as in the configuration. Answers:
{"ok": true, …} or {"ok": false, "error": …}.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from hansa_devnode.files import write_file

FILE_NAME = "control.json"
LINE_LIMIT = 64 * 1024

Handler = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


class ControlError(Exception):
    """A command that the node refuses, or no node to be asked; the text says why."""


class ControlServer:
    """Listens on loopback and passes commands to the node.

    Args:
        folder: the data folder, where the file with port and secret is written.
        handle: answers a request with the fields of the answer; may raise ControlError.
    """

    def __init__(self, folder: Path, handle: Handler) -> None:
        self._file = folder / FILE_NAME
        self._handle = handle
        self._token = secrets.token_urlsafe(32)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begins to listen; the file left by a node that was killed is replaced."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LINE_LIMIT)
        port = self._server.sockets[0].getsockname()[1]
        write_file(self._file, json.dumps({"port": port, "token": self._token}).encode(), private=True)

    async def stop(self) -> None:
        """Stops listening and removes the file."""
        self._file.unlink(missing_ok=True)
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            return  # the other side went away, or sent a line beyond the limit
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise ControlError("a JSON object is expected")
            if not hmac.compare_digest(str(request.pop("token", "")), self._token):
                raise ControlError("the token is wrong")
            return {"ok": True, **await self._handle(request)}
        except ControlError as error:
            return {"ok": False, "error": str(error)}
        except ValueError as error:
            return {"ok": False, "error": f"not JSON: {error}"}


def ask_control(folder: Path, command: str, timeout: float = 30.0, **fields: Any) -> dict[str, Any]:
    """Sends one command to the devnode that runs on a data folder; blocks up to `timeout` seconds.

    Returns the answer's fields. Raises ControlError when no node answers, or when it refuses.
    """
    try:
        access = json.loads((folder / FILE_NAME).read_bytes())
        with socket.create_connection(("127.0.0.1", access["port"]), timeout) as connection:
            request = {"token": access["token"], "command": command, **fields}
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as stream:
                answer: dict[str, Any] = json.loads(stream.readline())
    except (OSError, ValueError, KeyError) as error:
        raise ControlError(f"no devnode answers on {folder}: {error}") from error
    if not answer.pop("ok", False):
        raise ControlError(answer.get("error", "the devnode gave no reason"))
    return answer
