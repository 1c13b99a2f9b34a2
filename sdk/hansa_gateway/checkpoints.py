"""How far a program has processed a channel's events, kept so that it can go on after a restart."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hansa_gateway.errors import CheckpointError
from hansa_gateway.files import replace_file

_VERSION = 1


@dataclass(frozen=True)
class Checkpoint:
    """A position in one ledger's events.

    An unknown transaction id makes a gateway's event stream wait silently for ever, so a checkpoint names the
    ledger it belongs to.

    Args:
        genesis_hash: header hash (32 bytes) of the channel's block 0.
        block_number: the block in which the next event is expected.
        transaction_id: the transaction in that block whose event was processed last; empty for none.
    """

    genesis_hash: bytes
    block_number: int
    transaction_id: str = ""


class Checkpointer(Protocol):
    """A place that keeps a checkpoint."""

    def load(self) -> Checkpoint | None:
        """What was saved last; None before the first time. Raises CheckpointError."""
        ...

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep this one instead. Raises CheckpointError."""
        ...


class InMemoryCheckpointer:
    """A checkpointer that forgets with its process; enough to reconnect.

    Args:
        checkpoint: where to begin.
    """

    def __init__(self, checkpoint: Checkpoint | None = None) -> None:
        self._checkpoint = checkpoint

    def load(self) -> Checkpoint | None:
        """What was saved last."""
        return self._checkpoint

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep this one instead."""
        self._checkpoint = checkpoint


class FileCheckpointer:
    """A checkpointer in a file, replaced whole, so that a crash leaves the old or the new one.

    Args:
        path: the file; its folder must exist. One process at a time may use it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()

    def load(self) -> Checkpoint | None:
        """What was saved last; None when there is no file.

        Raises:
            CheckpointError: the file cannot be read or is no checkpoint. It is never taken for an empty one:
                that would process everything again.
        """
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise CheckpointError(f"cannot read checkpoint {self._path}: {error}") from error
        return _parse(text, self._path)

    def save(self, checkpoint: Checkpoint) -> None:
        """Write the checkpoint beside the file, force it to disk, and put it in the file's place.

        Raises:
            CheckpointError: the disk refused; the old checkpoint stands.
        """
        document = {
            "v": _VERSION,
            "genesisHash": checkpoint.genesis_hash.hex(),
            "blockNumber": checkpoint.block_number,
            "transactionId": checkpoint.transaction_id,
        }
        with self._lock:
            try:
                replace_file(self._path, json.dumps(document).encode())
            except OSError as error:
                raise CheckpointError(f"cannot write checkpoint {self._path}: {error}") from error


def _parse(text: str, path: Path) -> Checkpoint:
    try:
        document = json.loads(text)
        if document["v"] != _VERSION:
            raise CheckpointError(f"checkpoint {path} has version {document['v']}, not {_VERSION}")
        block_number, transaction_id = document["blockNumber"], document["transactionId"]
        if type(block_number) is not int or block_number < 0 or not isinstance(transaction_id, str):
            raise TypeError("block number or transaction id")
        return Checkpoint(bytes.fromhex(document["genesisHash"]), block_number, transaction_id)
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is not a checkpoint: {error}") from error
