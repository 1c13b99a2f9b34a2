"""Members of the consortium."""

from __future__ import annotations

from collections.abc import Sequence

from hansa.ids import new_id
from hansa.submission import Receipt, Submitter
from hansa_domain.members import Fee, InitMembers, ListMembers, MemberEntry, MembersReply


class Members:
    """``client.members``."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def init(
        self, members: Sequence[MemberEntry], fee: Fee, arbitrator: str | None = None
    ) -> Receipt[MembersReply]:
        """Begins the consortium; an administrator of a listed member does so once.

        Args:
            members: who belongs to it.
            fee: its part of every settled order.
            arbitrator: MSP id; None takes the first bank.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        command = InitMembers(id=new_id(), members=list(members), fee=fee, arbitrator=arbitrator)
        return self._submitter.submit("members:Init", command, MembersReply)

    def list(self) -> MembersReply:
        """All members and the consortium's terms."""
        return self._submitter.evaluate("members:List", ListMembers(), MembersReply)
