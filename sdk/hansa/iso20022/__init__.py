"""ISO 20022: payments and statements as banks exchange them, as bytes and as typed structs.

pain.001 (payments asked for), pain.002 (what became of them), pacs.008 (transfers carried out) and camt.053
(a statement). Nothing here touches a network: ``client.iso20022`` pays, and makes these from the ledger.
"""

from __future__ import annotations

from hansa.iso20022 import camt053, pacs008, pain001, pain002
from hansa.iso20022.envelope import Party

__all__ = ["Party", "camt053", "pacs008", "pain001", "pain002"]
