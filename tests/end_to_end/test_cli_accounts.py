"""An account guarded by the command line alone, as docs/how-to/guard-an-account.md says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.network import running_network
from tests.support.signers import key, pem, public


@pytest.fixture(scope="module")
def hansa(own_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    folder = tmp_path_factory.mktemp("accounts") / "data"
    with running_network(folder):
        yield CommandLine(folder)


def test_an_account_is_opened_paid_from_and_refilled(hansa: CommandLine, tmp_path: Path) -> None:
    signers = []
    for number in (1, 2, 3):
        (tmp_path / f"{number}.pem").write_bytes(pem(key(number)))
        (tmp_path / f"{number}.pub.pem").write_bytes(public(key(number)))
        signers += ["--signer", f"S{number}={tmp_path / f'{number}.pub.pem'}"]
    rules = ["--threshold", "2", "--delay", "3600", *signers, "--as", "Retailer/admin"]
    hansa.ask("accounts", "open", "Retailer/vault", "--kind", "cold", *rules)
    more = ["--limit", "EUR:100:500", "--cold", "Retailer/vault", "--cap", "EUR:1000"]
    hansa.ask("accounts", "open", "Retailer/till", "--kind", "hot", *rules, *more)
    for to in ("Retailer/till", "Retailer/vault"):
        hansa.ask("money", "mint", "EUR", "1000.00", "--to", to, "--as", "Bank/treasurer")

    user = ["--as", "Retailer/purchasing"]
    pay = ["accounts", "pay", "Retailer/till", "EUR"]
    hansa.ask(*pay, "80", "--to", "Producer", *user)
    assert hansa.ask("accounts", "allowance", "Retailer/till", "EUR", *user)["left"] == "42000"

    def signed(*words: str) -> list[str]:
        document = tmp_path / "instruction.json"
        document.write_text(hansa("accounts", "instruct", *words, *user).out)
        files = ["--instruction", str(document)]
        for number in (1, 3):
            out = tmp_path / f"{number}.json"
            secret = str(tmp_path / f"{number}.pem")
            assert hansa("accounts", "sign", str(document), "--key", secret, "--out", str(out)).status == 0
            files += ["--signature", str(out)]
        return files

    files = signed("Retailer/till", "EUR", "300", "--to", "Producer")
    hansa.ask(*pay, "300", "--to", "Producer", *files, *user)
    words = ["Retailer/vault", "EUR", "900", "--to", "Retailer/till"]
    files = signed(*words, "--operation", "accounts:CompleteRefill")
    refill = hansa.ask("accounts", "propose-refill", "Retailer/till", *files, *user)["reply"]["refill"]["id"]

    notice = tmp_path / "stop.json"
    notice.write_text(json.dumps({"v": 1, "operation": "accounts:StopRefill", "subject": refill}))
    out = tmp_path / "2.json"
    hansa("accounts", "sign", str(notice), "--key", str(tmp_path / "2.pem"), "--out", str(out))
    stopped = hansa.ask("accounts", "stop-refill", refill, "--signature", f"@{out}", "--as", "Bank")
    assert stopped["reply"]["refill"]["status"] == "stopped"
    swept = hansa.ask("accounts", "sweep", "Retailer/till", "EUR", "500", *user)
    assert swept["reply"]["notes"][0]["amount"] == "62000"
