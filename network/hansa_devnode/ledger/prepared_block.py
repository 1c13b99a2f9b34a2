"""A block that was decided on, written in one transaction of the store."""

from collections.abc import Mapping
from dataclasses import dataclass

from hansa_devnode.ledger.block_store import Tip, TransactionStatus, write_block
from hansa_devnode.ledger.keyspace import Transaction
from hansa_devnode.ledger.private_store import PrivateWriter
from hansa_devnode.ledger.state_writer import write_history, write_state
from hansa_devnode.ledger.store import Databases
from hansa_devnode.validation.block import Outcome
from hansa_fabric.blocks import Block
from hansa_fabric.rwsets import PrivateSet, ReadWriteSet, Version
from hansa_fabric.validation_codes import ValidationCode


@dataclass(frozen=True)
class PreparedBlock:
    """A validated block on its way to disk.

    Args:
        databases: where to.
        block: the complete block, metadata included.
        tip: the end of the chain with this block.
        statuses: one per transaction.
        outcome: the verdicts, and what the valid transactions change.
        private: private sets at hand and the public sets that tell of them, by index of the transaction;
            those of invalid transactions too.
        members: MSP ids of who holds a collection's data, by namespace and name.
        organizations: MSP ids of all organisations.
    """

    databases: Databases
    block: Block
    tip: Tip
    statuses: tuple[TransactionStatus, ...]
    outcome: Outcome
    private: Mapping[int, tuple[ReadWriteSet, PrivateSet]]
    members: Mapping[tuple[str, str], frozenset[str]]
    organizations: tuple[str, ...]

    def write(self, transaction: Transaction) -> bytes:
        """Write the block and all it changes; may run more than once, and returns the block's bytes."""
        databases = self.databases
        private = PrivateWriter(transaction, databases, self.members, self.organizations)
        for index, verdict in enumerate(self.outcome.verdicts):
            version = Version(self.block.number, index)
            valid = verdict.code is ValidationCode.VALID
            if index in self.private:
                private.apply(*self.private[index], version, valid=valid)
            if valid and verdict.candidate is not None:
                write_history(transaction, databases, verdict.candidate.sets, version)
                private.purge(verdict.candidate.sets, version)
        private.renew_versions(self.outcome.updates)
        write_state(transaction, databases, self.outcome.updates)
        return write_block(transaction, databases, self.block, self.tip, self.statuses)
