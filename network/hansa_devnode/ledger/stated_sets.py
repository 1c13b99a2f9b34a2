"""What an envelope claims to read and write, for whoever must know it of invalid transactions too."""

from fabric_protos.common import common_pb2

from hansa_fabric.errors import FabricDataError
from hansa_fabric.rwsets import ReadWriteSet
from hansa_fabric.transactions import parse_envelope


def stated_sets(envelope: bytes) -> ReadWriteSet | None:
    """Return the public read/write set that stands in an envelope, None where it has none.

    Nothing is checked: neither signatures nor that the parts belong together.

    Args:
        envelope: serialized `common.Envelope`.
    """
    try:
        transaction = parse_envelope(envelope)
        if transaction.type != common_pb2.ENDORSER_TRANSACTION:
            return None
        return ReadWriteSet.parse(transaction.action.results)
    except FabricDataError:
        return None
