"""What holds after every transaction of the whole domain, judged from its writes and the ledger before."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from hansa_domain.execution import Outcome
from hansa_domain.operation import Key, Record, canonical
from interface_reference.snapshot import event_kinds
from tests.support.whole_domain.rights import TAKES_ANOTHERS
from tests.support.whole_domain.view import View

OPEN = ("placed", "accepted", "shipped", "delivered")
KINDS = event_kinds()


class Checks:
    """The invariants; it remembers what must happen only once."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.issued: Counter[str] = Counter()
        self.notes_ever: set[str] = set()
        self.ended: set[str] = set()
        self.negotiated: Counter[str] = Counter()

    def transaction(self, name: str, fields: Mapping[str, Any], caller: str, outcome: Outcome) -> None:
        """Judges one transaction before the view takes it over.

        Args:
            name: the operation.
            fields: of its command.
            caller: MSP id.
            outcome: what it wrote and told.
        """
        after = {
            key: None if raw is None else self.view.decode(key, raw) for key, raw in outcome.writes.items()
        }
        before = {key: self.view.nouns[key[0]].get(key) for key in after}
        events = [] if outcome.event is None else json.loads(outcome.event)["events"]
        self._is_written_as_read(after, outcome)
        self._is_guarded(after, outcome)
        for event in events:
            msgspec.convert(event, KINDS[event["type"]], strict=True)
        self._conserves(name, fields, before, after)
        self._notes(name, caller, before, after, events)
        self._escrows(after)
        if name in ("offers:Accept", "tenders:Award"):
            self._is_as_agreed(after)
        self._custody(name, before, after, events)
        self._lots(name, caller, before, after)

    @staticmethod
    def _is_written_as_read(after: Mapping[Key, Record | None], outcome: Outcome) -> None:
        for key, record in after.items():
            assert record is None or canonical(record) == outcome.writes[key], key

    @staticmethod
    def _is_guarded(after: Mapping[Key, Record | None], outcome: Outcome) -> None:
        """Whoever has a say of his own in a record gets it with every write."""
        for key, record in after.items():
            if record is not None and record.guardian is not None:
                guard = outcome.guards[key]
                assert guard.owner in (record.guardian, None)
                assert guard.owner is not None or record.guardian not in guard.members

    def _conserves(
        self,
        name: str,
        fields: Mapping[str, Any],
        before: Mapping[Key, Record | None],
        after: Mapping[Key, Record | None],
    ) -> None:
        """Money is neither made nor lost but by the two operations that say so."""
        change: Counter[str] = Counter()
        for sign, records in ((-1, before), (1, after)):
            for record in records.values():
                if record is not None and record.holding is not None:
                    currency, amount = record.holding
                    assert amount >= 0, record
                    change[currency] += sign * amount
        wanted: Counter[str] = Counter()
        if name == "money:Mint":
            wanted[fields["currency"]] = int(fields["amount"])
        if name == "money:Burn":
            for note in fields["notes"]:
                wanted[before["note", note].currency] -= int(before["note", note].amount)  # type: ignore[union-attr]
        assert {key: value for key, value in change.items() if value} == dict(wanted), name
        self.issued.update(wanted)

    def _notes(
        self,
        name: str,
        caller: str,
        before: Mapping[Key, Any],
        after: Mapping[Key, Any],
        events: list[dict[str, Any]],
    ) -> None:
        """Each note is positive, new, indexed and told; nobody spends another's."""
        spent = {key[1]: before[key] for key, value in after.items() if key[0] == "note" and value is None}
        made = {
            key[1]: value
            for key, value in after.items()
            # Written as it was: its guard is renewed.
            if key[0] == "note" and value is not None and value != before[key]
        }
        assert not set(made) & self.notes_ever, "a note's id was used twice"
        assert not any(before["note", note] for note in made), "a note was rewritten"
        self.notes_ever |= set(made)
        index: dict[Key, tuple[str, str] | None] = {
            ("owned", note.owner, note.currency, note.id): None for note in spent.values()
        } | {("owned", note.owner, note.currency, note.id): (note.id, note.amount) for note in made.values()}
        written = {key: value and (value.note, value.amount) for key, value in after.items()
                   if key[0] == "owned"}  # fmt: skip
        assert written == index
        assert all(int(note.amount) > 0 for note in made.values())
        told = [event for event in events if event["type"] == "money.moved"]
        assert sorted(each["id"] for event in told for each in event["consumed"]) == sorted(spent)
        assert sorted(each["id"] for event in told for each in event["created"]) == sorted(made)
        if name not in TAKES_ANOTHERS:
            assert {note.owner.partition("/")[0] for note in spent.values()} <= {caller}, name

    def _escrows(self, after: Mapping[Key, Any]) -> None:
        """What an order has not paid out is in its escrow until it ends, and it ends once."""
        touched = {key[1] for key in after if key[0] in ("order", "escrow")}
        for name in touched:
            order = after.get(("order", name)) or self.view.get("order", name)
            key = ("escrow", name)
            escrow = after[key] if key in after else self.view.get(*key)
            going = order.status in OPEN
            left = int(order.amount) - int(order.released)
            assert (0 if escrow is None else int(escrow.amount)) == (left if going else 0), name
            assert going or left == 0
            assert sum(int(each) for each in (order.proceeds, order.freight, order.fee)) == int(order.amount)
            assert not (name in self.ended and going), "an order that ended went on"
            if not going:
                assert name not in self.ended or escrow is None
                self.ended.add(name)

    def _is_as_agreed(self, after: Mapping[Key, Any]) -> None:
        """An order from an offer is what the version says that both sides saw, whatever else was said."""
        (order,) = (record for key, record in after.items() if key[0] == "order")
        offer = self.view.get("offer", order.offer)
        version = self.view.get("offer-version", offer.id, f"{offer.version:03d}")
        names = ("amount", "freight", "currency", "carrier", "terms", "settlement", "deliveries", "warranty")
        assert all(getattr(order, name) == getattr(version, name) for name in names), order
        assert version.arbitrator in (None, order.arbitrator)
        assert version.second_arbitrator == order.second_arbitrator
        plan = after.get(("milestones", order.id))
        assert (None if plan is None else [each.view for each in plan.milestones]) == version.view.milestones
        self.negotiated[order.settlement] += 1

    def _custody(
        self,
        name: str,
        before: Mapping[Key, Any],
        after: Mapping[Key, Any],
        events: list[dict[str, Any]],
    ) -> None:
        """Goods have one holder, who is told of; packing is sound; nothing recalled is shipped or sold."""
        units = {key: value for key, value in after.items() if key[0] == "unit"}
        assert all(value is not None for value in units.values()), "what was never ends is forgotten"
        told = {
            change["epc"]: (change["giver"], change["holder"])
            for event in events
            if event["type"] == "custody.moved"
            for change in event["changes"]
        }
        changed = {
            unit.epc: (before[key].custodian if before[key] else None, unit.custodian)
            for key, unit in units.items()
            if before[key] is None or before[key].custodian != unit.custodian
        }
        assert told == changed, name
        for key, unit in units.items():
            assert self.view.get("member", unit.custodian) is not None
            self._is_packed(key, unit, units)
            shipped = unit.order is not None and (before[key] is None or before[key].order is None)
            sold = (
                before[key] is not None and before[key].owner != unit.owner and name.startswith("handovers:")
            )
            if shipped or sold:
                assert self._open_recalls(unit, after) == set(), f"{unit.epc} is recalled"

    def _is_packed(self, key: Key, unit: Any, units: Mapping[Key, Any]) -> None:
        def found(epc: str) -> Any:
            other = (key[0], *(epc.replace(unit.epc, key[1]) if epc == unit.epc else epc,))
            return units.get(other) or self.view.get(*other)

        assert unit.contents == sorted(set(unit.contents))
        for child in unit.contents:
            assert found(child).parent == unit.epc
        if unit.parent is not None:
            assert unit.epc in found(unit.parent).contents
            assert unit.ended is None

    def _open_recalls(self, unit: Any, after: Mapping[Key, Any]) -> set[str]:
        """Recalls in force that name the unit itself, its lot or its product."""
        subjects = {unit.epc, unit.lot}
        return {
            name
            for mark in self.view.all("recall-mark")
            if mark.subject in subjects
            for name in mark.recalls
            if self.view.get("recall", name).status == "open"
        }

    def _lots(self, name: str, caller: str, before: Mapping[Key, Any], after: Mapping[Key, Any]) -> None:
        """Nobody has less than nothing of a lot, or by another's word; no more is made than used."""
        for key, held in after.items():
            if key[0] == "lot-holding":
                assert Decimal(held.quantity) >= 0
                assert held.member == caller or name != "goods:Capture"
            if key[0] == "transformation":
                more = max((each.basis_points for each in self.view.all("product-tolerance")), default=0)
                for dimension in held.outputs.keys() & held.inputs.keys():
                    allowed = Decimal(held.inputs[dimension]) * (10_000 + more) / 10_000
                    assert Decimal(held.outputs[dimension]) <= allowed

    def whole_ledger(self, state: Mapping[Key, bytes]) -> None:
        """The same sums taken over everything, so that nothing hid between transactions."""
        held: Counter[str] = Counter()
        notes, index = {}, {}
        for key, raw in state.items():
            record = self.view.decode(key, raw)
            if record.holding is not None:
                held[record.holding[0]] += record.holding[1]
            if key[0] == "note":
                notes[key[1]] = record.amount  # type: ignore[attr-defined]
            if key[0] == "owned":
                index[key[3]] = record.amount  # type: ignore[attr-defined]
        assert +held == +self.issued
        assert notes == index
