"""The chaincodes that are part of a peer: qscc, cscc and _lifecycle."""

from collections.abc import Sequence

from hansa_devnode.chaincode.permissions import Permissions
from hansa_devnode.chaincode.system.cscc import Cscc
from hansa_devnode.chaincode.system.interface import SYSTEM_VERSION, SystemChaincode
from hansa_devnode.chaincode.system.lifecycle import Lifecycle
from hansa_devnode.chaincode.system.qscc import Qscc
from hansa_devnode.config import ChaincodeConfig
from hansa_devnode.ledger.ledger import Ledger

__all__ = ["SYSTEM_VERSION", "SystemChaincode", "system_chaincodes"]


def system_chaincodes(
    ledger: Ledger, permissions: Permissions, chaincodes: Sequence[ChaincodeConfig]
) -> dict[str, SystemChaincode]:
    """The system chaincodes of one organisation's peer, by name.

    Args:
        ledger: the channel's.
        permissions: on that peer.
        chaincodes: what the configuration installs.
    """
    return {
        "qscc": Qscc(ledger, permissions),
        "cscc": Cscc(ledger, permissions),
        "_lifecycle": Lifecycle(ledger, permissions, chaincodes),
    }
