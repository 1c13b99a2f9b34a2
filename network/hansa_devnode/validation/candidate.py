"""A transaction on its way into a block: form, creator, and what it claims to have been endorsed."""

from dataclasses import dataclass

from fabric_protos.peer import proposal_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.validation.rules import ChannelRules
from hansa_fabric.errors import MalformedDataError, MalformedTransactionError
from hansa_fabric.policies import SignedData
from hansa_fabric.rwsets import Namespace, ReadWriteSet
from hansa_fabric.transactions import Transaction, parse_envelope
from hansa_fabric.validation_codes import ValidationCode


class RefusedError(Exception):
    """A transaction that does not become valid.

    Args:
        code: the verdict.
        reason: why, for the log.
    """

    def __init__(self, code: ValidationCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Candidate:
    """A well-formed endorser transaction, its creator verified.

    Args:
        transaction: the envelope, read.
        chaincode: the chaincode that was invoked.
        sets: what it read and writes.
        written: the namespaces that have to be endorsed: the invoked chaincode first, then those it writes
            to.
    """

    transaction: Transaction
    chaincode: str
    sets: ReadWriteSet
    written: tuple[str, ...]


def read_transaction(envelope: bytes, rules: ChannelRules) -> Transaction:
    """Read an envelope and check form, creator and transaction id, in Fabric's order.

    Raises:
        RefusedError: with the code of the first thing that is wrong.
    """
    try:
        transaction = parse_envelope(envelope)
        check_creator(transaction, rules)
        transaction.check()
    except MalformedTransactionError as error:
        raise RefusedError(error.code, str(error)) from error
    return transaction


def read_candidate(transaction: Transaction) -> Candidate:
    """Read what a transaction invokes and writes.

    Raises:
        RefusedError: with the code of the first thing that is wrong.
    """
    action = transaction.action
    chaincode = _invoked_chaincode(transaction)
    try:
        event = action.event
    except MalformedDataError as error:
        raise RefusedError(
            ValidationCode.INVALID_OTHER_REASON, f"invalid chaincode event: {error}"
        ) from error
    if event is not None and event.chaincode_id != chaincode:
        raise RefusedError(
            ValidationCode.INVALID_OTHER_REASON, f"an event of {event.chaincode_id} from {chaincode}"
        )
    try:
        sets = ReadWriteSet.parse(action.results)
    except MalformedDataError as error:
        raise RefusedError(ValidationCode.BAD_RWSET, str(error)) from error
    names = [space.name for space in sets.namespaces]
    if len(set(names)) != len(names):
        raise RefusedError(ValidationCode.ILLEGAL_WRITESET, "a namespace stands twice in the read/write set")
    others = sorted(space.name for space in sets.namespaces if space.name != chaincode and _writes(space))
    return Candidate(transaction, chaincode, sets, (chaincode, *others))


def check_creator(transaction: Transaction, rules: ChannelRules) -> None:
    """Refuse a transaction whose creator the channel does not know, or did not sign. Raises RefusedError."""
    # A peer looks identities up in the channel that the header names; one it has not joined knows nobody.
    if transaction.channel != rules.channel:
        reason: str | None = f"channel {transaction.channel!r} is not {rules.channel!r}"
    else:
        reason = rules.refusal_of_creator(
            SignedData(transaction.creator, transaction.payload, transaction.signature)
        )
    if reason is not None:
        raise RefusedError(ValidationCode.BAD_CREATOR_SIGNATURE, reason)


def _invoked_chaincode(transaction: Transaction) -> str:
    try:
        extension = proposal_pb2.ChaincodeHeaderExtension.FromString(transaction.channel_header.extension)
    except DecodeError as error:
        raise RefusedError(ValidationCode.BAD_HEADER_EXTENSION, str(error)) from error
    action = transaction.action
    if not extension.HasField("chaincode_id") or not (action.chaincode or action.version):
        raise RefusedError(ValidationCode.INVALID_OTHER_REASON, "header or action names no chaincode")
    name: str = extension.chaincode_id.name
    if not name or name != action.chaincode or not action.version:
        raise RefusedError(
            ValidationCode.INVALID_CHAINCODE,
            f"chaincode {name!r} was asked, {action.chaincode!r} version {action.version!r} answered",
        )
    return name


def _writes(space: Namespace) -> bool:
    return bool(
        space.writes
        or space.metadata_writes
        or any(one.writes or one.metadata_writes for one in space.collections)
    )
