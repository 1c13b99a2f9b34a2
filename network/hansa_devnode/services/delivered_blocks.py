"""The forms in which a block is delivered: filtered, and with private data."""

from __future__ import annotations

from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.peer import chaincode_event_pb2, events_pb2

from hansa_devnode.services.channel import Channel
from hansa_devnode.services.endorsement_policies import UnknownChaincodeError
from hansa_fabric.blocks import Block, BlockTransaction
from hansa_fabric.errors import MalformedDataError


def filtered_block(block: bytes) -> Any:
    """A serialized common.Block as peer.FilteredBlock: no arguments, no results, events without payload."""
    view = Block(block)
    filtered = events_pb2.FilteredBlock(number=view.number)
    for each in view.transactions:
        try:
            transaction = each.transaction
        except MalformedDataError:
            # What cannot be read is left out, as Fabric does; its place in the block is not told by this
            # form.
            continue
        filtered.channel_id = transaction.channel
        filtered.filtered_transactions.append(_filtered_transaction(each))
    return filtered


def _filtered_transaction(each: BlockTransaction) -> Any:
    transaction = each.transaction
    filtered = events_pb2.FilteredTransaction(
        txid=transaction.tx_id, type=transaction.type, tx_validation_code=int(each.code)
    )
    if transaction.type == common_pb2.ENDORSER_TRANSACTION:
        actions = events_pb2.FilteredTransactionActions()
        event = _event(each)
        if event is not None and event.chaincode_id:
            actions.chaincode_actions.append(
                events_pb2.FilteredChaincodeAction(
                    chaincode_event=chaincode_event_pb2.ChaincodeEvent(
                        tx_id=event.tx_id, chaincode_id=event.chaincode_id, event_name=event.event_name
                    )
                )
            )
        filtered.transaction_actions.CopyFrom(actions)
    return filtered


def _event(each: BlockTransaction) -> Any:
    try:
        return each.transaction.event
    except MalformedDataError:
        if each.is_valid:
            raise
        return None  # an invalid transaction may hold anything


def block_with_private_data(channel: Channel, msp_id: str, block: bytes, creator: bytes) -> Any:
    """A block as peer.BlockAndPrivateData.

    Of what the peer of `msp_id` holds only those collections are given of which the creator of the request
    is a member.
    """
    message = common_pb2.Block.FromString(block)
    answer = events_pb2.BlockAndPrivateData(block=message)
    allowed: dict[tuple[str, str], bool] = {}
    for index, data in channel.ledger.private_data(msp_id, message.header.number).items():
        private = rwset_pb2.TxPvtReadWriteSet.FromString(data)
        visible = rwset_pb2.TxPvtReadWriteSet(data_model=private.data_model)
        for namespace in private.ns_pvt_rwset:
            collections = [
                each
                for each in namespace.collection_pvt_rwset
                if _allowed(channel, namespace.namespace, each.collection_name, creator, allowed)
            ]
            if collections:
                visible.ns_pvt_rwset.append(
                    rwset_pb2.NsPvtReadWriteSet(
                        namespace=namespace.namespace, collection_pvt_rwset=collections
                    )
                )
        if visible.ns_pvt_rwset:
            answer.private_data_map[index].CopyFrom(visible)
    return answer


def _allowed(
    channel: Channel, chaincode: str, collection: str, creator: bytes, known: dict[tuple[str, str], bool]
) -> bool:
    key = (chaincode, collection)
    if key not in known:
        try:
            known[key] = channel.planner.policies.is_member(chaincode, collection, creator)
        except UnknownChaincodeError:
            known[key] = False  # the collection is gone from the definition, and with it who may read it
    return known[key]
