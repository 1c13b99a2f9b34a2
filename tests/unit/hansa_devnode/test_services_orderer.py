"""Ordering: batches by time, count and quiet; commits one at a time; failures that are told."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any, cast

import pytest
from fabric_protos.common import common_pb2

from hansa_devnode.config import BatchConfig
from hansa_devnode.ledger.block_store import TransactionStatus
from hansa_devnode.ledger.ledger import CommittedBlock, Ledger
from hansa_devnode.services.activity import Activity
from hansa_devnode.services.commit_feed import CommitFeed
from hansa_devnode.services.orderer import BATCHES_WAITING_AT_MOST, Orderer, OrdererUnavailableError
from hansa_fabric.blocks import header_bytes, new_block
from hansa_fabric.identity import verify
from tests.support.fabric_identities import self_signed
from tests.support.on_loop import on_loop

FOREVER = BatchConfig(timeout_ms=3_600_000, max_message_count=1000)


class MemoryLedger:
    """Commits to a list; may be told to wait or to fail."""

    def __init__(self) -> None:
        self.blocks: list[list[bytes]] = []
        self.signatures: list[bytes] = []
        self.headers: list[Any] = []
        self.may_commit = threading.Event()
        self.may_commit.set()
        self.fail_with: Exception | None = None

    @property
    def height(self) -> int:
        return len(self.blocks)

    def commit(self, envelopes: Sequence[bytes], sign: Any) -> CommittedBlock:
        self.may_commit.wait()
        if self.fail_with is not None:
            raise self.fail_with
        block = new_block(len(self.blocks), b"", envelopes)
        self.headers.append(block.header)
        self.signatures.append(sign(block.header, 0))
        self.blocks.append(list(envelopes))
        statuses = [
            TransactionStatus(
                common_pb2.Envelope.FromString(each).payload.decode(), len(self.blocks) - 1, index, 0
            )
            for index, each in enumerate(envelopes)
        ]
        return CommittedBlock(len(self.blocks) - 1, block.SerializeToString(), tuple(statuses))

    def status(self, tx_id: str) -> TransactionStatus | None:
        return None

    def block(self, number: int) -> bytes:
        raise AssertionError("the feed remembers what was just committed")


def envelope(name: str) -> Any:
    return common_pb2.Envelope(payload=name.encode(), signature=b"s")


def names(ledger: MemoryLedger) -> list[list[str]]:
    return [
        [common_pb2.Envelope.FromString(each).payload.decode() for each in block] for block in ledger.blocks
    ]


class Setting:
    def __init__(self, batch: BatchConfig, activity: Activity | None = None) -> None:
        self.ledger = MemoryLedger()
        self.signer = self_signed("OrdererMSP")
        self.feed = CommitFeed(cast(Ledger, self.ledger))
        quiet = activity.quiet if activity else lambda: False
        self.orderer = Orderer(cast(Ledger, self.ledger), self.feed, self.signer, batch, quiet)
        if activity:
            activity.changed = self.orderer.reconsider

    async def __aenter__(self) -> "Setting":
        self.orderer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.ledger.may_commit.set()
        await self.orderer.stop()


@on_loop
async def test_full_batches_do_not_wait() -> None:
    async with Setting(BatchConfig(timeout_ms=3_600_000, max_message_count=2)) as setting:
        for name in "abc":
            await setting.orderer.order(envelope(name))
        assert (await setting.feed.status("b")).block == 0
        assert names(setting.ledger) == [["a", "b"]]


@on_loop
async def test_a_batch_is_cut_when_its_time_is_up() -> None:
    async with Setting(BatchConfig(timeout_ms=5, max_message_count=10)) as setting:
        await setting.orderer.order(envelope("a"))
        assert (await setting.feed.status("a")).block == 0


@on_loop
async def test_a_lone_transaction_does_not_wait_for_company() -> None:
    async with Setting(FOREVER, Activity()) as setting:
        await setting.orderer.order(envelope("a"))
        assert (await setting.feed.status("a")).block == 0


@on_loop
async def test_while_another_transaction_is_endorsed_the_batch_waits_for_it() -> None:
    activity = Activity()
    async with Setting(FOREVER, activity) as setting:
        with activity.endorsing():
            await setting.orderer.order(envelope("a"))
            for _ in range(10):
                await asyncio.sleep(0)
            assert names(setting.ledger) == []
            activity.endorsed("b")
        activity.submitted("b")
        await setting.orderer.order(envelope("b"))
        await setting.feed.status("b")
        assert names(setting.ledger) == [["a", "b"]]


@on_loop
async def test_a_client_that_never_submits_is_not_waited_for_long() -> None:
    activity = Activity()
    async with Setting(FOREVER, activity) as setting:
        activity.endorsed("never")
        await setting.orderer.order(envelope("a"))
        assert (await setting.feed.status("a")).block == 0


@on_loop
async def test_transactions_gather_while_a_block_is_committed() -> None:
    async with Setting(FOREVER, Activity()) as setting:
        setting.ledger.may_commit.clear()
        await setting.orderer.order(envelope("a"))
        for _ in range(10):
            await asyncio.sleep(0)
        for name in "bcd":
            await setting.orderer.order(envelope(name))
        setting.ledger.may_commit.set()
        await setting.feed.status("d")
        assert names(setting.ledger) == [["a"], ["b", "c", "d"]]


@on_loop
async def test_blocks_are_signed_as_fabrics_orderers_sign_them() -> None:
    async with Setting(FOREVER, Activity()) as setting:
        await setting.orderer.order(envelope("a"))
        await setting.feed.status("a")
        metadata = common_pb2.Metadata.FromString(setting.ledger.signatures[0])
        (signature,) = metadata.signatures
        creator = common_pb2.SignatureHeader.FromString(signature.signature_header).creator
        assert creator == setting.signer.identity.serialized
        signed = metadata.value + signature.signature_header + header_bytes(setting.ledger.headers[0])
        verify(setting.signer.identity, signed, signature.signature)
        assert common_pb2.OrdererBlockMetadata.FromString(metadata.value).last_config.index == 0


@on_loop
async def test_what_was_taken_is_committed_before_the_orderer_stops() -> None:
    async with Setting(FOREVER) as setting:
        await setting.orderer.order(envelope("a"))
    assert names(setting.ledger) == [["a"]]
    with pytest.raises(OrdererUnavailableError):
        await setting.orderer.order(envelope("b"))


@on_loop
async def test_a_block_that_cannot_be_stored_ends_ordering() -> None:
    async with Setting(FOREVER, Activity()) as setting:
        setting.ledger.fail_with = OSError("disk full")
        await setting.orderer.order(envelope("a"))
        await setting.orderer.failed.wait()
        assert setting.orderer.failure is setting.ledger.fail_with
        with pytest.raises(OrdererUnavailableError):
            await setting.orderer.order(envelope("b"))


@on_loop
async def test_a_slow_disk_makes_clients_wait() -> None:
    async with Setting(BatchConfig(timeout_ms=3_600_000, max_message_count=1)) as setting:
        setting.ledger.may_commit.clear()
        await setting.orderer.order(envelope("first"))
        for _ in range(10):
            await asyncio.sleep(0)
        for number in range(BATCHES_WAITING_AT_MOST):
            await setting.orderer.order(envelope(str(number)))
        late = asyncio.create_task(setting.orderer.order(envelope("late")))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not late.done()
        setting.ledger.may_commit.set()
        await late
        assert (await setting.feed.status("late")).block == BATCHES_WAITING_AT_MOST + 1


@on_loop
async def test_the_feed_hands_out_blocks_as_they_come() -> None:
    async with Setting(FOREVER, Activity()) as setting:
        waiting = asyncio.create_task(setting.feed.block(0))
        await setting.orderer.order(envelope("a"))
        assert common_pb2.Block.FromString(await waiting).header.number == 0
        assert setting.feed.height == 1
