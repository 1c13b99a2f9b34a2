"""Who asks: HTTP Basic with a user's own sign-in, checked as the sign-in page checks it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, field
from typing import cast

import structlog
from flask import current_app, g, request

from hansa.client import Client
from hansa.errors import ConnectionProfileError
from hansa_portal.epcis.answers import VERSION, Problem
from hansa_portal.viewer import portal

log = structlog.get_logger("hansa.portal")

EXTENSION = "hansa_epcis_sign_ins"
_MOST_KNOWN = 1000


@dataclass
class SignIns:
    """Open sessions by a keyed digest of name and password: a key is opened once and not at each call.

    Sessions end as those of the pages do; neither password nor anything it could be guessed from is kept
    beyond this process.
    """

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    known: dict[bytes, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, user: str, password: str) -> Client:
        """Raises ConnectionProfileError where name and password do not fit."""
        digest = hmac.digest(self.key, f"{len(user)}:{user}{password}".encode(), hashlib.sha256)
        sessions = portal().sessions
        with self.lock:
            found = sessions.find(self.known.get(digest, ""))
        if found is not None:
            return found.client
        client = portal().office.sign_in(user, password)
        with self.lock:
            if len(self.known) >= _MOST_KNOWN:
                self.known = {one: session for one, session in self.known.items() if sessions.find(session)}
            self.known[digest] = sessions.begin(user, client)
        return client


def client() -> Client:
    """Acts for whoever asks; only within the binding's answers."""
    return cast(Client, g.epcis_client)


def check() -> None:
    """Lets a request in whose user signs in with it, and whose versions and forms this server has.

    Raises:
        Problem: 401, 406 or 415.
    """
    given = request.authorization
    if given is None or given.type != "basic" or not given.username or not given.password:
        raise Problem(401, "SecurityException", "Sign in with HTTP Basic: user name and password.")
    try:
        sign_ins = cast(SignIns, current_app.extensions[EXTENSION])
        g.epcis_client = sign_ins.client(given.username, given.password)
    except ConnectionProfileError as error:
        log.warning("sign-in failed", member=portal().office.msp_id, address=request.remote_addr)
        raise Problem(401, "SecurityException", "User name and password do not fit.") from error
    g.epcis_user = given.username
    _check_forms()


def _check_forms() -> None:
    for name, most in (
        ("GS1-EPCIS-Version", 0),
        ("GS1-CBV-Version", 0),
        ("GS1-EPCIS-Min", 1),
        ("GS1-CBV-Min", 1),
    ):
        wanted = request.headers.get(name)
        if wanted is not None and not wanted.startswith(VERSION[:3]) and not (most and wanted < VERSION):
            raise Problem(406, "NotAcceptableException", f"This server has {VERSION}.", field=name)
    accepted = request.accept_mimetypes
    if accepted and not any(
        accepted[kind] for kind in ("application/json", "application/ld+json", "application/problem+json")
    ):
        raise Problem(406, "NotAcceptableException", "Answers are application/json.", field="Accept")
    # Also keeps pages of other sites out: a browser sends these forms only after asking first, in vain.
    if request.method == "POST" and request.mimetype not in ("application/json", "application/ld+json"):
        raise Problem(415, "UnsupportedMediaTypeException", "Send application/json or application/ld+json.")
