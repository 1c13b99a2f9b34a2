"""Accepting an order in parts: how much of each line now, how much later, and the rest not."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from hansa_portal.carrying_out import carry_out
from hansa_portal.entry import GENERAL, Entry
from hansa_portal.pages.answers import with_problems
from hansa_portal.pages.despatching import ours
from hansa_portal.viewer import allowed, signed_in, viewer
from hansa_portal.words import _

blueprint = Blueprint("accepting", __name__, url_prefix="/orders")


@blueprint.get("/<order_id>/accept-part")
@signed_in
def form(order_id: str) -> ResponseReturnValue:
    """The form, filled in as if everything was accepted."""
    found, parts = ours(order_id)
    allowed(found.order.status == "placed", _("This order has been answered."))
    allowed(found.order.dispute is None, _("While a dispute is open, nothing is accepted."))
    values = {f"accepted-{line.number}": str(line.ordered) for line in parts.lines}
    later = {f"later-{line.number}": "0" for line in parts.lines}
    entry = Entry({**values, **later, "promise_unit": "days"})
    return render_template("accept_form.html", entry=entry, order=found.order, parts=parts)


@blueprint.post("/<order_id>/accept-part")
@signed_in
def accept(order_id: str) -> ResponseReturnValue:
    """Accepts what the form says, and declines the rest."""
    found, parts = ours(order_id)
    entry = Entry.sent()
    sentence = _("Give a whole number, 0 or more.")
    now, later = (
        {
            line.number: entry.whole(f"{name}-{line.number}", sentence, least=0)
            for line in parts.lines
            if entry[f"{name}-{line.number}"]
        }
        for name in ("accepted", "later")
    )
    promise = entry.seconds("promise", _("Give a whole number, at most a year."))
    if entry.right:
        done = carry_out(
            entry,
            lambda: viewer().client.deliveries.accept_part(
                order_id, now, back_ordered=later, promise_within=promise, command_id=entry.command_id
            ),
            _fields(sorted({*now, *later})),
            _("Your answer is on the ledger; what you declined is the buyer's money again."),
        )
        if done is not None:
            return redirect(url_for("orders.show", order_id=order_id, _anchor="parts"), 303)
    return with_problems("accept_form.html", entry, order=found.order, parts=parts)


def _fields(lines: list[int]) -> dict[str, str]:
    """Path in the command to field of the form; the whole of a line is its first field."""
    found = {"order": GENERAL, "promise_within": "promise"}
    for place, line in enumerate(lines):
        found[f"lines[{place}].back_ordered"] = f"later-{line}"
        found[f"lines[{place}]"] = f"accepted-{line}"
    return found if not lines else {**found, "lines": f"accepted-{lines[0]}"}
