"""Answers to what a chaincode asks of the state while it executes, one function for each type of message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fabric_protos.peer import chaincode_shim_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.chaincode import queries
from hansa_devnode.chaincode.errors import ChaincodeError
from hansa_devnode.chaincode.invocation import TransactionContext, refuse_in_init
from hansa_devnode.ledger import LedgerError, Simulator

Message = chaincode_shim_pb2.ChaincodeMessage
Record = chaincode_shim_pb2.WriteRecord

# Given the context, its simulator and the request's payload, returns the payload of the response.
Request = Callable[[TransactionContext, Simulator, bytes], bytes]


def answer(context: TransactionContext | None, message: Any) -> bytes:
    """The payload of the response to a `peer.ChaincodeMessage` about the state.

    Raises:
        ChaincodeError: Fabric's text, for the chaincode.
    """
    simulator = None if context is None else context.invocation.simulator
    if context is None or simulator is None:
        raise ChaincodeError("no ledger context")
    try:
        return REQUESTS[message.type](context, simulator, message.payload)
    except DecodeError as error:
        raise ChaincodeError(f"unmarshal failed: {error}") from error
    except LedgerError as error:
        raise ChaincodeError(str(error)) from error


def _get(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    request = chaincode_shim_pb2.GetState.FromString(payload)
    if request.collection:
        refuse_in_init(context)
        return simulator.get_private(context.namespace, request.collection, request.key) or b""
    return simulator.get_state(context.namespace, request.key) or b""


def _get_multiple(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    request = chaincode_shim_pb2.GetStateMultiple.FromString(payload)
    if request.collection:
        refuse_in_init(context)
        found = simulator.get_privates(context.namespace, request.collection, request.keys)
    else:
        found = simulator.get_states(context.namespace, request.keys)
    values = [each or b"" for each in found]
    return _serialize(chaincode_shim_pb2.GetStateMultipleResult(values=values))


def _get_private_hash(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    request = chaincode_shim_pb2.GetState.FromString(payload)
    refuse_in_init(context)
    return simulator.get_private_hash(context.namespace, request.collection, request.key) or b""


def _get_metadata(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    request = chaincode_shim_pb2.GetStateMetadata.FromString(payload)
    if request.collection:
        refuse_in_init(context)
        found = simulator.get_private_metadata(context.namespace, request.collection, request.key)
    else:
        found = simulator.get_state_metadata(context.namespace, request.key)
    kind = chaincode_shim_pb2.StateMetadata
    entries = [kind(metakey=name, value=value) for name, value in sorted(found.items())]
    return _serialize(chaincode_shim_pb2.StateMetadataResult(entries=entries))


def _put(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    return _write(context, simulator, chaincode_shim_pb2.PutState.FromString(payload))


def _write(context: TransactionContext, simulator: Simulator, request: Any) -> bytes:
    if request.collection:
        refuse_in_init(context)
        simulator.put_private(context.namespace, request.collection, request.key, request.value)
    else:
        simulator.put_state(context.namespace, request.key, request.value)
    return b""


def _delete(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    return _erase(context, simulator, chaincode_shim_pb2.DelState.FromString(payload))


def _erase(context: TransactionContext, simulator: Simulator, request: Any) -> bytes:
    if request.collection:
        refuse_in_init(context)
        simulator.delete_private(context.namespace, request.collection, request.key)
    else:
        simulator.delete_state(context.namespace, request.key)
    return b""


def _purge(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    return _wipe(context, simulator, chaincode_shim_pb2.DelState.FromString(payload))


def _wipe(context: TransactionContext, simulator: Simulator, request: Any) -> bytes:
    if not request.collection:
        raise ChaincodeError("only applicable for private data")
    refuse_in_init(context)
    simulator.purge_private(context.namespace, request.collection, request.key)
    return b""


def _put_metadata(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    return _mark(context, simulator, chaincode_shim_pb2.PutStateMetadata.FromString(payload))


def _mark(context: TransactionContext, simulator: Simulator, request: Any) -> bytes:
    metadata = {request.metadata.metakey: request.metadata.value}
    if request.collection:
        refuse_in_init(context)
        simulator.set_private_metadata(context.namespace, request.collection, request.key, metadata)
    else:
        simulator.set_state_metadata(context.namespace, request.key, metadata)
    return b""


# A batch's record has the fields of the single request.
_RECORDS = {
    Record.PUT_STATE: _write,
    Record.DEL_STATE: _erase,
    Record.PURGE_PRIVATE_DATA: _wipe,
    Record.PUT_STATE_METADATA: _mark,
}


def _write_batch(context: TransactionContext, simulator: Simulator, payload: bytes) -> bytes:
    """In order; where a record fails the earlier ones stay, and the chaincode has to fail the transaction."""
    for record in chaincode_shim_pb2.WriteBatchState.FromString(payload).rec:
        write = _RECORDS.get(record.type)
        if write is None:
            raise ChaincodeError("unknown operation type")
        write(context, simulator, record)
    return b""


def _serialize(message: Any) -> bytes:
    found: bytes = message.SerializeToString()
    return found


REQUESTS: dict[int, Request] = {
    Message.GET_STATE: _get,
    Message.GET_STATE_MULTIPLE: _get_multiple,
    Message.PUT_STATE: _put,
    Message.DEL_STATE: _delete,
    Message.WRITE_BATCH_STATE: _write_batch,
    Message.GET_STATE_BY_RANGE: queries.range_query,
    Message.GET_QUERY_RESULT: queries.rich_query,
    Message.GET_HISTORY_FOR_KEY: queries.history,
    Message.QUERY_STATE_NEXT: queries.next_batch,
    Message.QUERY_STATE_CLOSE: queries.close_query,
    Message.GET_PRIVATE_DATA_HASH: _get_private_hash,
    Message.GET_STATE_METADATA: _get_metadata,
    Message.PUT_STATE_METADATA: _put_metadata,
    Message.PURGE_PRIVATE_DATA: _purge,
}
