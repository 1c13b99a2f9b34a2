"""Private data: collections whose members hold the values, while every peer holds their hashes."""

from __future__ import annotations

from collections.abc import Sequence

from fabric_protos.peer import chaincode_shim_pb2 as shim_pb2

from hansa_shim.composite_key import check_key, partial_composite_range, simple_range
from hansa_shim.errors import InvalidArgumentError
from hansa_shim.exchange import ChaincodeMessage
from hansa_shim.iterators import StateIterator
from hansa_shim.ledger_access import LedgerAccess


def implicit_collection(msp_id: str) -> str:
    """The name of the collection that Fabric keeps for one organisation without any definition."""
    return f"_implicit_org_{msp_id}"


class PrivateData(LedgerAccess):
    """Every call names a collection and refuses an empty name."""

    async def get_private_data(self, collection: str, key: str) -> bytes:
        """The value of a key; empty where the collection has none.

        Raises:
            PeerError: among others, this peer is no member of the collection.
        """
        return await self._get(_named(collection), key)

    async def get_multiple_private_data(self, collection: str, keys: Sequence[str]) -> list[bytes]:
        """The values of several keys, asked for one by one: a peer without the collection answers a batched
        question with empty values instead of an error."""
        return [await self.get_private_data(collection, key) for key in keys]

    async def get_private_data_hash(self, collection: str, key: str) -> bytes:
        """SHA-256 of a value, known to every peer; empty where there is none."""
        check_key(key)
        message = shim_pb2.GetState(key=key, collection=_named(collection))
        return await self._exchange.request(
            ChaincodeMessage.GET_PRIVATE_DATA_HASH, message.SerializeToString()
        )

    async def put_private_data(self, collection: str, key: str, value: bytes | str) -> None:
        """Writes a value; the block gets its hash."""
        await self._put(_named(collection), key, value)

    async def delete_private_data(self, collection: str, key: str) -> None:
        """Deletes a key from the state of a collection; its past values stay with the members."""
        await self._delete(_named(collection), key)

    async def purge_private_data(self, collection: str, key: str) -> None:
        """Deletes a key with all its past values (capability V2_5)."""
        await self._purge(_named(collection), key)

    async def get_private_data_by_range(self, collection: str, start_key: str, end_key: str) -> StateIterator:
        """Simple keys from ``start_key`` up to and without ``end_key``; Fabric has no paging here."""
        return await self._range(_named(collection), *simple_range(start_key, end_key))

    async def get_private_data_by_partial_composite_key(
        self, collection: str, object_type: str, attributes: Sequence[str] = ()
    ) -> StateIterator:
        """Composite keys that begin with this type and these attributes."""
        return await self._range(_named(collection), *partial_composite_range(object_type, attributes))

    async def get_private_data_query_result(self, collection: str, query: str) -> StateIterator:
        """A rich query over a collection."""
        return await self._query(_named(collection), query)

    async def set_private_data_validation_parameter(self, collection: str, key: str, policy: bytes) -> None:
        """Sets the endorsement policy of a key of a collection.

        In the same transaction, also read the key (``get_private_data``) or write its value: a peer of
        Fabric 3.1.5 stops for good at a block in which one transaction deletes a key and a later one sets
        nothing but its policy. The read makes that later one invalid instead.
        """
        await self._set_policy(_named(collection), key, policy)

    async def get_private_data_validation_parameter(self, collection: str, key: str) -> bytes:
        """The endorsement policy of a key of a collection; empty where it has none of its own."""
        return await self._get_policy(_named(collection), key)


def _named(collection: str) -> str:
    if not collection:
        raise InvalidArgumentError("a collection's name must not be empty")
    return collection
