"""A command sent a second time under its id: answered with what the first one did, and nothing is sent.

Ids make repetitions harmless: a file taken up again after a crash, a form sent twice, a command whose outcome
nobody could tell. The ledger itself answers an equal command with the reply it kept; here that is asked for
first, because the SDK chooses notes and stock anew each time, so that a repetition is hardly ever equal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from hansa.errors import RefusedError, hint
from hansa.submission import Receipt, Retry, Submitter
from hansa_domain.commands import CommandReply, command_digest
from hansa_domain.error_codes import Code

Reply = TypeVar("Reply", bound=msgspec.Struct)
Same = Callable[[CommandReply], bool]

CHOICES = 3
"""How often notes and stock are chosen before a refusal for them is passed on."""

# Somebody outside this process used what was chosen: the ledger is asked, and chosen again.
_STALE = frozenset(
    {
        Code.NOTE_NOT_FOUND.value,
        Code.NOTE_NOT_YOURS.value,
        Code.STOCK_INSUFFICIENT.value,
        Code.ALLOWANCE_EXCEEDED.value,
    }
)


def submit_once(
    submitter: Submitter, function: str, command: msgspec.Struct, kind: type[Reply], given: str | None
) -> Receipt[Reply]:
    """Sends a command, unless one with the id and content was carried out before.

    Args:
        given: the id, where the caller chose it; None for a fresh one, which nobody can have used.

    Raises:
        RefusedError: among others COMMAND_ID_REUSED, where the id stands for another command.
        HansaError: see ``Submitter.submit``.
    """
    digest = command_digest(function, command)
    return once(
        submitter,
        function,
        given,
        kind,
        lambda found: found.digest == digest,
        lambda: submitter.submit(function, command, kind),
    )


def once(
    submitter: Submitter,
    function: str,
    given: str | None,
    kind: type[Reply],
    same: Same,
    send: Callable[[], Receipt[Reply]],
) -> Receipt[Reply]:
    """As ``submit_once``, for a command whose notes or stock the SDK chooses.

    Args:
        same: whether a command carried out under the id asked for the same, whatever was chosen for it.
        send: chooses and submits; called again where somebody else used what it chose.
    """
    found = _earlier(submitter, function, given, kind, same)
    if found is not None:
        return found
    for choice in range(1, CHOICES + 1):
        try:
            return send()
        except RefusedError as error:
            if error.code == Code.COMMAND_ID_REUSED.value:
                # The first one was under way when it was asked for.
                found = _earlier(submitter, function, given, kind, same)
                if found is not None:
                    return found
            # Without a transaction it was the reservation that refused: it has asked the ledger already.
            if error.code not in _STALE or error.transaction_id is None or choice == CHOICES:
                raise
            submitter.tell(Retry(function, given or "", choice, error.message, conflict=True))
    raise AssertionError("the loop above returns or raises")


def _earlier(
    submitter: Submitter, function: str, given: str | None, kind: type[Reply], same: Same
) -> Receipt[Reply] | None:
    found = None if given is None else submitter.carried_out(given)
    if given is None or found is None:
        return None
    if found.operation != function or not same(found):
        code = Code.COMMAND_ID_REUSED.value
        raise RefusedError(
            code,
            f"The command id {given} stands for another command: {found.operation} of {found.at}.",
            hint(code),
            field="id",
            transaction_id=found.tx_id,
        )
    return Receipt(
        reply=msgspec.json.decode(found.reply, type=kind),
        command_id=given,
        transaction_id=found.tx_id,
        block_number=submitter.block_of(found.tx_id),
        attempts=0,
        repeated=True,
    )
