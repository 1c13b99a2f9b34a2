"""``consortium.yaml``: the one description of a network, read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import yaml

from hansa_network.errors import NetworkError
from hansa_network.ports import free_ports

DEFAULT = Path(__file__).parent / "consortium.yaml"

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,62}$")]
MspId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9.-]{0,62}$")]
Role = Literal["producer", "retailer", "carrier", "bank", "regulator"]


class Ports(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where one organisation's services listen, on the host of the network.

    ``chaincode``, ``chaincode_standby`` and ``operations`` (of the peer) are its own on Fabric; the embedded
    engine needs none of them. The second port is for the next version of the chaincode, beside this one.
    """

    peer: Port
    ca: Port
    portal: Port
    chaincode: Port | None = None
    operations: Port | None = None
    chaincode_standby: Port | None = None

    def listed(self) -> list[int]:
        """Those that are given, in the order of the fields."""
        every = (self.peer, self.ca, self.portal, self.chaincode, self.operations, self.chaincode_standby)
        return [port for port in every if port is not None]


class OrderingNode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the ordering node of an organisation on Fabric listens: for clients, administrators, metrics."""

    port: Port
    admin: Port
    operations: Port


class Organization(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One member and where its nodes are. ``users`` are the sign-ins its CA issues at the start."""

    name: Name
    msp_id: MspId
    domain: str
    role: Role
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
    ports: Ports
    orderer: OrderingNode | None = None
    gln: str | None = None
    users: tuple[Name, ...] = ()


class Chaincode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The chaincode and the ports its service listens on, on the embedded engine.

    ``program`` is the command line of its processes; without one they run the contracts that come with
    Hansa. Definitions take the two ports in turns, so that one and its successor can run side by side.
    """

    name: Name
    version: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.+-]+$")]
    sequence: Annotated[int, msgspec.Meta(ge=1)]
    port: Port
    standby_port: Port | None = None
    program: tuple[str, ...] = ()

    @property
    def standby(self) -> bool:
        """Whether this definition's processes listen on the standby ports."""
        return self.sequence % 2 == 0

    def process(self, domain: str = "") -> str:
        """Name of this definition's process: of an organisation's own, or of the one that all share."""
        return "-".join(["chaincode", *([domain] if domain else []), *(["standby"] if self.standby else [])])

    @property
    def label(self) -> str:
        """The package label, as Fabric writes it: name and version."""
        return f"{self.name}_{self.version}"


class Ordering(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How transactions are ordered and blocks are cut. Sizes in bytes, the timeout in milliseconds.

    ``port`` is the embedded engine's one ordering service; on Fabric ``consensus`` is among the nodes of
    those organisations that have one.
    """

    port: Port
    consensus: Literal["bft", "etcdraft"] = "bft"
    batch_timeout_ms: Annotated[int, msgspec.Meta(ge=1)] = 100
    max_message_count: Annotated[int, msgspec.Meta(ge=1)] = 500
    preferred_max_bytes: Annotated[int, msgspec.Meta(ge=1)] = 2 * 1024 * 1024
    absolute_max_bytes: Annotated[int, msgspec.Meta(ge=1)] = 10 * 1024 * 1024


class Fee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The consortium's part of every settled order, in basis points, and the account it goes to."""

    basis_points: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    account: str


class Joined(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one member's part needs of a network that others run.

    ``orderer`` is the ordering node its clients are told of, ``host:port``; ``devnode`` the folder of the
    embedded engine that serves its peer, empty on Fabric.
    """

    orderer: str
    devnode: str = ""


class Consortium(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole network; or one member's part of it, with ``joined`` and its own organisation alone.

    ``log_level`` is that of Fabric's programs.
    """

    version: Literal[1]
    name: Name
    channel: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9.-]{0,248}$")]
    chaincode: Chaincode
    ordering: Ordering
    fee: Fee
    arbitrator: MspId
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    organizations: Annotated[tuple[Organization, ...], msgspec.Meta(min_length=1)]
    joined: Joined | None = None

    def organization(self, name: str) -> Organization:
        """The organisation of that name or MSP id, in any case.

        Raises:
            NetworkError: there is none (UNKNOWN_ORGANIZATION).
        """
        wanted = name.lower()
        for organization in self.organizations:
            if wanted in (organization.name.lower(), organization.msp_id.lower()):
                return organization
        known = ", ".join(o.name for o in self.organizations)
        raise NetworkError(
            "UNKNOWN_ORGANIZATION", f"There is no organisation {name!r}.", f"Known are: {known}."
        )

    def ports(self) -> list[int]:
        """Every port that is listened on here, in the order of the file."""
        if self.joined is not None and self.joined.devnode:
            # The running devnode listens for the peer and the certificate authority.
            own = [(one.ports.portal, one.ports.chaincode) for one in self.organizations]
            return [port for ports in own for port in ports if port is not None]
        found = [] if self.joined is not None else [self.chaincode.port, self.ordering.port]
        if self.joined is None and self.chaincode.standby_port is not None:
            found.append(self.chaincode.standby_port)
        for organization in self.organizations:
            found += organization.ports.listed()
            if organization.orderer is not None:
                found += [
                    organization.orderer.port,
                    organization.orderer.admin,
                    organization.orderer.operations,
                ]
        return found


def load(path: Path | None = None) -> Consortium:
    """Reads and checks a description; without a path, the default that comes with the package.

    Raises:
        NetworkError: it cannot be read (CONFIG_UNREADABLE) or says something wrong (CONFIG_INVALID).
    """
    path = path or DEFAULT
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise NetworkError(
            "CONFIG_UNREADABLE", f"{path} cannot be read: {error}", "Give a YAML file with --config."
        ) from error
    try:
        consortium = msgspec.convert(document, Consortium)
    except msgspec.ValidationError as error:
        raise NetworkError("CONFIG_INVALID", f"{path}: {error}", "Correct the field it names.") from error
    _check(consortium, path)
    return consortium


def with_free_ports(consortium: Consortium) -> Consortium:
    """The same network on ports that are free on this machine now; for tests and for a second network."""
    free = iter(free_ports(len(consortium.ports())))
    replace = msgspec.structs.replace
    return replace(
        consortium,
        chaincode=replace(
            consortium.chaincode,
            port=next(free),
            standby_port=None if consortium.chaincode.standby_port is None else next(free),
        ),
        ordering=replace(consortium.ordering, port=next(free)),
        organizations=tuple(_on_ports(o, free) for o in consortium.organizations),
    )


def _on_ports(organization: Organization, free: Iterator[int]) -> Organization:
    """The organisation on the next of these ports, as many as it had."""
    replace = msgspec.structs.replace
    ports = msgspec.to_builtins(organization.ports)
    moved = {name: next(free) for name, port in ports.items() if port is not None}
    orderer = organization.orderer
    if orderer is not None:
        orderer = OrderingNode(port=next(free), admin=next(free), operations=next(free))
    return replace(organization, ports=Ports(**moved), orderer=orderer)


def dump(consortium: Consortium) -> str:
    """The description as YAML, for ``load``."""
    return yaml.safe_dump(msgspec.to_builtins(consortium), sort_keys=False, allow_unicode=True)


def _check(consortium: Consortium, path: Path) -> None:
    organizations = consortium.organizations
    _distinct(path, "organizations[].name", (o.name.lower() for o in organizations))
    _distinct(path, "organizations[].msp_id", (o.msp_id.lower() for o in organizations))
    _distinct(path, "organizations[].domain", (o.domain.lower() for o in organizations))
    _distinct(path, "ports", consortium.ports())
    if consortium.joined is not None:
        return  # the other members are described elsewhere
    members = {o.msp_id for o in organizations}
    if consortium.arbitrator not in members:
        raise NetworkError(
            "CONFIG_INVALID",
            f"{path}: arbitrator {consortium.arbitrator} is no organisation.",
            "Name the MSP id of one of the organisations.",
        )
    if consortium.fee.account.partition("/")[0] not in members:
        raise NetworkError(
            "CONFIG_INVALID",
            f"{path}: fee.account {consortium.fee.account} belongs to no organisation.",
            "Write MSPID or MSPID/account-name.",
        )


def _distinct(path: Path, field: str, values: Iterable[object]) -> None:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise NetworkError("CONFIG_INVALID", f"{path}: {field} has {value} twice.", "Give each its own.")
        seen.add(value)
