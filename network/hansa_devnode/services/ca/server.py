"""HTTPS around the authority's endpoints: a thread for each connection, beside the engine's event loop."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from hansa_devnode.addresses import split_address
from hansa_devnode.files import write_file
from hansa_devnode.services.ca.authentication import Request
from hansa_devnode.services.ca.endpoints import Answer, Endpoints
from hansa_devnode.services.ca.refusal import BAD_BODY, UNKNOWN, CaRefusal
from hansa_devnode.services.ca.registration import FIRST_REGISTRAR_ATTRIBUTES, own_attributes
from hansa_devnode.services.ca.registry import UNLIMITED, RegisteredIdentity, Registry
from hansa_devnode.services.servers import AddressInUseError, ServerTls
from hansa_fabric.certificates import CertificateAuthority

logger = logging.getLogger(__name__)

# The ones Fabric CA's own configuration begins with, which tutorials and clients' samples name.
USUAL_AFFILIATIONS = ("org1", "org1.department1", "org1.department2", "org2", "org2.department1")

_LARGEST_BODY = 1024 * 1024
_IDLE_SECONDS = 30.0
_SECRET_BYTES = 18


class CaService:
    """A running certificate authority; made by ``start``, and owner of its thread and files.

    Attributes:
        address: ``host:port`` where it is served.
    """

    def __init__(self, server: _Server, registry: Registry, host: str) -> None:
        self.address = f"{host}:{server.server_port}"
        self._server = server
        self._registry = registry
        self._thread = threading.Thread(
            target=server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name=f"ca {self.address}",
            daemon=True,
        )
        self._thread.start()

    @classmethod
    async def start(
        cls,
        *,
        name: str,
        address: str,
        authority: CertificateAuthority,
        tls: ServerTls,
        folder: Path,
        registrar: tuple[str, str | None],
        affiliations: Iterable[str] = USUAL_AFFILIATIONS,
    ) -> Self:
        """Serve an organisation's authority.

        Args:
            name: of the authority, such as ``ca.bank.example``.
            address: ``host:port`` to listen on.
            authority: who issues identities.
            tls: the server's certificate and key.
            folder: for what it must remember; made when absent.
            registrar: name and secret of the first identity, which may register and revoke others. It is
                made at the first start and kept from then on. Without a secret one is drawn, which stands in
                ``registrar-secret`` in the folder.
            affiliations: dotted paths that identities may be registered under.

        Raises:
            AddressInUseError: the address cannot be listened on.
            OSError, sqlite3.Error: the folder cannot be used.
        """
        host, port = split_address(address)
        context = await asyncio.to_thread(_context, tls)
        registry = await asyncio.to_thread(_registry, folder, registrar)
        endpoints = Endpoints(name, authority, registry, frozenset(affiliations))
        try:
            server = _Server((host, port), endpoints, context)
        except OSError as error:
            registry.close()
            raise AddressInUseError(f"cannot listen on {address}: {error}") from error
        return cls(server, registry, host)

    async def stop(self) -> None:
        """Stop serving and close the files; what was answered is kept."""
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._registry.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], endpoints: Endpoints, context: ssl.SSLContext) -> None:
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        self.endpoints = endpoints
        self._connections: set[ssl.SSLSocket] = set()
        self._change = threading.Condition()
        super().__init__(address, _Handler)
        # The handshake is left to the connection's own thread, so that a silent client holds up nobody.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request: Any, client_address: Any) -> None:
        """A new connection; its thread takes it from here."""
        with self._change:
            self._connections.add(request)
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """One connection, from handshake to end."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._change:
                self._connections.discard(request)
                self._change.notify_all()

    def server_close(self) -> None:
        """Stop listening, end connections that wait, and wait for the answers under way."""
        super().server_close()
        with self._change:
            for each in self._connections:
                _end_reading(each)
            self._change.wait_for(lambda: not self._connections)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke: for the log, not for standard error."""
        logger.info("connection from %s broke", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "hansa-ca"
    sys_version = ""
    timeout = _IDLE_SECONDS
    # Headers and content leave together, at once.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        """The TLS handshake, in this connection's thread."""
        self.request.settimeout(self.timeout)
        self.request.do_handshake()
        super().setup()

    def do_GET(self) -> None:
        """A GET request."""
        self._serve()

    def do_POST(self) -> None:
        """A POST request."""
        self._serve()

    def do_HEAD(self) -> None:
        """A HEAD request."""
        self._serve()

    def do_PUT(self) -> None:
        """A PUT request; all are refused."""
        self._serve()

    def do_DELETE(self) -> None:
        """A DELETE request; all are refused."""
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name for it
        """The base class's log lines."""
        logger.debug("%s: %s", self.address_string(), format % args)

    def _serve(self) -> None:
        try:
            answer = self.server.endpoints.answer(
                Request(self.command, self.path, self.headers.get("Authorization", ""), self._body())
            )
            document = _document(answer.result, [])
        except CaRefusal as error:
            logger.info("%s %s refused: %d %s", self.command, self.path, error.status, error)
            answer = Answer(error.status, "")
            document = _document("", [{"code": error.code, "message": error.message}])
        except Exception:
            # The edge: a client must get an answer whatever broke here.
            logger.exception("%s %s failed", self.command, self.path)
            answer = Answer(500, "")
            document = _document("", [{"code": UNKNOWN, "message": "Internal server error"}])
        self._send(answer, document)

    def _body(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise CaRefusal(411, BAD_BODY, "Send the body with Content-Length")
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()):
            self.close_connection = True
            raise CaRefusal(400, BAD_BODY, "Content-Length is not a number")
        if int(length) > _LARGEST_BODY:
            self.close_connection = True
            raise CaRefusal(413, BAD_BODY, f"The body is longer than {_LARGEST_BODY} bytes")
        return self.rfile.read(int(length))

    def _send(self, answer: Answer, document: bytes) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(document)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(document)


def _document(result: object, errors: list[dict[str, object]]) -> bytes:
    envelope = {"result": result, "errors": errors, "messages": [], "success": not errors}
    return json.dumps(envelope).encode()


def _end_reading(connection: ssl.SSLSocket) -> None:
    try:
        # The plain socket's method: TLS's own would let an answer under way continue unencrypted.
        socket.socket.shutdown(connection, socket.SHUT_RD)
    except OSError:
        # The client went away first, which is what is wanted here.
        logger.debug("a connection was closed already")


def _context(tls: ServerTls) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Python's TLS reads keys from files only.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        write_file(path, tls.key + b"\n" + tls.certificate, private=True, durable=False)
        context.load_cert_chain(path)
    return context


def _registry(folder: Path, registrar: tuple[str, str | None]) -> Registry:
    folder.mkdir(parents=True, exist_ok=True)
    registry = Registry(folder / "ca.db")
    name, secret = registrar
    if registry.identity(name) is None:
        if secret is None:
            secret = secrets.token_urlsafe(_SECRET_BYTES)
            # Before the identity is there: a start cut short between the two draws another one.
            write_file(folder / "registrar-secret", secret.encode(), private=True)
        attributes = (*FIRST_REGISTRAR_ATTRIBUTES, *own_attributes(name, "client", ""))
        registry.add(RegisteredIdentity(name, "client", "", attributes, UNLIMITED), secret)
    return registry
