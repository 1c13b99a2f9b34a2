"""``hansa join``: how an organisation comes in, and how members agree on any change of their consortium.

What is proposed and who signed stands on the ledger; a key that is on no network signs a file.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated

import typer

from hansa.client import Client
from hansa.consortium import (
    AddOrganization,
    Change,
    ChannelConfiguration,
    ConsortiumError,
    JoinKit,
    JoinRequest,
    KitParts,
    check,
    explain,
    propose,
    renew,
    sign,
    standing,
)
from hansa.profile import locate, member_folder
from hansa_cli import join_files, join_newcomer, join_proposals
from hansa_cli.session import As, CliError, Data, Json, acting, committed, out, show
from hansa_domain.config_updates import OWN, ConfigUpdateDetailReply
from hansa_domain.error_codes import Code

app = typer.Typer(no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="Of the proposed change; see: hansa join list")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Summary = Annotated[str, typer.Option("--summary", help="What it is for, in a sentence; public.")]

join_newcomer.register(app)


@app.command("propose")
def propose_newcomer(
    request: Annotated[Path, typer.Argument(help="The newcomer's join request.")],
    who: As,
    summary: Summary = "",
    data: Data = None,
    json: Json = False,
) -> None:
    """Lays a newcomer's join request before the members."""
    wanted = JoinRequest.from_json(request.read_bytes())
    summary = summary or f"{wanted.name} ({wanted.country}) joins as {wanted.role}."
    lay_before(AddOrganization(wanted), summary, who, data, json)


def lay_before(change: Change, summary: str, who: str, data: Path | None, json: bool) -> None:
    """Computes a change, says what it changes, and records it as proposed."""
    with acting(who, data) as client:
        config = ChannelConfiguration.current(client)
        proposed = propose(change, config)
        told = explain(proposed.update, config)
        newcomer = change.request.entry() if isinstance(change, AddOrganization) else None
        receipt = client.config_updates.propose(
            change.kind,
            summary,
            base_sequence=proposed.base_sequence,
            update=proposed.update,
            organization=change.organization or None,
            newcomer=newcomer,
        )
    name = receipt.reply.config_update.id
    text = "\n".join(
        (*told, f"proposed as {name} {committed(receipt)}", f"sign it with: hansa join sign {name}")
    )
    show(receipt, json, text)


join_proposals.register(app, lay_before)


@app.command("list")
def list_changes(who: As, data: Data = None, json: Json = False) -> None:
    """What was proposed, and what became of it."""
    with acting(who, data) as client:
        found = list(client.config_updates.all())
    lines = [f"{one.id}  {one.status:<12} {one.kind:<20} {one.summary}" for one in found]
    show(found, json, "\n".join(lines) or "nothing was proposed")


@app.command("status")
def status(change: Id, who: As, data: Data = None, json: Json = False) -> None:
    """What a change changes, who has signed, who could, and whether it is enough."""
    with acting(who, data) as client:
        found = client.config_updates.get(change)
        base = ChannelConfiguration.at(client, found.config_update.base_sequence)
        told = explain(found.update, base)
        lines, document = _standing(client, found)
    show(document | {"explanation": told}, json, "\n".join((*told, *lines)))


@app.command("sign")
def sign_change(
    change: Annotated[str, typer.Argument(metavar="ID|FILE", help="A proposed change, or one exported.")],
    who: Annotated[
        str, typer.Option("--as", help="ORGANISATION or ORGANISATION/USER, an administrator.")
    ] = "",
    certificate: Annotated[Path | None, typer.Option(help="With a file: the certificate (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="With a file: the private key (PEM).")] = None,
    msp_id: Annotated[str, typer.Option(help="With a file and a certificate: the organisation.")] = "",
    wallet: Annotated[Path | None, typer.Option(help="With a file: folder of the signer's wallet.")] = None,
    passphrase: Annotated[
        str, typer.Option(help="Of the wallet or the key.", envvar="HANSA_PASSPHRASE")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="With a file: the signature's.")
    ] = None,
    yes: Yes = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Agrees to a change: one on the ledger, or, on a machine without a network, one in a file."""
    if Path(change).is_file():
        signer = join_files.signer(certificate, key, msp_id, wallet, passphrase)
        join_files.sign_file(Path(change), signer, output, lambda told: _confirm(told, yes))
        return
    if not who:
        raise CliError("SIGNER_MISSING", "Nobody was named to sign.", "Add: --as ORGANISATION")
    with acting(who, data) as client:
        found = client.config_updates.get(change)
        config = ChannelConfiguration.current(client)
        # The books of a change that was carried out, but never written into them, can still be closed.
        done = ChannelConfiguration.block_of(client, found.update) is not None
        base = ChannelConfiguration.at(client, found.config_update.base_sequence) if done else config
        _confirm(explain(found.update, base), yes)
        signature = sign(found.update, client.signer)
        check(config, found.update, signature)
        receipt = client.config_updates.sign(change, found.update, signature)
    show(receipt, json, f"{receipt.reply.signature.msp_id} signed {change} {committed(receipt)}")


@app.command("export")
def export(
    change: Id,
    who: As,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to.")],
    data: Data = None,
    json: Json = False,
) -> None:
    """Writes a change to a file, to be read and signed on a machine without a network."""
    with acting(who, data) as client:
        found = client.config_updates.get(change)
        config = ChannelConfiguration.at(client, found.config_update.base_sequence)
    join_files.export(found, config, output)
    text = f"{output}: sign it with: hansa join sign {output} --wallet FOLDER"
    show({"file": str(output), "digest": found.config_update.digest}, json, text)


@app.command("record")
def record(
    signature: Annotated[Path, typer.Argument(help="What `hansa join sign FILE` wrote.")],
    who: As,
    data: Data = None,
    json: Json = False,
) -> None:
    """Records a signature that was made elsewhere; by the organisation whose it is."""
    made = join_files.read_signature(signature)
    with acting(who, data) as client:
        found = client.config_updates.get(made.config_update)
        signer = check(ChannelConfiguration.current(client), found.update, made.signature)
        if signer.msp_id != client.profile.msp_id:
            raise CliError(
                "SIGNATURE_OF_ANOTHER",
                f"The signature is {signer.msp_id}'s, and {client.profile.msp_id} cannot record it.",
                f"Record it with: --as {signer.msp_id}",
            )
        receipt = client.config_updates.sign(made.config_update, found.update, made.signature)
    show(receipt, json, f"{signer.msp_id} signed {made.config_update} {committed(receipt)}")


@app.command("renew")
def renew_change(change: Id, who: As, data: Data = None, json: Json = False) -> None:
    """Computes a change anew that another overtook. Everybody signs anew."""
    with acting(who, data) as client:
        found = client.config_updates.get(change)
        base = ChannelConfiguration.at(client, found.config_update.base_sequence)
        config = ChannelConfiguration.current(client)
        if config.sequence == base.sequence:
            raise CliError("NOT_OVERTAKEN", f"No other change overtook {change}.", "Sign and submit it.")
        renewed = renew(found.update, base, config)
        receipt = client.config_updates.renew(
            change, base_sequence=renewed.base_sequence, update=renewed.update
        )
    told = (
        f"{change} was computed anew from configuration {renewed.base_sequence} {committed(receipt)}",
        "All signatures over the old one are void: everybody signs again.",
    )
    show(receipt, json, "\n".join(told))


@app.command("withdraw")
def withdraw(change: Id, who: As, data: Data = None, json: Json = False) -> None:
    """Takes a proposed change back."""
    with acting(who, data) as client:
        receipt = client.config_updates.withdraw(change)
    show(receipt, json, f"{change} is withdrawn {committed(receipt)}")


@app.command("submit")
def submit(
    change: Id,
    who: As,
    besides: Annotated[
        list[Path] | None,
        typer.Option("--with", help="A signature of one who is no member, such as a separate ordering one."),
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Hands a change over once enough have signed, and waits until it is in force."""
    extra = [join_files.read_signature(path).signature for path in besides or ()]
    with acting(who, data) as client:
        found = client.config_updates.get(change)
        if found.config_update.status == "carried_out":
            number = found.config_update.config_block
            show(found.config_update, json, f"{change} is in force since block {number}")
            return
        signatures = [*(one.signature for one in found.signatures), *extra]
        if ChannelConfiguration.block_of(client, found.update) is None:
            config = ChannelConfiguration.current(client)
            if standing(config, found.update, signatures).enough:
                _check_books(client, found)
        number = ChannelConfiguration.submit(client, found.update, signatures)
        receipt = client.config_updates.complete(change, config_block=number)
    lines = [f"{change} is in force since block {number} {committed(receipt)}"]
    if found.config_update.kind == "add-organization":
        lines.append(f"give the newcomer its kit: hansa join kit {change} -o kit.zip")
    if found.config_update.kind in ("add-organization", "remove-organization"):
        lines.append("let today's members guard what is owned: hansa guards renew-all")
    show(receipt, json, "\n".join(lines))


@app.command("kit")
def kit(
    change: Id,
    who: As,
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to.")],
    data: Data = None,
    json: Json = False,
) -> None:
    """Writes what the newcomer needs to bring its node up. Nothing in it is secret."""
    with acting(who, data) as client:
        newcomer = client.config_updates.get(change).config_update.newcomer
        if newcomer is None:
            raise CliError("NO_NEWCOMER", f"Nobody joins by {change}.", "See: hansa join list")
        parts = KitParts.read(member_folder(locate(data), client.profile.msp_id))
        made = JoinKit.make(client, newcomer.msp_id, parts)
    output.write_bytes(made.to_bytes())
    text = f"{output}: {newcomer.name} starts with: hansa join up {output} --data FOLDER"
    show({"file": str(output), "msp_id": newcomer.msp_id}, json, text)


def _check_books(client: Client, found: ConfigUpdateDetailReply) -> None:
    """Sees, before anything is handed over, that the members' books will take it: more than half signed.

    The channel's own policy for a change may ask fewer, or others.
    """
    update = found.config_update
    present = {one.msp_id for one in client.members.list().members}
    signed = {one.msp_id for one in found.signatures} & present
    if 2 * len(signed) > len(present) or (update.kind in OWN and update.organization in signed):
        return
    raise CliError(
        Code.SIGNATURES_INSUFFICIENT.value,
        f"{len(signed)} of {len(present)} members have signed, and their books ask for more than half.",
        f"Each of {', '.join(sorted(present - signed))} may sign with: hansa join sign {update.id}",
    )


def _confirm(told: list[str], yes: bool) -> None:
    for line in told:
        out.print(line, markup=False)
    if not yes:
        typer.confirm("Agree to this?", abort=True)


def _standing(client: Client, found: ConfigUpdateDetailReply) -> tuple[list[str], dict[str, object]]:
    update = found.config_update
    document: dict[str, object] = {
        "id": update.id,
        "status": update.status,
        "revision": update.revision,
        "base_sequence": update.base_sequence,
        "digest": update.digest,
        "update": base64.b64encode(found.update).decode(),
        "config_block": update.config_block,
    }
    if update.status != "proposed":
        return [f"{update.status.replace('_', ' ')} at {update.closed_at}"], document
    try:
        now = standing(
            ChannelConfiguration.current(client), found.update, [one.signature for one in found.signatures]
        )
    except ConsortiumError as error:
        if error.code != "CONFIG_OVERTAKEN":
            raise
        return [f"Another change overtook it. {error.hint}"], document | {"overtaken": True}
    lines = [f"signed: {', '.join(now.signed) or 'nobody yet'}"]
    for one in now.requirements:
        state = "met" if one.satisfied else "not met yet"
        lines.append(f"{one.policy} ({one.rule} of {', '.join(one.voters)}): {state}")
    if now.missing:
        lines.append(f"could sign: {', '.join(now.missing)}")
    lines.append("enough: hansa join submit" if now.enough else "not enough yet")
    return lines, document | {
        "overtaken": False,
        "signed": list(now.signed),
        "missing": list(now.missing),
        "enough": now.enough,
    }
