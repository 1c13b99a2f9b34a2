"""The life of a configuration update: proposed, signed, perhaps computed anew, carried out or withdrawn."""

from __future__ import annotations

from collections.abc import Generator

from msgspec.structs import replace

from hansa_domain.config_updates import (
    MAX_DOCUMENT_BYTES,
    OWN,
    CompleteConfigUpdate,
    ConfigSignature,
    ConfigSignatureReply,
    ConfigUpdate,
    ConfigUpdateBody,
    ConfigUpdateReply,
    ProposeConfigUpdate,
    RenewConfigUpdate,
    SignConfigUpdate,
    WithdrawConfigUpdate,
    body_key,
    signatures_key,
    update_digest,
    update_key,
)
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.events import (
    ConfigUpdateCarriedOut,
    ConfigUpdateProposed,
    ConfigUpdateRenewed,
    ConfigUpdateSigned,
    ConfigUpdateWithdrawn,
    Event,
    MemberLeft,
)
from hansa_domain.guards import ROSTER, Roster
from hansa_domain.members import (
    Member,
    joined_event,
    known_member,
    member_key,
    new_member,
    present_member,
)
from hansa_domain.operation import (
    Context,
    Decision,
    Fetch,
    Key,
    Record,
    Records,
    Steps,
    decode_record,
    operation,
)


@operation("configUpdates:Propose", ProposeConfigUpdate, ConfigUpdateReply, max_bytes=MAX_DOCUMENT_BYTES)
def propose(command: ProposeConfigUpdate, context: Context) -> Steps:
    """A change is laid before the members, to be looked at and signed."""
    _require_administrator(context, "propose a change of the consortium")
    if not command.summary.strip():
        raise Refusal(Code.FIELD_INVALID, "Say in a sentence what the change is for.", "summary")
    records = yield Fetch(keys=() if command.organization is None else (member_key(command.organization),))
    _check_subject(command, records, context)
    update = ConfigUpdate(
        id=context.reference(command),
        kind=command.kind,
        organization=command.organization,
        summary=command.summary,
        proposer=context.caller.msp_id,
        newcomer=command.newcomer,
        status="proposed",
        revision=1,
        base_sequence=command.base_sequence,
        digest=update_digest(command.update),
        proposed_at=context.at,
        revised_at=context.at,
    )
    event = ConfigUpdateProposed(
        config_update=update.id,
        kind=update.kind,
        organization=update.organization,
        name=None if command.newcomer is None else command.newcomer.name,
        role=None if command.newcomer is None else command.newcomer.role,
        summary=update.summary,
        proposer=update.proposer,
        revision=1,
        base_sequence=update.base_sequence,
        digest=update.digest,
        at=context.at,
    )
    return _changed(update, (event,), _body(update, command.update))


def _check_subject(command: ProposeConfigUpdate, records: Records, context: Context) -> None:
    """Refuses a change about one who cannot be meant by it."""
    joining = command.kind == "add-organization"
    if joining != (command.newcomer is not None):
        sentence = "Say who joins." if joining else "Only a change that adds an organisation has a newcomer."
        raise Refusal(Code.FIELD_INVALID, sentence, "newcomer")
    if command.newcomer is not None:
        if command.organization != command.newcomer.msp_id:
            raise Refusal(Code.FIELD_INVALID, "The organisation is the newcomer's MSP id.", "organization")
        new_member(command.newcomer, context, "newcomer")
        _require_absent(records, command.newcomer.msp_id)
    elif command.organization is not None:
        known_member(records, command.organization, "organization")
    elif command.kind == "remove-organization" or command.kind in OWN:
        raise Refusal(Code.FIELD_INVALID, "Say which member it is about.", "organization")


def _require_absent(records: Records, msp_id: str) -> None:
    if present_member(records, msp_id) is not None:
        raise Refusal(Code.ALREADY_A_MEMBER, f"{msp_id} is a member already.", "organization")


@operation("configUpdates:Sign", SignConfigUpdate, ConfigSignatureReply)
def sign(command: SignConfigUpdate, context: Context) -> Steps:
    """A member agrees to exactly the bytes whose digest it names."""
    _require_administrator(context, "sign a change of the consortium")
    update = yield from _load(command.config_update)
    _require_open(update, "sign")
    if command.digest != update.digest:
        raise Refusal(
            Code.CONFIG_UPDATE_REVISION,
            f"The signature is not over revision {update.revision}, the current one.",
            "digest",
        )
    signature = ConfigSignature(
        config_update=update.id,
        revision=update.revision,
        msp_id=context.caller.msp_id,
        signer=context.caller.name,
        signature=command.signature,
        signed_at=context.at,
    )
    event = ConfigUpdateSigned(
        config_update=update.id,
        revision=update.revision,
        msp_id=signature.msp_id,
        signer=signature.signer,
        at=context.at,
    )
    return Decision(
        reply=ConfigSignatureReply(signature=signature),
        writes={(*signatures_key(update.id, update.revision), signature.msp_id): signature},
        events=(event,),
    )


@operation("configUpdates:Renew", RenewConfigUpdate, ConfigUpdateReply, max_bytes=MAX_DOCUMENT_BYTES)
def renew(command: RenewConfigUpdate, context: Context) -> Steps:
    """The same change, computed from a later configuration; nobody has signed it yet."""
    _require_administrator(context, "renew a change of the consortium")
    update = yield from _load(command.config_update)
    _require_open(update, "renew")
    if context.caller.msp_id != update.proposer:
        # Others would put their own content under the proposer's words.
        raise Refusal(Code.NOT_PERMITTED, f"Only {update.proposer} may renew this change.")
    if command.base_sequence <= update.base_sequence:
        raise Refusal(
            Code.FIELD_INVALID,
            f"It is computed from configuration {update.base_sequence} already: no later one overtook it.",
            "base_sequence",
        )
    renewed = replace(
        update,
        revision=update.revision + 1,
        base_sequence=command.base_sequence,
        digest=update_digest(command.update),
        revised_at=context.at,
    )
    event = ConfigUpdateRenewed(
        config_update=renewed.id,
        revision=renewed.revision,
        base_sequence=renewed.base_sequence,
        digest=renewed.digest,
        at=context.at,
    )
    return _changed(renewed, (event,), _body(renewed, command.update))


@operation("configUpdates:Withdraw", WithdrawConfigUpdate, ConfigUpdateReply)
def withdraw(command: WithdrawConfigUpdate, context: Context) -> Steps:
    """The change is not wanted any longer."""
    _require_administrator(context, "withdraw a change of the consortium")
    update = yield from _load(command.config_update)
    _require_open(update, "withdraw")
    if context.caller.msp_id != update.proposer:
        records = yield Fetch(keys=(member_key(update.proposer),))
        if present_member(records, update.proposer) is not None:
            raise Refusal(Code.NOT_PERMITTED, f"Only {update.proposer} may withdraw this change.")
    withdrawn = replace(update, status="withdrawn", closed_at=context.at, closed_by=context.caller.msp_id)
    event = ConfigUpdateWithdrawn(config_update=update.id, by=context.caller.msp_id, at=context.at)
    return _changed(withdrawn, (event,), {})


@operation("configUpdates:Complete", CompleteConfigUpdate, ConfigUpdateReply)
def complete(command: CompleteConfigUpdate, context: Context) -> Steps:
    """The change is in force: who joins is a member now, and who leaves is none."""
    _require_administrator(context, "complete a change of the consortium")
    update = yield from _load(command.config_update)
    _require_open(update, "complete")
    records = yield Fetch(ranges=((Member.NOUN,),))
    members = [decode_record(value, Member) for _, value in records.ranges[(Member.NOUN,)]]
    present = {member.msp_id: member for member in members if member.left_at is None}
    yield from _require_signatures(update, sorted(present))
    done = replace(
        update,
        status="carried_out",
        closed_at=context.at,
        closed_by=context.caller.msp_id,
        config_block=command.config_block,
    )
    event = ConfigUpdateCarriedOut(
        config_update=update.id,
        config_block=command.config_block,
        by=context.caller.msp_id,
        at=context.at,
    )
    member, told = _membership(update, present, context)
    if member is None:
        return _changed(done, (event,), {})
    remaining = {*present, member.msp_id} - ({member.msp_id} if member.left_at is not None else set())
    roster = Roster(members=sorted(remaining))
    return _changed(done, (event, *told), {member_key(member.msp_id): member, ROSTER: roster})


def _require_signatures(update: ConfigUpdate, present: list[str]) -> Generator[Fetch, Records, None]:
    """Refuses SIGNATURES_INSUFFICIENT unless more than half of the present members signed this revision."""
    place = signatures_key(update.id, update.revision)
    records = yield Fetch(keys=tuple((*place, msp_id) for msp_id in present))
    signed = {msp_id for msp_id in present if records.values[(*place, msp_id)] is not None}
    if update.kind in OWN and update.organization in signed:
        return
    if 2 * len(signed) <= len(present):
        raise Refusal(
            Code.SIGNATURES_INSUFFICIENT,
            f"{len(signed)} of {len(present)} members have signed; it takes more than half.",
            "config_update",
        )


def _membership(
    update: ConfigUpdate, present: dict[str, Member], context: Context
) -> tuple[Member | None, tuple[Event, ...]]:
    """The member's record that the update changes, and the events that tell of it."""
    if update.newcomer is not None:
        if update.newcomer.msp_id in present:
            raise Refusal(Code.ALREADY_A_MEMBER, f"{update.newcomer.msp_id} is a member already.")
        joined = new_member(update.newcomer, context, "config_update")
        return joined, (joined_event(joined),)
    if update.kind == "remove-organization":
        leaving = present.get(update.organization or "")
        if leaving is None:
            raise Refusal(Code.MEMBER_NOT_FOUND, f"{update.organization} has left already.")
        left = replace(leaving, v=Member.VERSION, left_at=context.at)
        return left, (MemberLeft(msp_id=left.msp_id, at=context.at),)
    return None, ()


def _load(config_update: str) -> Generator[Fetch, Records, ConfigUpdate]:
    records = yield Fetch(keys=(update_key(config_update),))
    return records.get(
        ConfigUpdate, config_update, refuse=Code.CONFIG_UPDATE_NOT_FOUND, where="config_update"
    )


def _require_administrator(context: Context, act: str) -> None:
    if not context.caller.admin:
        raise Refusal(Code.NOT_PERMITTED, f"Only an administrator of a member may {act}.")


def _require_open(update: ConfigUpdate, act: str) -> None:
    if update.status != "proposed":
        state = update.status.replace("_", " ")
        raise Refusal(
            Code.CONFIG_UPDATE_STATE, f"The change is {state}: nobody can {act} it any more.", "config_update"
        )


def _body(update: ConfigUpdate, content: bytes) -> dict[Key, Record | None]:
    body = ConfigUpdateBody(config_update=update.id, revision=update.revision, update=content)
    return {body_key(update.id, update.revision): body}


def _changed(update: ConfigUpdate, events: tuple[Event, ...], writes: dict[Key, Record | None]) -> Decision:
    return Decision(
        reply=ConfigUpdateReply(config_update=update),
        writes={update_key(update.id): update, **writes},
        events=events,
    )
