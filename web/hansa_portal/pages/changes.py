"""A change of the consortium: what it changes, who has signed, and the steps that administrators take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hansa.consortium import (
    ChannelConfiguration,
    ConsortiumError,
    JoinKit,
    KitParts,
    check,
    offline,
    renew,
    sign,
)
from hansa_portal.carrying_out import carry_out
from hansa_portal.changes import look_at
from hansa_portal.entry import GENERAL, Entry
from hansa_portal.pages.answers import unknown
from hansa_portal.pages.joining import as_download
from hansa_portal.viewer import allowed, portal, signed_in, viewer
from hansa_portal.words import _

blueprint = Blueprint("changes", __name__, url_prefix="/consortium/changes")

LARGEST_SIGNATURE = 64 * 1024
"""Bytes of a signature's file."""


@blueprint.get("/<config_update>")
@signed_in
def show(config_update: str) -> ResponseReturnValue:
    """The change and what comes next."""
    return _page(config_update, Entry())


@blueprint.post("/<config_update>/<any(sign, withdraw, renew, submit):step>")
@signed_in
def take(config_update: str, step: str) -> ResponseReturnValue:
    """Carries out a step."""
    _require(config_update)
    entry = Entry.sent()
    steps: dict[str, tuple[Callable[[str, Entry], Any], str]] = {
        "sign": (_sign, _("You signed for %(name)s.", name=viewer().member.name)),
        "withdraw": (_withdraw, _("The change is withdrawn.")),
        "renew": (_renew, _("It was computed anew. Everybody signs the new one, you too.")),
        "submit": (_submit, _("The change is in force.")),
    }
    act, done = steps[step]
    return _answer(config_update, entry, lambda: act(config_update, entry), done)


@blueprint.get("/<config_update>/file")
@signed_in
def file(config_update: str) -> ResponseReturnValue:
    """The change as a file, to be read and signed on a machine without a network."""
    _require(config_update)
    client = viewer().client
    found = client.config_updates.get(config_update)
    base = ChannelConfiguration.at(client, found.config_update.base_sequence)
    name = f"change-{config_update}-{found.config_update.revision}.json"
    return as_download(offline.to_json(offline.export(found, base)), name, "application/json")


@blueprint.post("/<config_update>/signature")
@signed_in
def signature(config_update: str) -> ResponseReturnValue:
    """Records a signature that was made elsewhere."""
    _require(config_update)
    entry = Entry.sent()
    sent = request.files.get("signature")
    if sent is None or not sent.filename:
        entry.refuse("signature", _("Choose the file that hansa join sign wrote."))
        return _page(config_update, entry)
    content = sent.read(LARGEST_SIGNATURE)
    done = _("The signature is recorded.")
    return _answer(config_update, entry, lambda: _record(config_update, content), done, {"": "signature"})


@blueprint.get("/<config_update>/kit")
@signed_in
def kit(config_update: str) -> ResponseReturnValue:
    """The newcomer's join kit, for whoever gives it to him."""
    found = _require(config_update)
    if found.kind != "add-organization" or found.status != "carried_out":
        abort(404, _("There is a join kit once a newcomer is in."))
    parts = KitParts.read(portal().office.folder)
    made = JoinKit.make(viewer().client, str(found.organization), parts)
    return as_download(made.to_bytes(), f"join-kit-{found.organization}.zip", "application/zip")


def _sign(config_update: str, entry: Entry) -> Any:
    client = viewer().client
    found = client.config_updates.get(config_update)
    if found.config_update.digest != entry["digest"]:
        raise ConsortiumError(
            "CONFIG_UPDATE_REVISION",
            _("It was computed anew since you opened the page."),
            _("Read what it changes now, then sign."),
        )
    config = ChannelConfiguration.current(client)
    made = sign(found.update, client.signer)
    check(config, found.update, made)
    return client.config_updates.sign(config_update, found.update, made)


def _record(config_update: str, content: bytes) -> Any:
    client = viewer().client
    made = offline.from_json(content, offline.MadeSignature)
    found = client.config_updates.get(config_update)
    if (made.config_update, made.digest) != (config_update, found.config_update.digest):
        raise ConsortiumError(
            "CONFIG_UPDATE_REVISION",
            _("The signature is over another change, or over an earlier revision of this one."),
            _("Download the change again and sign it."),
        )
    signer = check(ChannelConfiguration.current(client), found.update, made.signature)
    if signer.msp_id != viewer().msp_id:
        raise ConsortiumError(
            "SIGNATURE_OF_ANOTHER",
            _("The signature is %(name)s's.", name=signer.msp_id),
            _("It is handed in at that member's portal."),
        )
    return client.config_updates.sign(config_update, found.update, made.signature)


def _withdraw(config_update: str, entry: Entry) -> Any:
    return viewer().client.config_updates.withdraw(config_update, command_id=entry.command_id)


def _renew(config_update: str, entry: Entry) -> Any:
    client = viewer().client
    found = client.config_updates.get(config_update)
    base = ChannelConfiguration.at(client, found.config_update.base_sequence)
    renewed = renew(found.update, base, ChannelConfiguration.current(client))
    return client.config_updates.renew(
        config_update,
        base_sequence=renewed.base_sequence,
        update=renewed.update,
        command_id=entry.command_id,
    )


def _submit(config_update: str, entry: Entry) -> Any:
    client = viewer().client
    found = client.config_updates.get(config_update)
    block = ChannelConfiguration.submit(client, found.update, [one.signature for one in found.signatures])
    return client.config_updates.complete(config_update, block, command_id=entry.command_id)


def _require(config_update: str) -> Any:
    allowed(viewer().administrator, _("Administrators decide about the consortium."))
    return _known(config_update)


def _known(config_update: str) -> Any:
    found = portal().queries.config_updates.find(config_update)
    if found is None:
        abort(404, _("There is no such change."))
    return found


def _answer(
    config_update: str,
    entry: Entry,
    command: Callable[[], Any],
    done: str,
    fields: dict[str, str] | None = None,
) -> ResponseReturnValue:
    receipt = carry_out(entry, command, {"config_update": GENERAL}, done)
    if receipt is not None:
        return redirect(url_for("changes.show", config_update=config_update), 303)
    if entry.unknown is not None:
        return unknown(entry)
    if fields and GENERAL in entry.problems:
        entry.problems[fields[GENERAL]] = entry.problems.pop(GENERAL)
    return _page(config_update, entry)


def _page(config_update: str, entry: Entry) -> ResponseReturnValue:
    row = _known(config_update)
    view = look_at(viewer().client, config_update, portal().queries.members.present())
    page = render_template(
        "change.html",
        entry=entry,
        row=row,
        view=view,
        change=view.detail.config_update,
        came_from=portal().inbox.by_change(config_update) if viewer().administrator else None,
    )
    return page, 200 if entry.right else 422
