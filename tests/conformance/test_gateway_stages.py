"""Every stage of a transaction through the Gateway service, as Fabric's peers answer it."""

import json

import grpc
import pytest
from fabric_protos.gateway import gateway_pb2, gateway_pb2_grpc

from hansa_gateway import CommitError, EndorseError, EvaluateError, Gateway, SubmitError
from hansa_gateway.blocking.contract import Contract
from hansa_gateway.errors import CommitStatusError
from tests.support.devnode import CHAINCODE
from tests.support.fabric_identities import self_signed
from tests.support.running_network import RunningNetwork, endorsers

DETAILS = "see attached details for more info"


def test_what_is_submitted_is_there_when_submit_returns(contract: Contract, network: RunningNetwork) -> None:
    result = contract.submit("put", "stages/1", "value")
    assert contract.evaluate("get", "stages/1") == b"value"
    assert network.height() > result.block_number


def test_each_stage_alone(contract: Contract, network: RunningNetwork) -> None:
    transaction = contract.new_proposal("put", "stages/2", "value").endorse()
    assert contract.evaluate("get", "stages/2") == b""
    commit = transaction.submit()
    status = commit.status()
    assert status.successful
    assert status.transaction_id == transaction.transaction_id
    assert contract.evaluate("get", "stages/2") == b"value"
    assert commit.status() == status


def test_a_majority_endorses_and_the_own_organisation_is_part_of_it(
    contract: Contract, network: RunningNetwork
) -> None:
    for number in range(4):
        found = endorsers(network, contract.submit("put", f"stages/majority{number}", "x").transaction_id)
        assert len(found) == 2
        assert "AMSP" in found


def test_named_organisations_endorse_all_of_them_and_no_others(
    contract: Contract, network: RunningNetwork
) -> None:
    result = contract.submit("put", "stages/3", "x", endorsing_organizations=["AMSP", "BMSP", "CMSP"])
    assert endorsers(network, result.transaction_id) == {"AMSP", "BMSP", "CMSP"}
    result = contract.submit("put", "stages/3", "y", endorsing_organizations=["BMSP", "CMSP"])
    assert endorsers(network, result.transaction_id) == {"BMSP", "CMSP"}


def test_a_refusal_reaches_the_client_of_endorse_whole(contract: Contract, network: RunningNetwork) -> None:
    refusal = json.dumps({"code": "ORDER_NOT_FOUND", "field": "order"})
    with pytest.raises(EndorseError) as caught:
        contract.submit("refuse", "500", refusal)
    assert caught.value.status is grpc.StatusCode.ABORTED
    assert caught.value.message == f"failed to endorse transaction, {DETAILS}"
    (detail,) = caught.value.details
    assert (detail.address, detail.msp_id) == (network.address("AMSP"), "AMSP")
    assert detail.message == f"chaincode response 500, {refusal}"


def test_a_refusal_reaches_the_client_of_evaluate_whole(contract: Contract) -> None:
    with pytest.raises(EvaluateError) as caught:
        contract.evaluate("refuse", "404", "no such thing")
    assert caught.value.status is grpc.StatusCode.UNKNOWN
    assert caught.value.message == (
        "evaluate call to endorser returned error: chaincode response 404, no such thing"
    )
    assert [each.message for each in caught.value.details] == ["chaincode response 404, no such thing"]


def test_an_unknown_chaincode_is_a_failed_precondition(gateway: Gateway) -> None:
    nothing = gateway.network("trade").contract("nothing")
    with pytest.raises(EndorseError) as endorse:
        nothing.submit("put", "k", "v")
    assert endorse.value.status is grpc.StatusCode.FAILED_PRECONDITION
    assert endorse.value.message == (
        "no combination of peers can be derived which satisfy the endorsement policy:"
        " No metadata was found for chaincode nothing in channel trade"
    )
    with pytest.raises(EvaluateError) as evaluate:
        nothing.evaluate("get", "k")
    assert evaluate.value.status is grpc.StatusCode.FAILED_PRECONDITION
    assert evaluate.value.message == "no peers available to evaluate chaincode nothing in channel trade"


def test_an_unknown_channel_is_named(gateway: Gateway) -> None:
    with pytest.raises(EvaluateError) as caught:
        gateway.network("elsewhere").contract(CHAINCODE).evaluate("get", "k")
    assert caught.value.status is grpc.StatusCode.UNAVAILABLE
    assert "failed to get config for channel [elsewhere]" in caught.value.message
    with pytest.raises(CommitStatusError) as status:
        gateway.network("elsewhere").commit("0" * 64).status()
    assert status.value.status is grpc.StatusCode.PERMISSION_DENIED


def test_a_key_with_a_policy_of_its_own_is_endorsed_by_whom_it_names(
    contract: Contract, network: RunningNetwork
) -> None:
    contract.submit("put", "stages/owned", "1")
    contract.submit("set_policy", "stages/owned", "all", "peer", "CMSP")
    result = contract.submit("put", "stages/owned", "2")
    # The key's policy stands in for the chaincode's, and the gateway's own peer executes first in any case.
    assert "CMSP" in endorsers(network, result.transaction_id)
    result = contract.submit("batch", json.dumps([["put", "stages/owned", "3"], ["put", "stages/free", "3"]]))
    assert len(endorsers(network, result.transaction_id)) >= 2
    assert "CMSP" in endorsers(network, result.transaction_id)


def test_when_a_peer_is_silent_the_others_endorse(contract: Contract, network: RunningNetwork) -> None:
    with network.silent("BMSP"):
        result = contract.submit("put", "stages/silent", "x")
        assert endorsers(network, result.transaction_id) == {"AMSP", "CMSP"}
        with pytest.raises(grpc.RpcError) as caught:
            channel = grpc.secure_channel(
                network.address("BMSP"),
                grpc.ssl_channel_credentials(network.tls_root("BMSP").read_bytes()),
            )
            gateway_pb2_grpc.GatewayStub(channel).Evaluate(gateway_pb2.EvaluateRequest())
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        channel.close()
    with network.gateway("BMSP") as back:
        assert back.network("trade").contract(CHAINCODE).evaluate("get", "stages/silent") == b"x"


def test_without_enough_peers_nothing_is_endorsed(contract: Contract, network: RunningNetwork) -> None:
    with network.silent("BMSP", "CMSP"), pytest.raises(EndorseError) as caught:
        contract.submit("put", "stages/lonely", "x")
    assert caught.value.status is grpc.StatusCode.FAILED_PRECONDITION
    assert caught.value.message == (
        "no combination of peers can be derived which satisfy the endorsement policy:"
        " no peer combination can satisfy the endorsement policy"
    )


def test_a_named_organisation_that_is_silent_is_named_in_the_error(
    contract: Contract, network: RunningNetwork
) -> None:
    with network.silent("CMSP"), pytest.raises(EndorseError) as caught:
        contract.submit("put", "stages/4", "x", endorsing_organizations=["AMSP", "CMSP"])
    assert caught.value.status is grpc.StatusCode.UNAVAILABLE
    assert caught.value.message == "failed to find any endorsing peers for org(s): CMSP"


def test_an_owner_who_is_silent_blocks_what_only_he_may_change(
    contract: Contract, network: RunningNetwork
) -> None:
    contract.submit("put", "stages/guarded", "1")
    contract.submit("set_policy", "stages/guarded", "all", "peer", "CMSP")
    with network.silent("CMSP"), pytest.raises(EndorseError) as caught:
        contract.submit("put", "stages/guarded", "2")
    assert caught.value.status is grpc.StatusCode.FAILED_PRECONDITION


def test_of_two_transactions_that_read_the_same_only_the_first_is_valid(contract: Contract) -> None:
    contract.submit("put", "stages/counter", "1")
    first = contract.new_proposal("add", "stages/counter", "1").endorse()
    second = contract.new_proposal("add", "stages/counter", "1").endorse()
    assert first.submit().status().successful
    status = second.submit().status()
    assert status.validation_code_name == "MVCC_READ_CONFLICT"
    with pytest.raises(CommitError):
        status.check()
    assert contract.evaluate("get", "stages/counter") == b"2"


def test_the_same_transaction_twice_has_one_effect(contract: Contract, network: RunningNetwork) -> None:
    contract.submit("put", "stages/twice", "1")
    transaction = contract.new_proposal("add", "stages/twice", "1").endorse()
    first = transaction.submit().status()
    transaction.submit()
    contract.submit("put", "stages/after", "x")
    assert transaction.submit().status() == first
    assert contract.evaluate("get", "stages/twice") == b"2"


def test_a_stranger_is_refused_at_every_stage(network: RunningNetwork, contract: Contract) -> None:
    with network.gateway("AMSP", self_signed("AMSP", "stranger")) as strange:
        foreign = strange.network("trade").contract(CHAINCODE)
        with pytest.raises(EvaluateError) as evaluate:
            foreign.evaluate("get", "k")
        assert evaluate.value.status is grpc.StatusCode.FAILED_PRECONDITION
        assert "access denied" in evaluate.value.message
        with pytest.raises(EndorseError) as endorse:
            foreign.submit("put", "k", "v")
        assert endorse.value.status is grpc.StatusCode.ABORTED
        assert "access denied" in endorse.value.details[0].message
        with pytest.raises(CommitStatusError) as status:
            strange.network("trade").commit("0" * 64).status()
        assert status.value.status is grpc.StatusCode.PERMISSION_DENIED


def test_a_transaction_signed_by_a_stranger_is_not_ordered(
    network: RunningNetwork, contract: Contract, gateway: Gateway
) -> None:
    transaction = contract.new_proposal("put", "stages/forged", "x").endorse()
    forged = gateway.new_signed_transaction(
        transaction.bytes, self_signed("AMSP", "stranger").sign_digest(transaction.digest)
    )
    with pytest.raises(SubmitError) as caught:
        forged.submit()
    assert caught.value.status is grpc.StatusCode.ABORTED
    assert caught.value.message.startswith(
        "received unsuccessful response from orderer: status=FORBIDDEN, info="
    )
    assert caught.value.message.endswith("permission denied")


def test_a_request_without_content_is_an_invalid_argument(network: RunningNetwork) -> None:
    credentials = grpc.ssl_channel_credentials(network.tls_root("AMSP").read_bytes())
    with grpc.secure_channel(network.address("AMSP"), credentials) as channel:
        stub = gateway_pb2_grpc.GatewayStub(channel)
        for method, request, message in (
            (
                stub.Endorse,
                gateway_pb2.EndorseRequest(),
                "the proposed transaction must contain a signed proposal",
            ),
            (
                stub.Evaluate,
                gateway_pb2.EvaluateRequest(),
                "failed to unpack transaction proposal: a signed proposal is required",
            ),
            (stub.Submit, gateway_pb2.SubmitRequest(), "a prepared transaction is required"),
            (
                stub.CommitStatus,
                gateway_pb2.SignedCommitStatusRequest(),
                "a commit status request is required",
            ),
        ):
            with pytest.raises(grpc.RpcError) as caught:
                method(request)
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert caught.value.details() == message
