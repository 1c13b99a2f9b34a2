"""Guards: records whose changes need their owner's peer, brought up to date after members joined or left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from hansa.ids import new_id
from hansa.submission import Submitter
from hansa_domain.guard_renewal import (
    Guarded,
    GuardedReply,
    GuardsRenewedReply,
    ListGuarded,
    RenewGuards,
)

_PLURAL: dict[Guarded, str] = {"facility": "facilities"}


class Guards:
    """``client.guards``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def renew_all(self) -> int:
        """Gives every guarded record, such as notes and escrow, the policy that follows from today's members.

        Safe to repeat, and to run while others trade: who meets a record in the same block tries again.

        Returns:
            How many records were written.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        return sum(self._renew(kind, ids) for kind in get_args(Guarded) for ids in self._pages(kind))

    def _pages(self, kind: Guarded) -> Iterator[list[str]]:
        bookmark = ""
        while True:
            page = self._submitter.evaluate(
                "guards:List", ListGuarded(kind=kind, bookmark=bookmark), GuardedReply
            )
            if page.ids:
                yield page.ids
            if not page.bookmark:
                return
            bookmark = page.bookmark

    def _renew(self, kind: Guarded, ids: list[str]) -> int:
        command = RenewGuards(id=new_id(), **{_PLURAL.get(kind, f"{kind}s"): ids})
        return self._submitter.submit("guards:Renew", command, GuardsRenewedReply).reply.renewed
