"""A user whose key lives in a token: made there, certified by the member's authority, and trading."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.network import Trade
from tests.support.soft_token import LABEL, PIN, soft_token

pytestmark = [pytest.mark.slow]


MINTS = """
import sys
from pathlib import Path
from hansa import ConnectionProfileError, connect
root, user, pin = sys.argv[1:]
with connect("Bank", user, data=Path(root), passphrase=pin) as client:
    client.money.mint("EUR", 50, "CarrierMSP")
try:
    connect("Bank", user, data=Path(root), passphrase="0000-0000")
except ConnectionProfileError as error:
    print(error.code)
"""


def test_a_key_made_in_a_token_trades(trade: Trade, tmp_path: Path) -> None:
    token = soft_token(tmp_path / "token")
    root = trade.network.folder.root
    hansa = CommandLine(root, environment={**token.environment, "HANSA_PKCS11_PIN": PIN})
    user = "vault-treasurer"
    enrolled = hansa("hsm", "enroll", "Bank", user, "--token", LABEL)
    assert (enrolled.status, enrolled.err) == (0, "")
    place = root / "organizations" / "bank.example" / "wallet" / user
    assert [path.name for path in place.iterdir()] == [f"{user}.hsm"]
    before = trade.balance("CarrierMSP")
    minted = hansa.ask("money", "mint", "EUR", "2.50", "--to", "Carrier", "--as", f"Bank/{user}")
    assert minted["validation_code"] == "VALID"
    assert trade.balance("CarrierMSP") == before + 250
    # From Python too, with the PIN as the password; in a process of its own, since the token's library reads
    # where tokens are once in its life.
    program = [sys.executable, "-c", MINTS, str(root), user, PIN]
    ran = subprocess.run(
        program, env={**os.environ, **token.environment}, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout.split()) == (0, ["SIGN_IN_FAILED"]), ran.stderr
    assert trade.balance("CarrierMSP") == before + 300
    again = hansa("hsm", "enroll", "Bank", user, "--token", LABEL)
    assert again.err.startswith("USER_EXISTS: ")
    wrong = hansa("hsm", "enroll", "Bank", "somebody", "--token", "no such token")
    assert wrong.err.startswith("TOKEN_FAILED: ")


def test_status_tells_when_its_certificate_ends(trade: Trade, tmp_path: Path) -> None:
    token = soft_token(tmp_path / "token")
    hansa = CommandLine(trade.network.folder.root, environment={**token.environment, "HANSA_PKCS11_PIN": PIN})
    assert hansa("hsm", "enroll", "Carrier", "vault-driver", "--token", LABEL).status == 0
    shown = hansa.ask("status")["organizations"]["CarrierMSP"]["certificates"]
    assert "user vault-driver (token)" in {term["use"] for term in shown}
