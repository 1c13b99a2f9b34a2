"""The verdict on each transaction of a block, and what the valid ones change."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hansa_devnode.ledger.state import StateReader
from hansa_devnode.ledger.stated_sets import stated_id
from hansa_devnode.ledger.updates import Updates
from hansa_devnode.validation.candidate import (
    Candidate,
    RefusedError,
    check_creator,
    read_candidate,
    read_transaction,
)
from hansa_devnode.validation.conflicts import check_reads
from hansa_devnode.validation.endorsement import EndorsementCheck
from hansa_devnode.validation.rules import ChannelRules
from hansa_fabric.errors import FabricDataError, MalformedTransactionError
from hansa_fabric.rwsets import Version
from hansa_fabric.transactions import Transaction, parse_envelope
from hansa_fabric.validation_codes import ValidationCode

# Where Fabric's peers keep the configuration in their state: in no chaincode's namespace.
CONFIG_KEY = "CHANNEL_CONFIG_ENV_BYTES"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """What becomes of one transaction.

    Args:
        tx_id: transaction id, "" where the envelope has none that could be read.
        code: Fabric's code.
        reason: why it is not valid, for the log; "" where it is.
        candidate: what was read of it, None where it was refused before.
    """

    tx_id: str
    code: ValidationCode
    reason: str = ""
    candidate: Candidate | None = None


@dataclass(frozen=True)
class Outcome:
    """The result of validating a block.

    Args:
        verdicts: one per envelope, in order.
        updates: what the valid transactions change.
        rules: what holds after the block, where it changes the channel's configuration; else None.
    """

    verdicts: tuple[Verdict, ...]
    updates: Updates
    rules: ChannelRules | None = None


class BlockValidator:
    """Validates blocks against a channel's rules, in Fabric's order: form, creator, id, endorsement, reads.

    Args:
        rules: identities and policies of the channel.
    """

    def __init__(self, rules: ChannelRules) -> None:
        self._rules = rules

    def validate(
        self,
        number: int,
        envelopes: Sequence[bytes],
        state: StateReader,
        is_known: Callable[[str], bool],
    ) -> Outcome:
        """Decide on every transaction of a block; nothing is written.

        Args:
            number: the block's number.
            envelopes: serialized `common.Envelope`s, in order.
            state: the committed state before the block.
            is_known: tells whether a committed block already holds a transaction id.
        """
        if len(envelopes) == 1 and (transaction := _configuration(envelopes[0])) is not None:
            return self._reconfigured(number, transaction, Updates(state))
        endorsement = EndorsementCheck(self._rules, state)
        verdicts = [self._endorsed(envelope, endorsement, is_known) for envelope in envelopes]
        updates = Updates(state)
        taken: set[str] = set()
        for index, verdict in enumerate(verdicts):
            if verdict.candidate is None or verdict.code is not ValidationCode.VALID:
                continue
            if verdict.tx_id in taken:
                verdicts[index] = _refused(
                    verdict, ValidationCode.DUPLICATE_TXID, "stands in this block before"
                )
                continue
            taken.add(verdict.tx_id)
            code = check_reads(verdict.candidate.sets, state, updates)
            if code is ValidationCode.VALID:
                updates.apply(verdict.candidate.sets, Version(number, index))
            else:
                verdicts[index] = _refused(verdict, code, "what it read has changed")
        for index, verdict in enumerate(verdicts):
            if verdict.code is not ValidationCode.VALID:
                _log.info(
                    "block %d transaction %d %s: %s: %s",
                    number,
                    index,
                    verdict.tx_id,
                    verdict.code.name,
                    verdict.reason,
                )
        return Outcome(tuple(verdicts), updates)

    def _reconfigured(self, number: int, transaction: Transaction, updates: Updates) -> Outcome:
        """Decide on a block that holds a configuration, which is all that such a block may hold."""
        try:
            check_creator(transaction, self._rules)
            rules = self._rules.reconfigured(transaction)
        except RefusedError as refusal:
            verdict = Verdict(transaction.tx_id, refusal.code, refusal.reason)
        except FabricDataError as error:
            verdict = Verdict(transaction.tx_id, ValidationCode.INVALID_CONFIG_TRANSACTION, str(error))
        else:
            updates.put("", CONFIG_KEY, transaction.data, Version(number, 0))
            return Outcome((Verdict(transaction.tx_id, ValidationCode.VALID),), updates, rules)
        _log.warning("block %d: configuration refused: %s: %s", number, verdict.code.name, verdict.reason)
        return Outcome((verdict,), updates)

    def _endorsed(
        self, envelope: bytes, endorsement: EndorsementCheck, is_known: Callable[[str], bool]
    ) -> Verdict:
        tx_id = ""
        try:
            transaction = read_transaction(envelope, self._rules)
            tx_id = transaction.tx_id
            if transaction.is_config:
                raise RefusedError(
                    ValidationCode.INVALID_CONFIG_TRANSACTION, "a configuration stands alone in its block"
                )
            if is_known(tx_id):
                raise RefusedError(ValidationCode.DUPLICATE_TXID, "a committed block holds this id")
            candidate = read_candidate(transaction)
            endorsement.check(candidate)
        except RefusedError as refusal:
            return Verdict(tx_id or stated_id(envelope), refusal.code, refusal.reason)
        return Verdict(tx_id, ValidationCode.VALID, "", candidate)


def _configuration(envelope: bytes) -> Transaction | None:
    """The envelope read, where it is a configuration."""
    try:
        transaction = parse_envelope(envelope)
    except MalformedTransactionError:
        return None
    return transaction if transaction.is_config else None


def _refused(verdict: Verdict, code: ValidationCode, reason: str) -> Verdict:
    return Verdict(verdict.tx_id, code, reason, verdict.candidate)
