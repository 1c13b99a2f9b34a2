"""The other changes that members agree on, each laid before them as a newcomer's request is."""

from __future__ import annotations

import json as json_text
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from hansa.consortium import (
    AddOrderer,
    Change,
    ChangeBatch,
    ChangePolicy,
    JoinRequest,
    OrderingNode,
    RemoveOrderer,
    RemoveOrganization,
    ReplaceOrderer,
    RotateCertificates,
    SetAnchorPeers,
    read_msp_folder,
)
from hansa_cli.session import As, CliError, Data, Json, acting, member

LayBefore = Callable[[Change, str, str, Path | None, bool], None]

Member = Annotated[str, typer.Argument(help="A member, by name or MSP id.")]
Summary = Annotated[str, typer.Option("--summary", help="What it is for, in a sentence; public.")]
Endpoint = Annotated[str, typer.Argument(help="An ordering node, host:port.")]


def register(app: typer.Typer, lay_before: LayBefore) -> None:
    """Adds a verb for each kind of change.

    Args:
        lay_before: computes a change and records it.
    """

    @app.command("propose-removal")
    def removal(
        organization: Member, who: As, summary: Summary = "", data: Data = None, json: Json = False
    ) -> None:
        """Proposes that a member leaves. What it signs from then on is refused; what it owns stays."""
        change = RemoveOrganization(_member(organization, who, data))
        lay_before(change, summary or f"{organization} leaves the consortium.", who, data, json)

    @app.command("propose-certificates")
    def certificates(
        msp: Annotated[Path, typer.Argument(help="MSP folder with the authorities that are to count.")],
        who: As,
        organization: Annotated[str, typer.Option(help="Whose; the one that acts unless given.")] = "",
        summary: Summary = "",
        data: Data = None,
        json: Json = False,
    ) -> None:
        """Proposes other authorities or revocation lists: first the old and the new, later the new alone."""
        msp_id = _member(organization or who.partition("/")[0], who, data)
        change = RotateCertificates(msp_id, read_msp_folder(msp, msp_id))
        lay_before(change, summary or f"{msp_id} changes its certificates.", who, data, json)

    @app.command("propose-anchors")
    def anchors(
        addresses: Annotated[list[str], typer.Argument(help="Where its peers are found, host:port.")],
        who: As,
        summary: Summary = "",
        data: Data = None,
        json: Json = False,
    ) -> None:
        """Proposes where the acting member's peers are found; nobody else has to sign."""
        msp_id = _member(who.partition("/")[0], who, data)
        change = SetAnchorPeers(msp_id, tuple(addresses))
        lay_before(change, summary or f"The peers of {msp_id} are found elsewhere.", who, data, json)

    _register_ordering(app, lay_before)
    _register_rules(app, lay_before)


def _register_ordering(app: typer.Typer, lay_before: LayBefore) -> None:
    @app.command("propose-orderer")
    def orderer(
        who: As,
        request: Annotated[Path | None, typer.Argument(help="Join request that names the node.")] = None,
        endpoint: Annotated[str, typer.Option(help="Without a request: host:port of the node.")] = "",
        tls: Annotated[Path | None, typer.Option(help="Its TLS certificate, for both uses (PEM).")] = None,
        identity: Annotated[Path | None, typer.Option(help="Its signing certificate (PEM), for BFT.")] = None,
        organization: Annotated[str, typer.Option(help="Whose node; the one that acts unless given.")] = "",
        replaces: Annotated[str, typer.Option(help="host:port of the node that leaves.")] = "",
        summary: Summary = "",
        data: Data = None,
        json: Json = False,
    ) -> None:
        """Proposes a member's ordering node, which should follow the channel already."""
        if request is not None:
            wanted = JoinRequest.from_json(request.read_bytes())
            msp_id, node = wanted.msp_id, wanted.orderer
        else:
            msp_id = _member(organization or who.partition("/")[0], who, data)
            node = _node(endpoint, tls, identity)
        if node is None:
            raise CliError(
                "NO_ORDERING_NODE", f"{request} names no ordering node.", "Make it with --orderer."
            )
        change: Change = ReplaceOrderer(replaces, msp_id, node) if replaces else AddOrderer(msp_id, node)
        lay_before(change, summary or f"{msp_id} orders at {node.endpoint}.", who, data, json)

    @app.command("propose-orderer-removal")
    def orderer_removal(
        at: Endpoint, who: As, summary: Summary = "", data: Data = None, json: Json = False
    ) -> None:
        """Proposes that an ordering node leaves."""
        lay_before(RemoveOrderer(at), summary or f"The ordering node at {at} leaves.", who, data, json)


def _register_rules(app: typer.Typer, lay_before: LayBefore) -> None:
    @app.command("propose-batch")
    def batch(
        who: As,
        timeout_ms: Annotated[int | None, typer.Option(help="Longest wait, milliseconds.")] = None,
        max_message_count: Annotated[int | None, typer.Option(help="Transactions in a block.")] = None,
        preferred_max_bytes: Annotated[int | None, typer.Option(help="Bytes of a block.")] = None,
        absolute_max_bytes: Annotated[int | None, typer.Option(help="Bytes of a transaction.")] = None,
        summary: Summary = "",
        data: Data = None,
        json: Json = False,
    ) -> None:
        """Proposes other limits at which blocks are cut."""
        limits = {
            "timeout_ms": timeout_ms,
            "max_message_count": max_message_count,
            "preferred_max_bytes": preferred_max_bytes,
            "absolute_max_bytes": absolute_max_bytes,
        }
        told = json_text.dumps({name: value for name, value in limits.items() if value is not None})
        lay_before(ChangeBatch(**limits), summary or f"Blocks are cut otherwise: {told}", who, data, json)

    @app.command("propose-policy")
    def policy(
        path: Annotated[str, typer.Argument(help="Such as /Channel/Application/Endorsement.")],
        expression: Annotated[str, typer.Argument(help='Such as "MAJORITY Endorsement".')],
        who: As,
        summary: Summary = "",
        data: Data = None,
        json: Json = False,
    ) -> None:
        """Proposes another policy."""
        change = ChangePolicy(path, expression)
        lay_before(change, summary or f"{path} becomes {expression}.", who, data, json)


def _node(endpoint: str, tls: Path | None, identity: Path | None) -> OrderingNode:
    if not endpoint or tls is None:
        raise CliError(
            "NO_ORDERING_NODE",
            "No ordering node is named.",
            "Give its join request, or --endpoint, --tls and, with BFT, --identity.",
        )
    certificate = tls.read_text(encoding="ascii")
    return OrderingNode(
        endpoint=endpoint,
        client_tls_certificate=certificate,
        server_tls_certificate=certificate,
        identity="" if identity is None else identity.read_text(encoding="ascii"),
    )


def _member(name: str, who: str, data: Path | None) -> str:
    with acting(who, data) as client:
        return member(client, name)
