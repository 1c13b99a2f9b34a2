"""Public state: keys that every peer of the channel holds."""

from __future__ import annotations

from collections.abc import Sequence

from fabric_protos.peer import chaincode_shim_pb2 as shim_pb2

from hansa_shim.composite_key import check_key, partial_composite_range, simple_range
from hansa_shim.exchange import ChaincodeMessage
from hansa_shim.iterators import HistoryIterator, StateIterator
from hansa_shim.ledger_access import PUBLIC, LedgerAccess


class PublicState(LedgerAccess):
    """Reads see the state as committed before the transaction, never its own writes."""

    async def get_state(self, key: str) -> bytes:
        """The value of a key; empty where the ledger has none."""
        return await self._get(PUBLIC, key)

    async def get_multiple_states(self, keys: Sequence[str]) -> list[bytes]:
        """The values of several keys, in their order, empty where the ledger has none.

        One message per portion of the size that the peer announced, or per key where it offers no batching.
        """
        return await self._get_multiple(keys)

    async def put_state(self, key: str, value: bytes | str) -> None:
        """Writes a value; text as UTF-8.

        Raises:
            InvalidArgumentError: key or value is empty (Fabric would take an empty value for a deletion).
        """
        await self._put(PUBLIC, key, value)

    async def delete_state(self, key: str) -> None:
        """Deletes a key and, with it, its endorsement policy."""
        await self._delete(PUBLIC, key)

    async def get_state_by_range(self, start_key: str, end_key: str) -> StateIterator:
        """Simple keys from ``start_key`` up to and without ``end_key``; an empty bound is open."""
        return await self._range(PUBLIC, *simple_range(start_key, end_key))

    async def get_state_by_range_with_pagination(
        self, start_key: str, end_key: str, page_size: int, bookmark: str = ""
    ) -> StateIterator:
        """One page of ``get_state_by_range``; the iterator's ``bookmark`` leads to the next.

        For queries only: Fabric does not check pages for phantoms.
        """
        return await self._range(PUBLIC, *simple_range(start_key, end_key), page_size, bookmark)

    async def get_state_by_partial_composite_key(
        self, object_type: str, attributes: Sequence[str] = ()
    ) -> StateIterator:
        """Composite keys that begin with this type and these attributes."""
        return await self._range(PUBLIC, *partial_composite_range(object_type, attributes))

    async def get_state_by_partial_composite_key_with_pagination(
        self, object_type: str, attributes: Sequence[str], page_size: int, bookmark: str = ""
    ) -> StateIterator:
        """One page of ``get_state_by_partial_composite_key``."""
        return await self._range(
            PUBLIC, *partial_composite_range(object_type, attributes), page_size, bookmark
        )

    async def get_query_result(self, query: str) -> StateIterator:
        """A rich query, where the peer's state database knows one (CouchDB); its result is not checked again
        when the block is validated."""
        return await self._query(PUBLIC, query)

    async def get_query_result_with_pagination(
        self, query: str, page_size: int, bookmark: str = ""
    ) -> StateIterator:
        """One page of a rich query."""
        return await self._query(PUBLIC, query, page_size, bookmark)

    async def get_history_for_key(self, key: str) -> HistoryIterator:
        """All committed changes of a key, the newest first."""
        check_key(key)
        message = shim_pb2.GetHistoryForKey(key=key)
        payload = await self._exchange.request(
            ChaincodeMessage.GET_HISTORY_FOR_KEY, message.SerializeToString()
        )
        return HistoryIterator(self._exchange, payload)

    async def set_state_validation_parameter(self, key: str, policy: bytes) -> None:
        """Sets the endorsement policy of a key, in place of the chaincode's (``KeyEndorsementPolicy``).

        In the same transaction, also read the key (``get_state``) or write its value: a peer of Fabric 3.1.5
        stops for good at a block in which one transaction deletes a key and a later one sets nothing but
        its policy. The read makes that later one invalid instead.
        """
        await self._set_policy(PUBLIC, key, policy)

    async def get_state_validation_parameter(self, key: str) -> bytes:
        """The endorsement policy of a key; empty where it has none of its own."""
        return await self._get_policy(PUBLIC, key)
