"""The consortium itself: who joins and leaves, whose certificates count, who orders; decided by its members.

A change goes one way, whatever it changes: it is computed from the channel's configuration in force
(``propose``), read by people (``explain``), signed by administrators, each where his key is (``sign``),
counted (``standing``), and submitted once the policy is met (``submit``). Changes are serialised: one that
another overtook is computed anew (``renew``) and signed anew.

``config`` is always a ``hansa_fabric.bundle.Bundle``, as ``ChannelConfiguration.current(client)`` gives it.
"""

from __future__ import annotations

from hansa.consortium.changes import (
    AddOrderer,
    AddOrganization,
    Change,
    ChangeBatch,
    ChangePolicy,
    Kind,
    RemoveOrderer,
    RemoveOrganization,
    ReplaceOrderer,
    RotateCertificates,
    SetAnchorPeers,
)
from hansa.consortium.errors import ConsortiumError
from hansa.consortium.kit import JoinKit, KitParts
from hansa.consortium.msp_folder import read_msp_folder
from hansa.consortium.request import JoinRequest, OrderingNode
from hansa.consortium.signing import Approver, check, sign
from hansa.consortium.standing import Requirement, Standing, standing
from hansa.consortium.submission import ChannelConfiguration
from hansa.consortium.update import ProposedUpdate, explain, propose, renew

__all__ = [
    "AddOrderer",
    "AddOrganization",
    "Approver",
    "Change",
    "ChangeBatch",
    "ChangePolicy",
    "ChannelConfiguration",
    "ConsortiumError",
    "JoinKit",
    "JoinRequest",
    "Kind",
    "KitParts",
    "OrderingNode",
    "ProposedUpdate",
    "RemoveOrderer",
    "RemoveOrganization",
    "ReplaceOrderer",
    "Requirement",
    "RotateCertificates",
    "SetAnchorPeers",
    "Standing",
    "check",
    "explain",
    "propose",
    "read_msp_folder",
    "renew",
    "sign",
    "standing",
]
