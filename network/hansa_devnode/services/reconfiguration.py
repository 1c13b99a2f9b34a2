"""From a configuration update to the transaction that an orderer puts into a block of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2

from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric.config_authorization import propose
from hansa_fabric.config_signatures import config_payload
from hansa_fabric.identity import Signer
from hansa_fabric.transactions import sign_envelope


@dataclass(frozen=True, slots=True)
class ProposedConfiguration:
    """A configuration on its way into a block.

    Args:
        update: the `common.Envelope` of type CONFIG_UPDATE that asks for it.
        envelope: the `common.Envelope` of type CONFIG, signed by the orderer.
        sequence: number of the configuration it was computed from.
    """

    update: Any
    envelope: Any
    sequence: int


class Reconfiguration:
    """Judges updates against the configuration in force, as Fabric's orderer does.

    Args:
        ledger: has the configuration.
        signer: the orderer's identity.
    """

    def __init__(self, ledger: Ledger, signer: Signer) -> None:
        self._ledger = ledger
        self._signer = signer

    def propose(self, update: Any) -> ProposedConfiguration:
        """The transaction that carries out an update (`common.Envelope`).

        Raises FabricDataError: versions, signatures or content do not fit the configuration in force.
        """
        bundle = self._ledger.bundle
        content = propose(bundle, update)
        payload = config_payload(common_pb2.CONFIG, bundle.channel, content, self._signer.identity)
        return ProposedConfiguration(update, sign_envelope(payload, self._signer), bundle.sequence)

    def renewed(self, proposed: ProposedConfiguration) -> ProposedConfiguration:
        """The same, or made anew where another configuration has come first.

        Raises FabricDataError: the update does not fit any more.
        """
        if proposed.sequence == self._ledger.bundle.sequence:
            return proposed
        return self.propose(proposed.update)
