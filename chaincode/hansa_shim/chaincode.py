"""What a chaincode is to the shim."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from hansa_shim.response import Response
from hansa_shim.stub import ChaincodeStub


class Chaincode(Protocol):
    """A program that answers transactions. One object serves all of them, concurrently."""

    async def init(self, stub: ChaincodeStub) -> Response:
        """Answers an initialization; called only for chaincode of the old lifecycle."""
        ...

    async def invoke(self, stub: ChaincodeStub) -> Response:
        """Answers a transaction. An exception becomes an answer with status 500 and is logged."""
        ...


@runtime_checkable
class DescribedChaincode(Protocol):
    """A chaincode that describes itself: its ``get_metadata`` answers the function
    ``org.hyperledger.fabric:GetMetadata``, which Fabric's tools ask for."""

    def get_metadata(self) -> bytes | str:
        """The description, JSON in the schema of Fabric's contract API."""
        ...
