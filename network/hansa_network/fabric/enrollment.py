"""An organisation's nodes and node administrator: enrolled, and their MSP and TLS folders written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hansa_devnode.msp_folders import write_msp, write_signer, write_tls
from hansa_fabric.certificates import key_pem
from hansa_gateway.ca.client import CaClient
from hansa_gateway.ca.errors import CaError, CaRefusedError
from hansa_gateway.credentials import Credential
from hansa_network import sign_ins
from hansa_network.errors import NetworkError
from hansa_network.fabric.authority import LOCAL_HOSTS, authority_client, registrar
from hansa_network.fabric.organization import FabricOrganization

_ALREADY_REGISTERED = 74


def enroll_nodes(organization: FabricOrganization) -> None:
    """Makes sure that the organisation's nodes and node administrator have certificates and MSP folders.

    What is there is left alone, so a start that was cut short is taken up where it stopped.

    Raises:
        NetworkError: an authority did not answer or refused (ENROLLMENT_FAILED).
    """
    try:
        _Enrollment(organization).everybody()
    except CaError as error:
        raise NetworkError(
            "ENROLLMENT_FAILED",
            f"The certificate authority of {organization.described.name} did not enroll: {error}",
            f"Look into the log of ca-{organization.domain}, then start again.",
        ) from error


class _Enrollment:
    def __init__(self, organization: FabricOrganization) -> None:
        self._organization = organization
        self._folder = organization.folder
        self._registrars: dict[str, Credential] = {}
        self._clients = {kind: authority_client(organization, kind) for kind in ("ca", "tlsca")}

    def everybody(self) -> None:
        organization = self._organization
        self._msp(organization.root / "msp")
        self._node(organization.peer, "peer")
        if organization.described.orderer is not None:
            self._node(organization.orderer, "orderer")
        self._identity(self._folder.admin, "admin")
        domain = organization.domain
        self._tls(
            organization.chaincode, "server", f"chaincode.{domain}", [*LOCAL_HOSTS, f"chaincode.{domain}"]
        )
        self._tls(organization.chaincode, "client", f"chaincode-caller.{domain}", ())

    def _node(self, place: Path, kind: str) -> None:
        self._identity(place, kind)
        self._tls(place / "tls", "server", place.name, [*LOCAL_HOSTS, place.name])

    def _identity(self, place: Path, kind: str) -> None:
        msp = place / "msp"
        if (msp / "keystore" / "priv_sk").exists():
            return
        found = self._enroll("ca", place.name, kind, (), "")
        self._msp(msp)
        # The key last: where it stands, everything does.
        write_signer(msp, place.name, found.identity.certificate, key_pem(found.private_key))

    def _tls(self, place: Path, use: str, name: str, hosts: Sequence[str]) -> None:
        if (place / f"{use}.key").exists():
            return
        found = self._enroll("tlsca", name, "client", hosts, "tls")
        root = self._folder.tls_ca_certificate.read_bytes()
        write_tls(place, use, found.identity.certificate, key_pem(found.private_key), root)

    def _msp(self, place: Path) -> None:
        ca, tls_ca = self._folder.ca_certificate.read_bytes(), self._folder.tls_ca_certificate.read_bytes()
        write_msp(place, self._folder, ca, tls_ca)

    def _enroll(self, authority: str, name: str, kind: str, hosts: Sequence[str], profile: str) -> Credential:
        client = self._clients[authority]
        if authority not in self._registrars:
            self._registrars[authority] = client.enroll(*registrar(self._organization)).credential
        secret = sign_ins.complete(self._organization.secrets, [name])[name]
        _register(client, self._registrars[authority], name, secret, kind)
        return client.enroll(name, secret, hosts=hosts, profile=profile).credential


def _register(client: CaClient, first: Credential, name: str, secret: str, kind: str) -> None:
    try:
        client.register(first.signer, name, secret=secret, type=kind)
    except CaRefusedError as error:
        # A start cut short between registering and enrolling: the secret is the one kept then.
        if all(number != _ALREADY_REGISTERED for number, _ in error.reasons):
            raise
