"""What goods are until further notice (EPCIS persistent dispositions), and what that forbids."""

from __future__ import annotations

from msgspec.structs import replace

from hansa_domain.goods.epcis import EpcisEvent
from hansa_domain.goods.standing import Known

MAX_DISPOSITIONS = 16


def dispose(event: EpcisEvent, party: str, known: Known) -> None:
    """Sets and unsets what an accepted event says of the goods it names, and of what is packed in them.

    Whoever has standing may set. Unset counts by who set it, by the goods' owner and by their product's: a
    carrier does not make goods whole that the owner called damaged.
    """
    persistent = event.persistent
    if not persistent.set and not persistent.unset:
        return
    for epc in known.with_contents((*event.epcs, *event.outputs)):
        unit = known.units[epc]
        held = dict(unit.dispositions)
        for term in persistent.unset:
            if party in (held.get(term), unit.owner, known.owner_of_kind(epc)):
                held.pop(term, None)
        for term in persistent.set:
            if len(held) < MAX_DISPOSITIONS:
                held.setdefault(term, party)
        if held != unit.dispositions:
            known.units[epc] = replace(unit, dispositions={term: held[term] for term in sorted(held)})
