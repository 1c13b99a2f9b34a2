"""Fabric's envelopes and block cuts through the embedded engine's ledger, compared as they go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from fabric_protos.common import common_pb2
from fabric_protos.msp import identities_pb2

from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric.blocks import Block
from hansa_fabric.rwsets import PrivateSet
from hansa_fabric.validation_codes import ValidationCode, code_name
from tests.support.differential_report import answer, asker
from tests.support.differential_run import Recorded


def differences(recorded: Recorded, folder: Path) -> list[str]:
    """What the embedded engine makes otherwise than real peers did; empty where all is equal.

    Compared are, block by block, validation codes, header hashes, commit hashes (over all public and hashed
    writes with their versions) and the private data that each member's peer delivers; in the end state,
    versions, key policies, histories, private hashes and private values as each member sees them.

    Args:
        recorded: Fabric's.
        folder: for the ledger, empty.
    """
    ledger = Ledger.open(folder, recorded.blocks[0].message)
    try:
        return _blocks(ledger, recorded) or _reports(ledger, recorded)
    finally:
        ledger.close()


def _blocks(ledger: Ledger, recorded: Recorded) -> list[str]:
    for tx_id, private in recorded.endorsed.items():
        ledger.keep_private(tx_id, private)
    found: list[str] = []
    held: list[str] = []
    for theirs in recorded.blocks[1:]:
        ours = Block(ledger.commit(list(theirs.data)).data)
        found += [
            f"block {theirs.number} transaction {index}: {code_name(own)}, on Fabric {code_name(code)}"
            for index, (own, code) in enumerate(zip(ours.codes, theirs.codes, strict=True))
            if own != code
        ]
        if ours.hash != theirs.hash:
            found.append(f"block {theirs.number}: another header")
        slot = common_pb2.COMMIT_HASH
        if not found and ours.metadata(slot) != theirs.metadata(slot):
            found.append(f"block {theirs.number}: another commit hash")
        if found:
            return found  # whatever follows would differ too
        held += _private(ledger, recorded.delivered, theirs)
    return held


def _private(
    ledger: Ledger, delivered: Mapping[str, Mapping[int, Mapping[int, bytes]]], block: Block
) -> list[str]:
    found = []
    for msp_id, blocks in delivered.items():
        ours, theirs = ledger.private_data(msp_id, block.number), blocks[block.number]
        for place in sorted({*ours, *theirs}):
            own, fabric = _collections(ours.get(place)), _collections(theirs.get(place))
            if msp_id not in _sure_to_hold(block, place):
                own = {name: content for name, content in own.items() if name in fabric}
            if own != fabric:
                found.append(f"block {block.number} transaction {place}: {msp_id}: {own}, on Fabric {fabric}")
    return found


def _sure_to_hold(block: Block, place: int) -> set[str]:
    """MSP ids of the members whose peers have a transaction's private data at once: they endorsed it.

    Others are sent it, or ask for it, which may take a while; of what is invalid they ask for nothing.
    """
    if block.codes[place] != ValidationCode.VALID:
        return set()
    endorsements = block.transactions[place].transaction.endorsements
    return {str(identities_pb2.SerializedIdentity.FromString(one.endorser).mspid) for one in endorsements}


def _collections(private: bytes | None) -> dict[tuple[str, str], bytes]:
    if private is None:
        return {}
    spaces = PrivateSet.parse(private).namespaces
    return {(space.name, one.name): one.serialize() for space in spaces for one in space.collections}


def _reports(ledger: Ledger, recorded: Recorded) -> list[str]:
    found = []
    for msp_id, theirs in recorded.reports.items():
        ask = asker(ledger, msp_id, recorded.creators[msp_id])
        for question, expected in theirs.items():
            ours = answer(ask, json.loads(question))
            if ours != expected:
                found.append(f"{msp_id} asked {question}: {ours}, on Fabric {expected}")
    return found
