"""Channel rules from a configuration: real identities and policies, with the answers remembered."""

from collections.abc import Sequence
from typing import Self

from fabric_protos.common import configtx_pb2

from hansa_devnode.ledger.definitions import policy_reference
from hansa_devnode.validation.rules import Signers
from hansa_fabric.bundle import Bundle
from hansa_fabric.config_authorization import apply
from hansa_fabric.errors import FabricDataError, MalformedDataError
from hansa_fabric.policies import SignedData, is_satisfied, signers
from hansa_fabric.policy_expression import application_policy
from hansa_fabric.protobuf import decode
from hansa_fabric.transactions import Transaction

# The same endorsers meet the same policies in every block; beyond this many answers memory counts more.
_REMEMBERED_ANSWERS = 10_000


class BundleRules:
    """The rules that a channel's configuration makes. Safe to use from any thread.

    Args:
        bundle: the configuration.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.channel = bundle.channel
        self.organizations = frozenset(bundle.msp_ids)
        self._groups = {one.msp.msp_id: name for name, one in bundle.organizations.items()}
        self._answers: dict[tuple[bytes, tuple[object, ...]], bool] = {}

    def reconfigured(self, transaction: Transaction) -> Self:
        """Return the rules after a CONFIG transaction, checked as peers do. Raises FabricDataError."""
        return type(self)(apply(self.bundle, decode(configtx_pb2.ConfigEnvelope, transaction.data)))

    def refusal_of_creator(self, signed: SignedData) -> str | None:
        """Return why a creator or his signature is not accepted, None where they are.

        A certificate's end does not matter here, as on Fabric's committing peers: orderers and endorsers ask.
        """
        try:
            self.bundle.manager.deserialize(signed.identity).verify(signed.data, signed.signature)
        except FabricDataError as error:
            return str(error)
        return None

    def signers(self, signed: Sequence[SignedData]) -> Signers:
        """Return those identities of the channel whose signatures are good, each once, in order."""
        return tuple(signers(self.bundle.manager, signed))

    def satisfied(self, policy: bytes, signers: Signers) -> bool:
        """Return whether verified signers satisfy a serialized `peer.ApplicationPolicy`."""
        question = (policy, tuple(signer.id for signer in signers))
        answer = self._answers.get(question)
        if answer is None:
            answer = self._evaluate(policy, signers)
            if len(self._answers) >= _REMEMBERED_ANSWERS:
                self._answers.clear()
            self._answers[question] = answer
        return answer

    def is_member(self, identity: bytes, organizations: frozenset[str]) -> bool:
        """Return whether a serialized identity is a valid member of one of the organisations (MSP ids)."""
        try:
            return self.bundle.manager.deserialize(identity).msp_id in organizations
        except FabricDataError:
            return False

    def collection_policy(self, msp_id: str) -> bytes | None:
        """Return the `ApplicationPolicy` of an organisation's implicit collection, None where unknown."""
        group = self._groups.get(msp_id)
        if group is None:
            return None
        path = f"/Channel/Application/{group}/Endorsement"
        try:
            self.bundle.policy(path)
        except MalformedDataError:
            # An organisation without an endorsement policy of its own: any member of it.
            return bytes(application_policy(f"OR('{msp_id}.member')").SerializeToString())
        return policy_reference(path)

    def _evaluate(self, policy: bytes, signers: Signers) -> bool:
        try:
            return is_satisfied(self.bundle.application_policy(policy), signers)
        except MalformedDataError:
            return False  # a broken policy, or a reference to none, is satisfied by nobody
