"""Every operation a chaincode has, executed by a real process; expected values were seen on Fabric 3.1.5."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.peer import chaincode_event_pb2, proposal_pb2, proposal_response_pb2

from tests.support.devnode_peers import Peers, chaincode_config, chaincode_process, peers, running
from tests.support.on_loop import on_loop

TX_ID = re.compile("[0-9a-f]{64}")


async def wording(refusal: Awaitable[str]) -> str:
    """A refusal's text without transaction ids, which differ each time."""
    return TX_ID.sub("<TXID>", await refusal)


def action_of(response: Any) -> Any:
    """The peer.ChaincodeAction that a peer.ProposalResponse carries."""
    payload = proposal_response_pb2.ProposalResponsePayload.FromString(response.payload)
    return proposal_pb2.ChaincodeAction.FromString(payload.extension)


@on_loop
async def test_public_state(tmp_path: Path) -> None:
    async with running(tmp_path) as network:
        await check_values(network)
        await check_ranges(network)
        await check_history(network)
        await check_key_policies(network)


async def check_values(network: Peers) -> None:
    assert await network.submit("put", "k1", "v1") == 0
    assert await network.submit("put", "k2", "v2") == 0
    assert await network.query("multi_get", "k1", "nope", "k2") == b'["v1","","v2"]'
    assert await network.query("gather", "k1", "k2", "nope") == b'["v1","v2",""]'
    steps = [["put", "b1", "1"], ["put", "b2", "2"], ["put", "b1", "1again"], ["del", "k2"]]
    assert await network.submit("batch", json.dumps(steps)) == 0
    assert await network.query("multi_get", "b1", "b2", "k2") == b'["1again","2",""]'
    unknown = json.dumps([["put", "z", "1"], ["pput", "nosuchcoll", "a", "1"]])
    assert await wording(network.refusal("batch", unknown)) == (
        "WRITE_BATCH_STATE failed: transaction ID: <TXID>: collection trade/all/nosuchcoll could not be found"
    )


async def check_ranges(network: Peers) -> None:
    assert await network.submit("put_many", "m", "250") == 0
    found = json.loads(await network.query("range", "m", "n"))
    assert [key for key, _ in found] == [f"m{number:04}" for number in range(250)]
    assert json.loads(await network.query("range_first", "m", "n", "2")) == [["m0000", "x"], ["m0001", "x"]]
    page = json.loads(await network.query("range_page", "m", "n", "3", "m0003"))
    assert (page["bookmark"], page["count"]) == ("m0006", 3)
    full = json.loads(await network.query("range_page", "m0248", "n", "2"))
    assert (full["bookmark"], full["count"]) == ("", 2)
    assert await network.submit("range_then_put", "m", "n", "count") == 0
    assert await network.query("get", "count") == b"250"
    assert await wording(network.refusal("query", "{}")) == (
        "GET_QUERY_RESULT failed: transaction ID: <TXID>: ExecuteQuery not supported for leveldb"
    )


async def check_history(network: Peers) -> None:
    for step in (("put", "h", "1"), ("put", "h", "2"), ("del", "h"), ("put", "h", "3")):
        assert await network.submit(*step) == 0
    changes = json.loads(await network.query("history", "h"))
    assert [change[1:3] for change in changes] == [["3", False], ["", True], ["2", False], ["1", False]]
    assert await network.query("history", "never") == b"[]"


async def check_key_policies(network: Peers) -> None:
    assert await network.submit("put", "pol", "1") == 0
    assert await network.submit("set_policy", "pol", "all", "peer", "AMSP") == 0
    assert await network.query("get_policy", "pol") == b'["AMSP"]'
    answer = await network.ask("all", "put", "pol", "2")
    (call,) = answer.interest.chaincodes
    assert call.name == "all"
    assert len(call.key_policies) == 1
    assert call.disregard_namespace_policy
    assert await network.submit("del", "pol", peers=("AMSP",)) == 0
    assert await network.query("get_policy", "pol") == b"[]"


@on_loop
async def test_private_data(tmp_path: Path) -> None:
    async with running(tmp_path) as network:
        own = "_implicit_org_AMSP"
        assert await network.submit("pput", own, "p1", transient={"value": b"secret"}, peers=("AMSP",)) == 0
        assert await network.query("pget", own, "p1") == b"secret"
        assert (await wording(network.refusal("pget", own, "p1", peer="BMSP"))).startswith(
            "GET_STATE failed: transaction ID: <TXID>: private data matching public hash version is not"
            " available. Public hash version = {BlockNum: 2, TxNum: 0}, Private data version = <nil>"
        )
        hashes = {await network.query("phash", own, "p1", peer=peer) for peer in ("AMSP", "BMSP")}
        assert len(hashes) == 1
        assert await network.query("prange", own, "", "") == b'[["p1","secret"]]'
        assert await network.query("prange", own, "", "", peer="BMSP") == b"[]"
        assert await network.submit("ppurge", own, "p1", peers=("AMSP",)) == 0
        assert await network.query("pget", own, "p1") == b""
        assert await network.query("phash", own, "p1") == b""
        await check_collection_of_two(network)


async def check_collection_of_two(network: Peers) -> None:
    assert await network.submit("pput", "between", "s", "1") == 0
    assert await network.query("pget", "between", "s", peer="BMSP") == b"1"
    answer = await network.ask("all", "pget", "between", "s")
    assert [list(call.collection_names) for call in answer.interest.chaincodes] == [[], ["between"]]
    assert b'"1"' not in answer.payload
    strangers = {
        "read": network.refusal("pget", "between", "s", client="CMSP"),
        "write": network.refusal("pput", "between", "s", "2", client="CMSP"),
    }
    for use, refusal in strangers.items():
        assert f"tx creator does not have {use} access permission on privatedata" in await refusal
    assert await wording(network.refusal("pget", "nosuchcoll", "s")) == (
        "GET_STATE failed: transaction ID: <TXID>: collection trade/all/nosuchcoll could not be found"
    )


@on_loop
async def test_responses_and_events(tmp_path: Path) -> None:
    async with running(tmp_path) as network:
        shipped = await network.ask("all", "event", "shipped", "payload", "e1")
        event = chaincode_event_pb2.ChaincodeEvent.FromString(action_of(shipped).events)
        assert (event.chaincode_id, event.event_name, event.payload) == ("all", "shipped", b"payload")
        assert len(event.tx_id) == 64
        results = rwset_pb2.TxReadWriteSet.FromString(action_of(shipped).results)
        assert [each.namespace for each in results.ns_rwset] == ["_lifecycle", "all"]

        endorsed = await network.ask("all", "refuse", "399", "nope")
        assert endorsed.response.status == 399
        assert endorsed.HasField("endorsement")
        refused = await network.ask("all", "refuse", "404", "nope")
        assert (refused.response.status, refused.response.message) == (404, "nope")
        assert not refused.payload and not refused.HasField("endorsement")
        failed = await network.ask("all", "fail", "boom")
        assert (failed.response.status, failed.response.message) == (500, "RuntimeError: boom")
        assert failed.payload and not failed.HasField("endorsement")

        creator = json.loads(await network.query("creator", client="BMSP"))
        assert creator["msp_id"] == "BMSP"
        assert await network.query("transient", transient={"a": b"x"}) == b'{"a":"x"}'


@on_loop
async def test_chaincode_to_chaincode(tmp_path: Path) -> None:
    first, second = chaincode_config("first"), chaincode_config("second")
    async with (
        chaincode_process(first),
        chaincode_process(second),
        peers(tmp_path, [first, second]) as network,
    ):
        for name in ("first", "second"):
            for support in network.supports.values():
                await support.wait_ready(name, 30)
        assert await network.submit("invoke", "second", "", "put", "called", "1", chaincode="first") == 0
        assert await network.query("get", "called", chaincode="second") == b"1"
        assert await network.query("get", "called", chaincode="first") == b""
        refused = await network.query(
            "invoke", "second:9/trade", "", "refuse", "404", "no", chaincode="first"
        )
        assert json.loads(refused) == {"status": 404, "message": "no", "payload": ""}
        expected = {
            ("nosuch", ""): "execute failed: invalid invocation: [channel trade] failed to get chaincode"
            " container info for nosuch: chaincode nosuch not found",
            ("second", "nochannel"): "Failed to get policy manager for channel [nochannel]",
            ("first", ""): "execute failed: error sending: txid: <TXID>(trade) exists",
        }
        for (target, channel), text in expected.items():
            found = await wording(network.refusal("invoke", target, channel, "get", "k", chaincode="first"))
            assert found == f"INVOKE_CHAINCODE failed: transaction ID: <TXID>: {text}"
        answer = json.loads(
            await network.query("invoke", "qscc", "", "GetChainInfo", "trade", chaincode="first")
        )
        assert answer["message"] == (
            "Rejecting invoke of QSCC from another chaincode because of potential for deadlocks,"
            " original invocation for 'first'"
        )
