"""Opening a chain: the genesis block goes in once, and what is there must fit."""

from hansa_devnode.ledger.block_store import (
    Tip,
    TransactionStatus,
    read_block,
    read_tip,
    write_block,
)
from hansa_devnode.ledger.errors import LedgerError, LedgerMismatchError, NotFoundError
from hansa_devnode.ledger.store import Snapshot, Store
from hansa_fabric.blocks import Block, set_validation_codes, verify_block
from hansa_fabric.errors import FabricDataError
from hansa_fabric.validation_codes import ValidationCode


def tip_of(snapshot: Snapshot) -> Tip:
    """Return the end of the chain. Raises LedgerError in an empty store."""
    tip = read_tip(snapshot)
    if tip is None:
        raise LedgerError("the ledger holds no block")
    return tip


def begin_chain(store: Store, genesis: Block) -> None:
    """Put the genesis block into an empty store; do nothing in any other."""
    with store.snapshot() as snapshot:
        if read_tip(snapshot) is not None:
            return
    stored = Block(genesis.serialize())
    set_validation_codes(stored.message, [ValidationCode.VALID] * len(stored.data))
    tip = Tip(1, stored.hash, b"", b"", 0)
    statuses = [TransactionStatus(one.transaction.tx_id, 0, one.index, 0) for one in stored.transactions]
    store.write(lambda transaction: write_block(transaction, store.databases, stored, tip, statuses))


def check_chain(store: Store, genesis: Block) -> Tip:
    """Return the end of the chain, having checked the first and the last block.

    Raises:
        LedgerMismatchError: another genesis block, or a last block that does not fit.
    """
    with store.snapshot() as snapshot:
        tip = tip_of(snapshot)
        try:
            if Block(read_block(snapshot, 0)).hash != genesis.hash:
                raise LedgerMismatchError("the data folder belongs to another genesis block")
            last = Block(read_block(snapshot, tip.height - 1))
            before = Block(read_block(snapshot, tip.height - 2)) if tip.height > 1 else None
            verify_block(last, before)
        except (FabricDataError, NotFoundError) as error:
            raise LedgerMismatchError(f"the last block does not fit: {error}") from error
        if last.hash != tip.hash:
            raise LedgerMismatchError("the last block is not the one that was committed last")
        return tip
