"""The channel's ledger: blocks, state, history and private data in one store, one atomic write per block."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from hansa_devnode.ledger.access import CollectionAccess
from hansa_devnode.ledger.approvals import approved_package
from hansa_devnode.ledger.block_store import (
    Tip,
    TransactionStatus,
    find_hash,
    find_transaction,
    read_block,
)
from hansa_devnode.ledger.chain_start import begin_chain, check_chain, tip_of
from hansa_devnode.ledger.collections import IMPLICIT_PREFIX, CollectionDirectory
from hansa_devnode.ledger.commit_hash import commit_hash
from hansa_devnode.ledger.definitions import (
    LIFECYCLE,
    METADATA_PREFIX,
    ChaincodeDefinition,
    read_definition,
)
from hansa_devnode.ledger.errors import LedgerError, NoSuchCollectionError, NotFoundError
from hansa_devnode.ledger.kept_private import KeptPrivateSets
from hansa_devnode.ledger.prepared_block import PreparedBlock
from hansa_devnode.ledger.private_store import private_sets
from hansa_devnode.ledger.simulator import Simulator
from hansa_devnode.ledger.state import StateReader
from hansa_devnode.ledger.stated_sets import stated
from hansa_devnode.ledger.store import INITIAL_MAP_SIZE, Snapshot, Store
from hansa_devnode.validation.block import BlockValidator, Outcome
from hansa_devnode.validation.bundle_rules import BundleRules
from hansa_devnode.validation.rules import ChannelRules
from hansa_fabric.blocks import Block, new_block, set_commit_hash, set_last_config, set_validation_codes
from hansa_fabric.bundle import Bundle
from hansa_fabric.rwsets import PrivateSet, ReadWriteSet

BlockHeader = Any  # common.BlockHeader of fabric_protos, which has no stubs

# Given a block's header and the number of the last configuration block, returns the serialized
# common.Metadata (value: OrdererBlockMetadata, signatures) of the SIGNATURES slot.
BlockSigner = Callable[[BlockHeader, int], bytes]


@dataclass(frozen=True)
class CommittedBlock:
    """A block that is on disk.

    Args:
        number: its number.
        data: the serialized `common.Block`, metadata included.
        transactions: one status per envelope, in order.
    """

    number: int
    data: bytes
    transactions: tuple[TransactionStatus, ...]


@dataclass(frozen=True)
class ChainInfo:
    """Height and tip, as qscc's GetChainInfo reports.

    Args:
        height: number of blocks.
        current_hash: hash of the last block's header.
        previous_hash: hash of the header before it, empty at height 1.
    """

    height: int
    current_hash: bytes
    previous_hash: bytes


class Ledger:
    """The ledger of one channel, shared by all organisations of the embedded engine.

    Thread safety: every method may be called from any thread. `commit` is a plain blocking function that
    ends with an fsync: call it in a thread, not on an event loop. Commits run one at a time; readers and
    simulators run beside them on their own snapshots.

    Args:
        store: the open store, holding at least the genesis block.
        kept: private sets whose transactions are not in a block yet.
        rules: the channel's identities and policies.
        tip: the end of the chain in the store.
    """

    def __init__(self, store: Store, kept: KeptPrivateSets, rules: ChannelRules, tip: Tip) -> None:
        self._store = store
        self._kept = kept
        self._rules = rules
        self._tip = tip
        self._committing = threading.Lock()

    @classmethod
    def open(cls, path: Path, genesis_block: Any, map_size: int = INITIAL_MAP_SIZE) -> Self:
        """Open or create.

        Args:
            path: folder of the store, made where absent.
            genesis_block: `common.Block` 0 of the channel, message or bytes.
            map_size: first size of the store's memory map in bytes; it grows as needed.

        Raises:
            LedgerMismatchError: the folder belongs to another genesis block, or its last block does not fit.
            LedgerError: another process has the folder open.
            FabricDataError: the genesis block is none, or its configuration cannot be read.
        """
        genesis = Block(genesis_block)
        ledger = cls.open_with(path, genesis, BundleRules(Bundle.from_block(genesis)), map_size)
        if ledger._tip.last_config:
            ledger._rules = BundleRules(Bundle.from_block(Block(ledger.block(ledger._tip.last_config))))
        return ledger

    @classmethod
    def open_with(
        cls, path: Path, genesis: Block, rules: ChannelRules, map_size: int = INITIAL_MAP_SIZE
    ) -> Self:
        """Open or create, as `open`, with rules that do not come from the genesis block."""
        store = Store(path / "channel", map_size)
        try:
            begin_chain(store, genesis)
            tip = check_chain(store, genesis)
            return cls(store, KeptPrivateSets(path / "endorsed"), rules, tip)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Close the store; simulators must be closed before."""
        self._kept.close()
        self._store.close()

    @property
    def channel(self) -> str:
        """The channel's name."""
        return self._rules.channel

    @property
    def bundle(self) -> Bundle:
        """The channel's configuration now."""
        return self._rules.bundle

    @property
    def height(self) -> int:
        """Number of blocks on disk."""
        return self._tip.height

    def chain_info(self) -> ChainInfo:
        """Return height and hashes of the tip."""
        tip = self._tip
        return ChainInfo(tip.height, tip.hash, tip.previous)

    def block(self, number: int) -> bytes:
        """Return a serialized `common.Block`. Raises NotFoundError."""
        with self._store.snapshot() as snapshot:
            return read_block(snapshot, number)

    def block_by_hash(self, header_hash: bytes) -> bytes:
        """Return the block with this header hash. Raises NotFoundError."""
        with self._store.snapshot() as snapshot:
            return read_block(snapshot, find_hash(snapshot, header_hash))

    def block_of_transaction(self, tx_id: str) -> bytes:
        """Return the block that holds a transaction. Raises NotFoundError."""
        with self._store.snapshot() as snapshot:
            return read_block(snapshot, _find(snapshot, tx_id).block)

    def status(self, tx_id: str) -> TransactionStatus | None:
        """Return what became of a transaction, None where no block holds it."""
        with self._store.snapshot() as snapshot:
            return find_transaction(snapshot, tx_id)

    def transaction(self, tx_id: str) -> tuple[bytes, int]:
        """Return a transaction's serialized `common.Envelope` and its code. Raises NotFoundError."""
        with self._store.snapshot() as snapshot:
            status = _find(snapshot, tx_id)
            return Block(read_block(snapshot, status.block)).data[status.index], status.code

    def chaincode(self, name: str) -> ChaincodeDefinition | None:
        """Return the committed definition of a chaincode, None where there is none."""
        with self._store.snapshot() as snapshot:
            return _definition(StateReader(snapshot), name)

    def chaincodes(self) -> list[ChaincodeDefinition]:
        """Return all committed definitions, ordered by name."""
        with self._store.snapshot() as snapshot:
            state = StateReader(snapshot)
            # "0" follows "/" in byte order: the range holds every key with the prefix.
            keys = state.scan(LIFECYCLE, METADATA_PREFIX, METADATA_PREFIX[:-1] + "0")
            found = [_definition(state, key[len(METADATA_PREFIX) :]) for key, _ in keys]
        return [definition for definition in found if definition is not None]

    def approved_package(self, msp_id: str, name: str, sequence: int) -> str:
        """Return the package with which an organisation approved a definition, "" where it named none."""
        collection = IMPLICIT_PREFIX + msp_id
        with self._store.snapshot() as snapshot:
            state = StateReader(snapshot)

            def read(key: str) -> bytes | None:
                found = state.private(msp_id, LIFECYCLE, collection, key)
                return None if found is None else found.value

            return approved_package(read, name, sequence)

    def simulator(self, msp_id: str, tx_id: str, creator: bytes | None = None) -> Simulator:
        """Begin to simulate a transaction on a snapshot of the state.

        Args:
            msp_id: the organisation whose peer simulates: decides which private data is there.
            tx_id: transaction id, for error texts.
            creator: serialized identity of the proposal's creator, checked against collections that only
                members may read or write; None checks nothing.
        """
        snapshot = self._store.snapshot()
        try:
            directory = self._directory(StateReader(snapshot))
            access = CollectionAccess(self.channel, directory, creator, self._rules.is_member)
            return Simulator(snapshot, msp_id, tx_id, access, tip_of(snapshot).height)
        except BaseException:
            snapshot.close()
            raise

    def keep_private(self, tx_id: str, private: bytes) -> None:
        """Keep an endorsed transaction's private sets (`rwset.TxPvtReadWriteSet`) until its block comes.

        Every endorser calls it (equal sets are stored once). What is kept survives the end of the process.
        """
        self._kept.keep(tx_id, private, self.height)

    def private_data(self, msp_id: str, block: int) -> dict[int, bytes]:
        """Return the private sets an organisation holds of a block, for DeliverWithPrivateData.

        Returns:
            serialized `rwset.TxPvtReadWriteSet` by transaction index, without what was purged.
        """
        with self._store.snapshot() as snapshot:
            return private_sets(snapshot.transaction, self._store.databases, msp_id, block)

    def commit(self, envelopes: Sequence[bytes], sign: BlockSigner | None = None) -> CommittedBlock:
        """Make the next block, validate and store it: on return it is on disk.

        Invalid transactions stay in the block, marked with their code, and have no effect.

        Args:
            envelopes: serialized `common.Envelope`s, at least one, in their final order.
            sign: makes the ordering service's signature metadata; None leaves the slot empty.

        Raises:
            LedgerError: there are no envelopes, or the store cannot be written; nothing is committed then.
        """
        if not envelopes:
            raise LedgerError("a block needs at least one transaction")
        with self._committing:
            with self._store.snapshot() as snapshot:
                commit = self._prepare(snapshot, envelopes, sign)
            data = self._store.write(commit.write)
            self._tip = commit.tip
            self._rules = commit.outcome.rules or self._rules
            self._kept.forget([status.tx_id for status in commit.statuses], commit.tip.height)
        return CommittedBlock(commit.block.number, data, commit.statuses)

    def _prepare(
        self, snapshot: Snapshot, envelopes: Sequence[bytes], sign: BlockSigner | None
    ) -> PreparedBlock:
        tip = tip_of(snapshot)
        state = StateReader(snapshot)
        message = new_block(tip.height, tip.hash, envelopes)
        outcome = BlockValidator(self._rules).validate(
            tip.height, envelopes, state, lambda tx_id: find_transaction(snapshot, tx_id) is not None
        )
        codes = [verdict.code for verdict in outcome.verdicts]
        set_validation_codes(message, codes)
        digest = commit_hash(tip.commit_hash, bytes(codes), outcome.updates)
        set_commit_hash(message, digest)
        last_config = tip.last_config if outcome.rules is None else tip.height
        if sign is not None:
            message.metadata.metadata[0] = sign(message.header, last_config)
            set_last_config(message, last_config)
        block = Block(message)
        private = self._private(envelopes, outcome)
        statuses = tuple(
            TransactionStatus(verdict.tx_id, tip.height, index, verdict.code)
            for index, verdict in enumerate(outcome.verdicts)
        )
        return PreparedBlock(
            databases=self._store.databases,
            block=block,
            tip=Tip(tip.height + 1, block.hash, tip.hash, digest, last_config),
            statuses=statuses,
            outcome=outcome,
            private=private,
            members=self._members((sets for sets, _ in private.values()), state),
            organizations=tuple(self._rules.organizations),
        )

    def _private(
        self, envelopes: Sequence[bytes], outcome: Outcome
    ) -> dict[int, tuple[ReadWriteSet, PrivateSet]]:
        found: dict[int, tuple[ReadWriteSet, PrivateSet]] = {}
        for index, (envelope, verdict) in enumerate(zip(envelopes, outcome.verdicts, strict=True)):
            kept = self._kept.find(verdict.tx_id) if verdict.tx_id else None
            told = None if kept is None else stated(envelope)
            if kept is not None and told is not None:
                found[index] = (told.sets, kept)
        return found

    def _members(
        self, told: Iterable[ReadWriteSet], state: StateReader
    ) -> dict[tuple[str, str], frozenset[str]]:
        directory = self._directory(state)
        found: dict[tuple[str, str], frozenset[str]] = {}
        for space in (space for sets in told for space in sets.namespaces):
            for collection in space.collections:
                try:
                    members = directory.collection(space.name, collection.name).members
                except NoSuchCollectionError:
                    continue  # nobody defined it, so nobody holds it
                found[space.name, collection.name] = members.intersection(self._rules.organizations)
        return found

    def _directory(self, state: StateReader) -> CollectionDirectory:
        return CollectionDirectory(lambda name: _definition(state, name), self._rules.organizations)


def _definition(state: StateReader, name: str) -> ChaincodeDefinition | None:
    return read_definition(lambda key: state.value(LIFECYCLE, key), name)


def _find(snapshot: Snapshot, tx_id: str) -> TransactionStatus:
    status = find_transaction(snapshot, tx_id)
    if status is None:
        raise NotFoundError(f"no such transaction ID [{tx_id}] in index")
    return status
