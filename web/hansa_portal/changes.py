"""A change of the consortium as its page shows it: what it changes, how far it has come, who must act."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from hansa.client import Client
from hansa.consortium import ChannelConfiguration, ConsortiumError, JoinRequest, Standing, explain, standing
from hansa_domain.config_updates import OWN, ConfigUpdateDetailReply
from hansa_portal.words import _
from hansa_readmodel.queries import MemberRow


@dataclass(frozen=True)
class ChangeView:
    """A change that was looked at together with the channel's configuration.

    Args:
        detail: the change, its bytes and signatures.
        sentences: what it changes.
        standing: who signed and who may; None where it ended or another change overtook it.
        block: where it is in force although nobody has recorded that yet.
    """

    detail: ConfigUpdateDetailReply
    sentences: list[str]
    standing: Standing | None = None
    block: int | None = None
    members: list[MemberRow] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether it is still under way."""
        return self.detail.config_update.status == "proposed"

    @property
    def overtaken(self) -> bool:
        """Whether another change took effect first, so that it has to be computed anew."""
        return self.open and self.standing is None and self.block is None

    @property
    def signed(self) -> dict[str, str]:
        """MSP id to administrator of those whose signature over the current revision counts."""
        valid = None if self.standing is None else set(self.standing.signed)
        return {
            one.msp_id: one.signer for one in self.detail.signatures if valid is None or one.msp_id in valid
        }

    @property
    def missing(self) -> list[str]:
        """MSP ids of those whose signature would bring it further; empty once enough have signed.

        An organisation that orders and is no member of the consortium may be among them.
        """
        if self.standing is None:
            return []
        wanted = set(self.standing.missing)
        if not self._agreed:
            update = self.detail.config_update
            everybody = {member.msp_id for member in self.members}
            wanted |= {str(update.organization)} if update.kind in OWN else everybody
        return sorted(wanted - self.signed.keys())

    @property
    def outsiders(self) -> set[str]:
        """MSP ids among the missing that are no members."""
        return set(self.missing) - {member.msp_id for member in self.members}

    @property
    def needed(self) -> int:
        """How many signatures the ledger asks for."""
        return 1 if self.detail.config_update.kind in OWN else len(self.members) // 2 + 1

    @property
    def enough(self) -> bool:
        """Whether it can be put in force: by the channel's policies, and by the ledger's majority."""
        return self.standing is not None and self.standing.enough and self._agreed

    @property
    def _agreed(self) -> bool:
        """Whether the ledger takes it as agreed, as ``configUpdates:Complete`` counts."""
        update = self.detail.config_update
        if update.kind in OWN and update.organization in self.signed:
            return True
        present = {member.msp_id for member in self.members}
        return 2 * len(self.signed.keys() & present) > len(present)


def look_at(client: Client, config_update: str, members: list[MemberRow]) -> ChangeView:
    """Reads a change from the ledger and the channel. Raises HansaError."""
    detail = client.config_updates.get(config_update)
    update = detail.config_update
    config = ChannelConfiguration.current(client)
    base = config
    if config.sequence != update.base_sequence:
        base = ChannelConfiguration.at(client, update.base_sequence)
    sentences = explain(detail.update, base)
    if update.status != "proposed":
        return ChangeView(detail, sentences, members=members)
    try:
        found = standing(config, detail.update, [one.signature for one in detail.signatures])
    except ConsortiumError as error:
        if error.code != "CONFIG_OVERTAKEN":
            raise
        block = ChannelConfiguration.block_of(client, detail.update)
        return ChangeView(detail, sentences, block=block, members=members)
    return ChangeView(detail, sentences, found, members=members)


@dataclass(frozen=True)
class CertificateFacts:
    """A certificate as people compare it: over the telephone, by its fingerprint."""

    purpose: str
    subject: str
    fingerprint: str
    ends: str


def certificates(request: JoinRequest) -> list[CertificateFacts]:
    """The authorities that a join request names. Raises ConsortiumError."""
    definition = request.definition()
    groups = [
        (_("Vouches for its people and nodes"), definition.root_certificates),
        (_("Vouches below that"), definition.intermediate_certificates),
        (_("Vouches for its connections (TLS)"), definition.tls_root_certificates),
        (_("Vouches for connections below that"), definition.tls_intermediate_certificates),
    ]
    return [fact for purpose, pems in groups for fact in _facts(purpose, pems)]


def _facts(purpose: str, pems: tuple[bytes, ...]) -> Iterator[CertificateFacts]:
    for pem in pems:
        found = x509.load_pem_x509_certificate(pem)
        names = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        digits = found.fingerprint(hashes.SHA256()).hex().upper()
        yield CertificateFacts(
            purpose=purpose,
            subject=str(names[0].value) if names else found.subject.rfc4514_string(),
            fingerprint=" ".join(digits[at : at + 4] for at in range(0, len(digits), 4)),
            ends=found.not_valid_after_utc.astimezone(UTC).isoformat(),
        )
