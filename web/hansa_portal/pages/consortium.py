"""The consortium: who belongs to it, what is to change, and who asks to come in."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hansa.consortium import AddOrganization, ChannelConfiguration, ConsortiumError, explain, propose
from hansa.submission import Receipt
from hansa_domain.config_updates import ConfigUpdateReply
from hansa_portal.carrying_out import carry_out
from hansa_portal.changes import certificates
from hansa_portal.entry import Entry
from hansa_portal.inbox import Application
from hansa_portal.pages.answers import PAGE, cut, page_number, unknown
from hansa_portal.viewer import allowed, portal, signed_in, viewer
from hansa_portal.words import _

blueprint = Blueprint("consortium", __name__, url_prefix="/consortium")


@blueprint.get("")
@signed_in
def index() -> ResponseReturnValue:
    """Members, applications, and changes open and past."""
    queries, number = portal().queries, page_number()
    past, more = cut(queries.config_updates.list(opened=False, limit=PAGE + 1, offset=number * PAGE))
    opened = queries.config_updates.list(opened=True, limit=100)
    waiting = [one for one in portal().inbox.all() if one.status == "received"]
    return render_template(
        "consortium.html",
        everybody=queries.members.all(),
        opened=[(one, queries.config_updates.signatures(one.config_update)) for one in opened],
        needed=len(queries.members.present()) // 2 + 1,
        past=past,
        more=more,
        page=number,
        waiting=[(one, one.join_request()) for one in waiting] if viewer().administrator else [],
    )


@blueprint.get("/applications/<identifier>")
@signed_in
def application(identifier: str) -> ResponseReturnValue:
    """An application, to be looked at before it is laid before the members."""
    return _review(_application(identifier), Entry())


@blueprint.post("/applications/<identifier>/sponsor")
@signed_in
def sponsor(identifier: str) -> ResponseReturnValue:
    """Computes the change that lets the applicant in, and records it as proposed."""
    found, entry = _application(identifier), Entry.sent()
    summary = entry.required("summary", _("Say in a sentence why it should join."))
    if not entry.right:
        return _review(found, entry)
    client = viewer().client
    wanted = AddOrganization(found.join_request())

    def command() -> Receipt[ConfigUpdateReply]:
        proposed = propose(wanted, ChannelConfiguration.current(client))
        return client.config_updates.propose(
            "add-organization",
            summary,
            base_sequence=proposed.base_sequence,
            update=proposed.update,
            organization=wanted.organization,
            newcomer=wanted.request.entry(),
            command_id=entry.command_id,
        )

    receipt = carry_out(entry, command, done=_("It is laid before the members. Sign it too."))
    if receipt is None:
        return unknown(entry) if entry.unknown is not None else _review(found, entry)
    change = receipt.reply.config_update.id
    portal().inbox.sponsored(found.id, change)
    return redirect(url_for("changes.show", config_update=change), 303)


@blueprint.post("/applications/<identifier>/decline")
@signed_in
def decline(identifier: str) -> ResponseReturnValue:
    """Tells the applicant that this member does not lay the request before the others."""
    found, entry = _application(identifier), Entry.sent()
    reason = entry.required("reason", _("Say why: the applicant reads it."))
    if not entry.right:
        return _review(found, entry)
    portal().inbox.declined(found.id, reason[:1000])
    flash(_("The applicant sees your answer under its link."), "done")
    return redirect(url_for("consortium.index"), 303)


def _application(identifier: str) -> Application:
    allowed(viewer().administrator, _("Your administrator looks at applications."))
    found = portal().inbox.find(identifier)
    if found is None:
        abort(404, _("There is no such application."))
    return found


def _review(found: Application, entry: Entry) -> ResponseReturnValue:
    wanted = found.join_request()
    sentences: list[str] = []
    if found.status == "received":
        try:
            config = ChannelConfiguration.current(viewer().client)
            sentences = explain(propose(AddOrganization(wanted), config).update, config)
        except ConsortiumError as error:
            entry.refused(error)
    if not entry["summary"]:
        entry.values["summary"] = _(
            "%(name)s (%(country)s) joins as %(role)s.",
            name=wanted.name,
            country=wanted.country,
            role=wanted.role,
        )
    page = render_template(
        "application.html",
        entry=entry,
        application=found,
        wanted=wanted,
        certificates=certificates(wanted),
        sentences=sentences,
    )
    return page, 200 if request.method == "GET" else 422
