"""First start: authorities, identities and TLS certificates of every organisation, and the genesis block.

Everything is made in a folder beside its place and moved there in one step, so that a start that was cut
short leaves nothing, and the next one begins anew. What is there is used as it is.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from fabric_protos.common import common_pb2

from hansa_devnode.addresses import split_address
from hansa_devnode.config import ConfigError, DevnodeConfig, OrganizationConfig
from hansa_devnode.files import write_file
from hansa_devnode.genesis import genesis_block
from hansa_devnode.material import Material, NodeMaterial
from hansa_devnode.msp_folders import (
    OrganizationFolder,
    read_signer,
    write_authority,
    write_msp,
    write_signer,
    write_tls,
)
from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, key_pem, new_key
from hansa_fabric.identity import parse_certificate

# Certificates of nodes and administrators last as long as the authority that issued them.
AS_LONG_AS_THE_AUTHORITY = timedelta(days=36_500)

_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - not bound to here, only kept out of certificates


class BootstrapError(RuntimeError):
    """The data folder does not fit the configuration; the text says what to do."""


@dataclass(frozen=True, slots=True)
class _Plan:
    msp_id: str
    name: str
    domain: str
    kind: str
    hosts: tuple[str, ...]
    folder: Path | None = None

    def root(self, home: Path) -> Path:
        """Where its keys lie: in a folder of its own, or among the others'."""
        return self.folder or home / self.domain


def bootstrap(config: DevnodeConfig) -> Material:
    """Makes what is missing in the data folder and reads what is there.

    Raises BootstrapError when the configuration names an organisation that the channel was not made with.
    """
    home = config.data_folder / "organizations"
    plans = list(_plans(config))
    if not home.exists():
        _make_organizations(home, [each for each in plans if each.folder is None])
    missing = [each.msp_id for each in plans if not each.root(home).is_dir()]
    if missing:
        raise BootstrapError(
            f"the network in {config.data_folder} was made without {', '.join(missing)}:"
            " start one with these organisations in another data folder"
        )
    materials = {each.msp_id: _read(home, each) for each in plans}
    orderer = materials.pop(config.orderer.msp_id)
    return Material(materials, orderer, _genesis(config, materials, orderer))


def new_organization(config: DevnodeConfig, organization: OrganizationConfig) -> NodeMaterial:
    """What an organisation needs that comes to a network which runs; what is there already is used.

    It is on the channel only when a configuration update has put it there.

    Raises ConfigError when it brings keys of its own and they are not where it says.
    """
    home = config.data_folder / "organizations"
    plan = _plan(organization)
    if plan.folder is None:
        make_organization(organization, home / plan.domain)
    elif not plan.folder.is_dir():
        raise ConfigError("folder", f"{plan.folder} does not hold the keys of {plan.msp_id}")
    return _read(home, plan)


def make_organization(organization: OrganizationConfig, root: Path) -> None:
    """Makes an organisation's authorities, identities and certificates in a folder, unless it is there."""
    if root.is_dir():
        return
    root.parent.mkdir(parents=True, exist_ok=True)
    unfinished = root.with_name(f".{root.name}.unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    _make_organization(unfinished, _plan(organization))
    os.sync()
    unfinished.rename(root)


def _plans(config: DevnodeConfig) -> Iterator[_Plan]:
    orderer = config.orderer
    yield _Plan(orderer.msp_id, orderer.name, orderer.domain, "orderer", _hosts(orderer.address))
    yield from (_plan(each) for each in config.organizations)


def _plan(each: OrganizationConfig) -> _Plan:
    hosts = _hosts(each.peer_address, each.ca_address)
    folder = None if each.folder is None else Path(each.folder)
    return _Plan(each.msp_id, each.name, each.domain, "peer", hosts, folder)


def _hosts(*addresses: str) -> tuple[str, ...]:
    """The names a server's certificate must carry; an address to listen on everywhere is none."""
    hosts = [split_address(each)[0] for each in addresses]
    named = [each for each in hosts if each not in _EVERYWHERE]
    return tuple(dict.fromkeys([*_LOCAL_HOSTS, *named]))


def _make_organizations(home: Path, plans: list[_Plan]) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    unfinished = home.with_name(f".{home.name}.unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    for plan in plans:
        _make_organization(unfinished / plan.domain, plan)
    # One write-out of everything costs less than one for each of the many small files.
    os.sync()
    unfinished.rename(home)


def _make_organization(root: Path, plan: _Plan) -> None:
    folder = OrganizationFolder(root, plan.domain)
    ca = CertificateAuthority.create(f"ca.{plan.domain}", plan.name)
    tls_ca = CertificateAuthority.create(f"tlsca.{plan.domain}", plan.name)
    write_authority(folder.ca_certificate, folder.ca_key, ca)
    write_authority(folder.tls_ca_certificate, folder.tls_ca_key, tls_ca)
    write_msp(root / "msp", folder, ca.certificate, tls_ca.certificate)
    node, admin = folder.node(plan.kind), folder.admin
    for place, unit in ((node, plan.kind), (admin, "admin")):
        write_msp(place / "msp", folder, ca.certificate, tls_ca.certificate)
        key = new_key()
        certificate = ca.issue(_profile(place.name, unit), key.public_key())
        write_signer(place / "msp", place.name, certificate, key_pem(key))
    _make_server_tls(node, plan, tls_ca)
    key = new_key()
    certificate = tls_ca.issue(_profile(admin.name, client=True), key.public_key())
    write_tls(admin / "tls", "client", certificate, key_pem(key), tls_ca.certificate)


def _profile(
    name: str, *units: str, hosts: tuple[str, ...] = (), server: bool = False, client: bool = False
) -> CertificateProfile:
    return CertificateProfile(
        common_name=name,
        organizational_units=units,
        hosts=hosts,
        server=server,
        client=client,
        not_after=datetime.now(UTC) + AS_LONG_AS_THE_AUTHORITY,
    )


def _make_server_tls(node: Path, plan: _Plan, tls_ca: CertificateAuthority) -> None:
    key = new_key()
    hosts = (*plan.hosts, node.name)
    profile = _profile(node.name, hosts=hosts, server=True, client=True)
    write_tls(
        node / "tls", "server", tls_ca.issue(profile, key.public_key()), key_pem(key), tls_ca.certificate
    )


def _read(home: Path, plan: _Plan) -> NodeMaterial:
    folder = OrganizationFolder(plan.root(home), plan.domain)
    node, tls_ca = folder.node(plan.kind), folder.read_tls_ca()
    if not _covers((node / "tls" / "server.crt").read_bytes(), plan.hosts):
        # The configuration names another host than it did: same authority, so clients need nothing new.
        _make_server_tls(node, plan, tls_ca)
        os.sync()
    return NodeMaterial(
        msp_id=plan.msp_id,
        kind=plan.kind,
        folder=folder,
        ca=folder.read_ca(),
        tls_ca=tls_ca,
        signer=read_signer(node / "msp", plan.msp_id),
        admin=read_signer(folder.admin / "msp", plan.msp_id),
        tls=node / "tls",
    )


def _covers(certificate: bytes, hosts: tuple[str, ...]) -> bool:
    extensions = parse_certificate(certificate).extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    known = set(names.get_values_for_type(x509.DNSName))
    known |= {str(each) for each in names.get_values_for_type(x509.IPAddress)}
    return all(_plain(each) in known for each in hosts)


def _plain(host: str) -> str:
    try:
        return str(ip_address(host))
    except ValueError:
        return host


def _genesis(config: DevnodeConfig, organizations: dict[str, NodeMaterial], orderer: NodeMaterial) -> Any:
    path = config.data_folder / f"{config.channel}.genesis.block"
    if not path.exists():
        block = genesis_block(config, organizations, orderer)
        write_file(path, block.SerializeToString())
    return common_pb2.Block.FromString(path.read_bytes())
