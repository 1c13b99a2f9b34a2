"""Results of queries, cut into the batches in which a chaincode fetches them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import Any

from fabric_protos.ledger.queryresult import kv_query_result_pb2
from fabric_protos.peer import chaincode_shim_pb2

from hansa_devnode.chaincode.errors import ChaincodeError
from hansa_devnode.chaincode.invocation import OpenQuery, TransactionContext, refuse_in_init
from hansa_devnode.ledger import KeyValue, Simulator

# Results a message carries; a chaincode asks for the next ones with QUERY_STATE_NEXT.
BATCH_SIZE = 100
# ledger.state.totalQueryLimit of core.yaml.
TOTAL_LIMIT = 100_000


def range_query(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    """GET_STATE_BY_RANGE: open the query and answer with its first batch, or with one page."""
    request = chaincode_shim_pb2.GetStateByRange.FromString(payload)
    page = chaincode_shim_pb2.QueryMetadata.FromString(request.metadata)
    if request.collection:
        refuse_in_init(context)
        found = simulator.scan_private(
            context.namespace, request.collection, request.startKey, request.endKey
        )
        return _first_batch(context, OpenQuery(_key_values(found)), _limit(page.pageSize))
    if page.pageSize or page.bookmark:
        start = page.bookmark or request.startKey
        scan = simulator.scan_page(context.namespace, start, request.endKey, page.pageSize)
        return _page(OpenQuery(_key_values(scan), scan), _limit(page.pageSize))
    scan = simulator.scan(context.namespace, request.startKey, request.endKey)
    return _first_batch(context, OpenQuery(_key_values(scan), scan), _limit(page.pageSize))


def history(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    """GET_HISTORY_FOR_KEY: open the query and answer with its first batch."""
    request = chaincode_shim_pb2.GetHistoryForKey.FromString(payload)
    found = simulator.history(context.namespace, request.key)
    return _first_batch(context, OpenQuery(each.SerializeToString() for each in found), TOTAL_LIMIT)


def rich_query(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    """GET_QUERY_RESULT: refused, as by a peer whose state database is LevelDB."""
    request = chaincode_shim_pb2.GetQueryResult.FromString(payload)
    page = chaincode_shim_pb2.QueryMetadata.FromString(request.metadata)
    if not request.collection and (page.pageSize or page.bookmark):
        raise ChaincodeError("ExecuteQueryWithMetadata not supported for leveldb")
    raise ChaincodeError("ExecuteQuery not supported for leveldb")


def next_batch(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    """QUERY_STATE_NEXT: the next batch of an open query."""
    query_id = chaincode_shim_pb2.QueryStateNext.FromString(payload).id
    query = context.queries.get(query_id)
    if query is None:
        raise ChaincodeError("query iterator not found")
    return _batch(context, query_id, query, TOTAL_LIMIT)


def close_query(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    """QUERY_STATE_CLOSE: forget an open query; one that is closed already is no error."""
    query_id = chaincode_shim_pb2.QueryStateClose.FromString(payload).id
    _close(context, query_id)
    return _serialize(chaincode_shim_pb2.QueryResponse(id=query_id))


def _limit(page_size: int) -> int:
    return page_size if 0 < page_size < TOTAL_LIMIT else TOTAL_LIMIT


def _key_values(results: Iterable[KeyValue]) -> Iterator[bytes]:
    kind = kv_query_result_pb2.KV
    for each in results:
        yield kind(namespace=each.namespace, key=each.key, value=each.value).SerializeToString()


def _first_batch(context: TransactionContext, query: OpenQuery, limit: int) -> bytes:
    query_id = secrets.token_hex(16)
    context.queries[query_id] = query
    return _batch(context, query_id, query, limit)


def _batch(context: TransactionContext, query_id: str, query: OpenQuery, limit: int) -> bytes:
    """The next results. As in Fabric one more than is sent is taken, to know whether there are more."""
    try:
        while query.taken < limit:
            result = next(query.results, None)
            if result is None:
                break
            query.taken += 1
            if len(query.pending) == BATCH_SIZE:
                full, query.pending = query.pending, [result]
                return _response(query_id, full, more=True)
            query.pending.append(result)
    except BaseException:
        _close(context, query_id)
        raise
    _close(context, query_id)
    return _response(query_id, query.pending, more=False)


def _page(query: OpenQuery, limit: int) -> bytes:
    """One page, with the bookmark of the next; nothing stays open."""
    while query.taken < limit:
        result = next(query.results, None)
        if result is None:
            break
        query.taken += 1
        query.pending.append(result)
    metadata = chaincode_shim_pb2.QueryResponseMetadata(
        fetched_records_count=query.taken, bookmark=query.scan.bookmark() if query.scan is not None else ""
    )
    return _response(secrets.token_hex(16), query.pending, more=False, metadata=_serialize(metadata))


def _close(context: TransactionContext, query_id: str) -> None:
    query = context.queries.pop(query_id, None)
    if query is not None and query.scan is not None:
        query.scan.close()


def _response(query_id: str, results: list[bytes], *, more: bool, metadata: bytes = b"") -> bytes:
    kind = chaincode_shim_pb2.QueryResultBytes
    return _serialize(
        chaincode_shim_pb2.QueryResponse(
            results=[kind(resultBytes=each) for each in results],
            has_more=more,
            id=query_id,
            metadata=metadata,
        )
    )


def _serialize(message: Any) -> bytes:
    found: bytes = message.SerializeToString()
    return found
