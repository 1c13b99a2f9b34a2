"""What a transaction that cannot be carried out is answered, in the words of Fabric's peers and orderers."""

from __future__ import annotations

import json

import grpc
import pytest

from hansa_gateway import EndorseError, EvaluateError, Gateway, SubmitError
from hansa_gateway.blocking.contract import Contract
from tests.support.devnode import CHAINCODE
from tests.support.fabric_identities import self_signed
from tests.support.running_network import RunningNetwork


def refused(contract: Contract, *args: str) -> str:
    """What the endorser says of it."""
    with pytest.raises(EndorseError) as caught:
        contract.submit(*args)
    assert caught.value.status is grpc.StatusCode.ABORTED
    assert caught.value.message == "failed to endorse transaction, see attached details for more info"
    return caught.value.details[0].message


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("fail", "boom"), "chaincode response 500, RuntimeError: boom"),
        (("refuse", "500", ""), "chaincode response 500, "),
        (("refuse", "400", "no"), "chaincode response 400, no"),
        (("nothing",), "chaincode response 404, there is no function nothing"),
        (("put", "", "v"), "chaincode response 500, a key must not be empty"),
    ],
)
def test_the_chaincode_s_own_refusals(contract: Contract, args: tuple[str, ...], said: str) -> None:
    assert refused(contract, *args) == said


def test_a_status_below_400_is_a_success(contract: Contract) -> None:
    assert contract.submit("refuse", "399", "well").payload == b""


def test_another_chaincode_that_is_not_there(contract: Contract) -> None:
    assert refused(contract, "invoke", "nothing", "", "get", "k").endswith(
        "execute failed: invalid invocation: [channel trade] failed to get chaincode container info for"
        " nothing: chaincode nothing not found"
    )


def test_a_chaincode_may_not_call_itself(contract: Contract) -> None:
    said = refused(contract, "invoke", CHAINCODE, "", "get", "k")
    assert said.startswith("chaincode response 500, INVOKE_CHAINCODE failed: transaction ID: ")
    assert said.endswith("(trade) exists")


def test_a_system_chaincode_that_chaincode_may_not_call(contract: Contract) -> None:
    answer = json.loads(contract.evaluate("invoke", "qscc", "", "GetChainInfo", "trade"))
    assert answer == {
        "status": 500,
        "payload": "",
        "message": (
            "Rejecting invoke of QSCC from another chaincode because of potential for deadlocks,"
            f" original invocation for '{CHAINCODE}'"
        ),
    }


def test_a_transaction_too_large_for_the_orderer(contract: Contract) -> None:
    transaction = contract.new_proposal("put_big", "big/1", str(11_000_000)).endorse()
    with pytest.raises(SubmitError) as caught:
        transaction.submit()
    assert caught.value.status is grpc.StatusCode.ABORTED
    assert caught.value.message.startswith(
        "received unsuccessful response from orderer: status=BAD_REQUEST, info=message payload is "
    )
    assert caught.value.message.endswith(" bytes and exceeds maximum allowed 10485760 bytes")
    contract.submit("put_big", "big/2", str(3_000_000))


def test_a_creator_whose_organisation_nobody_knows(network: RunningNetwork) -> None:
    said = (
        "error validating proposal: access denied: channel [trade] creator org unknown, creator is malformed"
    )
    with network.gateway("AMSP", self_signed("GhostMSP")) as gateway:
        contract = gateway.network("trade").contract(CHAINCODE)
        with pytest.raises(EvaluateError) as evaluate:
            contract.evaluate("get", "k")
        assert evaluate.value.status is grpc.StatusCode.FAILED_PRECONDITION
        assert evaluate.value.message == f"evaluate call to endorser returned error: {said}"
        assert [each.message for each in evaluate.value.details] == [said]
        with pytest.raises(EndorseError) as endorse:
            contract.submit("put", "k", "v")
        assert endorse.value.status is grpc.StatusCode.ABORTED
        assert endorse.value.details[0].message == said


def test_endorsers_that_differ(network: RunningNetwork, contract: Contract) -> None:
    """A peer's own private data makes its answer differ; the gateway says so, and whom it asked."""
    own = "_implicit_org_BMSP"
    with network.gateway("BMSP") as other:
        writer = other.network("trade").contract(CHAINCODE)
        writer.submit("pput", own, "differ", "x", endorsing_organizations=["BMSP"])
    network.settle()

    proposal = contract.new_proposal(
        "prange", own, "differ", "differ~", endorsing_organizations=["AMSP", "BMSP"]
    )
    with pytest.raises(EndorseError) as caught:
        proposal.endorse()
    assert caught.value.status is grpc.StatusCode.ABORTED
    assert caught.value.message == (
        "failed to collect enough transaction endorsements, see attached details for more info"
    )
    assert [each.message for each in caught.value.details] == ["ProposalResponsePayloads do not match"]


def test_an_organisation_that_is_not_on_the_channel(contract: Contract) -> None:
    with pytest.raises(EndorseError) as caught:
        contract.submit("put", "k", "v", endorsing_organizations=["GhostMSP"])
    assert caught.value.status is grpc.StatusCode.UNAVAILABLE
    assert caught.value.message == "failed to find any endorsing peers for org(s): GhostMSP"
    with pytest.raises(EvaluateError) as asked:
        contract.evaluate("get", "k", endorsing_organizations=["GhostMSP"])
    assert asked.value.status is grpc.StatusCode.FAILED_PRECONDITION
    assert asked.value.message == "no peers available to evaluate chaincode all in channel trade"


def test_a_transaction_sent_twice_at_once_has_one_effect(gateway: Gateway, contract: Contract) -> None:
    contract.submit("put", "twice/1", "1")
    transaction = contract.new_proposal("add", "twice/1", "1").endorse()
    sent = [transaction.submit() for _ in range(3)]
    assert len({commit.status().block_number for commit in sent}) == 1
    assert all(commit.status().successful for commit in sent)
    contract.submit("put", "twice/2", "x")
    assert contract.evaluate("get", "twice/1") == b"2"
