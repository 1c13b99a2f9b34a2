"""What the newcomer does itself: ``hansa join request``, and ``hansa join up`` with the kit it was given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from hansa.consortium import JoinKit, JoinRequest, OrderingNode
from hansa_cli import running
from hansa_cli.session import CliError, err, out
from hansa_network.consortium import Organization
from hansa_network.data_folder import DataFolder, default_root
from hansa_network.engine import DEVNODE, ENGINES
from hansa_network.joining.applicant import Applicant, load_organization, make_applicant
from hansa_network.joining.part import Surroundings, settle

Folder = Annotated[
    Path | None, typer.Option("--data", help="The newcomer's own folder; else one named after its domain.")
]


def register(app: typer.Typer) -> None:
    """Adds these verbs."""
    app.command()(request)
    app.command()(up)


def request(
    config: Annotated[Path | None, typer.Option("--config", help="The organisation as YAML.")] = None,
    name: Annotated[str, typer.Option(help="As people call it.")] = "",
    msp_id: Annotated[str, typer.Option(help="Its MSP id.")] = "",
    domain: Annotated[str, typer.Option(help="Of its nodes' names.")] = "",
    role: Annotated[str, typer.Option(help="producer, retailer, carrier, bank or regulator.")] = "",
    country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2.")] = "",
    gln: Annotated[str, typer.Option(help="GLN of 13 digits.")] = "",
    first_port: Annotated[int, typer.Option(help="Of ten that its nodes take, one after the other.")] = 7950,
    orderer: Annotated[
        bool, typer.Option("--orderer", help="It runs an ordering node too (Fabric).")
    ] = False,
    engine: Annotated[str, typer.Option(help="devnode or fabric.")] = DEVNODE,
    data: Folder = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The request's file.")] = None,
) -> None:
    """Makes the newcomer's keys and authorities in its own folder, and its join request, which is public."""
    if engine not in ENGINES:
        raise CliError(
            "ENGINE_UNKNOWN", f"There is no engine {engine!r}.", f"Use one of {', '.join(ENGINES)}."
        )
    if config is not None:
        organization = load_organization(config)
    else:
        fields = {"name": name, "msp_id": msp_id, "domain": domain, "role": role, "country": country}
        organization = _described(fields, gln, first_port, orderer)
    folder = DataFolder((data or default_root(organization.domain)).resolve())
    applicant = make_applicant(folder, organization, engine, lambda step: err.print(f"[dim]{step}[/]"))
    made = join_request(applicant)
    made.check()
    output = output or Path(f"{organization.msp_id}.join-request.json")
    output.write_text(made.to_json(), encoding="utf-8")
    out.print(f"keys are in {folder.root}, and stay there", markup=False)
    out.print(f"{output}: give it to a member, who proposes it: hansa join propose {output}", markup=False)


def join_request(applicant: Applicant) -> JoinRequest:
    """The request of one who has its keys."""
    organization, node = applicant.organization, applicant.orderer
    return JoinRequest(
        msp_id=organization.msp_id,
        name=organization.name,
        role=organization.role,
        country=organization.country,
        gln=organization.gln,
        domain=organization.domain,
        msp=applicant.msp,
        anchor_peers=(applicant.anchor_peer,),
        orderer=None
        if node is None
        else OrderingNode(
            endpoint=str(node.endpoint),
            client_tls_certificate=node.client_tls_certificate.decode(),
            server_tls_certificate=node.server_tls_certificate.decode(),
            identity=node.identity.decode(),
        ),
    )


def up(
    kit: Annotated[Path, typer.Argument(help="What a member made with: hansa join kit")],
    data: Folder = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return once it serves.")] = False,
) -> None:
    """Brings the newcomer's node up on the network it was let into; later, hansa up does."""
    given = JoinKit.from_bytes(kit.read_bytes())
    folder = DataFolder(_folder(data))
    organization = load_organization(folder.organization_file)
    engine = folder.engine_name() or DEVNODE
    given.check(make_applicant(folder, organization, engine).msp)
    target = settle(folder, given.msp_id, given.engine, surroundings(given))
    running.start(target)
    running.show_sign_ins(target)
    if not detach:
        running.hold(target)


def surroundings(kit: JoinKit) -> Surroundings:
    """What a kit tells of the network."""
    chaincode = kit.chaincode
    return Surroundings(
        consortium=kit.consortium,
        channel=kit.channel,
        chaincode=(chaincode.name, chaincode.version, chaincode.sequence),
        fee=(kit.terms.basis_points, kit.terms.fee_account),
        arbitrator=kit.terms.arbitrator,
        genesis_block=kit.genesis_block,
        config_block=kit.config_block,
        orderer=kit.orderers[0].address,
        ordering_tls_roots="".join(dict.fromkeys(one.tls_roots for one in kit.orderers)),
        package=kit.package,
        policy=chaincode.validation_parameter,
        collections=chaincode.collections,
        devnode=kit.place,
    )


def _folder(data: Path | None) -> Path:
    if data is None:
        raise CliError(
            "DATA_MISSING",
            "The newcomer's folder is not named.",
            "Add --data FOLDER: where the join request was made.",
        )
    folder = DataFolder(data.resolve())
    if not folder.organization_file.exists():
        raise CliError(
            "NO_APPLICANT",
            f"There are no keys of a newcomer in {folder.root}.",
            "Name the folder where the join request was made.",
        )
    return folder.root


def _described(fields: dict[str, str], gln: str, first: int, orderer: bool) -> Organization:
    missing = [f"--{name.replace('_', '-')}" for name, value in fields.items() if not value]
    if missing:
        raise CliError(
            "DESCRIPTION_MISSING",
            f"The newcomer is not described: {', '.join(missing)}.",
            "Give them, or a file with --config.",
        )
    document: dict[str, Any] = fields | {
        "gln": gln or None,
        "ports": {
            "peer": first,
            "chaincode": first + 1,
            "operations": first + 2,
            "ca": first + 3,
            "portal": first + 4,
            "chaincode_standby": first + 8,
        },
        "orderer": {"port": first + 5, "admin": first + 6, "operations": first + 7} if orderer else None,
    }
    try:
        return msgspec.convert(document, Organization)
    except msgspec.ValidationError as error:
        hint = "Correct the option it names: names and MSP ids have letters, digits and hyphens, no spaces."
        raise CliError("DESCRIPTION_INVALID", str(error), hint) from error
