"""One spelling for everything that can be identified: what index keys and comparisons use."""

from __future__ import annotations

from hansa_domain.gs1.digital_link import parse_digital_link
from hansa_domain.gs1.epc_urn import parse_epc_urn
from hansa_domain.gs1.key import Gs1Key


def parse(uri: str) -> Gs1Key | None:
    """The GS1 key that an EPC URN or a Digital Link names, or None for any other URI."""
    return parse_epc_urn(uri) if uri.startswith("urn:") else parse_digital_link(uri)


def normal_form(uri: str) -> str:
    """The canonical Digital Link at id.gs1.org of an EPC URN or a Digital Link; any other URI as given."""
    key = parse(uri)
    return uri if key is None else key.uri
