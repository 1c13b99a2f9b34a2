"""A member as its portal works for it: one connection to its peer, one client for each user signed in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Protocol

from cryptography.x509.oid import NameOID

from hansa.client import Client, connect_member, sign_in
from hansa.errors import ConnectionProfileError

SERVICE = "service"
"""The identity of the member's own programs; nobody signs in with it."""

_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9@._-]{0,63}")


class Office(Protocol):
    """What the portal needs of a member."""

    @property
    def msp_id(self) -> str:
        """The member's MSP id."""

    @property
    def organization(self) -> str:
        """Its name."""

    @property
    def domain(self) -> str:
        """Its domain name, under which it may name things of its own."""

    @property
    def folder(self) -> Path:
        """The member's folder."""

    def sign_in(self, user: str, password: str) -> Client:
        """A client that acts for a user. Raises ConnectionProfileError where name and password do not fit."""

    def administrator(self, client: Client) -> bool:
        """Whether a client's user is the member's administrator."""

    def service(self) -> Client:
        """A client that acts for the member's own programs."""

    def close(self) -> None:
        """Lets the connection go."""


class MemberOffice:
    """An office on a member's folder: ``profile.json``, ``wallet/``, ``sign-ins.json`` for the service.

    Args:
        folder: the member's; its name is the member's domain.

    Raises:
        ConnectionProfileError: the folder lacks something.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._service = connect_member(folder, SERVICE)
        self.msp_id = self._service.profile.msp_id
        self.organization = self._service.profile.organization
        self.domain = folder.name

    def sign_in(self, user: str, password: str) -> Client:
        """Opens the user's own key with his password; the key stays in this process's memory."""
        if user == SERVICE or not password or not _USER.fullmatch(user):
            raise ConnectionProfileError("SIGN_IN_FAILED", "User name and password do not fit.", "")
        return self._service.acting_for(sign_in(self.folder, user, password))

    def administrator(self, client: Client) -> bool:
        """By the unit in the certificate (NodeOUs)."""
        units = client.user.x509.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
        return "admin" in {unit.value for unit in units}

    def service(self) -> Client:
        """Acts with the identity ``service``."""
        return self._service

    def close(self) -> None:
        """Closes the connection that all its clients share."""
        self._service.close()
