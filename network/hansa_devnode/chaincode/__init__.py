"""The peer's side of the chaincode protocol: connections to chaincode servers, and the system chaincodes."""

from hansa_devnode.chaincode.errors import ChaincodeError
from hansa_devnode.chaincode.invocation import Invocation
from hansa_devnode.chaincode.support import ChaincodeSupport, ClientTls

__all__ = ["ChaincodeError", "ChaincodeSupport", "ClientTls", "Invocation"]
