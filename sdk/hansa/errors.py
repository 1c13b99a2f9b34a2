"""What can go wrong in a trade, as the SDK tells it: one class per kind, each with a code and what to do."""

from __future__ import annotations

import json
import re

from hansa_domain.error_codes import Code
from hansa_domain.error_hints import HINTS
from hansa_gateway import GatewayError, TransactionError

CHAINCODE_FAILED = "CHAINCODE_FAILED"
"""The code of an answer of the chaincode that is none of its own refusals: it broke."""

# gRPC's own words where nobody listens; a peer that answers for others uses none of them.
_NO_CONNECTION = "failed to connect to all addresses"
_ADDRESS = re.compile(r"ipv[46]:(\S+:\d+)")


class HansaError(Exception):
    """Base of everything the SDK raises on purpose.

    Args:
        code: stable upper-case code.
        message: what happened, in one sentence.
        hint: what to do about it.
        field: dotted path of the field at fault, where one is.
        transaction_id: the transaction concerned, where there was one.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        field: str | None = None,
        transaction_id: str | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.hint = hint
        self.field = field
        self.transaction_id = transaction_id
        if hint:
            self.add_note(hint)  # a traceback shows it below the sentence

    def document(self) -> dict[str, str]:
        """The error as JSON shows it; fields that say nothing are left out."""
        found = {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "field": self.field,
            "transaction_id": self.transaction_id,
        }
        return {name: value for name, value in found.items() if value}


class RefusedError(HansaError):
    """The rules of trade said no; nothing was written. Sending the same again brings the same answer."""


class UnreachableError(HansaError):
    """Nobody answered, or too few did; nothing was written."""


class ConflictError(HansaError):
    """Others changed the same records each time within the bound; nothing was written. Try again later."""


class InvalidTransactionError(HansaError):
    """The transaction stands on the ledger as invalid, for another reason than a conflict; no effect."""


class OutcomeUnknownError(HansaError):
    """The command was sent and its fate is not known: it may have been, or may still be, carried out.

    ``command_id`` settles it: make the same call again with ``command_id=error.command_id``. It asks what
    became of the command, and sends it only where it was not carried out. It takes effect once at most.
    """

    def __init__(self, message: str, command_id: str, transaction_id: str | None) -> None:
        super().__init__(
            "OUTCOME_UNKNOWN",
            message,
            f"Repeat the same call with the command id {command_id}: it takes effect once at most.",
            transaction_id=transaction_id,
        )
        self.command_id = command_id


class ConnectionProfileError(HansaError):
    """What was given to connect with cannot be used."""


def refusal(error: TransactionError) -> RefusedError | None:
    """The chaincode's refusal in a gateway's error; None where the failure was not a refusal."""
    said = error.chaincode_message
    if said is None:
        return None
    try:
        document = json.loads(said)
        code, message, field = document["code"], document["message"], document.get("field")
    except (ValueError, TypeError, KeyError):
        return RefusedError(
            CHAINCODE_FAILED,
            f"The chaincode failed: {said}",
            "Tell whoever runs the network; the chaincode's log has more.",
            transaction_id=error.transaction_id,
        )
    return RefusedError(
        str(code), str(message), hint(str(code)), field=field, transaction_id=error.transaction_id
    )


def hint(code: str) -> str:
    """What to do about a registered code; empty for one this version does not know."""
    try:
        return HINTS[Code(code)]
    except (ValueError, KeyError):
        return ""


def unreachable(error: GatewayError, transaction_id: str | None) -> UnreachableError:
    """A failure before anything was ordered."""
    if _NO_CONNECTION in str(error):
        where = _ADDRESS.search(str(error))
        return UnreachableError(
            "PEER_UNREACHABLE",
            "The member's peer does not answer" + (f" at {where[1]}." if where else "."),
            "See what runs with hansa status; bring the network up with hansa up, then send it again.",
            transaction_id=transaction_id,
        )
    return UnreachableError(
        "NOT_ENDORSED",
        f"The command could not be endorsed by enough members: {error}",
        "See whether the network runs (hansa status) and enough members' peers are up; then send it again.",
        transaction_id=transaction_id,
    )
