"""Batches by count and by bytes."""

from fabric_protos.common import common_pb2

from hansa_devnode.config import BatchConfig
from hansa_devnode.services.block_cutter import BlockCutter


def envelope(size: int, name: int = 0) -> common_pb2.Envelope:
    return common_pb2.Envelope(payload=bytes([name]) * size)


def cutter(count: int = 3, preferred: int = 100) -> BlockCutter:
    return BlockCutter(BatchConfig(max_message_count=count, preferred_max_bytes=preferred))


def test_a_batch_is_full_at_its_message_count() -> None:
    batches = cutter()
    first, second, third = (envelope(1, name) for name in range(3))
    assert batches.ordered(first) == []
    assert batches.ordered(second) == []
    assert batches.ordered(third) == [[first, second, third]]
    assert batches.pending == 0


def test_a_message_that_would_overflow_the_bytes_begins_the_next_batch() -> None:
    batches = cutter()
    first, second = envelope(60, 1), envelope(41, 2)
    assert batches.ordered(first) == []
    assert batches.ordered(second) == [[first]]
    assert batches.cut() == [second]


def test_a_message_beyond_the_preferred_size_stands_alone() -> None:
    batches = cutter()
    small, large = envelope(1, 1), envelope(101, 2)
    batches.ordered(small)
    assert batches.ordered(large) == [[small], [large]]
    assert batches.cut() == []


def test_bytes_count_from_zero_in_each_batch() -> None:
    batches = cutter()
    batches.ordered(envelope(60))
    batches.cut()
    assert batches.ordered(envelope(60)) == []
