"""A join request: what an organisation that wants to come in says of itself. Public: no key is ever in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal, Self

import msgspec

from hansa.consortium.errors import ConsortiumError
from hansa_domain.errors import Refusal
from hansa_domain.fields import CountryCode, Gln, MspId, Name, Role
from hansa_domain.gs1 import gln13
from hansa_domain.iso3166 import check_country
from hansa_domain.members import MemberEntry
from hansa_fabric.channel_description import Consenter, Endpoint, OrganizationDescription
from hansa_fabric.config_elements import check_name
from hansa_fabric.errors import FabricDataError
from hansa_fabric.identity import parse_certificate
from hansa_fabric.msp import Msp
from hansa_fabric.msp_definition import MspDefinition

LARGEST = 64 * 1024
"""Bytes of a request; one of three certificates has about 5,000."""

_AT_FAULT = re.compile(r"`\$\.?([^`]*)`")
_MEMBER = re.compile(r"(?:unknown|required) field `([^`]*)`")
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)


class OrderingNode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ordering node: where the others reach it (``host:port``), and its certificates, PEM."""

    endpoint: str
    client_tls_certificate: str
    server_tls_certificate: str
    identity: str = ""

    def consenter(self, msp_id: str) -> Consenter:
        """As the channel's configuration lists it. Raises ConsortiumError (JOIN_REQUEST_INVALID)."""
        for field in ("client_tls_certificate", "server_tls_certificate", "identity"):
            pem = getattr(self, field)
            try:
                if pem or field != "identity":
                    parse_certificate(pem.encode())
            except FabricDataError as error:
                raise invalid(str(error), f"orderer.{field}") from error
        return Consenter(
            endpoint(self.endpoint, "orderer.endpoint"),
            msp_id,
            self.client_tls_certificate.encode(),
            self.server_tls_certificate.encode(),
            self.identity.encode(),
        )


class JoinRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a newcomer says of itself.

    Args:
        msp_id: its MSP id, which is also the name of its group on the channel.
        name: as people call it.
        role: producer, retailer, carrier, bank or regulator.
        country: ISO 3166-1 alpha-2.
        gln: its GLN, if it has one.
        domain: of its nodes' names.
        msp: serialised ``msp.MSPConfig``: its authorities, and how its certificates mark roles.
        anchor_peers: where the others' peers find its own, ``host:port``.
        orderer: its ordering node, where it is to run one later (see ``changes.AddOrderer``).
        v: version of this document.
    """

    msp_id: MspId
    name: Name
    role: Role
    country: CountryCode
    gln: Gln | None = None
    domain: str
    msp: bytes
    anchor_peers: tuple[str, ...] = ()
    orderer: OrderingNode | None = None
    v: Literal[1] = 1

    def to_json(self) -> str:
        """The document, indented for people."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode() + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Reads and checks a document.

        Raises:
            ConsortiumError: JOIN_REQUEST_INVALID, with the field at fault.
        """
        content = text.encode() if isinstance(text, str) else text
        if len(content) > LARGEST:
            raise invalid(f"A join request has at most {LARGEST} bytes, this one {len(content)}.", None)
        if b"PRIVATE KEY" in content:
            raise invalid("A private key is in it. Keys never leave their owner: make new ones.", None)
        try:
            found = msgspec.json.decode(content, type=cls)
        except msgspec.ValidationError as error:
            place, member = _AT_FAULT.search(str(error)), _MEMBER.search(str(error))
            parts = [part for part in (place and place[1], member and member[1]) if part]
            raise invalid(f"{str(error).rstrip('.')}.", ".".join(parts) or None) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise invalid(f"It is no JSON document: {error}.", None) from error
        found.check()
        return found

    def check(self) -> None:
        """Sees whether what it says holds together. Raises ConsortiumError (JOIN_REQUEST_INVALID)."""
        try:
            check_country(self.country, "country")
            if self.gln is not None:
                gln13(self.gln, "gln")
        except Refusal as error:
            raise invalid(error.message, error.field) from error
        if not _DOMAIN.fullmatch(self.domain):
            raise invalid("A domain is written in small letters, digits, hyphens and dots.", "domain")
        try:
            check_name(self.msp_id)
        except FabricDataError as error:
            raise invalid(str(error), "msp_id") from error
        self._check_msp()
        for number, address in enumerate(self.anchor_peers):
            endpoint(address, f"anchor_peers[{number}]")
        if self.orderer is not None:
            self.orderer.consenter(self.msp_id)

    def definition(self) -> MspDefinition:
        """Its MSP. Raises ConsortiumError (JOIN_REQUEST_INVALID)."""
        return read_msp(self.msp, "msp")

    def described(self) -> OrganizationDescription:
        """As the channel's configuration takes it in: a member; ordering is a change of its own."""
        peers = tuple(endpoint(one, "anchor_peers") for one in self.anchor_peers)
        return OrganizationDescription(self.definition(), self.msp_id, peers)

    def entry(self) -> MemberEntry:
        """As the consortium's list of members takes it in."""
        return MemberEntry(
            msp_id=self.msp_id, name=self.name, role=self.role, country=self.country, gln=self.gln
        )

    def _check_msp(self) -> None:
        definition = self.definition()
        if definition.msp_id != self.msp_id:
            raise invalid(f"The MSP calls itself {definition.msp_id}, the request {self.msp_id}.", "msp")
        if not definition.tls_root_certificates:
            raise invalid("The MSP names no TLS authority, so nobody could connect to its nodes.", "msp")
        now = datetime.now(UTC)
        for pem in (*definition.root_certificates, *definition.tls_root_certificates):
            if parse_certificate(pem).not_valid_after_utc < now:
                raise invalid("A certificate of one of its authorities has ended.", "msp")


def read_msp(content: bytes, field: str) -> MspDefinition:
    """An organisation's MSP from a serialised ``msp.MSPConfig``, its certificates checked.

    Raises:
        ConsortiumError: JOIN_REQUEST_INVALID, with the field.
    """
    try:
        definition = MspDefinition.from_config(content)
        Msp(definition)
    except FabricDataError as error:
        raise invalid(f"Its MSP definition cannot be used: {error}", field) from error
    return definition


def endpoint(address: str, field: str) -> Endpoint:
    """``host:port`` in two parts. Raises ConsortiumError (JOIN_REQUEST_INVALID)."""
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise invalid(f"{address!r} is no address of the form host:port.", field)
    return Endpoint(host, int(port))


def invalid(message: str, field: str | None) -> ConsortiumError:
    """A request that cannot be used."""
    return ConsortiumError(
        "JOIN_REQUEST_INVALID",
        f"The join request cannot be used. {message}",
        "The newcomer makes it with: hansa join request",
        field=field,
    )
