"""What can go wrong in the ledger, as types the services map to gRPC statuses and shim errors."""


class LedgerError(Exception):
    """Any failure of the ledger; the text is fit to be shown to the caller."""


class LedgerMismatchError(LedgerError):
    """The data folder holds another channel, or blocks that do not form a chain."""


class NotFoundError(LedgerError):
    """A block or transaction that this ledger does not hold."""


class SimulationError(LedgerError):
    """A read or write that Fabric's transaction simulator refuses; the text is Fabric's own."""


class NoSuchCollectionError(LedgerError):
    """A collection that a chaincode's definition does not have, or a chaincode that is not defined.

    Args:
        namespace: the chaincode's name.
        collection: the collection's name.
    """

    def __init__(self, namespace: str, collection: str) -> None:
        super().__init__(f"chaincode {namespace} has no collection {collection}")
