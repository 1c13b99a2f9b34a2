"""What can go wrong in the ledger, as types the services map to gRPC statuses and shim errors."""


class LedgerError(Exception):
    """Any failure of the ledger; the text is fit to be shown to the caller."""


class LedgerMismatchError(LedgerError):
    """The data folder holds another channel, or blocks that do not form a chain."""


class NotFoundError(LedgerError):
    """A block or transaction that this ledger does not hold."""


class SimulationError(LedgerError):
    """A read or write that Fabric's transaction simulator refuses; the text is Fabric's own."""


class InvalidCollectionError(SimulationError):
    """A collection that the chaincode's definition does not have.

    Args:
        namespace: the chaincode's name.
        collection: the collection's name.
    """

    def __init__(self, namespace: str, collection: str) -> None:
        super().__init__(
            f"collection [{collection}] not defined in the collection config for chaincode [{namespace}]"
        )


class CollectionsUndefinedError(SimulationError):
    """A chaincode that is not defined on the channel, so that it has no collections.

    Args:
        namespace: the chaincode's name.
    """

    def __init__(self, namespace: str) -> None:
        super().__init__(
            f"collection config not defined for chaincode [{namespace}],"
            " pass the collection configuration upon chaincode definition/instantiation"
        )
