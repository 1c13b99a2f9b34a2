"""The chaincode ``hansa``: every function of it goes through the domain's one way."""

from __future__ import annotations

from functools import cached_property

from hansa_contract import ledger
from hansa_contract.caller import caller_of
from hansa_contract.metadata import describe
from hansa_domain.error_codes import Code
from hansa_domain.errors import Refusal
from hansa_domain.execution import Outcome, execute
from hansa_domain.operation import Context, Fetch, canonical
from hansa_shim import ChaincodeStub, Response, error, success


class HansaContract:
    """Answers transactions ``[function, one JSON document]``; one object serves all of them.

    A refusal is status 500 with the canonical JSON of ``Refusal.document()`` as message, and writes nothing.
    """

    async def init(self, stub: ChaincodeStub) -> Response:
        """Nothing to initialise: members:Init is a transaction like any other."""
        return success()

    async def invoke(self, stub: ChaincodeStub) -> Response:
        """Answers one transaction."""
        try:
            outcome = await _run(stub)
        except Refusal as refusal:
            return error(canonical(refusal.document()).decode())
        await ledger.write(stub, outcome)
        return success(outcome.reply)

    def get_metadata(self) -> bytes:
        """The description that ``org.hyperledger.fabric:GetMetadata`` answers."""
        return self._metadata

    @cached_property
    def _metadata(self) -> bytes:
        return describe()


async def _run(stub: ChaincodeStub) -> Outcome:
    name, argument = _call(stub.args)
    execution = execute(name, argument, _context(stub))
    try:
        wanted: Fetch = next(execution)
        while True:
            wanted = execution.send(await ledger.fetch(stub, wanted))
    except StopIteration as end:
        outcome: Outcome = end.value
        return outcome


def _call(args: list[bytes]) -> tuple[str, bytes]:
    if not args:
        raise Refusal(Code.UNKNOWN_FUNCTION, "The call names no function.")
    if len(args) != 2:
        raise Refusal(
            Code.MALFORMED_DOCUMENT, f"A function takes one JSON document, not {len(args) - 1} arguments."
        )
    return args[0].decode(errors="replace"), args[1]


def _context(stub: ChaincodeStub) -> Context:
    return Context(
        caller=caller_of(stub.creator),
        now=stub.tx_timestamp.ToMilliseconds(),
        tx_id=stub.tx_id,
        transient=stub.transient,
    )
