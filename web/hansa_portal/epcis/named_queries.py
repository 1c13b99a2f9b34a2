"""Named queries: kept by the member's portal until somebody deletes them."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from flask import Response, current_app, g, request

from hansa_portal.clock import utc_now
from hansa_portal.epcis.access import client
from hansa_portal.epcis.answers import Problem, answer, next_link, page_token, per_page
from hansa_portal.epcis.documents import Documents
from hansa_portal.epcis.events import page
from hansa_portal.epcis.parameters import from_document
from hansa_portal.viewer import portal

EXTENSION = "hansa_epcis_queries"
MOST_QUERIES = 200

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}")


class NamedQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A query by its name; ``query`` as it was sent, ``user`` who made it."""

    name: str
    query: dict[str, Any]
    user: str
    created_at: str


def queries() -> Documents[NamedQuery]:
    """The named queries of the portal that is asked."""
    found: Documents[NamedQuery] = current_app.extensions[EXTENSION]
    return found


def named(name: str) -> NamedQuery:
    """The query of that name. Raises Problem where there is none."""
    found = queries().find(name)
    if found is None:
        raise Problem(404, "NoSuchNameException", f"There is no query named {name[:64]}.")
    return found


def body() -> dict[str, Any]:
    """The object that was sent. Raises Problem where it is none."""
    try:
        return msgspec.json.decode(request.get_data(), type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Problem(400, "ValidationException", "Send one JSON object.") from error


def create() -> Response:
    """``POST /queries``: a name, and a query in the EPCIS Query Language."""
    given = body()
    name = given.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        detail = "A name has 1 to 64 letters, digits and . _ ~ -"
        raise Problem(400, "ValidationException", detail, field="name")
    from_document(given.get("query"))
    if len(queries().all()) >= MOST_QUERIES:
        raise Problem(403, "SecurityException", f"A member keeps {MOST_QUERIES} queries. Delete one first.")
    made = NamedQuery(name=name, query=given["query"], user=g.epcis_user, created_at=utc_now())
    if not queries().add(name, made):
        raise Problem(409, "ResourceAlreadyExistsException", f"There is a query named {name} already.")
    return answer(msgspec.to_builtins(made), 201, {"Location": f"/epcis/v2/queries/{name}"})


def listed() -> Response:
    """``GET /queries``, by name."""
    token = page_token(str)
    found = sorted(queries().all(), key=lambda one: one.name)
    if token is not None:
        found = [one for one in found if one.name > token[0]]
    most = per_page()
    headers = next_link([found[most - 1].name]) if len(found) > most else {}
    return answer(msgspec.to_builtins(found[:most]), headers=headers)


def show(name: str) -> Response:
    """``GET /queries/{queryName}``."""
    return answer(msgspec.to_builtins(named(name)))


def events(name: str) -> Response:
    """``GET /queries/{queryName}/events``."""
    return page(from_document(named(name).query), name)


def own(user: str) -> None:
    """Lets only who made a thing, and administrators, change it. Raises Problem."""
    if user != g.epcis_user and not portal().office.administrator(client()):
        raise Problem(403, "SecurityException", f"{user} made this; he or an administrator may end it.")
