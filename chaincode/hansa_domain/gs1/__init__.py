"""GS1 identification keys: check digits, and one normal form for EPC URNs and Digital Links.

Standards: GS1 General Specifications (keys, check digits), GS1 Tag Data Standard (EPC URNs),
GS1 Digital Link URI Syntax 1.2 (canonical Digital Links, which CBV 2.0 uses in event hashes).
"""

from hansa_domain.gs1.check_digit import check_digit, gln13, gtin14, has_valid_check_digit, sscc18
from hansa_domain.gs1.digital_link import parse_digital_link
from hansa_domain.gs1.epc_urn import parse_epc_urn
from hansa_domain.gs1.key import Gs1Key
from hansa_domain.gs1.normal_form import normal_form, parse

__all__ = [
    "Gs1Key",
    "check_digit",
    "gln13",
    "gtin14",
    "has_valid_check_digit",
    "normal_form",
    "parse",
    "parse_digital_link",
    "parse_epc_urn",
    "sscc18",
]
