"""The stages of a transaction over the wire, on both faces."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from fabric_protos.common import common_pb2

from hansa_fabric.identity import KeySigner
from hansa_fabric.proposals import parse_signed_proposal
from hansa_gateway import (
    AsyncGateway,
    CommitError,
    CommitStatusError,
    ConfigurationError,
    Deadlines,
    EndorseError,
    EvaluateError,
    Gateway,
    GatewayClosedError,
    SubmitError,
)
from tests.support.fabric_identities import self_signed
from tests.support.gateway import CHANNEL, Failure, FakeGateway
from tests.support.on_loop import on_loop

REFUSAL = '{"code":"ORDER_NOT_FOUND","message":"There is no such order, sorry.","field":"order"}'
REFUSED = Failure(
    grpc.StatusCode.ABORTED,
    "failed to endorse transaction, see attached details for more info",
    (("peer0:7051", "ProducerMSP", f"chaincode response 500, {REFUSAL}"),),
)


@pytest.fixture(scope="module")
def signer() -> KeySigner:
    return self_signed()


def connect(server: FakeGateway, signer: KeySigner, **options: Any) -> Gateway:
    return Gateway.connect(server.address, signer, plaintext=True, **options)


def test_submit_composes_the_steps(signer: KeySigner) -> None:
    with FakeGateway() as server, connect(server, signer) as gateway:
        result = gateway.network(CHANNEL).contract("hansa").submit("orders:Place", b"{}", "é")
        assert result.payload == "orders:Place|{}|é".encode()
        assert result.block_number == 7
        assert [name for name, _ in server.seen] == ["Endorse", "Submit", "CommitStatus"]
        assert {request.transaction_id for _, request in server.seen[:2]} == {result.transaction_id}


def test_each_step_alone(signer: KeySigner) -> None:
    with FakeGateway(verdict=11) as server, connect(server, signer) as gateway:
        proposal = gateway.network(CHANNEL).contract("hansa").new_proposal("f", "x")
        transaction = proposal.endorse()
        assert [name for name, _ in server.seen] == ["Endorse"]
        assert transaction.result == b"f|x"
        commit = transaction.submit()
        assert [name for name, _ in server.seen] == ["Endorse", "Submit"]
        status = commit.status()
        assert (status.successful, status.validation_code_name, status.block_number) == (
            False,
            "MVCC_READ_CONFLICT",
            7,
        )
        assert proposal.transaction_id == transaction.transaction_id == commit.transaction_id
        assert commit.status() == status


def test_transient_data_and_organizations_travel_beside_the_arguments(signer: KeySigner) -> None:
    with FakeGateway() as server, connect(server, signer) as gateway:
        contract = gateway.network(CHANNEL).contract("hansa")
        organizations = ["RetailerMSP", "BankMSP"]
        transient = {"address": "Elm Street", "salt": b"\x00"}
        contract.evaluate("f", transient=transient, endorsing_organizations=organizations)
        contract.submit("f", transient=transient, endorsing_organizations=organizations)
        evaluated, endorsed = server.requests("Evaluate")[0], server.requests("Endorse")[0]
        assert list(evaluated.target_organizations) == organizations
        assert list(endorsed.endorsing_organizations) == organizations
        assert evaluated.channel_id == endorsed.channel_id == CHANNEL
        for request in (evaluated, endorsed):
            parsed = parse_signed_proposal(request.proposed_transaction)
            assert parsed.transient == {"address": b"Elm Street", "salt": b"\x00"}
            assert parsed.args == (b"f",)
        assert b"Elm Street" not in server.requests("Submit")[0].SerializeToString()


def test_a_refusal_reaches_the_caller_whole(signer: KeySigner) -> None:
    with FakeGateway(failures={"Endorse": REFUSED}) as server, connect(server, signer) as gateway:
        with pytest.raises(EndorseError) as caught:
            gateway.network(CHANNEL).contract("hansa").submit("orders:Accept", "{}")
        error = caught.value
        assert error.status is grpc.StatusCode.ABORTED
        assert (error.chaincode_status, error.chaincode_message) == (500, REFUSAL)
        assert [(d.address, d.msp_id) for d in error.details] == [("peer0:7051", "ProducerMSP")]
        assert error.transaction_id == server.requests("Endorse")[0].transaction_id
        assert not error.outcome_unknown
        assert not server.requests("Submit")


def test_failures_after_endorsement_leave_the_outcome_unknown(signer: KeySigner) -> None:
    unavailable = Failure(grpc.StatusCode.UNAVAILABLE, "no orderers could successfully process transaction")
    with FakeGateway(failures={"Submit": unavailable}) as server, connect(server, signer) as gateway:
        network = gateway.network(CHANNEL)
        with pytest.raises(SubmitError) as submitting:
            network.contract("hansa").submit("f")
        assert submitting.value.outcome_unknown
        # The way to find out, without the steps at hand any more.
        assert network.commit(submitting.value.transaction_id).status().successful
    with FakeGateway(failures={"CommitStatus": unavailable}) as server, connect(server, signer) as gateway:
        with pytest.raises(CommitStatusError) as asking:
            gateway.network(CHANNEL).contract("hansa").submit("f")
        assert asking.value.outcome_unknown
        assert asking.value.transaction_id == server.requests("Submit")[0].transaction_id


def test_an_invalid_transaction_is_a_commit_error_with_its_verdict(signer: KeySigner) -> None:
    with FakeGateway(verdict=10) as server, connect(server, signer) as gateway:
        contract = gateway.network(CHANNEL).contract("hansa")
        with pytest.raises(CommitError) as caught:
            contract.submit("f")
        assert (caught.value.validation_code_name, caught.value.block_number) == (
            "ENDORSEMENT_POLICY_FAILURE",
            7,
        )
        assert not caught.value.outcome_unknown
        # Somebody's earlier transaction of the same id decides, and it may be valid.
        server.verdict = 9
        with pytest.raises(CommitError) as duplicate:
            contract.submit("f")
        assert duplicate.value.outcome_unknown


def test_an_evaluation_that_fails(signer: KeySigner) -> None:
    failure = Failure(
        grpc.StatusCode.UNKNOWN,
        f"evaluate call to endorser returned error: chaincode response 404, {REFUSAL}",
    )
    with FakeGateway(failures={"Evaluate": failure}) as server, connect(server, signer) as gateway:
        with pytest.raises(EvaluateError) as caught:
            gateway.network(CHANNEL).contract("hansa").evaluate("orders:Get")
        assert (caught.value.chaincode_status, caught.value.chaincode_message) == (404, REFUSAL)


def test_deadlines_per_stage_and_per_call(signer: KeySigner) -> None:
    silence = threading.Event()
    with (
        FakeGateway(silent=silence) as server,
        connect(server, signer, deadlines=Deadlines(commit_status=0.1)) as gateway,
    ):
        contract = gateway.network(CHANNEL).contract("hansa")
        commit = contract.new_proposal("f").endorse().submit()
        with pytest.raises(CommitStatusError) as caught:
            commit.status()
        assert caught.value.status is grpc.StatusCode.DEADLINE_EXCEEDED
        silence.set()
        assert commit.status(timeout=20).successful
    with pytest.raises(ConfigurationError):
        Deadlines(submit=0)


def _other_input(envelope: Any) -> None:
    payload = common_pb2.Payload.FromString(envelope.payload)
    payload.data = payload.data.replace(b"1250", b"9950")
    envelope.payload = payload.SerializeToString()


def _other_channel(envelope: Any) -> None:
    payload = common_pb2.Payload.FromString(envelope.payload)
    header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    header.channel_id = "other"
    payload.header.channel_header = header.SerializeToString()
    envelope.payload = payload.SerializeToString()


def _nonsense(envelope: Any) -> None:
    envelope.payload = b"\xff\xff"


@pytest.mark.parametrize("tamper", [_other_input, _other_channel, _nonsense])
def test_nothing_but_the_proposed_invocation_is_signed(signer: KeySigner, tamper: Any) -> None:
    with FakeGateway(tamper=tamper) as server, connect(server, signer) as gateway:
        with pytest.raises(EndorseError) as caught:
            gateway.network(CHANNEL).contract("hansa").submit("money:Pay", "1250")
        assert caught.value.status is grpc.StatusCode.INTERNAL
        assert not server.requests("Submit")


def test_a_hundred_threads_share_one_gateway(signer: KeySigner) -> None:
    with FakeGateway() as server, connect(server, signer) as gateway:
        contract = gateway.network(CHANNEL).contract("hansa")
        together = threading.Barrier(100)

        def submit(number: int) -> tuple[bytes, str]:
            together.wait(30)
            result = contract.submit("f", str(number))
            return result.payload, result.transaction_id

        with ThreadPoolExecutor(100) as pool:
            results = list(pool.map(submit, range(100)))
        assert [payload for payload, _ in results] == [b"f|%d" % number for number in range(100)]
        assert len({transaction_id for _, transaction_id in results}) == 100


def test_closing_ends_calls_under_way_and_refuses_new_ones(signer: KeySigner) -> None:
    with FakeGateway(silent=threading.Event()) as server:
        gateway = connect(server, signer)
        contract = gateway.network(CHANNEL).contract("hansa")
        commit = contract.new_proposal("f").endorse().submit()
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(commit.status)
            while not server.requests("CommitStatus"):
                assert not waiting.done()
            gateway.close()
            gateway.close()
            assert isinstance(waiting.exception(20), CommitStatusError)
        with pytest.raises(GatewayClosedError):
            contract.evaluate("f")


def test_two_identities_over_one_connection(signer: KeySigner) -> None:
    other = self_signed("BankMSP", "teller")
    with FakeGateway() as server, connect(server, signer) as gateway:
        with gateway.acting_for(other) as second:
            second.network(CHANNEL).contract("hansa").evaluate("f")
        gateway.network(CHANNEL).contract("hansa").evaluate("f")
        creators = [
            parse_signed_proposal(request.proposed_transaction).creator
            for request in server.requests("Evaluate")
        ]
        assert creators == [other.identity.serialized, signer.identity.serialized]


@on_loop
async def test_the_asyncio_face_has_the_same_stages() -> None:
    with FakeGateway() as server:
        async with AsyncGateway.connect(server.address, self_signed(), plaintext=True) as gateway:
            contract = gateway.network(CHANNEL).contract("hansa")
            assert await contract.evaluate("f", "x") == b"f|x"
            result = await contract.submit("f", "y")
            assert (result.payload, result.block_number) == (b"f|y", 7)
            server.failures["Endorse"] = REFUSED
            with pytest.raises(EndorseError) as caught:
                await contract.submit("f")
            assert caught.value.chaincode_message == REFUSAL
            del server.failures["Endorse"]
            server.failures["Submit"] = Failure(grpc.StatusCode.UNAVAILABLE, "no")
            with pytest.raises(SubmitError) as submitting:
                await contract.submit("f")
            assert submitting.value.outcome_unknown
        with pytest.raises(GatewayClosedError):
            await contract.evaluate("f")


@on_loop
async def test_closing_the_asyncio_face_is_not_the_callers_cancellation() -> None:
    with FakeGateway(silent=threading.Event()) as server:
        gateway = AsyncGateway.connect(server.address, self_signed(), plaintext=True)
        network = gateway.network(CHANNEL)
        waiting = asyncio.create_task(network.commit("ab").status())
        cancelled = asyncio.create_task(network.commit("cd").status())
        while len(server.requests("CommitStatus")) < 2:
            assert not waiting.done()
            await asyncio.sleep(0.01)
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        await gateway.close()
        with pytest.raises(CommitStatusError) as caught:
            await waiting
        assert caught.value.status is grpc.StatusCode.CANCELLED
