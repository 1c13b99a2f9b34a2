"""What an envelope claims to be, to read and to write: peers know that of invalid transactions too."""

from typing import NamedTuple

from fabric_protos.common import common_pb2
from fabric_protos.peer import proposal_pb2, proposal_response_pb2, transaction_pb2
from google.protobuf.message import DecodeError

from hansa_fabric.errors import MalformedDataError
from hansa_fabric.rwsets import ReadWriteSet


class Stated(NamedTuple):
    """The transaction id in an envelope's header, and the public read/write set, as they stand there."""

    tx_id: str
    sets: ReadWriteSet


def stated_id(envelope: bytes) -> str:
    """Return the transaction id in an envelope's header, "" where none can be read.

    Nothing else of it need be right: to Fabric's peers the id is taken as soon as a block holds it.

    Args:
        envelope: serialized `common.Envelope`.
    """
    try:
        payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(envelope).payload)
        return str(common_pb2.ChannelHeader.FromString(payload.header.channel_header).tx_id)
    except DecodeError:
        return ""


def stated(envelope: bytes) -> Stated | None:
    """Return what an endorser transaction states, None for anything else.

    Nothing is checked: neither signatures nor that the parts belong together.

    Args:
        envelope: serialized `common.Envelope`.
    """
    try:
        payload = common_pb2.Payload.FromString(common_pb2.Envelope.FromString(envelope).payload)
        header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
        actions = transaction_pb2.Transaction.FromString(payload.data).actions
        if header.type != common_pb2.ENDORSER_TRANSACTION or not actions:
            return None
        endorsed = transaction_pb2.ChaincodeActionPayload.FromString(actions[0].payload).action
        response = proposal_response_pb2.ProposalResponsePayload.FromString(
            endorsed.proposal_response_payload
        )
        action = proposal_pb2.ChaincodeAction.FromString(response.extension)
        return Stated(str(header.tx_id), ReadWriteSet.parse(action.results))
    except (DecodeError, MalformedDataError):
        return None
