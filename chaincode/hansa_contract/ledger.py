"""The domain's reads and writes, carried out on a stub."""

from __future__ import annotations

from functools import lru_cache

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.execution import Outcome
from hansa_domain.guards import Guard
from hansa_domain.operation import Fetch, Key, PrivateKey, Records, Scan, ScanPage
from hansa_shim import ChaincodeStub, create_composite_key, implicit_collection, split_composite_key
from hansa_shim.key_policy import all_of, any_of, out_of, policy_bytes

EVENT_NAME = "hansa"


def ledger_key(key: Key) -> str:
    """The composite key of a domain key: its noun is the object type."""
    return create_composite_key(key[0], key[1:])


async def fetch(stub: ChaincodeStub, wanted: Fetch) -> Records:
    """Everything a Fetch asks for; public keys in one message where the peer allows it.

    Raises:
        ShimError: the peer could not answer.
        Refusal: BOOKMARK_INVALID.
    """
    values = await stub.get_multiple_states([ledger_key(key) for key in wanted.keys]) if wanted.keys else []
    return Records(
        values={key: value or None for key, value in zip(wanted.keys, values, strict=True)},
        pages={scan: await _page(stub, scan) for scan in wanted.scans},
        private={place: await _private(stub, place) for place in wanted.private},
        ranges={prefix: await _range(stub, prefix) for prefix in wanted.ranges},
    )


async def _range(stub: ChaincodeStub, prefix: Key) -> tuple[tuple[Key, bytes], ...]:
    # Unlike pages, a whole range stands in the read set: committing peers see whether it is still the same.
    found = await stub.get_state_by_partial_composite_key(prefix[0], prefix[1:])
    return tuple([(_domain_key(item.key), item.value) for item in await found.collect()])


async def _page(stub: ChaincodeStub, scan: Scan) -> ScanPage:
    # A peer begins to read at the bookmark, wherever that is: records of others would come for an answer.
    if scan.bookmark and not scan.bookmark.startswith(ledger_key(scan.prefix)):
        raise Refusal(Code.BOOKMARK_INVALID, "The bookmark does not belong to this question.", "bookmark")
    found = await stub.get_state_by_partial_composite_key_with_pagination(
        scan.prefix[0], scan.prefix[1:], scan.limit, scan.bookmark
    )
    items = [(_domain_key(item.key), item.value) for item in await found.collect()]
    return ScanPage(items=tuple(items), bookmark=found.bookmark)


def _domain_key(key: str) -> Key:
    noun, parts = split_composite_key(key)
    return (noun, *parts)


async def _private(stub: ChaincodeStub, place: PrivateKey) -> bytes | None:
    value = await stub.get_private_data(implicit_collection(place.msp_id), ledger_key(place.key))
    return value or None


@lru_cache(maxsize=1024)
def key_policy(guard: Guard) -> bytes:
    """A guard as Fabric's endorsement policy of a key: the owner with a majority, or many without him."""
    many = out_of(guard.without_owner, *guard.members)
    if guard.owner is None:
        return policy_bytes(many)
    with_owner = all_of(guard.owner, out_of(guard.beside_owner, *guard.others))
    return policy_bytes(any_of(with_owner, many))


async def write(stub: ChaincodeStub, outcome: Outcome) -> None:
    """All writes of an outcome in one batch, and its event.

    Raises:
        ShimError: the peer refused the batch; the transaction must fail.
    """
    stub.start_write_batch()
    for key, value in outcome.writes.items():
        if value is None:
            await stub.delete_state(ledger_key(key))
        else:
            await stub.put_state(ledger_key(key), value)
            guard = outcome.guards.get(key)
            if guard is not None:
                await stub.set_state_validation_parameter(ledger_key(key), key_policy(guard))
    for place, value in outcome.private_writes.items():
        collection = implicit_collection(place.msp_id)
        if value is None:
            await stub.delete_private_data(collection, ledger_key(place.key))
        else:
            await stub.put_private_data(collection, ledger_key(place.key), value)
    await stub.finish_write_batch()
    if outcome.event is not None:
        stub.set_event(EVENT_NAME, outcome.event)
