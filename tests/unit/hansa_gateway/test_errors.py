"""From what gRPC reports to what a caller reads."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from hansa_gateway import EndorseError, ErrorDetail, EventStreamError, GatewayError, RemoteError
from hansa_gateway.core.rpc_errors import error_details, stage_error
from tests.support.gateway import Failure


class Reported:
    """A finished call as grpc shows it."""

    def __init__(self, failure: Failure, metadata: Any = None) -> None:
        self._failure = failure
        self._metadata = failure.trailing_metadata if metadata is None else metadata

    def code(self) -> grpc.StatusCode:
        return self._failure.code

    def details(self) -> str | None:
        return self._failure.message

    def trailing_metadata(self) -> Any:
        return self._metadata


def refused(*messages: str) -> EndorseError:
    failure = Failure(
        grpc.StatusCode.ABORTED,
        "failed to collect enough transaction endorsements, see attached details for more info",
        tuple((f"peer{number}:7051", f"M{number}", message) for number, message in enumerate(messages)),
    )
    return stage_error(EndorseError, Reported(failure), "ab")


def test_every_endpoints_words_are_kept() -> None:
    error = refused("error in simulation: timeout", 'chaincode response 500, {"a": "b, c"}')
    assert error.details == (
        ErrorDetail("peer0:7051", "M0", "error in simulation: timeout"),
        ErrorDetail("peer1:7051", "M1", 'chaincode response 500, {"a": "b, c"}'),
    )
    assert (error.chaincode_status, error.chaincode_message) == (500, '{"a": "b, c"}')
    assert "M0 at peer0:7051: error in simulation: timeout" in str(error)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("chaincode response 404, no such order", (404, "no such order")),
        ("chaincode response 500, ", (500, "")),
        ("chaincode response 500, two\nlines", (500, "two\nlines")),
        ("chaincode response 500, chaincode response 501, x", (500, "chaincode response 501, x")),
        ("chaincode response", (None, None)),
        ("error in simulation: failed to execute transaction", (None, None)),
    ],
)
def test_only_the_chaincodes_own_words_are_its_refusal(
    message: str, expected: tuple[int | None, str | None]
) -> None:
    error = refused(message)
    assert (error.chaincode_status, error.chaincode_message) == expected


def test_details_that_cannot_be_read_do_not_hide_the_failure() -> None:
    failure = Failure(grpc.StatusCode.UNAVAILABLE, "away")
    for metadata in ((("grpc-status-details-bin", b"\xff\xff"),), (("other", "x"),), (), None):
        assert error_details(Reported(failure, metadata)) == ()
    assert stage_error(EndorseError, Reported(failure, ()), "ab").status is grpc.StatusCode.UNAVAILABLE


def test_errors_have_stable_codes_and_one_base() -> None:
    def subclasses(kind: type[GatewayError]) -> set[type[GatewayError]]:
        direct = set(kind.__subclasses__())
        return direct.union(*(subclasses(one) for one in direct))

    found = subclasses(GatewayError)
    assert len({kind.code for kind in found}) == len(found)
    assert issubclass(EventStreamError, RemoteError)


def test_who_refused_and_who_came_to_another_result_can_be_told_apart() -> None:
    error = EndorseError(
        "failed to collect enough transaction endorsements",
        grpc.StatusCode.ABORTED,
        [
            ErrorDetail("peer:1", "AMSP", "chaincode response 500, no"),
            ErrorDetail("peer:2", "BMSP", "ProposalResponsePayloads do not match"),
            ErrorDetail("peer:3", "CMSP", "connection refused"),
        ],
        transaction_id="t",
    )
    assert error.refused_by == ("AMSP",)
    assert error.results_differ
    assert not EndorseError("", grpc.StatusCode.ABORTED, error.details[:1], transaction_id="t").results_differ
