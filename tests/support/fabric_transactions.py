"""Endorsed transactions for tests of Fabric's data."""

from __future__ import annotations

from typing import Any

from fabric_protos.peer import chaincode_event_pb2, proposal_response_pb2

from hansa_fabric.identity import KeySigner
from hansa_fabric.proposals import (
    Proposal,
    endorse,
    new_proposal,
    parse_signed_proposal,
    response_payload,
    sign_proposal,
)
from hansa_fabric.transactions import new_transaction, sign_envelope


def endorsement(proposal: Proposal, client: KeySigner, endorser: KeySigner, results: bytes = b"") -> Any:
    """What an endorser answers: status 200, an event ``hansa`` and the given read/write set."""
    parsed = parse_signed_proposal(sign_proposal(proposal, client))
    event = chaincode_event_pb2.ChaincodeEvent(
        chaincode_id="hansa", tx_id=parsed.tx_id, event_name="hansa", payload=b"{}"
    )
    response = proposal_response_pb2.Response(status=200, payload=b"reply")
    payload = response_payload(
        parsed.hash,
        results=results,
        event=event.SerializeToString(),
        response=response,
        chaincode="hansa",
        version="1.0",
    )
    return endorse(payload, response, endorser)


def endorsed_envelope(client: KeySigner, endorsers: list[KeySigner], results: bytes = b"") -> Any:
    """A whole signed transaction with transient data left behind."""
    proposal = new_proposal(
        "trade", "hansa", [b"orders:Place", b"{}"], client.identity, transient={"address": b"secret"}
    )
    responses = [endorsement(proposal, client, one, results) for one in endorsers]
    return sign_envelope(new_transaction(proposal, responses), client)
