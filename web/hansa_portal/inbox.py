"""Applications at this member's portal: one JSON file each. They are on no ledger until sponsored."""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from pathlib import Path
from typing import Literal

import msgspec

from hansa.consortium import JoinRequest
from hansa.ids import new_id

MOST_WAITING = 50
"""Applications nobody has looked at yet; more are refused."""

MOST = 500
"""Applications kept in all."""

Status = Literal["received", "declined", "sponsored"]


class InboxFullError(Exception):
    """No further application is taken."""


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """One application.

    Args:
        id: a ULID, by which administrators find it.
        token_digest: SHA-256 of the token in the applicant's link, hexadecimal.
        received_at: RFC 3339.
        request: the join request as it was sent.
        status: what became of it here.
        config_update: the change on the ledger, once sponsored.
        reason: what the applicant is told, where it was declined.
        v: version of this document.
    """

    id: str
    token_digest: str
    received_at: str
    request: str
    status: Status = "received"
    config_update: str | None = None
    reason: str | None = None
    v: Literal[1] = 1

    def join_request(self) -> JoinRequest:
        """What the applicant says of itself. Raises ConsortiumError where it holds no longer."""
        return JoinRequest.from_json(self.request)


class Inbox:
    """The applications in a folder, which is made with the first. Any number of threads may use it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def receive(self, request: JoinRequest, at: str) -> str:
        """Keeps an application that was checked; the token of its link, 256 random bits.

        Raises:
            InboxFullError: too many wait.
        """
        token = secrets.token_urlsafe(32)
        with self._lock:
            known = self.all()
            if len(known) >= MOST or _waiting(known) >= MOST_WAITING:
                raise InboxFullError
            self._keep(
                Application(
                    id=new_id(), token_digest=_digest(token), received_at=at, request=request.to_json()
                )
            )
        return token

    def all(self) -> list[Application]:
        """Every application, the newest first."""
        names = sorted((path.name for path in self._folder.glob("*.json")), reverse=True)
        return [msgspec.json.decode((self._folder / name).read_bytes(), type=Application) for name in names]

    def waiting(self) -> int:
        """How many nobody has looked at yet."""
        return _waiting(self.all())

    def find(self, identifier: str) -> Application | None:
        """The application of that id."""
        return next((one for one in self.all() if one.id == identifier), None)

    def by_token(self, token: str) -> Application | None:
        """The application whose link this is."""
        wanted = _digest(token)
        return next((one for one in self.all() if secrets.compare_digest(one.token_digest, wanted)), None)

    def by_change(self, config_update: str) -> Application | None:
        """The application that a change on the ledger came from."""
        return next((one for one in self.all() if one.config_update == config_update), None)

    def sponsored(self, identifier: str, config_update: str) -> None:
        """Notes the change on the ledger that an application became."""
        self._change(identifier, status="sponsored", config_update=config_update)

    def declined(self, identifier: str, reason: str) -> None:
        """Notes that an application is not laid before the members, and why."""
        self._change(identifier, status="declined", reason=reason)

    def _change(self, identifier: str, **changes: str) -> None:
        with self._lock:
            found = self.find(identifier)
            if found is not None:
                self._keep(msgspec.structs.replace(found, **changes))

    def _keep(self, application: Application) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{application.id}.json"
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as stream:
            stream.write(msgspec.json.encode(application))
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(path)


def _waiting(applications: list[Application]) -> int:
    return sum(one.status == "received" for one in applications)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
