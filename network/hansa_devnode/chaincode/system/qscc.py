"""qscc: blocks and transactions of the ledger."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from fabric_protos.common import common_pb2, ledger_pb2
from fabric_protos.peer import transaction_pb2

from hansa_devnode.chaincode.invocation import Invocation
from hansa_devnode.chaincode.permissions import PermissionDeniedError, Permissions
from hansa_devnode.chaincode.system.interface import failure, success
from hansa_devnode.ledger import LedgerError
from hansa_devnode.ledger.ledger import Ledger

_NUMBER = re.compile(rb"[0-9]+")


class Qscc:
    """Fabric's query system chaincode.

    Args:
        ledger: what is queried.
        permissions: who may query.
    """

    def __init__(self, ledger: Ledger, permissions: Permissions) -> None:
        self._ledger = ledger
        self._permissions = permissions
        self._functions: dict[str, Callable[[bytes], Any]] = {
            "GetChainInfo": self._chain_info,
            "GetBlockByNumber": self._block_by_number,
            "GetBlockByHash": self._block_by_hash,
            "GetTransactionByID": self._transaction,
            "GetBlockByTxID": self._block_by_transaction,
        }

    def invoke(self, invocation: Invocation, args: Sequence[bytes]) -> Any:
        """Answer `function, channel, [argument]` with a `peer.Response`."""
        if len(args) < 2:
            return failure(f"Incorrect number of arguments, {len(args)}")
        name, channel = args[0].decode(errors="replace"), args[1].decode(errors="replace")
        if invocation.chaincode != "qscc":
            return failure(
                "Rejecting invoke of QSCC from another chaincode because of potential for deadlocks,"
                f" original invocation for '{invocation.chaincode}'"
            )
        if name != "GetChainInfo" and len(args) < 3:
            return failure(f"missing 3rd argument for {name}")
        if channel != self._ledger.channel:
            return failure(f"Invalid chain ID, {channel}")
        try:
            self._permissions.check_channel(f"qscc/{name}", channel, invocation.creator)
        except PermissionDeniedError as error:
            return failure(f"access denied for [{name}][{channel}]: [{error}]")
        # Every resource of qscc that has a policy is a function.
        return self._functions[name](args[2] if len(args) > 2 else b"")

    def _chain_info(self, _: bytes) -> Any:
        found = self._ledger.chain_info()
        message = ledger_pb2.BlockchainInfo(
            height=found.height,
            currentBlockHash=found.current_hash,
            previousBlockHash=found.previous_hash,
        )
        return success(message.SerializeToString())

    def _block_by_number(self, argument: bytes) -> Any:
        text = argument.decode(errors="replace")
        if not _NUMBER.fullmatch(argument):
            return failure(
                f'Failed to parse block number with error strconv.ParseUint: parsing "{text}": invalid syntax'
            )
        number = int(argument)
        if number >= 1 << 64:
            return failure(
                "Failed to parse block number with error"
                f' strconv.ParseUint: parsing "{text}": value out of range'
            )
        if number == (1 << 64) - 1:  # in Fabric's ledger: the newest
            number = self._ledger.height - 1
        try:
            return success(self._ledger.block(number))
        except LedgerError as error:
            return failure(f"Failed to get block number {number}, error {error}")

    def _block_by_hash(self, argument: bytes) -> Any:
        try:
            return success(self._ledger.block_by_hash(argument))
        except LedgerError as error:
            return failure(f"Failed to get block hash {argument.decode(errors='replace')}, error {error}")

    def _transaction(self, argument: bytes) -> Any:
        tx_id = argument.decode(errors="replace")
        try:
            envelope, code = self._ledger.transaction(tx_id)
        except LedgerError as error:
            return failure(f"Failed to get transaction with id {tx_id}, error {error}")
        message = transaction_pb2.ProcessedTransaction(
            transactionEnvelope=common_pb2.Envelope.FromString(envelope), validationCode=code
        )
        return success(message.SerializeToString())

    def _block_by_transaction(self, argument: bytes) -> Any:
        tx_id = argument.decode(errors="replace")
        try:
            return success(self._ledger.block_of_transaction(tx_id))
        except LedgerError as error:
            return failure(f"Failed to get block for txID {tx_id}, error {error}")
