"""Who looks at a page, on whose behalf, and what he may do there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from hansa.client import Client
from hansa_portal.inbox import Inbox
from hansa_portal.office import Office
from hansa_portal.sessions import Sessions
from hansa_portal.words import _
from hansa_readmodel.queries import ConsortiumRow, MemberRow, OrderRow, Queries

P = ParamSpec("P")
R = TypeVar("R")

SESSION_KEY = "id"


@dataclass(frozen=True)
class Portal:
    """What every page of one member's portal works with."""

    office: Office
    queries: Queries
    sessions: Sessions
    catch_up_seconds: float
    now: Callable[[], str]
    inbox: Inbox


@dataclass(frozen=True)
class Viewer:
    """A signed-in user of the member."""

    user: str
    client: Client
    member: MemberRow
    consortium: ConsortiumRow | None

    @property
    def msp_id(self) -> str:
        """The member's MSP id."""
        return self.member.msp_id

    @property
    def role(self) -> str:
        """The member's role."""
        return self.member.role

    @property
    def administrator(self) -> bool:
        """Whether he decides about the consortium, for the member."""
        return portal().office.administrator(self.client)

    @property
    def sells(self) -> bool:
        """Whether he registers products and offers goods."""
        return self.role in {"producer", "retailer"}

    @property
    def buys(self) -> bool:
        """Whether he places orders."""
        return self.role != "regulator"

    @property
    def reports(self) -> bool:
        """Whether he reports what happens to goods."""
        return self.role in {"producer", "retailer", "carrier"}

    def sees(self, order: OrderRow) -> bool:
        """Whether an order concerns him: its parties, its arbitrator, and every regulator."""
        return self.role == "regulator" or self.msp_id in (*order.parties, order.arbitrator)


def portal() -> Portal:
    """The portal whose page is asked for."""
    return cast(Portal, current_app.extensions["hansa"])


def viewer() -> Viewer:
    """Who asks; only within a page for signed-in users."""
    return cast(Viewer, g.viewer)


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Sends everybody else to the sign-in page."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        found = portal().sessions.find(str(session.get(SESSION_KEY, "")))
        if found is None:
            session.pop(SESSION_KEY, None)
            back = request.full_path.rstrip("?") if request.method == "GET" else ""
            return redirect(url_for("signing_in.show", next=back or None))
        queries = portal().queries
        member = queries.members.find(portal().office.msp_id) if queries.ledger.checkpoint() else None
        if member is None:
            abort(503, _("The read model has not caught up with the ledger yet. Try again in a moment."))
        g.viewer = Viewer(found.user, found.client, member, queries.members.consortium())
        return view(*args, **kwargs)

    return guarded


def allowed(may: bool, sentence: str) -> None:
    """Refuses the page with 403 and a sentence unless ``may``."""
    if not may:
        abort(403, sentence)
