"""An EPCIS event, read: what Hansa needs of it, typed; the rest stays in its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis.event_hash import error_digest, event_hash
from hansa_domain.goods.epcis.json_text import JsonObject, parse_json
from hansa_domain.goods.epcis.jsonld_context import check_context, expand, prefixes
from hansa_domain.goods.epcis.rules import check_event, check_is_object
from hansa_domain.goods.epcis.values import milliseconds
from hansa_domain.goods.epcis.vocabulary import bare_term
from hansa_domain.gs1 import normal_form
from hansa_domain.times import rfc3339

MAX_EVENT_LENGTH = 400_000
_LOT_NUMBER = "urn:epcglobal:cbv:mda:lotNumber"


@dataclass(frozen=True)
class QuantityElement:
    """So much of a class of goods; ``epc_class`` in normal form, ``uom`` None for pieces."""

    epc_class: str
    quantity: Decimal | None
    uom: str | None


@dataclass(frozen=True)
class PersistentDisposition:
    """What goods are declared to be until further notice, and what no longer; terms bare where CBV's."""

    set: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()


@dataclass(frozen=True)
class EpcisEvent:
    """An event that conforms to EPCIS 2.0. EPCs, classes and parents are in normal form, in order, each once.

    ``time`` is when it happened (UTC, milliseconds). ``epcs`` are those of an object or transaction event,
    ``children`` and ``parent`` those of a containment, ``inputs`` and ``outputs`` those of a transformation;
    each with its classes in quantities. ``hash`` is CBV's; ``event_id`` is the event's own, else its hash.
    ``lot_number`` is what the master data of its instances (ilmd) says in CBV's words.
    ``persistent`` is its persistent disposition, ``corrective_event_ids`` those of an error declaration.
    ``error_digest`` tells an error declaration from the event it concerns, None where it declares no error.
    """

    kind: str
    event_id: str
    hash: str
    time: str
    action: str | None
    biz_step: str | None
    disposition: str | None
    read_point: str | None
    parent: str | None
    epcs: tuple[str, ...]
    children: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    quantities: Mapping[str, tuple[QuantityElement, ...]]
    transformation_id: str | None
    lot_number: str | None
    error_digest: str | None
    persistent: PersistentDisposition
    corrective_event_ids: tuple[str, ...]
    fields: JsonObject

    def classes(self, name: str) -> tuple[str, ...]:
        """The classes of goods in one of the event's quantity lists (``quantityList``, ...), each once."""
        return _once(element.epc_class for element in self.quantities.get(name, ()))

    @property
    def named(self) -> tuple[str, ...]:
        """Everything the event names: EPCs, classes, parent, children, inputs, outputs; sorted, each once."""
        found = {*self.epcs, *self.children, *self.inputs, *self.outputs}
        found.update(element.epc_class for elements in self.quantities.values() for element in elements)
        if self.parent is not None:
            found.add(self.parent)
        if self.transformation_id is not None:
            found.add(self.transformation_id)
        return tuple(sorted(found))


_QUANTITY_LISTS = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")


def read_event(text: str, context: str = "") -> EpcisEvent:
    """Reads one event from its JSON text.

    Args:
        text: the event as received.
        context: the ``@context`` of its document as JSON text; empty where the event carries its own.

    Raises:
        Refusal: EVENT_TOO_LARGE, MALFORMED_DOCUMENT, or what ``rules.check_event`` says, with the field.
    """
    if len(text) + len(context) > MAX_EVENT_LENGTH:
        raise Refusal(Code.EVENT_TOO_LARGE, f"An event has at most {MAX_EVENT_LENGTH} characters.")
    value = check_is_object(parse_json(text), None)
    contexts: list[Any] = []
    if context:
        contexts.append(parse_json(context, "@context"))
        check_context(contexts[0])
    elif "@context" not in value:
        raise Refusal(
            Code.EPCIS_FIELD_MISSING, "An event that stands alone carries its @context.", "@context"
        )
    check_event(value)
    if "@context" in value:
        contexts.append(value["@context"])
    declared = prefixes(*contexts)
    digest = event_hash(value, declared)
    return EpcisEvent(
        kind=value["type"],
        event_id=value.get("eventID", digest),
        hash=digest,
        time=rfc3339(milliseconds(value["eventTime"], "eventTime")),
        action=value.get("action"),
        biz_step=_term(value.get("bizStep"), "BizStep-"),
        disposition=_term(value.get("disposition"), "Disp-"),
        read_point=normal_form(value["readPoint"]["id"]) if "readPoint" in value else None,
        parent=normal_form(value["parentID"]) if "parentID" in value else None,
        epcs=_epcs(value.get("epcList")),
        children=_epcs(value.get("childEPCs")),
        inputs=_epcs(value.get("inputEPCList")),
        outputs=_epcs(value.get("outputEPCList")),
        quantities={name: _quantities(value[name]) for name in _QUANTITY_LISTS if name in value},
        transformation_id=value.get("transformationID"),
        lot_number=_lot_number(value.get("ilmd", {}), declared),
        error_digest=error_digest(value),
        persistent=_persistent(value.get("persistentDisposition", {})),
        corrective_event_ids=_once(value.get("errorDeclaration", {}).get("correctiveEventIDs", ())),
        fields=value,
    )


def _term(value: str | None, prefix: str) -> str | None:
    return None if value is None else bare_term(value, prefix)


def _persistent(value: JsonObject) -> PersistentDisposition:
    found = {
        part: _once(bare_term(term, "Disp-") for term in value.get(part, ())) for part in ("set", "unset")
    }
    return PersistentDisposition(found["set"], found["unset"])


def _lot_number(ilmd: JsonObject, declared: Mapping[str, str]) -> str | None:
    found = [ilmd[name] for name in sorted(ilmd) if expand(name, declared) == _LOT_NUMBER]
    return found[0] if found and isinstance(found[0], str) and 0 < len(found[0]) <= 20 else None


def _epcs(value: list[str] | None) -> tuple[str, ...]:
    return _once(normal_form(epc) for epc in value or ())


def _quantities(value: list[JsonObject]) -> tuple[QuantityElement, ...]:
    return tuple(
        QuantityElement(
            normal_form(element["epcClass"]),
            Decimal(element["quantity"]) if "quantity" in element else None,
            element.get("uom"),
        )
        for element in value
    )


def _once(texts: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
