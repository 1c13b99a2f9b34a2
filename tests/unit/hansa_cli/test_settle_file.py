"""How an order is carried out, from a file of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from hansa_cli.scenario_escrow import read_terms, settling
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


@pytest.mark.parametrize(
    "text",
    [
        "deliveries: [",
        "- deliveries",
        "deliverys: {}",
        "deliveries: {answer_within: 60}",
        "deliveries: {answer_within: 60, invoice_within: 0}",
        "deliveries: {answer_within: 60, invoice_within: 9, carriages: [{}]}",
    ],
)
def test_what_is_not_understood_is_said(trade: Consortium, tmp_path: Path, text: str) -> None:
    file = tmp_path / "parts.yaml"
    file.write_text(text)
    with pytest.raises(CliError) as error:
        settling(trade.sdk("Retailer"), read_terms(file), "EUR")
    assert error.value.code == "TERMS_INVALID"
