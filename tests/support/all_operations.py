"""A chaincode that offers every operation of the shim by name; the conformance suite runs it on both engines.

``python -m tests.support.all_operations`` serves it as the environment says (see ``hansa_shim.serve``).

Arguments are text. A key that is a JSON list, such as ``["order", "1"]``, means the composite key of these
parts, and replies write composite keys that way. Replies are the raw value, or JSON.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from hansa_shim import (
    ChaincodeStub,
    Endorser,
    InvalidArgumentError,
    KeyEndorsementPolicy,
    PeerError,
    Response,
    ResultIterator,
    StateIterator,
    all_of,
    any_of,
    create_composite_key,
    error,
    policy_bytes,
    run,
    split_composite_key,
    success,
)

Function = Callable[..., Awaitable[Response]]


class AllOperations:
    """Each public method is a function of the chaincode."""

    async def init(self, stub: ChaincodeStub) -> Response:
        return success("initialized")

    async def invoke(self, stub: ChaincodeStub) -> Response:
        name, parameters = stub.function_and_parameters
        function = FUNCTIONS.get(name)
        if function is None:
            return error(f"there is no function {name}", 404)
        return await function(stub, *parameters)

    def get_metadata(self) -> str:
        contract = {"name": "all_operations", "transactions": [{"name": name} for name in FUNCTIONS]}
        return as_json({"contracts": {"all_operations": contract}})


def as_json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def key_of(text: str) -> str:
    if not text.startswith("["):
        return text
    object_type, *attributes = json.loads(text)
    return create_composite_key(object_type, attributes)


def text_of(key: str) -> str:
    if not key.startswith("\x00"):
        return key
    object_type, attributes = split_composite_key(key)
    return as_json([object_type, *attributes])


async def pairs(iterator: ResultIterator[Any]) -> list[list[str]]:
    return [[text_of(item.key), item.value.decode()] async for item in iterator]


async def page(iterator: StateIterator) -> Response:
    items = await pairs(iterator)
    count = iterator.fetched_records_count
    return success(as_json({"items": items, "bookmark": iterator.bookmark, "count": count}))


async def put(stub: ChaincodeStub, key: str, value: str) -> Response:
    await stub.put_state(key_of(key), value)
    return success()


async def get(stub: ChaincodeStub, key: str) -> Response:
    return success(await stub.get_state(key_of(key)))


async def delete(stub: ChaincodeStub, key: str) -> Response:
    await stub.delete_state(key_of(key))
    return success()


async def add(stub: ChaincodeStub, key: str, amount: str) -> Response:
    """Reads a number and writes the sum: two of these in one block conflict."""
    total = int(await stub.get_state(key_of(key)) or b"0") + int(amount)
    await stub.put_state(key_of(key), str(total))
    return success(str(total))


async def multi_get(stub: ChaincodeStub, *keys: str) -> Response:
    values = await stub.get_multiple_states([key_of(key) for key in keys])
    return success(as_json([value.decode() for value in values]))


async def gather(stub: ChaincodeStub, *keys: str) -> Response:
    """Asks for all keys at once, from tasks of their own."""
    values = await asyncio.gather(*(stub.get_state(key_of(key)) for key in keys))
    return success(as_json([value.decode() for value in values]))


async def batch(stub: ChaincodeStub, steps: str) -> Response:
    """Steps in one batch, as JSON: ``[["put", key, value], ["ppurge", collection, key], ...]``."""
    stub.start_write_batch()
    for name, *parameters in json.loads(steps):
        await FUNCTIONS[name](stub, *parameters)
    await stub.finish_write_batch()
    return success()


async def put_many(stub: ChaincodeStub, prefix: str, count: str, value: str = "x") -> Response:
    """Writes ``prefix0000`` and so on, in one batch that ends with the transaction."""
    stub.start_write_batch()
    for number in range(int(count)):
        await stub.put_state(f"{prefix}{number:04}", value)
    return success(count)


async def range_(stub: ChaincodeStub, start: str, end: str) -> Response:
    return success(as_json(await pairs(await stub.get_state_by_range(start, end))))


async def range_page(stub: ChaincodeStub, start: str, end: str, size: str, bookmark: str = "") -> Response:
    return await page(await stub.get_state_by_range_with_pagination(start, end, int(size), bookmark))


async def range_first(stub: ChaincodeStub, start: str, end: str, count: str) -> Response:
    """The first few results of a range; the iterator is closed before its end, and the stub still works."""
    found: list[str] = []
    async with await stub.get_state_by_range(start, end) as items:
        async for item in items:
            found.append(item.key)
            if len(found) == int(count):
                break
    values = await stub.get_multiple_states(found)
    return success(as_json([[key, value.decode()] for key, value in zip(found, values, strict=True)]))


async def range_then_put(stub: ChaincodeStub, start: str, end: str, key: str) -> Response:
    """Writes how many keys a range has: a phantom makes it invalid."""
    items = await pairs(await stub.get_state_by_range(start, end))
    await stub.put_state(key_of(key), str(len(items)))
    return success(str(len(items)))


async def partial_composite(stub: ChaincodeStub, object_type: str, *attributes: str) -> Response:
    found = await stub.get_state_by_partial_composite_key(object_type, attributes)
    return success(as_json(await pairs(found)))


async def partial_composite_page(
    stub: ChaincodeStub, size: str, bookmark: str, object_type: str, *attributes: str
) -> Response:
    # A bookmark is a key and may hold nulls, which no command line can carry.
    start = base64.b64decode(bookmark).decode()
    found = await stub.get_state_by_partial_composite_key_with_pagination(
        object_type, attributes, int(size), start
    )
    items = await pairs(found)
    following = base64.b64encode(found.bookmark.encode()).decode()
    return success(as_json({"items": items, "bookmark": following, "count": found.fetched_records_count}))


async def query(stub: ChaincodeStub, selector: str) -> Response:
    return success(as_json(await pairs(await stub.get_query_result(selector))))


async def history(stub: ChaincodeStub, key: str) -> Response:
    changes = await (await stub.get_history_for_key(key_of(key))).collect()
    return success(
        as_json([[item.tx_id, item.value.decode(), item.is_delete, item.timestamp.ToMilliseconds()]
                 for item in changes])
    )  # fmt: skip


async def pput(stub: ChaincodeStub, collection: str, key: str, value: str | None = None) -> Response:
    """Without a value argument the value is the transient entry ``value``."""
    await stub.put_private_data(collection, key_of(key), stub.transient["value"] if value is None else value)
    return success()


async def pget(stub: ChaincodeStub, collection: str, key: str) -> Response:
    return success(await stub.get_private_data(collection, key_of(key)))


async def pmulti_get(stub: ChaincodeStub, collection: str, *keys: str) -> Response:
    values = await stub.get_multiple_private_data(collection, [key_of(key) for key in keys])
    return success(as_json([value.decode() for value in values]))


async def pdel(stub: ChaincodeStub, collection: str, key: str) -> Response:
    await stub.delete_private_data(collection, key_of(key))
    return success()


async def ppurge(stub: ChaincodeStub, collection: str, key: str) -> Response:
    await stub.purge_private_data(collection, key_of(key))
    return success()


async def phash(stub: ChaincodeStub, collection: str, key: str) -> Response:
    return success((await stub.get_private_data_hash(collection, key_of(key))).hex())


async def prange(stub: ChaincodeStub, collection: str, start: str, end: str) -> Response:
    return success(as_json(await pairs(await stub.get_private_data_by_range(collection, start, end))))


async def ppartial_composite(
    stub: ChaincodeStub, collection: str, object_type: str, *attributes: str
) -> Response:
    found = await stub.get_private_data_by_partial_composite_key(collection, object_type, attributes)
    return success(as_json(await pairs(found)))


async def pquery(stub: ChaincodeStub, collection: str, selector: str) -> Response:
    return success(as_json(await pairs(await stub.get_private_data_query_result(collection, selector))))


def policy_of(kind: str, role: str, msp_ids: tuple[str, ...]) -> bytes:
    if kind not in ("all", "any"):
        raise InvalidArgumentError("a policy is of the kind all or any")
    combine = all_of if kind == "all" else any_of
    return policy_bytes(combine(*(Endorser(msp_id, role) for msp_id in msp_ids)))


async def set_policy(stub: ChaincodeStub, key: str, kind: str, role: str, *msp_ids: str) -> Response:
    """``kind`` is all or any, ``role`` member or peer."""
    await stub.set_state_validation_parameter(key_of(key), policy_of(kind, role, msp_ids))
    return success()


async def renew_policy(stub: ChaincodeStub, key: str, kind: str, role: str, *msp_ids: str) -> Response:
    """Sets a policy after reading the key, so that a change of the key in between makes it invalid."""
    await stub.get_state(key_of(key))
    return await set_policy(stub, key, kind, role, *msp_ids)


async def get_policy(stub: ChaincodeStub, key: str) -> Response:
    policy = await stub.get_state_validation_parameter(key_of(key))
    return success(as_json(KeyEndorsementPolicy(policy).list_orgs()))


async def pset_policy(
    stub: ChaincodeStub, collection: str, key: str, kind: str, role: str, *msp_ids: str
) -> Response:
    policy = policy_of(kind, role, msp_ids)
    await stub.set_private_data_validation_parameter(collection, key_of(key), policy)
    return success()


async def pget_policy(stub: ChaincodeStub, collection: str, key: str) -> Response:
    policy = await stub.get_private_data_validation_parameter(collection, key_of(key))
    return success(as_json(KeyEndorsementPolicy(policy).list_orgs()))


async def clear_policy(stub: ChaincodeStub, key: str) -> Response:
    """Sets a policy of no bytes."""
    await stub.set_state_validation_parameter(key_of(key), b"")
    return success()


async def policy_hex(stub: ChaincodeStub, key: str) -> Response:
    return success(((await stub.get_state_validation_parameter(key_of(key))) or b"").hex())


async def ppolicy_hex(stub: ChaincodeStub, collection: str, key: str) -> Response:
    found = await stub.get_private_data_validation_parameter(collection, key_of(key))
    return success((found or b"").hex())


async def survey(stub: ChaincodeStub, *keys: str) -> Response:
    """Value, policy and history of each key."""
    found = {}
    for key in keys:
        value = await stub.get_state(key_of(key))
        policy = (await policy_hex(stub, key)).payload
        past = json.loads((await history(stub, key)).payload)
        found[key] = [value.decode(), policy.decode(), past]
    return success(as_json(found))


async def psurvey(stub: ChaincodeStub, collection: str, *keys: str) -> Response:
    """Hash, policy and value of each private key, or why this peer does not tell the last two."""
    found = {}
    for key in keys:
        hashed = (await phash(stub, collection, key)).payload.decode()
        try:
            policy = (await ppolicy_hex(stub, collection, key)).payload.decode()
            value = (await stub.get_private_data(collection, key_of(key))).decode()
            found[key] = [hashed, policy, value]
        except PeerError as failure:
            found[key] = [hashed, str(failure).partition(stub.tx_id)[2]]
    return success(as_json(found))


async def event(stub: ChaincodeStub, name: str, payload: str, *keys: str) -> Response:
    """Sets an event, and writes the keys so that the transaction has something to commit."""
    stub.set_event(name, payload)
    for key in keys:
        await stub.put_state(key_of(key), payload)
    return success()


async def transient(stub: ChaincodeStub) -> Response:
    return success(as_json({name: value.decode() for name, value in stub.transient.items()}))


async def creator(stub: ChaincodeStub) -> Response:
    who = stub.creator
    return success(
        as_json({
            "msp_id": who.msp_id, "common_name": who.common_name,
            "units": who.organizational_units, "attributes": who.attributes,
        })
    )  # fmt: skip


async def timestamp(stub: ChaincodeStub) -> Response:
    return success(str(stub.tx_timestamp.ToMilliseconds()))


async def proposal(stub: ChaincodeStub) -> Response:
    header = stub.proposal.signature_header
    return success(
        as_json({
            "channel": stub.channel_id, "tx_id": stub.tx_id, "nonce": header.nonce.hex(),
            "binding": stub.binding.hex(), "signature": stub.get_signed_proposal().signature.hex(),
        })
    )  # fmt: skip


async def invoke(stub: ChaincodeStub, chaincode: str, channel: str, *args: str) -> Response:
    """Calls another chaincode (an empty channel means this one) and reports its answer, whatever it is."""
    answer = await stub.invoke_chaincode(chaincode, args, channel)
    reply = {"status": answer.status, "message": answer.message, "payload": answer.payload.decode()}
    return success(as_json(reply))


async def big(stub: ChaincodeStub, size: str) -> Response:
    return success(b"x" * int(size))


async def put_big(stub: ChaincodeStub, key: str, size: str) -> Response:
    await stub.put_state(key_of(key), b"x" * int(size))
    return success()


async def sleep(stub: ChaincodeStub, milliseconds: str) -> Response:
    await asyncio.sleep(int(milliseconds) / 1000)
    return success()


async def fail(stub: ChaincodeStub, text: str) -> Response:
    raise RuntimeError(text)


async def refuse(stub: ChaincodeStub, status: str, text: str) -> Response:
    return Response(status=int(status), message=text)


FUNCTIONS: dict[str, Function] = {
    function.__name__: function
    for function in (
        put, get, add, multi_get, gather, batch, put_many, range_page, range_first, range_then_put,
        partial_composite, partial_composite_page, query, history, pput, pget, pmulti_get, pdel, ppurge,
        phash, prange, ppartial_composite, pquery, set_policy, renew_policy, get_policy, pset_policy,
        pget_policy, clear_policy, policy_hex, ppolicy_hex, survey, psurvey, event, transient, creator,
        timestamp, proposal, invoke, big, put_big, sleep, fail, refuse,
    )
} | {"del": delete, "range": range_}  # fmt: skip


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    run(AllOperations())
