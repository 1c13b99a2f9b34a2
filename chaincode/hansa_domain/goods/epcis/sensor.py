"""Sensor elements of EPCIS 2.0 (7.3.7): readings, and what was read with which device."""

from __future__ import annotations

from hansa_domain.goods.epcis import vocabulary
from hansa_domain.goods.epcis.values import (
    Check,
    check_boolean,
    check_decimal,
    check_hex,
    check_string,
    check_time,
    check_uri,
    list_of,
    object_of,
    term_of,
    voc_term_of,
)

_DEVICE: dict[str, Check] = {
    "time": check_time,
    "deviceID": check_uri,
    "deviceMetadata": check_uri,
    "rawData": check_uri,
    "dataProcessingMethod": check_uri,
    "bizRules": check_uri,
}
_report = object_of(
    _DEVICE
    | {
        "type": voc_term_of(vocabulary.MEASUREMENT_TYPES, "a type of measurement"),
        "exception": voc_term_of(vocabulary.ALERT_TYPES, "an alert"),
        "microorganism": check_uri,
        "chemicalSubstance": check_uri,
        "coordinateReferenceSystem": check_uri,
        "value": check_decimal,
        "component": term_of(vocabulary.COMPONENTS, "a component"),
        "stringValue": check_string,
        "booleanValue": check_boolean,
        "hexBinaryValue": check_hex,
        "uriValue": check_uri,
        "minValue": check_decimal,
        "maxValue": check_decimal,
        "meanValue": check_decimal,
        "sDev": check_decimal,
        "percRank": check_decimal,
        "percValue": check_decimal,
        "uom": check_string,
    },
    required=("type",),
)
_metadata = object_of(_DEVICE | {"startTime": check_time, "endTime": check_time})

check_sensor_element: Check = object_of(
    {"sensorMetadata": _metadata, "sensorReport": list_of(_report, at_least=1)}, required=("sensorReport",)
)
