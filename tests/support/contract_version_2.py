"""The chaincode `hansa` of a later version, in which the order's record has another form.

``python -m tests.support.contract_version_2``: the contracts as they are, but for orders of the next version.
"""

from __future__ import annotations

import sys
from typing import ClassVar

from hansa_contract.__main__ import main
from hansa_domain.orders.order import Order
from hansa_domain.record_versions import Earlier, Forms

VERSION = Order.VERSION + 1


class OrderVersion2(Order, frozen=True, kw_only=True):
    """An order that says in which version it was placed: ``since``, a field that the one before has not."""

    VERSION: ClassVar[int] = VERSION
    EARLIER: ClassVar[Forms]
    v: int = VERSION
    since: int = VERSION


def forward(old: Order) -> OrderVersion2:
    """An order of the version before, as the next one has it."""
    fields = {name: getattr(old, name) for name in old.__struct_fields__ if name != "v"}
    return OrderVersion2(**fields, since=Order.VERSION)


OrderVersion2.EARLIER = {Order.VERSION: Earlier(Order, forward)}


def become_version_2() -> None:
    """From here on the rules make, read and write orders of version 2."""
    for module in list(sys.modules.values()):
        if module.__name__.startswith("hansa_"):
            for name, value in vars(module).copy().items():
                if value is Order:
                    setattr(module, name, OrderVersion2)


if __name__ == "__main__":
    become_version_2()
    sys.exit(main())
