"""Why a chaincode could not be executed."""


class ChaincodeError(Exception):
    """No response came from a chaincode, or a request of its cannot be served; the text is Fabric's own."""
