"""A differential run on disk: what real peers made of a channel, for checks without them.

There is no key in it. Peers look at no certificate's end when they validate, so it does not age.
"""

from __future__ import annotations

import base64
import json
import lzma
import struct
from pathlib import Path

from hansa_fabric.blocks import Block
from tests.support.differential_run import Recorded

_SIZE = struct.Struct(">I")


def write_recording(path: Path, recorded: Recorded) -> None:
    """Write a run."""
    head = {
        "endorsed": {tx_id: _text(data) for tx_id, data in recorded.endorsed.items()},
        "delivered": {
            msp_id: {
                number: {place: _text(data) for place, data in sets.items()}
                for number, sets in blocks.items()
                if sets
            }
            for msp_id, blocks in recorded.delivered.items()
        },
        "creators": {msp_id: _text(data) for msp_id, data in recorded.creators.items()},
        "reports": recorded.reports,
    }
    parts = [json.dumps(head, sort_keys=True).encode()]
    parts += [block.serialize() for block in recorded.blocks]
    content = b"".join(_SIZE.pack(len(part)) + part for part in parts)
    path.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))


def read_recording(path: Path) -> Recorded:
    """The run in a file."""
    content = lzma.decompress(path.read_bytes())
    parts: list[bytes] = []
    position = 0
    while position < len(content):
        (size,) = _SIZE.unpack_from(content, position)
        parts.append(content[position + _SIZE.size : position + _SIZE.size + size])
        position += _SIZE.size + size
    head = json.loads(parts[0])
    blocks = [Block(part) for part in parts[1:]]
    delivered: dict[str, dict[int, dict[int, bytes]]] = {
        msp_id: {number: {} for number in range(len(blocks))} for msp_id in head["delivered"]
    }
    for msp_id, found in head["delivered"].items():
        for number, sets in found.items():
            delivered[msp_id][int(number)] = {int(place): _data(text) for place, text in sets.items()}
    return Recorded(
        blocks=blocks,
        endorsed={tx_id: _data(text) for tx_id, text in head["endorsed"].items()},
        delivered=delivered,
        creators={msp_id: _data(text) for msp_id, text in head["creators"].items()},
        reports=head["reports"],
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _data(text: str) -> bytes:
    return base64.b64decode(text)
