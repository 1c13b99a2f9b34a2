"""What every answer of the EPCIS binding has: version headers, problem documents, links to the next page."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

VERSION = "2.0.0"
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
MEDIA = "application/json"
PER_PAGE = 30
MOST_PER_PAGE = 100

HEADERS = {
    "GS1-EPCIS-Version": VERSION,
    "GS1-EPCIS-Min": VERSION,
    "GS1-EPCIS-Max": VERSION,
    "GS1-CBV-Version": VERSION,
    "GS1-CBV-Min": VERSION,
    "GS1-CBV-Max": VERSION,
    "GS1-EPC-Format": "Never_Translates",
    "GS1-Vendor-Version": "Hansa",
}

_TITLES = {
    "ValidationException": "The request or an event in it is not right",
    "QueryParameterException": "A query parameter is not right",
    "QueryTooLargeException": "More events than asked for at most",
    "SecurityException": "Not allowed",
    "NoSuchResourceException": "There is no such resource",
    "NoSuchNameException": "There is no such name",
    "ResourceAlreadyExistsException": "It is there already",
    "SubscriptionControlsException": "A subscription like this is not possible",
    "NotAcceptableException": "Not available in this form or version",
    "UnsupportedMediaTypeException": "Not readable in this form",
    "CaptureLimitExceededException": "Too large",
    "ImplementationException": "The server could not do it",
}


class Problem(Exception):  # noqa: N818 - a problem document (RFC 7807) is what it is
    """An answer that is a problem document.

    Args:
        status: of HTTP.
        kind: the EPCIS exception, without prefix.
        detail: a sentence for whoever asked.
        more: further members, such as ``code`` and ``field``.
    """

    def __init__(self, status: int, kind: str, detail: str, **more: str | int | None) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.more = more

    def document(self) -> dict[str, Any]:
        """As RFC 7807 writes it."""
        found = {
            "type": f"epcisException:{self.kind}",
            "title": _TITLES[self.kind],
            "status": self.status,
            "detail": self.detail,
        }
        return found | {name: value for name, value in self.more.items() if value is not None}

    def answer(self) -> Response:
        """The whole answer."""
        answer = Response(json.dumps(self.document()), self.status, mimetype="application/problem+json")
        if self.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="EPCIS", charset="UTF-8"'
        return answer


def parameter(detail: str, name: str) -> Problem:
    """A query parameter that cannot be answered."""
    return Problem(400, "QueryParameterException", detail, field=name)


def answer(document: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON document."""
    text = document if isinstance(document, str) else json.dumps(document)
    return Response(text, status, headers=headers, mimetype=MEDIA)


def collection(members: list[str]) -> dict[str, object]:
    """A list of resources."""
    return {"@context": CONTEXT, "type": "Collection", "member": members}


def per_page() -> int:
    """How many are wanted on a page; more than there may be are cut."""
    text = request.args.get("perPage", str(PER_PAGE))
    if not text.isdecimal() or len(text) > 9 or int(text) < 1:
        raise parameter("perPage is a whole number from 1 on.", "perPage")
    return min(int(text), MOST_PER_PAGE)


def next_link(token: list[str | int]) -> dict[str, str]:
    """The header that leads to the next page."""
    packed = base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name != "nextPageToken"]
    query = urlencode([*pairs, ("nextPageToken", packed)])
    return {"Link": f'<{request.base_url}?{query}>; rel="next"'}


def page_token(*kinds: type) -> list[Any] | None:
    """What the link to this page carried; None on the first page."""
    packed = request.args.get("nextPageToken")
    if packed is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(packed.encode() + b"=="))
    except ValueError:
        found = None
    if not isinstance(found, list) or [type(value) for value in found] != list(kinds):
        raise parameter("This page token is none of this server's.", "nextPageToken")
    return found


def first_page_of(members: list[str]) -> tuple[list[str], dict[str, str]]:
    """The members of a page, of at most ``per_page() + 1`` that were found, and the header to the next."""
    most = per_page()
    return members[:most], next_link([members[most - 1]]) if len(members) > most else {}
