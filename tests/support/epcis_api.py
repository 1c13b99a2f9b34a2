"""A caller of a member's EPCIS binding, by HTTP Basic, and GS1's schema of what it answers."""

from __future__ import annotations

import base64
import json
from typing import Any

from jsonschema import Draft7Validator

from tests.support.epcis import epcis_schema
from tests.support.portal import Consortium


class Caller:
    """A user of a member; answers are Werkzeug's test responses."""

    def __init__(self, trade: Consortium, name: str, user: str = "user", password: str | None = None) -> None:
        self.client = trade.app(name).test_client()
        given = base64.b64encode(f"{user}:{password or f'{user}-password'}".encode()).decode()
        self.headers = {"Authorization": f"Basic {given}"}

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/epcis/v2{path}", headers=self.headers | headers)

    def post(self, path: str, document: object, **headers: str) -> Any:
        body = document if isinstance(document, str) else json.dumps(document)
        given = {"Content-Type": "application/json"} | self.headers | headers
        return self.client.post(f"/epcis/v2{path}", data=body, headers=given)

    def delete(self, path: str) -> Any:
        return self.client.delete(f"/epcis/v2{path}", headers=self.headers)

    def job(self, location: str) -> dict[str, Any]:
        """A capture job, once it runs no more."""
        while True:
            found: dict[str, Any] = self.get(location.removeprefix("/epcis/v2")).json
            if not found["running"]:
                return found


def conforms(document: object) -> None:
    """Fails where a document is none of GS1's EPCIS JSON Schema; skips where that is not at hand."""
    schema = json.loads(epcis_schema().read_text("utf-8"))
    errors = [
        f"{list(error.path)}: {error.message[:200]}"
        for error in Draft7Validator(schema).iter_errors(document)
    ]
    assert errors == []
