"""Joining through the portal: applications and their bounds, review, signatures here and offline, who may."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from hansa.consortium import (
    ChangeBatch,
    ChangePolicy,
    ChannelConfiguration,
    SetAnchorPeers,
    offline,
    propose,
    sign,
    standing,
)
from hansa_fabric.bundle import Bundle
from hansa_portal import inbox
from tests.support.browser import Browser
from tests.support.config_changes import NEWCOMER, admin
from tests.support.consortium import carried_out, in_force, request
from tests.support.portal import Consortium

REQUEST = request().to_json().encode()
SIGNERS = ("Producer", "Retailer", "Carrier")


@dataclass
class Channel:
    """A channel's configurations in memory, in place of what peers and ordering nodes say."""

    configs: list[Bundle] = field(default_factory=lambda: [in_force()])
    blocks: dict[bytes, int] = field(default_factory=dict)

    def current(self, client: Any) -> Bundle:
        return self.configs[-1]

    def at(self, client: Any, sequence: int) -> Bundle:
        return self.configs[sequence]

    def block_of(self, client: Any, update: bytes) -> int | None:
        return self.blocks.get(update)

    def submit(self, client: Any, update: bytes, signatures: Sequence[bytes]) -> int:
        if update not in self.blocks:
            assert standing(self.configs[-1], update, signatures).enough
            self.carry_out(update)
        return self.blocks[update]

    def carry_out(self, update: bytes) -> None:
        config = carried_out(self.configs[-1], update)
        self.blocks[update] = 100 + len(self.configs)
        self.configs.append(config)

    def overtake(self) -> None:
        """By a change of the same group: others do not disturb."""
        other = ChangePolicy("/Channel/Application/Auditors", "ANY Readers")
        self.carry_out(propose(other, self.configs[-1]).update)


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    found = Channel()
    for name in ("current", "at", "block_of", "submit"):
        monkeypatch.setattr(ChannelConfiguration, name, staticmethod(getattr(found, name)))
    return found


@pytest.fixture
def trade(tmp_path: Path, channel: Channel) -> Consortium:
    return Consortium(tmp_path)


def apply(trade: Consortium, content: bytes = REQUEST) -> Any:
    """A stranger hands a request in at the producer's portal."""
    stranger = Browser(trade.app("Producer").test_client())
    fields = stranger.form("/join", "/join").fields
    return stranger.client.post("/join", data={**fields, "file": (BytesIO(content), "join-request.json")})


def applied(trade: Consortium) -> str:
    """The applicant's link."""
    answer = apply(trade)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def stranger(trade: Consortium, path: str, status: int = 200) -> str:
    return Browser(trade.app("Producer").test_client()).get(path, status)


def application(browser: Browser) -> str:
    """The page of the one application that waits."""
    page = browser.get("/consortium")
    return page.partition('href="/consortium/applications/')[2].partition('"')[0]


def sponsored(trade: Consortium) -> str:
    """The page of the change that an application became."""
    producer = trade.browser("Producer", "admin")
    page = f"/consortium/applications/{application(producer)}"
    answer = producer.submit(f"{page}/sponsor", {}, page=page)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def press(trade: Consortium, name: str, page: str, step: str) -> str:
    return trade.browser(name, "admin").do(f"{page}/{step}", {}, page=page)


def member_ids(trade: Consortium) -> set[str]:
    return {member.msp_id for member in trade.ledger.queries.members.present()}


def test_an_applicant_comes_in_step_by_step_and_sees_each(trade: Consortium) -> None:
    link = applied(trade)
    assert "Producer is looking at it." in stranger(trade, link)
    assert trade.ledger.queries.config_updates.list() == []
    assert "Applications to review" in trade.browser("Producer", "admin").get("/")
    page = sponsored(trade)
    assert "The members are signing." in stranger(trade, link)
    assert f'href="{page}"' in trade.browser("Retailer", "admin").get("/")
    assert f'href="{page}"' not in trade.browser("Retailer").get("/")
    for name in SIGNERS:
        assert f"You signed for {name}." in press(trade, name, page, "sign")
    said = stranger(trade, link)
    assert "3 of 3" in said
    assert said.count("has not signed") == 2
    assert NEWCOMER not in member_ids(trade)
    assert "The change is in force." in press(trade, "Bank", page, "submit")
    assert NEWCOMER in member_ids(trade)
    assert "You are in." in stranger(trade, link)
    assert f"{link}/kit" in stranger(trade, link)


def test_the_review_shows_who_asks_and_what_would_change(trade: Consortium) -> None:
    applied(trade)
    producer = trade.browser("Producer", "admin")
    said = producer.get(f"/consortium/applications/{application(producer)}")
    for words in ("Auditor", NEWCOMER, "peer0.auditor.example:7051", "SHA-256 fingerprint", "Valid until"):
        assert words in said
    assert f"{NEWCOMER} becomes one of the members." in said


def test_who_declines_says_why_and_the_applicant_reads_it(trade: Consortium) -> None:
    link = applied(trade)
    producer = trade.browser("Producer", "admin")
    page = f"/consortium/applications/{application(producer)}"
    assert producer.submit(f"{page}/decline", {"reason": ""}, page=page).status_code == 422
    producer.do(f"{page}/decline", {"reason": "We know no <b>Auditor</b>."}, page=page)
    said = stranger(trade, link)
    assert "We know no &lt;b&gt;Auditor&lt;/b&gt;." in said
    assert "has not laid it before the members" in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "JOIN_REQUEST_INVALID"),
        (b"{}", "JOIN_REQUEST_INVALID"),
        (b" " * 70_000, "at most 65536 bytes"),
        (REQUEST + b"-----BEGIN PRIVATE KEY-----", "A private key is in it"),
        (request("BankMSP", name="Bank").to_json().encode(), "ALREADY_A_MEMBER"),
    ],
)
def test_what_is_no_request_is_refused_at_the_file(trade: Consortium, content: bytes, words: str) -> None:
    answer = apply(trade, content)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'id="problem-file"' in answer.text
    assert not list(trade.folder.rglob("applications/*"))


def test_the_inbox_is_bounded_and_so_is_the_rate(
    trade: Consortium, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(inbox, "MOST_WAITING", 2)
    applied(trade)
    applied(trade)
    assert "INBOX_FULL" in apply(trade).text
    other = tmp_path / "other"
    other.mkdir()
    strict = Consortium(other, lambda settings: replace(settings, applications_per_hour=1))
    applied(strict)
    assert apply(strict).status_code == 429


def test_the_link_is_the_only_way_to_an_application(trade: Consortium, tmp_path: Path) -> None:
    link = applied(trade)
    stranger(trade, "/join/nonsense", 404)
    stranger(trade, f"{link}/kit", 404)
    (kept,) = tmp_path.rglob("applications/*.json")
    assert link.rpartition("/")[2] not in kept.read_text("utf-8")
    assert kept.stat().st_mode & 0o077 == 0 or kept.parent.stat().st_mode & 0o077 == 0


def test_only_administrators_see_applications_and_decide(trade: Consortium) -> None:
    applied(trade)
    found = application(trade.browser("Producer", "admin"))
    user = trade.browser("Producer")
    assert application(user) == ""
    user.get(f"/consortium/applications/{found}", 403)
    page = sponsored(trade)
    assert "Your administrator signs for you." in user.get(page)
    token = user.form("/", "/sign-out").fields["csrf_token"]
    steps = [f"{page}/{step}" for step in ("sign", "withdraw", "renew", "submit", "signature")]
    for path in (*steps, *(f"/consortium/applications/{found}/{verb}" for verb in ("sponsor", "decline"))):
        assert user.client.post(path, data={"csrf_token": token}).status_code == 403, path
    user.get(f"{page}/file", 403)
    user.get(f"{page}/kit", 403)
    user.get("/consortium/changes/ProducerMSP.x", 404)


def test_a_change_that_was_overtaken_is_computed_and_signed_anew(trade: Consortium, channel: Channel) -> None:
    applied(trade)
    page = sponsored(trade)
    bank = trade.browser("Bank", "admin")
    old = bank.form(page, f"{page}/sign").fields
    press(trade, "Retailer", page, "sign")
    channel.overtake()
    assert "Another change took effect first. Producer computes this one anew" in bank.get(page)
    assert f"{page}/renew" not in bank.get(page)
    assert "It was computed anew." in press(trade, "Producer", page, "renew")
    late = bank.client.post(f"{page}/sign", data=old)
    assert late.status_code == 422
    assert "CONFIG_UPDATE_REVISION" in late.text
    assert "Retailer <span" in bank.get(page)
    for name in SIGNERS:
        press(trade, name, page, "sign")
    press(trade, "Bank", page, "submit")
    assert NEWCOMER in member_ids(trade)


def test_what_is_in_force_and_not_recorded_is_recorded_by_anybody(
    trade: Consortium, channel: Channel
) -> None:
    applied(trade)
    page = sponsored(trade)
    for name in SIGNERS:
        press(trade, name, page, "sign")
    change = page.rpartition("/")[2]
    channel.carry_out(trade.sdk("Bank").config_updates.get(change).update)
    assert "the ledger does not know yet" in trade.browser("Carrier", "admin").get(page)
    assert "The change is in force." in press(trade, "Carrier", page, "submit")
    assert NEWCOMER in member_ids(trade)


def test_a_signature_made_offline_is_handed_in_by_whom_it_is(trade: Consortium) -> None:
    applied(trade)
    page = sponsored(trade)
    bank = trade.browser("Bank", "admin")
    exported = offline.from_json(bank.client.get(f"{page}/file").data, offline.ExportedChange)

    def hand_in(content: bytes) -> Any:
        fields = bank.form(page, f"{page}/signature").fields
        return bank.client.post(
            f"{page}/signature", data={**fields, "signature": (BytesIO(content), "s.json")}
        )

    def made(name: str, digest: str = exported.digest) -> bytes:
        return offline.to_json(
            offline.MadeSignature(
                config_update=exported.config_update,
                revision=1,
                digest=digest,
                msp_id=name,
                signature=sign(exported.update, admin(name)),
            )
        )

    for content, code in (
        (b"nonsense", "FILE_INVALID"),
        (made("CarrierMSP"), "SIGNATURE_OF_ANOTHER"),
        (made("BankMSP", "0" * 64), "CONFIG_UPDATE_REVISION"),
    ):
        refused = hand_in(content)
        assert refused.status_code == 422
        assert code in refused.text
        assert 'id="problem-signature"' in refused.text
    assert hand_in(made("BankMSP")).status_code == 303
    (row,) = trade.ledger.queries.config_updates.signatures(exported.config_update)
    assert row.msp_id == "BankMSP"


def test_a_signature_that_does_not_verify_is_not_counted_and_can_be_replaced(trade: Consortium) -> None:
    applied(trade)
    page = sponsored(trade)
    change = page.rpartition("/")[2]
    update = trade.sdk("Bank").config_updates.get(change).update
    trade.sdk("Bank", "admin").config_updates.sign(change, update, b"nonsense")
    for name in ("Producer", "Retailer"):
        press(trade, name, page, "sign")
    said = trade.browser("Bank", "admin").get(page)
    assert "The signature does not count" in said
    assert "2, 3 needed" in said
    assert "Put it in force" not in said
    assert "Put it in force" in press(trade, "Bank", page, "sign")


def test_an_organisation_decides_alone_about_its_anchor_peers(trade: Consortium, channel: Channel) -> None:
    update = propose(SetAnchorPeers("BankMSP", ("bank.example:7051",)), channel.configs[-1]).update
    receipt = trade.sdk("Retailer", "admin").config_updates.propose(
        "anchor-peers", "The bank moved.", base_sequence=0, update=update, organization="BankMSP"
    )
    page = f"/consortium/changes/{receipt.reply.config_update.id}"
    said = press(trade, "Producer", page, "sign")
    assert "Bank <span" in said
    assert "Put it in force" not in said
    assert "Put it in force" in press(trade, "Bank", page, "sign")
    assert "The change is in force." in press(trade, "Bank", page, "submit")


def test_a_change_of_ordering_waits_for_all_members(trade: Consortium, channel: Channel) -> None:
    update = propose(ChangeBatch(max_message_count=9), channel.configs[-1]).update
    receipt = trade.sdk("Bank", "admin").config_updates.propose(
        "batch", "Smaller blocks.", base_sequence=0, update=update
    )
    page = f"/consortium/changes/{receipt.reply.config_update.id}"
    said = trade.browser("Bank").get(page)
    assert said.count("has not signed") == 5
    assert "size of blocks" in said


def test_the_proposer_withdraws_and_everybody_sees_it(trade: Consortium) -> None:
    link = applied(trade)
    page = sponsored(trade)
    assert f"{page}/withdraw" not in trade.browser("Bank", "admin").get(page)
    assert "The change is withdrawn." in press(trade, "Producer", page, "withdraw")
    assert "It was withdrawn." in stranger(trade, link)
    assert "Past changes" in trade.browser("Bank").get("/consortium")


def test_an_application_twice_sponsored_is_one_change(trade: Consortium) -> None:
    applied(trade)
    producer = trade.browser("Producer", "admin")
    page = f"/consortium/applications/{application(producer)}"
    fields = producer.form(page, f"{page}/sponsor").fields
    first = producer.client.post(f"{page}/sponsor", data=fields)
    second = producer.client.post(f"{page}/sponsor", data=fields)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(trade.ledger.queries.config_updates.list()) == 1


def test_a_request_file_is_kept_as_it_was_sent(trade: Consortium, tmp_path: Path) -> None:
    applied(trade)
    (kept,) = tmp_path.rglob("applications/*.json")
    assert json.loads(json.loads(kept.read_text("utf-8"))["request"]) == json.loads(REQUEST)
