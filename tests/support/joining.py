"""``hansa join`` within the test's own process, and the organisations that come in by it."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from hansa_cli.main import main
from hansa_network.consortium import Consortium, OrderingNode, Organization, Ports, load, with_free_ports
from hansa_network.ports import free_ports


@dataclass(frozen=True)
class Words:
    """The command line on the network of one folder."""

    data: Path

    def __call__(self, *words: str, data: Path | None = None) -> str:
        """Runs a command that must succeed; what it printed."""
        printed, told, status = self._run(words, data)
        assert status == 0, (words, told)
        return printed

    def ask(self, *words: str, data: Path | None = None) -> Any:
        """The JSON answer of a command that must succeed."""
        return json.loads(self(*words, "--json", data=data))

    def refused(self, *words: str) -> Any:
        """The error of a command that must fail."""
        _, told, status = self._run((*words, "--json"), None)
        assert status == 1, (words, told)
        return json.loads(told.splitlines()[-1])["error"]

    def _run(self, words: tuple[str, ...], data: Path | None) -> tuple[str, str, int]:
        printed, told = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(told):
            try:
                main([*words, "--data", str(data or self.data)])
                status = 0
            except SystemExit as ended:
                status = int(ended.code or 0)
        return printed.getvalue(), told.getvalue(), status

    def propose(self, *words: str) -> str:
        """Proposes a change; its id."""
        return str(self.ask("join", *words)["reply"]["config_update"]["id"])

    def agree(self, change: str, *organizations: str) -> None:
        """Has administrators sign."""
        for one in organizations:
            self("join", "sign", change, "--as", one, "--yes")


def three_members(ordering: int = 1) -> Consortium:
    """Producer, Retailer and Bank on free ports; on Fabric the first of them order with Raft.

    Args:
        ordering: with four, the Carrier is there too, and all order with BFT.
    """
    consortium = with_free_ports(load())
    names = ["Producer", "Retailer", "Bank"] if ordering < 4 else ["Producer", "Retailer", "Carrier", "Bank"]
    replace = msgspec.structs.replace
    members = [one for one in consortium.organizations if one.name in names]
    return replace(
        consortium,
        ordering=replace(consortium.ordering, consensus="bft" if ordering >= 4 else "etcdraft"),
        organizations=tuple(
            one if number < ordering else replace(one, orderer=None) for number, one in enumerate(members)
        ),
    )


def newcomer(name: str, *, orders: bool = False) -> Organization:
    """A retailer that wants to come in, on free ports."""
    peer, ca, portal, chaincode, operations, port, admin, metrics = free_ports(8)
    return Organization(
        name=name,
        msp_id=f"{name}MSP",
        domain=f"{name.lower()}.example",
        role="retailer",
        country="NL",
        ports=Ports(peer=peer, ca=ca, portal=portal, chaincode=chaincode, operations=operations),
        orderer=OrderingNode(port=port, admin=admin, operations=metrics) if orders else None,
    )


def write_description(organization: Organization, path: Path) -> Path:
    """What ``hansa join request --config`` reads."""
    path.write_text(yaml.safe_dump(msgspec.to_builtins(organization)), encoding="utf-8")
    return path
