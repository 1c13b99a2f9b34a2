"""The lasting connection to a chaincode's server: dialled, watched, and dialled again when it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass

import grpc
import grpc.aio
from fabric_protos.peer import chaincode_shim_pb2_grpc

from hansa_devnode.chaincode.errors import ChaincodeError
from hansa_devnode.chaincode.stream import CallChaincode, ChaincodeStream

# How long a transaction waits for a chaincode that is not there: dial_timeout of connection.json.
DIAL_TIMEOUT = 3.0
_FIRST_DELAY = 0.05
_LONGEST_DELAY = 2.0

_OPTIONS = (
    ("grpc.max_receive_message_length", 100 * 1024 * 1024),
    ("grpc.max_send_message_length", 100 * 1024 * 1024),
    # Servers built on gRPC's C core refuse more than one ping in five minutes on a silent connection.
    ("grpc.keepalive_time_ms", 360_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # Each attempt dials anew; a shared connection would wait out its own backoff first.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_retries", 0),
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a chaincode's server listens, and how to talk to it.

    Args:
        package_id: what it registers as.
        address: `host:port`.
        credentials: for TLS; None for plain text.
        server_name: the name in its certificate where that is not the address's host.
    """

    package_id: str
    address: str
    credentials: grpc.ChannelCredentials | None = None
    server_name: str | None = None


class ChaincodeConnection:
    """One organisation's connection to one chaincode."""

    def __init__(self, endpoint: Endpoint, call_chaincode: CallChaincode) -> None:
        self._endpoint = endpoint
        self._call_chaincode = call_chaincode
        self._stream: ChaincodeStream | None = None
        self._changed = asyncio.Condition()
        self._waiting = 0
        self._wanted = asyncio.Event()
        self._reason = ""
        self._logged = ""
        self._task: asyncio.Task[None] | None = None
        self._retired = False

    @property
    def ready(self) -> bool:
        """Whether the chaincode is registered and can execute."""
        return self._stream is not None and self._stream.ready.is_set()

    def start(self) -> None:
        """Begin to dial, in the background."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep_connected())

    def retire(self) -> None:
        """Dial no more once the present stream ends: another chaincode has taken this one's place."""
        self._retired = True

    async def stop(self) -> None:
        """Close the connection; transactions on it fail."""
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def stream(self, timeout: float = DIAL_TIMEOUT) -> ChaincodeStream:
        """The stream to execute on; while there is none, dials at once and waits up to `timeout` seconds.

        Raises:
            ChaincodeError: the chaincode cannot be reached or does not register, in Fabric's words.
        """
        if self._stream is not None and self._stream.ready.is_set():
            return self._stream
        self._waiting += 1
        self._wanted.set()
        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: self.ready)
        except TimeoutError:
            raise ChaincodeError(self._launch_failure()) from None
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._wanted.clear()
        assert self._stream is not None  # ready
        return self._stream

    def _launch_failure(self) -> str:
        package_id, address = self._endpoint.package_id, self._endpoint.address
        reason = self._reason or (
            f"connection to {package_id} failed: error cannot create connection for {package_id}:"
            f" error creating grpc connection to {address}: failed to create new connection:"
            " context deadline exceeded"
        )
        return f"could not launch chaincode {package_id}: {reason}"

    async def _keep_connected(self) -> None:
        delay = _FIRST_DELAY
        while not self._retired:
            if await self._connect():
                delay = _FIRST_DELAY
            await asyncio.sleep(_FIRST_DELAY)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._wanted.wait()
            delay = min(delay * 2, _LONGEST_DELAY)

    async def _connect(self) -> bool:
        """Serve one stream to its end; whether the chaincode had registered on it."""
        registered = False
        async with self._channel() as channel:
            call = chaincode_shim_pb2_grpc.ChaincodeStub(channel).Connect()
            stream = ChaincodeStream(call, self._endpoint.package_id, self._call_chaincode)
            announcing = asyncio.create_task(self._announce(stream))
            try:
                await stream.run()
            except grpc.aio.AioRpcError as error:
                self._note("", error.details() or error.code().name)
            except (ChaincodeError, asyncio.InvalidStateError) as error:
                self._note(f"chaincode registration failed: {error}", str(error))
            finally:
                registered = self._stream is stream
                self._stream = None
                announcing.cancel()
                call.cancel()
        return registered

    async def _announce(self, stream: ChaincodeStream) -> None:
        await stream.ready.wait()
        async with self._changed:
            self._stream = stream
            self._reason = self._logged = ""
            self._changed.notify_all()
        _log.info("chaincode %s at %s is ready", self._endpoint.package_id, self._endpoint.address)

    def _note(self, reason: str, details: str) -> None:
        """Keep why there is no chaincode, and log it where it is news: attempts repeat."""
        self._reason = reason
        if details != self._logged:
            self._logged = details
            # A chaincode that has not been started yet is no cause for alarm; one that was lost is.
            _log.log(
                logging.WARNING if reason or self._stream is not None else logging.INFO,
                "no stream to chaincode %s at %s: %s",
                self._endpoint.package_id,
                self._endpoint.address,
                details,
            )

    def _channel(self) -> grpc.aio.Channel:
        endpoint = self._endpoint
        if endpoint.credentials is None:
            return grpc.aio.insecure_channel(endpoint.address, _OPTIONS)
        options = list(_OPTIONS)
        if endpoint.server_name is not None:
            options.append(("grpc.ssl_target_name_override", endpoint.server_name))  # type: ignore[arg-type]
        return grpc.aio.secure_channel(endpoint.address, endpoint.credentials, options)
