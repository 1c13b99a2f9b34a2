"""The chaincode's description of itself."""

from __future__ import annotations

import json

import jsonschema
import pytest

from hansa_contract.metadata import describe
from hansa_domain.catalogue import OPERATIONS
from tests.support.contract import Network
from tests.support.domain import TERMS, ulid
from tests.support.on_loop import on_loop

METADATA = json.loads(describe())


@on_loop
async def test_get_metadata_answers_the_description() -> None:
    async with Network() as network:
        answer = await network.raw("BankMSP", b"org.hyperledger.fabric:GetMetadata")
        assert (answer.status, json.loads(answer.payload)) == (200, METADATA)


def test_every_operation_is_described_as_its_kind() -> None:
    found = {
        f"{noun}:{transaction['name']}": transaction["tag"]
        for noun, contract in METADATA["contracts"].items()
        for transaction in contract["transactions"]
    }
    assert found == {
        name: ["evaluateTx" if operation.query else "submitTx"] for name, operation in OPERATIONS.items()
    }
    assert METADATA["info"]["title"] == "hansa"


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(METADATA)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(METADATA["components"]["schemas"])
    assert "PlaceOrder" in names


@pytest.mark.parametrize(
    ("amount", "right"), [("10", True), ("0", True), ("-1", False), ("1.5", False), (10, False)]
)
def test_the_schemas_say_what_the_domain_says(amount: object, right: bool) -> None:
    schema = {"$ref": "#/components/schemas/PlaceOrder", "components": METADATA["components"]}
    document = {
        "id": ulid(1),
        "lines": [{"listing": f"AMSP.{ulid(2)}", "quantity": 1, "take": [{"bucket": 0, "quantity": 1}]}],
        "amount": amount,
        "notes": [],
        "terms": TERMS,
    }
    valid = jsonschema.Draft202012Validator(schema).is_valid(document)
    assert valid is right
