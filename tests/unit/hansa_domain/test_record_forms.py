"""Records of earlier versions, read as the present one."""

from __future__ import annotations

from typing import ClassVar

import msgspec
import pytest

from hansa_domain.errors import Refusal
from hansa_domain.operation import Record, Records, canonical, decode_record
from hansa_domain.record_versions import Earlier, Forms


class ParcelV1(msgspec.Struct, frozen=True, kw_only=True):
    """At first the weight was in kilograms."""

    v: int
    id: str
    weight: int


class ParcelV3(msgspec.Struct, frozen=True, kw_only=True):
    """Then in grams; version 2 was the same but for a field with a default."""

    v: int
    id: str
    grams: int
    fragile: bool = False


def parcel_v3(old: ParcelV1) -> ParcelV3:
    return ParcelV3(v=3, id=old.id, grams=old.weight * 1000)


class Parcel(Record, frozen=True, kw_only=True):
    """Version 4 splits the id."""

    NOUN: ClassVar[str] = "parcel"
    VERSION: ClassVar[int] = 4
    EARLIER: ClassVar[Forms]
    v: int = 4
    owner: str
    number: str
    grams: int
    fragile: bool


def parcel_v4(old: ParcelV3) -> Parcel:
    owner, _, number = old.id.partition(".")
    return Parcel(owner=owner, number=number, grams=old.grams, fragile=old.fragile)


Parcel.EARLIER = {1: Earlier(ParcelV1, parcel_v3), 3: Earlier(ParcelV3, parcel_v4)}

PRESENT = Parcel(owner="A", number="7", grams=2000, fragile=False)
WRITTEN = {
    1: {"v": 1, "id": "A.7", "weight": 2},
    2: {"v": 2, "id": "A.7", "grams": 2000},
    3: {"v": 3, "id": "A.7", "grams": 2000, "fragile": False},
    4: {"v": 4, "owner": "A", "number": "7", "grams": 2000, "fragile": False},
}


@pytest.mark.parametrize("version", sorted(WRITTEN))
def test_every_version_reads_as_the_present_one(version: int) -> None:
    raw = canonical(WRITTEN[version])
    assert decode_record(raw, Parcel) == PRESENT
    assert Records({("parcel", "A", "7"): raw}).find(Parcel, "A", "7") == PRESENT


@pytest.mark.parametrize("version", sorted(WRITTEN))
def test_what_is_touched_is_written_as_the_present_version(version: int) -> None:
    found = decode_record(canonical(WRITTEN[version]), Parcel)
    written = canonical(msgspec.structs.replace(found, fragile=True))
    assert msgspec.json.decode(written) == {**WRITTEN[4], "fragile": True}


def test_a_later_version_is_refused() -> None:
    with pytest.raises(Refusal):
        decode_record(canonical({**WRITTEN[4], "v": 5}), Parcel)


def test_an_old_form_that_lacks_a_field_is_no_record() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode_record(canonical({"v": 1, "id": "A.7"}), Parcel)
