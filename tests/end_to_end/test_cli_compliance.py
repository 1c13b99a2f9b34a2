"""Rule packs, checks and papers by the command line alone, as docs/how-to/follow-rule-packs.md says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.network import running_network
from tests.support.signers import key, pem, public

GTIN = "09521321000711"
EXAMPLES = Path(__file__).parents[2] / "examples" / "compliance"
PRODUCER, RETAILER = ["--as", "Producer/sales"], ["--as", "Retailer/purchasing"]


@pytest.fixture(scope="module")
def hansa(own_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    folder = tmp_path_factory.mktemp("compliance") / "data"
    with running_network(folder):
        yield CommandLine(folder)


@pytest.fixture(scope="module")
def order(hansa: CommandLine) -> str:
    """An order placed before there was any pack."""
    hansa.ask("money", "mint", "EUR", "100.00", "--to", "Retailer", "--as", "Bank/treasurer")
    hansa.ask("products", "register", GTIN, "Tea", *PRODUCER)
    offer = hansa.ask("listings", "create", GTIN, "EUR", "5", "--price", "10.00", *PRODUCER)
    listing = offer["reply"]["listing"]["id"]
    return str(hansa.ask("orders", "place", listing, "2", *RETAILER)["reply"]["order"]["id"])


def test_a_pack_is_published_asked_and_a_record_judged_again(
    hansa: CommandLine, order: str, tmp_path: Path
) -> None:
    pack = str(EXAMPLES / "tea-1.yaml")
    refused = hansa.refused("compliance", "publish", pack, "--as", "Regulator/inspector")
    assert refused["code"] == "NOT_PERMITTED"
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("pack: p\nversion: 1\ntitle: T\nrules: [{id: a, kind: forbidden}]\n")
    assert (
        hansa.refused("compliance", "publish", str(wrong), "--as", "Regulator")["code"] == "PACK_FILE_INVALID"
    )
    published = hansa("compliance", "publish", pack, "--as", "Regulator")
    assert published.status == 0, published.err
    assert "tea-import version 1, 6 rules" in published.out

    question = ["--seller", "Producer", "--buyer", "Retailer", "--goods", f"{GTIN}=2", *RETAILER]
    preview = hansa("compliance", "check", *question, "--preview")
    assert preview.status == 0, preview.err
    assert "failed by tea-import version 1" in preview.out
    assert "! unknown" in preview.out
    record = hansa.ask("compliance", "check", "--order", order, *RETAILER)["reply"]["record"]
    assert record["result"] == "failed"
    listed = hansa("compliance", "records", order, *RETAILER)
    assert record["id"] in listed.out
    evidence = tmp_path / "evidence.json"
    evidence.write_text(hansa("compliance", "evidence", order, record["id"], *RETAILER).out)
    verdict = hansa("compliance", "verify", str(evidence))
    assert verdict.status == 0, verdict.err
    document = json.loads(evidence.read_text())
    document["record"]["result"] = "passed"
    evidence.write_text(json.dumps(document))
    assert hansa.refused("compliance", "verify", str(evidence))["code"] == "EVIDENCE_DIFFERS"
    again = hansa.ask("compliance", "recheck", "--order", order, *RETAILER)["reply"]
    assert again["held_back"] is True
    licence = ["licences", "issue", "Retailer", "tea", "2099-01-01T00:00:00.000Z", "1c" * 32]
    issued = hansa.ask(*licence, "--scope", '{"hs": ["0902"]}', "--as", "Regulator/inspector")
    assert issued["reply"]["licence"]["holder"] == "RetailerMSP"


def test_a_credential_is_signed_registered_and_verified_without_the_network(
    hansa: CommandLine, order: str, tmp_path: Path
) -> None:
    (tmp_path / "key.pem").write_bytes(pem(key(1)))
    (tmp_path / "inspector.pem").write_bytes(public(key(1)))
    (tmp_path / "claims.json").write_text('{"botanicalName": "Camellia sinensis"}')
    paper = tmp_path / "pc.jwt"
    about = ["--order", order, "--kind", "phytosanitary"]
    signing = ["--key", str(tmp_path / "key.pem"), "--issuer", "RegulatorMSP", "--to", str(paper)]
    assert hansa("papers", "sign", str(tmp_path / "claims.json"), *about, *signing).status == 0
    signed = ["--signed-by", str(tmp_path / "inspector.pem"), "--as", "Regulator/inspector"]
    made = hansa.ask("papers", "register", str(paper), *about, *signed)["reply"]["paper"]
    assert made["security"] == "jose"
    asked = hansa("papers", "verify", str(paper), *RETAILER)
    assert asked.status == 0, asked.err
    assert "signature good" in asked.out
    record = tmp_path / "record.json"
    record.write_text(hansa("papers", "show", made["id"], *RETAILER, "--json").out)
    elsewhere = CommandLine(tmp_path / "nowhere")
    assert elsewhere("papers", "verify", str(paper), "--record", str(record)).status == 0
    hansa.ask("papers", "revoke", made["id"], "Wrong lot", "--as", "Regulator/inspector")
    assert hansa.refused("papers", "verify", str(paper), *RETAILER)["code"] == "PAPER_DOES_NOT_HOLD"
    paper.write_bytes(paper.read_bytes() + b"\n")
    assert hansa.refused("papers", "verify", str(paper), *RETAILER)["code"] == "PAPER_NOT_FOUND"
