"""How an order is carried out, from a file of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa_cli.scenario_escrow import OFFERED, read_terms, settled_offer, settling
from hansa_cli.session import CliError
from tests.support.portal import Consortium

PARTS = """
deliveries:
  answer_within: 60
  invoice_within: 600
  carriages: [{carrier: Carrier, freight: "20.00"}]
  cancellation_fee: 500
"""


@pytest.fixture
def trade(tmp_path: Path) -> Consortium:
    return Consortium(tmp_path)


def test_terms_for_parts_stand_in_a_file(trade: Consortium, tmp_path: Path) -> None:
    file = tmp_path / "parts.yaml"
    file.write_text(PARTS)
    found = settling(trade.sdk("Retailer"), read_terms(file), "EUR")
    assert found.settlement == "deliveries"
    assert found.deliveries is not None
    assert [(each.carrier, each.freight) for each in found.deliveries.carriages] == [("CarrierMSP", "2000")]
    fields = found.fields(None, 0)
    assert (fields["freight"], fields["settlement"], fields["carrier"]) == ("2000", "deliveries", None)


MILESTONES = """
milestones:
  - {name: Tested, event: attested, inspector: Regulator, within: 60, otherwise: refund, amount: "3.00"}
  - {name: Arrived, event: delivered, within: 600, otherwise: refund, amount: "6.95"}
second_arbitrator: Regulator
warranty: 86400
"""


def test_terms_of_an_offer_stand_in_a_file_too(trade: Consortium, tmp_path: Path) -> None:
    file = tmp_path / "milestones.yaml"
    file.write_text(MILESTONES)
    found = settled_offer(trade.sdk("Retailer"), read_terms(file, OFFERED), "EUR")
    assert [(each.inspector, each.amount) for each in found.pop("milestones")] == [
        ("RegulatorMSP", "300"),
        (None, "695"),
    ]
    assert found == {"deliveries": None, "second_arbitrator": "RegulatorMSP", "warranty": 86_400}
    file.write_text("replaces: RetailerMSP.01J00000000000000000000000")
    assert read_terms(file)
    with pytest.raises(CliError, match="says something else"):
        read_terms(file, OFFERED)


@pytest.mark.parametrize(
    "text",
    ["deliveries: [", "- deliveries", "deliveries"],
)
def test_what_is_no_yaml_of_fields_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "parts.yaml"
    file.write_text(text)
    with pytest.raises(CliError) as error:
        read_terms(file)
    assert error.value.code == "FILE_UNREADABLE"
    assert str(file) in error.value.message


@pytest.mark.parametrize(
    "text",
    [
        "deliverys: {}",
        "deliveries: {answer_within: 60}",
        "deliveries: {answer_within: 60, invoice_within: 0}",
        "deliveries: {answer_within: 60, invoice_within: 9, carriages: [{}]}",
        "milestones: [{name: Arrived, event: delivered}]",
        "milestones: [{name: Arrived, event: delivered, within: 9, otherwise: refund, inspector: 7}]",
        "milestones: 7",
    ],
)
def test_what_is_not_understood_is_said(trade: Consortium, tmp_path: Path, text: str) -> None:
    file = tmp_path / "parts.yaml"
    file.write_text(text)
    with pytest.raises(CliError) as error:
        settling(trade.sdk("Retailer"), read_terms(file), "EUR")
    assert error.value.code == "TERMS_INVALID"
