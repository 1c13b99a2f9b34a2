"""The contract over the shim: reads in one message, writes in one batch, refusals whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2

from hansa_contract.caller import caller_of
from hansa_domain.orders.commands import Delivery
from hansa_domain.orders.disclosure import TRANSIENT, commitment
from hansa_fabric.identity import KeySigner
from hansa_shim import Creator, create_composite_key, implicit_collection
from tests.support.contract import Network, signer
from tests.support.domain import GTIN, INIT, order_fields, ulid
from tests.support.on_loop import on_loop
from tests.support.shim import Message, refusal

ADMIN = signer("BankMSP", "admin")


async def market(network: Network) -> tuple[str, str]:
    """A listing and a note of the retailer."""
    await network.do(ADMIN, "members:Init", **INIT)
    await network.do("ProducerMSP", "products:Register", gtin=GTIN, name="Oil")
    offer: dict[str, Any] = {
        "gtin": GTIN,
        "unit_price": "250",
        "currency": "EUR",
        "quantity": 40,
        "buckets": 2,
    }
    listing = (await network.do("ProducerMSP", "listings:Create", **offer))["listing"]["id"]
    minted = await network.do("BankMSP", "money:Mint", currency="EUR", amount="1500", owner="RetailerMSP")
    return listing, minted["notes"][0]["id"]


@on_loop
async def test_a_command_reads_in_a_message_a_batch_and_writes_in_one() -> None:
    async with Network() as network:
        listing, note = await market(network)
        before = dict(network.peer.requests)
        placed = await network.do("RetailerMSP", "orders:Place", **order_fields(listing, [note]))
        (tx_id,) = network.peer.requests.keys() - before.keys()
        # The second read is of recalls: which product is ordered, the listing says.
        assert network.peer.requested(tx_id) == ["GET_STATE_MULTIPLE", "GET_STATE", "WRITE_BATCH_STATE"]
        order = placed["order"]["id"]
        key = create_composite_key("order", [order])
        assert json.loads(network.peer.state["", key]) == placed["order"]
        assert ("", create_composite_key("note", [note])) not in network.peer.state
        ended = network.peer.received[-1]
        assert ended.chaincode_event.event_name == "hansa"
        event = json.loads(ended.chaincode_event.payload)
        assert [entry["type"] for entry in event["events"]] == [
            "order.placed",
            "money.moved",
            "stock.changed",
        ]


@on_loop
async def test_a_peer_that_offers_no_batching_is_asked_one_by_one() -> None:
    async with Network(batch=0) as network:
        listing, note = await market(network)
        placed = await network.do("RetailerMSP", "orders:Place", **order_fields(listing, [note]))
        found = await network.call("RetailerMSP", "orders:Get", order=placed["order"]["id"])
        assert found["order"] == placed["order"]


@on_loop
async def test_a_refusal_travels_whole_and_writes_nothing() -> None:
    async with Network() as network:
        listing, note = await market(network)
        fields = {"id": ulid("r"), **order_fields(listing, [note], amount="7")}
        answer = await network.raw("RetailerMSP", b"orders:Place", json.dumps(fields).encode())
        assert answer.status == 500
        assert json.loads(answer.text) == {
            "code": "PRICE_MISMATCH",
            "field": "amount",
            "message": "Prices, taxes and freight come to 1100 minor units, the amount is 7.",
        }
        assert network.peer.written == []
        assert not answer.message.HasField("chaincode_event")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ([], "UNKNOWN_FUNCTION"),
        ([b"orders:Fly", b"{}"], "UNKNOWN_FUNCTION"),
        ([b"\xff\xfe", b"{}"], "UNKNOWN_FUNCTION"),
        ([b"orders:Get"], "MALFORMED_DOCUMENT"),
        ([b"orders:Get", b"{}", b"{}"], "MALFORMED_DOCUMENT"),
        ([b"orders:Get", b"\x00"], "MALFORMED_DOCUMENT"),
    ],
)
@on_loop
async def test_calls_of_the_wrong_shape_are_refused(args: list[bytes], code: str) -> None:
    async with Network() as network:
        answer = await network.raw("RetailerMSP", *args)
        assert (answer.status, json.loads(answer.text)["code"]) == (500, code)


@on_loop
async def test_a_replay_writes_nothing_and_says_nothing() -> None:
    async with Network() as network:
        await market(network)
        fields = {"id": ulid("m"), "currency": "EUR", "amount": "5", "owner": "RetailerMSP"}
        first = await network.call("BankMSP", "money:Mint", **fields)
        again = await network.raw("BankMSP", b"money:Mint", json.dumps(fields).encode())
        assert json.loads(again.payload) == first
        assert network.peer.written == []
        assert not again.message.HasField("chaincode_event")


@on_loop
async def test_queries_page_through_the_ledger() -> None:
    async with Network() as network:
        await market(network)
        for _ in range(4):
            await network.do("BankMSP", "money:Mint", currency="EUR", amount="1", owner="CarrierMSP")
        query = {"owner": "CarrierMSP", "currency": "EUR", "limit": 3}
        first = await network.call("CarrierMSP", "money:Notes", **query)
        second = await network.call("CarrierMSP", "money:Notes", **query, bookmark=first["bookmark"])
        assert [len(first["notes"]), len(second["notes"]), second["bookmark"]] == [3, 1, ""]
        balance = await network.call("CarrierMSP", "money:Balance", owner="CarrierMSP")
        assert balance["balances"] == [{"currency": "EUR", "amount": "4", "notes": 4}]
        assert network.peer.open_iterators == 0


@on_loop
async def test_a_disclosure_goes_to_the_recipients_collection_alone() -> None:
    private = Delivery(salt="ab" * 16, name="Maria", street=["Quay 5"], city="Hamburg", country="DE")
    async with Network() as network:
        listing, note = await market(network)
        fields = order_fields(listing, [note], delivery_commitment=commitment(private))
        order = (await network.do("RetailerMSP", "orders:Place", **fields))["order"]["id"]
        transient = {
            TRANSIENT: json.dumps(
                {"salt": "ab" * 16, "name": "Maria", "street": ["Quay 5"], "city": "Hamburg", "country": "DE"}
            ).encode()
        }
        disclosure = {"order": order, "recipient": "CarrierMSP", "transient": transient}
        await network.do("RetailerMSP", "orders:Disclose", **disclosure)
        assert [entry[:3] for entry in network.peer.written] == [
            ("PUT_STATE", implicit_collection("CarrierMSP"), create_composite_key("delivery", [order]))
        ]
        told = await network.call("CarrierMSP", "orders:DeliveryAddress", order=order)
        assert told["delivery"]["city"] == "Hamburg"
        asked = json.dumps({"order": order}).encode()
        other = await network.raw("ProducerMSP", b"orders:DeliveryAddress", asked)
        assert json.loads(other.text)["code"] == "DELIVERY_NOT_DISCLOSED"


@on_loop
async def test_a_peers_error_is_an_answer() -> None:
    async with Network() as network:
        network.peer.answers[Message.GET_STATE_MULTIPLE] = refusal("the disk is full")
        answer = await network.raw("BankMSP", b"members:Init", json.dumps({"id": ulid(1), **INIT}).encode())
        assert (answer.status, answer.text) == (500, "the disk is full")


@pytest.mark.parametrize(
    ("who", "admin"),
    [
        (signer("BankMSP", "admin"), True),
        (signer("BankMSP", "client", attributes={"hf.Type": "admin"}), True),
        (signer("BankMSP", "client", attributes={"role": "admin"}), False),
        (signer("BankMSP", "client"), False),
    ],
)
def test_administrators_are_known_by_their_certificate(who: KeySigner, admin: bool) -> None:
    caller = caller_of(Creator.parse(who.identity.serialized))
    assert (caller.msp_id, caller.name, caller.admin) == ("BankMSP", "user", admin)


def test_attributes_reach_the_domain() -> None:
    who = signer("BankMSP", "client", attributes={"limit": "500"})
    assert caller_of(Creator.parse(who.identity.serialized)).attributes == {"limit": "500"}


@pytest.mark.parametrize(
    "bookmark",
    ["\0command\0", "\0product", "\0owned\0BankMSP\0EUR\0", "\0owned\0RetailerMSP\0CNY\0", "x", " "],
)
@on_loop
async def test_a_bookmark_leads_nowhere_but_on(bookmark: str) -> None:
    """A peer begins to read at the bookmark: another one would show others' records as the caller's."""
    async with Network() as network:
        await market(network)
        question = {"owner": "RetailerMSP", "currency": "EUR", "limit": 1}
        argument = json.dumps({**question, "bookmark": bookmark}).encode()
        answer = await network.raw("RetailerMSP", b"money:Notes", argument)
        assert json.loads(answer.text)["code"] == "BOOKMARK_INVALID"
        assert json.loads(answer.text)["field"] == "bookmark"
        await network.do("BankMSP", "money:Mint", currency="EUR", amount="70", owner="RetailerMSP")
        page = await network.call("RetailerMSP", "money:Notes", **question)
        more = {**question, "bookmark": page["bookmark"]}
        rest = await network.call("RetailerMSP", "money:Notes", **more)
        assert len({note["id"] for note in (*page["notes"], *rest["notes"])}) == 2


@on_loop
async def test_a_note_is_written_with_its_guard_as_the_key_s_policy() -> None:
    async with Network() as network:
        _, note = await market(network)
        policy = policies_pb2.SignaturePolicyEnvelope.FromString(
            network.policies["", create_composite_key("note", [note])]
        )
        principals = [msp_principal_pb2.MSPRole.FromString(one.principal) for one in policy.identities]
        assert [one.msp_identifier for one in principals][:1] == ["RetailerMSP"]
        assert {one.role for one in principals} == {msp_principal_pb2.MSPRole.PEER}
        with_owner, many = policy.rule.n_out_of.rules
        assert policy.rule.n_out_of.n == 1
        assert with_owner.n_out_of.rules[0].signed_by == 0
        assert (with_owner.n_out_of.n, with_owner.n_out_of.rules[1].n_out_of.n) == (2, 2)
        assert (many.n_out_of.n, len(many.n_out_of.rules)) == (4, 5)
        assert ("", create_composite_key("product", [GTIN])) not in network.policies


@on_loop
async def test_a_policy_is_set_only_beside_a_value() -> None:
    # A peer of Fabric 3.1.5 dies of a policy alone on a key that was deleted earlier in the block.
    async with Network() as network:
        listing, note = await market(network)
        await network.do("RetailerMSP", "orders:Place", **order_fields(listing, [note]))
        put = {(c, k) for kind, c, k, _ in network.peer.written if kind == "PUT_STATE"}
        guarded = {(c, k) for kind, c, k, _ in network.peer.written if kind == "PUT_STATE_METADATA"}
        assert guarded
        assert guarded <= put
