"""Which fields each of the five event types has and must have, and what each may hold (EPCIS 2.0, 7.4)."""

from __future__ import annotations

from typing import Any

from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.goods.epcis import vocabulary
from hansa_domain.goods.epcis.json_text import JsonObject
from hansa_domain.goods.epcis.jsonld_context import check_context
from hansa_domain.goods.epcis.sensor import check_sensor_element
from hansa_domain.goods.epcis.values import (
    Check,
    check_action,
    check_decimal,
    check_epc,
    check_fields,
    check_offset,
    check_string,
    check_time,
    check_uom,
    check_uri,
    invalid,
    list_of,
    object_of,
    shown,
    term_of,
)

EVENT_TYPES = (
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "TransformationEvent",
    "AssociationEvent",
)

_disposition = term_of(vocabulary.DISPOSITIONS, "a disposition")
_transaction = object_of(
    {
        "type": term_of(vocabulary.TRANSACTION_TYPES, "a type of business transaction"),
        "bizTransaction": check_uri,
    },
    required=("bizTransaction",),
    extensible=False,
)
_party_type = term_of(vocabulary.SOURCE_TYPES, "a type of source or destination")
_quantities = list_of(
    object_of(
        {"epcClass": check_epc, "quantity": check_decimal, "uom": check_uom},
        required=("epcClass",),
        extensible=False,
    )
)
_epcs = list_of(check_epc)
_epc_set = list_of(check_epc, unique=True)
_place = object_of({"id": check_uri}, required=("id",))


def _party(name: str) -> Check:
    checks = {"type": _party_type, name: check_uri}
    return list_of(object_of(checks, required=("type", name), extensible=False))


def _check_certification(value: Any, field: str) -> None:
    if isinstance(value, list):
        list_of(check_uri)(value, field)
    else:
        check_uri(value, field)


def _check_persistent_disposition(value: Any, field: str) -> None:
    terms = list_of(_disposition, at_least=1, unique=True)
    object_of({"set": terms, "unset": terms}, extensible=False)(value, field)
    if not value:
        raise Refusal(Code.EPCIS_FIELD_MISSING, "A persistent disposition is set or unset.", f"{field}.set")


_ANY_EVENT: dict[str, Check] = {
    "@context": check_context,
    "type": check_string,
    "eventTime": check_time,
    "recordTime": check_time,
    "eventTimeZoneOffset": check_offset,
    "eventID": check_uri,
    "certificationInfo": _check_certification,
    "errorDeclaration": object_of(
        {
            "declarationTime": check_time,
            "reason": term_of(vocabulary.ERROR_REASONS, "a reason of error"),
            "correctiveEventIDs": list_of(check_uri),
        },
        required=("declarationTime",),
    ),
    "bizStep": term_of(vocabulary.BUSINESS_STEPS, "a business step"),
    "disposition": _disposition,
    "readPoint": _place,
    "bizLocation": _place,
    "bizTransactionList": list_of(_transaction),
    "sourceList": _party("source"),
    "destinationList": _party("destination"),
    "sensorElementList": list_of(check_sensor_element),
}
_ILMD: dict[str, Check] = {"ilmd": object_of({})}
_DISPOSITION: dict[str, Check] = {"persistentDisposition": _check_persistent_disposition}
_CONTAINMENT: dict[str, Check] = {
    "action": check_action,
    "parentID": check_epc,
    "childEPCs": _epcs,
    "childQuantityList": _quantities,
}

_FIELDS: dict[str, dict[str, Check]] = {
    "ObjectEvent": _ANY_EVENT
    | _ILMD
    | _DISPOSITION
    | {"action": check_action, "epcList": _epc_set, "quantityList": _quantities},
    "AggregationEvent": _ANY_EVENT | _CONTAINMENT,
    "AssociationEvent": _ANY_EVENT | _CONTAINMENT,
    "TransactionEvent": _ANY_EVENT
    | {
        "action": check_action,
        "parentID": check_epc,
        "epcList": _epcs,
        "quantityList": _quantities,
        "bizTransactionList": list_of(_transaction, at_least=1),
    },
    "TransformationEvent": _ANY_EVENT
    | _ILMD
    | _DISPOSITION
    | {
        "inputEPCList": _epc_set,
        "inputQuantityList": _quantities,
        "outputEPCList": _epc_set,
        "outputQuantityList": _quantities,
        "transformationID": check_uri,
    },
}
_REQUIRED: dict[str, tuple[str, ...]] = {
    "ObjectEvent": ("action",),
    "AggregationEvent": ("action",),
    "AssociationEvent": ("action", "parentID"),
    "TransactionEvent": ("action", "bizTransactionList"),
    "TransformationEvent": (),
}


def check_event(value: JsonObject) -> None:
    """Checks an event, field by field, then what its fields say together.

    Raises:
        Refusal: EPCIS_TYPE_UNKNOWN, EPCIS_FIELD_MISSING, EPCIS_FIELD_INVALID, EPCIS_FIELD_NOT_ALLOWED or
            EPC_INVALID, with the field's path within the event.
    """
    kind = value.get("type")
    if kind is None:
        raise Refusal(Code.EPCIS_FIELD_MISSING, "An event says its type.", "type")
    if kind not in EVENT_TYPES:
        raise Refusal(Code.EPCIS_TYPE_UNKNOWN, f"EPCIS 2.0 has no event type {shown(kind)}.", "type")
    required = ("eventTime", "eventTimeZoneOffset", *_REQUIRED[kind])
    check_fields(value, _FIELDS[kind], required=required, extensible=True, field="")
    _check_goods(kind, value)
    if kind == "ObjectEvent" and "ilmd" in value and value["action"] != "ADD":
        raise Refusal(
            Code.EPCIS_FIELD_NOT_ALLOWED, "Master data of instance or lot goes with action ADD only.", "ilmd"
        )
    if kind == "AggregationEvent" and value["action"] != "OBSERVE" and "parentID" not in value:
        raise Refusal(Code.EPCIS_FIELD_MISSING, "To add or delete, the parent must be named.", "parentID")


def _check_goods(kind: str, value: JsonObject) -> None:
    if kind == "ObjectEvent":
        sensed = value.get("sensorElementList") and "readPoint" in value
        if "epcList" not in value and not value.get("quantityList") and not sensed:
            raise _no_goods("epcList", "An ObjectEvent names goods, or has sensor data and a read point.")
    elif kind == "TransactionEvent":
        if "epcList" not in value and not value.get("quantityList") and value["action"] != "DELETE":
            raise _no_goods("epcList", "A TransactionEvent names goods, unless its action is DELETE.")
    elif kind == "TransformationEvent":
        inputs = value.get("inputEPCList") or value.get("inputQuantityList")
        outputs = value.get("outputEPCList") or value.get("outputQuantityList")
        if "transformationID" in value and not (inputs or outputs):
            raise _no_goods("inputEPCList", "A part of a transformation names inputs or outputs.")
        if "transformationID" not in value and not (inputs and outputs):
            missing = "outputEPCList" if inputs else "inputEPCList"
            raise _no_goods(missing, "Without a transformationID, inputs and outputs are both named.")
    elif not value.get("childEPCs") and not value.get("childQuantityList") and value["action"] != "DELETE":
        raise _no_goods("childEPCs", "The children must be named, unless the action is DELETE.")


def _no_goods(field: str, says: str) -> Refusal:
    return Refusal(Code.EPCIS_FIELD_MISSING, says, field)


def check_is_object(value: Any, field: str | None) -> JsonObject:
    """``value`` as an object. Raises Refusal EPCIS_FIELD_INVALID otherwise."""
    if not isinstance(value, dict):
        raise invalid(field or "", "An event is a JSON object.")
    return value
