"""What a devnode is told before it starts: where its data lies, who its members are, what runs on it."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Self

import msgspec

from hansa_fabric.channel_description import BatchConfig as ChannelBatch

# How msgspec says which member of a JSON object is unknown or missing, and where a value stands.
_MEMBER = re.compile(r"Object (?:contains (unknown)|(missing) required) field `([^`]*)`")
_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")


class ConfigError(ValueError):
    """The description cannot be used. `path` names the field at fault, as `organizations[0].msp_id`."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message


class BatchConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the orderer cuts a block: Fabric's BatchTimeout (milliseconds) and BatchSize (messages, bytes).

    The time is the longest wait: a batch goes earlier when no other transaction is under way in the node.
    """

    timeout_ms: int = 100
    max_message_count: int = 500
    preferred_max_bytes: int = 2 * 1024 * 1024
    absolute_max_bytes: int = 10 * 1024 * 1024

    @classmethod
    def of_channel(cls, batch: ChannelBatch) -> Self:
        """As a channel's configuration has it; what the devnode is told is for its first start."""
        timeout = max(1, batch.timeout // timedelta(milliseconds=1))
        return cls(timeout, batch.max_message_count, batch.preferred_max_bytes, batch.absolute_max_bytes)


class OrdererConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ordering service: its own organisation and the address, `host:port`, where it listens."""

    address: str
    msp_id: str = "OrdererMSP"
    name: str = "Orderer"
    domain: str = "orderer.localhost"


class ChaincodeTls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files for the TLS connection to a chaincode's server: PEM of the root that issued its certificate.

    The peer presents its own TLS certificate. `server_name` is the name expected in the chaincode's
    certificate where that differs from the host dialled.
    """

    root_certificate: str
    server_name: str | None = None


class ChaincodeServer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an organisation's own process of a chaincode listens, `host:port`, and its TLS."""

    address: str
    tls: ChaincodeTls | None = None


class OrganizationConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One member of the channel. Addresses are `host:port`; the peer's serves Endorser, Deliver and Gateway.

    `registrar_name` and `registrar_secret` are the first identity of the organisation's certificate
    authority, the one that registers all others; without a secret one is drawn at the first start.
    `folder` is where its keys lie when it brings its own, in the layout of `msp_folders`; without one they
    are made in the devnode's folder. `chaincodes` are its own processes, by the chaincodes' names.
    """

    msp_id: str
    name: str
    domain: str
    peer_address: str
    ca_address: str
    registrar_name: str = "admin"
    registrar_secret: str | None = None
    folder: str | None = None
    chaincodes: dict[str, ChaincodeServer] = {}


class CollectionConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A private data collection, as in a Fabric collection configuration file.

    `policy` says which organisations hold the data (`OR('A.member', 'B.member')`); `endorsement_policy` is a
    signature policy, the path of a channel policy, or None for the chaincode's. `block_to_live` counts
    blocks, 0 is for ever.
    """

    name: str
    policy: str
    required_peer_count: int = 0
    max_peer_count: int = 1
    block_to_live: int = 0
    member_only_read: bool = True
    member_only_write: bool = True
    endorsement_policy: str | None = None


class ChaincodeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A committed chaincode definition and where its server listens.

    `address` is the server all organisations dial; `addresses` (MSP id to address) overrides it for
    organisations that run a process of their own. `endorsement_policy` is the path of a channel policy or a
    signature policy.
    """

    name: str
    address: str
    version: str = "1.0"
    sequence: int = 1
    package_label: str = ""
    endorsement_policy: str = "/Channel/Application/Endorsement"
    init_required: bool = False
    collections: tuple[CollectionConfig, ...] = ()
    addresses: dict[str, str] = {}
    tls: ChaincodeTls | None = None

    @property
    def label(self) -> str:
        """The package's label; without one given, `<name>_<version>` as Fabric's tutorials have it."""
        return self.package_label or f"{self.name}_{self.version}"

    @property
    def package_id(self) -> str:
        """`<label>:<hash>`, what the chaincode's process is told as CHAINCODE_ID and registers with.

        There is no package to hash on the devnode; the hash is that of the label, so it never changes.
        """
        return f"{self.label}:{hashlib.sha256(self.label.encode()).hexdigest()}"

    def address_for(self, msp_id: str) -> str:
        """The chaincode server that the peer of `msp_id` dials."""
        return self.addresses.get(msp_id, self.address)


class DevnodeConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole devnode. `data` is its folder; a relative one is taken from the working directory.

    With `client_certificates` the peers and the orderer demand a TLS certificate of an organisation on the
    channel, and event requests must name it (mutual TLS, `peer.tls.clientAuthRequired`).
    """

    data: str
    channel: str
    orderer: OrdererConfig
    organizations: tuple[OrganizationConfig, ...]
    chaincodes: tuple[ChaincodeConfig, ...] = ()
    batch: BatchConfig = BatchConfig()
    execute_timeout_ms: int = 30_000
    client_certificates: bool = False

    def __post_init__(self) -> None:
        if not self.organizations:
            raise ConfigError("organizations", "at least one organisation is needed")
        _unique("organizations", [each.msp_id for each in self.organizations] + [self.orderer.msp_id])
        _unique("chaincodes", [each.name for each in self.chaincodes])

    @property
    def data_folder(self) -> Path:
        """The data folder as a path."""
        return Path(self.data)

    @property
    def msp_ids(self) -> tuple[str, ...]:
        """MSP ids of the application organisations, in the order given."""
        return tuple(each.msp_id for each in self.organizations)

    def organization(self, msp_id: str) -> OrganizationConfig:
        """The organisation of that MSP id; KeyError when it is not a member."""
        for each in self.organizations:
            if each.msp_id == msp_id:
                return each
        raise KeyError(msp_id)

    def chaincode(self, name: str) -> ChaincodeConfig | None:
        """The committed definition of that name, or None."""
        return next((each for each in self.chaincodes if each.name == name), None)

    def chaincodes_of(self, msp_id: str) -> tuple[ChaincodeConfig, ...]:
        """The chaincodes as the peer of `msp_id` dials them; KeyError when it is not a member."""
        own = self.organization(msp_id).chaincodes
        return tuple(
            msgspec.structs.replace(
                each, address=own[each.name].address, addresses={}, tls=own[each.name].tls
            )
            if each.name in own
            else each
            for each in self.chaincodes
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read the JSON document that `to_json` writes. Raises ConfigError, naming the field at fault."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.ValidationError as error:
            if isinstance(error.__cause__, ConfigError):  # raised above, and wrapped by the decoder
                raise error.__cause__ from None
            raise _field_at_fault(str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ConfigError("", f"not a JSON document: {error}") from error

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a JSON file. Raises OSError when it cannot be read, ConfigError when it cannot be used."""
        return cls.from_json(Path(path).read_bytes())

    def to_json(self) -> str:
        """The JSON document, indented for people, that `from_json` reads."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode() + "\n"


def _unique(path: str, names: list[str]) -> None:
    for index, name in enumerate(names):
        if not name:
            raise ConfigError(f"{path}[{index}]", "a name is empty")
        if name in names[:index]:
            raise ConfigError(path, f"{name} is given twice")


def _field_at_fault(said: str) -> ConfigError:
    """msgspec's sentence, with the place in front as this module writes it: `organizations[0].msp_id`."""
    found = _PLACE.search(said)
    place = found[1] if found else ""
    message = _PLACE.sub("", said)
    member = _MEMBER.fullmatch(message)
    if member is None:
        return ConfigError(place, message[0].lower() + message[1:])
    return ConfigError(f"{place}.{member[3]}".lstrip("."), "unknown field" if member[1] else "missing")
