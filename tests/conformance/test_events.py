"""Chaincode events and blocks, as the Gateway and Deliver services stream them."""

import json
from typing import Any

import grpc
import pytest
from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.orderer import ab_pb2, ab_pb2_grpc
from fabric_protos.peer import events_pb2_grpc
from google.protobuf.timestamp_pb2 import Timestamp

from hansa_fabric.blocks import header_bytes, verify_chain
from hansa_fabric.identity import KeySigner, verify
from hansa_fabric.transactions import sign_envelope
from hansa_gateway import EndorseError, Gateway
from hansa_gateway.blocking.contract import Contract
from tests.support.devnode import CHAINCODE
from tests.support.fabric_identities import self_signed
from tests.support.running_network import RunningNetwork, block

Position = ab_pb2.SeekPosition
OLDEST, NEWEST = Position(oldest=ab_pb2.SeekOldest()), Position(newest=ab_pb2.SeekNewest())


def at(number: int) -> Any:
    return Position(specified=ab_pb2.SeekSpecified(number=number))


def seek(signer: KeySigner, start: Any, stop: Any, *, channel: str = "trade", **info: Any) -> Any:
    """A signed request for blocks; `timestamp` in seconds stands in for the time of sending."""
    timestamp = Timestamp()
    timestamp.GetCurrentTime()
    timestamp.seconds += info.pop("later", 0)
    header = common_pb2.Header(
        channel_header=common_pb2.ChannelHeader(
            type=common_pb2.DELIVER_SEEK_INFO, channel_id=channel, timestamp=timestamp
        ).SerializeToString(),
        signature_header=common_pb2.SignatureHeader(
            creator=signer.identity.serialized, nonce=b"n" * 24
        ).SerializeToString(),
    )
    data = ab_pb2.SeekInfo(start=start, stop=stop, **info).SerializeToString()
    return sign_envelope(common_pb2.Payload(header=header, data=data).SerializeToString(), signer)


def delivered(network: RunningNetwork, *requests: Any) -> list[Any]:
    """Everything a peer answers to the requests: block numbers, and statuses by name."""
    credentials = grpc.ssl_channel_credentials(network.tls_root("AMSP").read_bytes())
    with grpc.secure_channel(network.address("AMSP"), credentials) as channel:
        answers = list(events_pb2_grpc.DeliverStub(channel).Deliver(iter(requests)))
    return [
        each.block.header.number
        if each.WhichOneof("Type") == "block"
        else common_pb2.Status.Name(each.status)
        for each in answers
    ]


def test_events_come_once_in_order_and_from_where_one_left_off(gateway: Gateway, contract: Contract) -> None:
    channel = gateway.network("trade")
    first = contract.submit("event", "one", "1", "events/1")
    second = contract.submit("event", "two", "2", "events/2")
    with channel.chaincode_events(CHAINCODE, start_block=first.block_number) as events:
        found = [next(events), next(events)]
    assert [(each.name, each.payload) for each in found] == [("one", b"1"), ("two", b"2")]
    assert [each.transaction_id for each in found] == [first.transaction_id, second.transaction_id]
    with channel.chaincode_events(
        CHAINCODE, start_block=first.block_number, after_transaction_id=first.transaction_id
    ) as events:
        assert next(events).name == "two"
        third = contract.submit("event", "three", "3", "events/3")
        live = next(events)
        assert (live.name, live.block_number) == ("three", third.block_number)


def test_an_invalid_transaction_has_no_event(gateway: Gateway, contract: Contract) -> None:
    contract.submit("put", "events/n", "1")
    add = json.dumps([["add", "events/n", "1"], ["event", "added", "x"]])
    first = contract.new_proposal("batch", add).endorse()
    second = contract.new_proposal("batch", add).endorse()
    start = first.submit().status().block_number
    assert not second.submit().status().successful
    contract.submit("event", "end", "x", "events/end")
    with gateway.network("trade").chaincode_events(CHAINCODE, start_block=start) as events:
        assert [next(events).name, next(events).name] == ["added", "end"]


def test_blocks_form_a_chain_signed_by_the_orderer(gateway: Gateway, network: RunningNetwork) -> None:
    height = network.height()
    with gateway.network("trade").block_events(start_block=0, stop_block=height - 1) as blocks:
        found = list(blocks)
    assert verify_chain(found) == height
    orderer = network.orderer_identity
    for each in found[1:]:
        metadata = common_pb2.Metadata.FromString(each.metadata(common_pb2.SIGNATURES))
        (signature,) = metadata.signatures
        signed = metadata.value + signature.signature_header + header_bytes(each.message.header)
        verify(orderer, signed, signature.signature)
        assert each.last_config == 0


def test_filtered_blocks_tell_ids_codes_and_names_and_no_content(
    gateway: Gateway, contract: Contract
) -> None:
    result = contract.submit("event", "filtered", "secret payload", "events/4")
    number = result.block_number
    with gateway.network("trade").filtered_block_events(start_block=number, stop_block=number) as blocks:
        (found,) = list(blocks)
    (transaction,) = found.transactions
    assert transaction.transaction_id == result.transaction_id
    assert transaction.validation_code == 0
    assert transaction.events == ((CHAINCODE, "filtered"),)


def private_values(network: RunningNetwork, reader: str, number: int) -> dict[str, bytes]:
    """What an organisation's peer delivers of a block's private data to its own administrator."""
    found = {}
    with (
        network.gateway(reader) as gateway,
        gateway.network("trade").block_and_private_data_events(
            start_block=number, stop_block=number
        ) as blocks,
    ):
        for each in blocks:
            for sets in each.private_data.values():
                for namespace in sets.ns_pvt_rwset:
                    for collection in namespace.collection_pvt_rwset:
                        for write in kv_rwset_pb2.KVRWSet.FromString(collection.rwset).writes:
                            found[f"{collection.collection_name}/{write.key}"] = write.value
    return found


def test_private_data_is_delivered_to_members_and_to_nobody_else(
    network: RunningNetwork, contract: Contract
) -> None:
    result = contract.submit("pput", "between", "address", transient={"value": "Main Street 1"})
    for member in ("AMSP", "BMSP"):
        assert private_values(network, member, result.block_number) == {"between/address": b"Main Street 1"}
        with network.gateway(member) as gateway:
            own = gateway.network("trade").contract(CHAINCODE)
            assert own.evaluate("pget", "between", "address") == b"Main Street 1"
    assert private_values(network, "CMSP", result.block_number) == {}
    assert b"Main Street 1" not in block(network, result.block_number).message.SerializeToString()


def test_transient_data_never_goes_to_those_outside_the_collection(
    network: RunningNetwork, contract: Contract
) -> None:
    with network.silent("BMSP"), pytest.raises(EndorseError) as caught:
        contract.submit("pput", "between", "address", transient={"value": "Main Street 2"})
    assert caught.value.status is grpc.StatusCode.FAILED_PRECONDITION
    assert caught.value.message == (
        "requires endorsement from organisation(s) that are not in the distribution policy of the"
        " private data collection(s): [between]; retry specifying trusted endorsing organizations to"
        " protect transient data"
    )


def test_an_organisations_own_collection_is_endorsed_by_it_alone(
    network: RunningNetwork, contract: Contract
) -> None:
    result = contract.submit(
        "pput", "_implicit_org_AMSP", "note", transient={"value": "mine"}, endorsing_organizations=["AMSP"]
    )
    assert private_values(network, "AMSP", result.block_number) == {"_implicit_org_AMSP/note": b"mine"}
    assert private_values(network, "BMSP", result.block_number) == {}


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (OLDEST, OLDEST, [0, "SUCCESS"]),
        (OLDEST, at(1), [0, 1, "SUCCESS"]),
        (at(1), at(1), [1, "SUCCESS"]),
        (at(1), at(0), ["BAD_REQUEST"]),
        (at(2**40), at(2**40), ["NOT_FOUND"]),
        (None, OLDEST, ["BAD_REQUEST"]),
    ],
    ids=["oldest", "from oldest", "one", "reversed", "far beyond the end", "no start"],
)
def test_ranges_of_blocks(network: RunningNetwork, start: Any, stop: Any, expected: list[Any]) -> None:
    assert delivered(network, seek(network.admin("AMSP"), start, stop)) == expected


def test_newest_is_one_block(network: RunningNetwork) -> None:
    height = network.height()
    assert delivered(network, seek(network.admin("AMSP"), NEWEST, NEWEST)) == [height - 1, "SUCCESS"]


def test_a_block_that_is_not_there_may_fail_at_once(network: RunningNetwork) -> None:
    height = network.height()
    request = seek(network.admin("AMSP"), at(height), at(height), behavior=ab_pb2.SeekInfo.FAIL_IF_NOT_READY)
    assert delivered(network, request) == ["NOT_FOUND"]


def test_several_requests_on_one_stream_are_served_in_turn(network: RunningNetwork) -> None:
    request = seek(network.admin("BMSP"), OLDEST, OLDEST)
    assert delivered(network, request, request) == [0, "SUCCESS", 0, "SUCCESS"]


def test_requests_that_may_not_be_served(network: RunningNetwork) -> None:
    admin = network.admin("AMSP")
    assert delivered(network, seek(admin, OLDEST, OLDEST, channel="elsewhere")) == ["NOT_FOUND"]
    assert delivered(network, seek(self_signed("AMSP"), OLDEST, OLDEST)) == ["FORBIDDEN"]
    for later in (16 * 60, -16 * 60):
        assert delivered(network, seek(admin, OLDEST, OLDEST, later=later)) == ["BAD_REQUEST"]
    unsigned = seek(admin, OLDEST, OLDEST)
    unsigned.signature = b""
    assert delivered(network, unsigned) == ["FORBIDDEN"]
    assert delivered(network, common_pb2.Envelope(payload=b"\xff")) == ["BAD_REQUEST"]


def test_header_and_signatures_alone(network: RunningNetwork) -> None:
    credentials = grpc.ssl_channel_credentials(network.tls_root("AMSP").read_bytes())
    request = seek(network.admin("AMSP"), OLDEST, at(1), content_type=ab_pb2.SeekInfo.HEADER_WITH_SIG)
    with grpc.secure_channel(network.address("AMSP"), credentials) as channel:
        first, second, _ = events_pb2_grpc.DeliverStub(channel).Deliver(iter([request]))
    # A configuration block is always whole: who follows the chain needs it.
    assert len(first.block.data.data) == 1
    assert len(second.block.data.data) == 0
    assert second.block.header.data_hash == block(network, 1).message.header.data_hash


def test_the_orderer_delivers_the_same_blocks(network: RunningNetwork) -> None:
    root = network.orderer_tls_root.read_bytes()
    request = seek(network.admin("CMSP"), OLDEST, at(1))
    with grpc.secure_channel(network.orderer_address, grpc.ssl_channel_credentials(root)) as channel:
        *blocks, end = ab_pb2_grpc.AtomicBroadcastStub(channel).Deliver(iter([request]))
    assert [each.block.header for each in blocks] == [block(network, n).message.header for n in (0, 1)]
    assert [each.block.data for each in blocks] == [block(network, n).message.data for n in (0, 1)]
    assert end.status == common_pb2.SUCCESS
