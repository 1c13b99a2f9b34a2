"""The stub: all that a contract can ask of its peer and of its transaction."""

from __future__ import annotations

from collections.abc import Sequence

from fabric_protos.peer import chaincode_pb2, chaincode_shim_pb2, proposal_response_pb2

from hansa_shim import composite_key
from hansa_shim.errors import InvalidArgumentError, PeerError
from hansa_shim.exchange import ChaincodeMessage
from hansa_shim.private_data import PrivateData
from hansa_shim.public_state import PublicState
from hansa_shim.response import Response


class ChaincodeStub(PublicState, PrivateData):
    """One transaction, as its contract sees it.

    Method names are those of ``fabric-chaincode-python`` where it has them. Requests to the peer are awaited;
    asked at once (``asyncio.gather``) they are still sent one after the other, as the protocol demands.
    """

    async def invoke_chaincode(
        self, chaincode_name: str, args: Sequence[bytes | str], channel: str = ""
    ) -> Response:
        """Calls another chaincode within this transaction.

        On the same channel its writes join this transaction's; on another one it can only read.

        Args:
            chaincode_name: the chaincode's name on its channel.
            args: its arguments; text is encoded as UTF-8.
            channel: the channel's name, by default this transaction's.

        Returns:
            what the chaincode answered, a refusal (status 400 and above) included.

        Raises:
            PeerError: the peer could not have it answered.
        """
        if not chaincode_name:
            raise InvalidArgumentError("a chaincode's name must not be empty")
        name = f"{chaincode_name}/{channel}" if channel else chaincode_name
        spec = chaincode_pb2.ChaincodeSpec()
        spec.chaincode_id.name = name
        spec.input.args.extend(arg.encode() if isinstance(arg, str) else bytes(arg) for arg in args)
        payload = await self._exchange.request(ChaincodeMessage.INVOKE_CHAINCODE, spec.SerializeToString())
        inner = chaincode_shim_pb2.ChaincodeMessage.FromString(payload)
        if inner.type != ChaincodeMessage.COMPLETED:
            raise PeerError(inner.payload.decode(errors="replace"))
        answer = proposal_response_pb2.Response.FromString(inner.payload)
        return Response(answer.status, answer.message, answer.payload)

    def create_composite_key(self, object_type: str, attributes: Sequence[str] = ()) -> str:
        """One key from a type and its attributes."""
        return composite_key.create_composite_key(object_type, attributes)

    def split_composite_key(self, key: str) -> tuple[str, list[str]]:
        """The type and the attributes of a composite key."""
        return composite_key.split_composite_key(key)
