"""Places: sites by GLN."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.domain import World, consortium

GLN = "9521321000018"
AT = "2027-01-15T08:00:00.000Z"
SITE: dict[str, Any] = {"name": "Maasvlakte 2", "country": "NL", "kind": "port"}
WHERE = {"latitude": 51_949_600, "longitude": 4_145_300}


def registered() -> World:
    world = consortium()
    world.do("CarrierMSP", "places:Register", gln=GLN, **SITE, **WHERE)
    return world


def test_a_member_registers_a_site() -> None:
    world = consortium()
    result = world.do("CarrierMSP", "places:Register", gln=GLN, **SITE, **WHERE)
    place = {
        "v": 1,
        "gln": GLN,
        "owner": "CarrierMSP",
        "status": "open",
        "version": 1,
        **SITE,
        **WHERE,
        "registered_at": AT,
        "revised_at": None,
        "closed_at": None,
    }
    assert result.writes == {("place", GLN): place}
    assert result.events == [
        {
            "type": "place.registered",
            "v": 1,
            "gln": GLN,
            "owner": "CarrierMSP",
            "place": {**SITE, **WHERE},
            "at": AT,
        }
    ]
    assert result.reply == {"place": place} == world.ask("BankMSP", "places:Get", gln=GLN)


def test_what_was_said_before_a_revision_stays_readable() -> None:
    world = registered()
    before = world.record("place", GLN)
    world.pass_time(60)
    result = world.do("CarrierMSP", "places:Revise", gln=GLN, version=1, name="Terminal", country="BE")
    after = {
        **before,
        "version": 2,
        "name": "Terminal",
        "country": "BE",
        "kind": "warehouse",
        "latitude": None,
        "longitude": None,
        "revised_at": "2027-01-15T08:01:00.000Z",
    }
    assert result.writes == {
        ("superseded", "place", GLN, "0001"): {"v": 1, "document": before},
        ("place", GLN): after,
    }
    assert result.event_types == ["place.revised"]
    assert world.ask("BankMSP", "places:Versions", gln=GLN) == {"versions": [before, after]}


def test_a_closed_place_stays_closed() -> None:
    world = registered()
    result = world.do("CarrierMSP", "places:Close", gln=GLN)
    assert (result.reply["place"]["status"], result.reply["place"]["closed_at"]) == ("closed", AT)
    assert result.event_types == ["place.closed"]
    for name in ("Close", "Revise"):
        more = {} if name == "Close" else {"version": 1, **SITE}
        assert world.refused("CarrierMSP", f"places:{name}", gln=GLN, **more) == ("PLACE_CLOSED", "gln")
    again = world.refused("CarrierMSP", "places:Register", gln=GLN, **SITE)
    assert again == ("PLACE_ALREADY_REGISTERED", "gln")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"gln": "9521321000019"}, "GLN_INVALID", "gln"),
        ({"gln": "95213210000"}, "GLN_INVALID", "gln"),
        ({"country": "XX"}, "COUNTRY_UNKNOWN", "country"),
        ({"kind": "ship"}, "FIELD_INVALID", "kind"),
        ({"latitude": 51_949_600}, "FIELD_INVALID", "longitude"),
        ({"longitude": 1}, "FIELD_INVALID", "latitude"),
        ({**WHERE, "latitude": 90_000_001}, "FIELD_INVALID", "latitude"),
        ({**WHERE, "longitude": 4.1}, "FIELD_INVALID", "longitude"),
        ({"phone": "+31"}, "FIELD_INVALID", "phone"),
    ],
)
def test_what_cannot_be_registered(changes: dict[str, Any], code: str, field: str) -> None:
    world = consortium()
    assert world.refused("CarrierMSP", "places:Register", **{"gln": GLN, **SITE, **changes}) == (code, field)


def test_who_may_revise_what() -> None:
    world = registered()
    revision = {"gln": GLN, "version": 1, **SITE}
    assert world.refused("BankMSP", "places:Revise", **revision) == ("NOT_PERMITTED", None)
    assert world.refused("BankMSP", "places:Close", gln=GLN) == ("NOT_PERMITTED", None)
    assert world.refused("CarrierMSP", "places:Revise", **{**revision, "version": 2}) == (
        "PLACE_VERSION",
        "version",
    )
    other = {**revision, "gln": "4012345000016"}
    for name in ("Get", "Versions"):
        asked = world.refusal("BankMSP", f"places:{name}", {"gln": other["gln"]})
        assert asked == ("PLACE_NOT_FOUND", "gln")
    assert world.refused("CarrierMSP", "places:Revise", **other) == ("PLACE_NOT_FOUND", "gln")


def test_places_are_listed_by_owner() -> None:
    world = registered()
    assert [place["gln"] for place in world.ask("BankMSP", "places:List")["places"]] == [GLN]
    assert world.ask("BankMSP", "places:List", owner="BankMSP")["places"] == []
