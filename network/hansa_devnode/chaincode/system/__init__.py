"""The chaincodes that are part of a peer: qscc, cscc and _lifecycle."""

from hansa_devnode.chaincode.installed import InstalledChaincodes
from hansa_devnode.chaincode.permissions import Permissions
from hansa_devnode.chaincode.system.cscc import Cscc
from hansa_devnode.chaincode.system.interface import SYSTEM_VERSION, SystemChaincode
from hansa_devnode.chaincode.system.lifecycle import Lifecycle
from hansa_devnode.chaincode.system.qscc import Qscc
from hansa_devnode.ledger.ledger import Ledger

__all__ = ["SYSTEM_VERSION", "SystemChaincode", "system_chaincodes"]


def system_chaincodes(
    msp_id: str, ledger: Ledger, permissions: Permissions, installed: InstalledChaincodes
) -> dict[str, SystemChaincode]:
    """The system chaincodes of one organisation's peer, by name.

    Args:
        msp_id: the organisation.
        ledger: the channel's.
        permissions: on that peer.
        installed: the chaincodes on that peer.
    """
    return {
        "qscc": Qscc(ledger, permissions),
        "cscc": Cscc(ledger, permissions),
        "_lifecycle": Lifecycle(msp_id, ledger, permissions, installed),
    }
