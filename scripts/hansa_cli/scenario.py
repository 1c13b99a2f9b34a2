"""A scenario: a trade written down as data, and carried out step by step."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import yaml

from hansa import RefusedError, connect, derived_id, show_amount
from hansa.client import Client
from hansa.documents.errors import DocumentError
from hansa.submission import Receipt
from hansa_cli.scenario_accounts import VERBS as ACCOUNT_VERBS
from hansa_cli.scenario_verbs import VERBS, operation_verb
from hansa_cli.session import CliError, account, document
from hansa_network.data_folder import write_atomically


class Step(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"who": "as", "args": "with"},
):
    """One step: who does what with which arguments, after waiting so many seconds.

    ``save`` names what it made, for ``$name`` further on. ``refused`` is the code with which the ledger must
    say no, so that nothing happens; then ``save`` names the id of what it would have made. ``again`` is the
    name of an earlier step that was refused: the same command is sent again, with that step's id.
    """

    name: str
    who: str
    do: str
    args: dict[str, Any] = {}
    save: str | None = None
    after_seconds: float = 0
    refused: str | None = None
    again: str | None = None


class Show(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to show at the end, as a member sees it: an order, balances of accounts, the trail of an EPC.

    ``expect`` is what accounts must hold then, account to amounts such as ``12.50 EUR``.
    """

    who: str = msgspec.field(name="as")
    order: str | None = None
    accounts: list[str] = []
    trace: str | None = None
    expect: dict[str, list[str]] = {}


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of ``examples/``."""

    name: str
    steps: list[Step]
    show: Show


@dataclass(frozen=True)
class Done:
    """A step that was carried out, with the transactions it took."""

    step: Step
    receipts: tuple[Receipt[Any], ...]

    def document(self) -> dict[str, Any]:
        """The step as the result file has it."""
        return {
            "name": self.step.name,
            "as": self.step.who,
            "do": self.step.do,
            "transactions": [document(receipt) for receipt in self.receipts],
        }


def read_scenario(path: Path) -> Scenario:
    """A scenario from its file. Raises CliError (SCENARIO_INVALID)."""
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Scenario)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise CliError(
            "SCENARIO_INVALID", f"{path}: {error}", "See examples/ for how one is written."
        ) from error


@dataclass
class Run:
    """A scenario under way on a network.

    Command ids follow from the file and the step's number, so a second run on the same ledger has no second
    effect and gives the same answers.

    Args:
        path: the scenario's file; documents are found beside it.
        data: the network's folder.
    """

    path: Path
    data: Path
    saved: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.scenario = read_scenario(self.path)
        self._fingerprint = hashlib.sha256(self.path.read_bytes()).hexdigest()
        self._clients: dict[str, Client] = {}
        self._repeated = False

    def steps(self) -> Iterator[Done]:
        """Carries out one step after the other. Raises HansaError or CliError where one fails."""
        with ExitStack() as stack:
            for number, step in enumerate(self.scenario.steps):
                yield Done(step, self._carry_out(stack, number, step))

    def result(self) -> dict[str, Any]:
        """What the scenario wants shown: ``balances``, and ``order`` and ``trace`` where it names them.

        Raises:
            CliError: SCENARIO_DIFFERS, where an account holds something else than the scenario expects.
        """
        shown = self.scenario.show
        found: dict[str, Any] = {}
        organization, _, user = shown.who.partition("/")
        with connect(organization, user or "admin", data=self.data) as client:
            client.catch_up()  # the last step may have been another member's
            if shown.order is not None:
                found["order"] = msgspec.to_builtins(client.orders.get(self._resolve(shown.order)))
            found["balances"] = {
                name: msgspec.to_builtins(client.money.balance(account(client, name)).balances)
                for name in dict.fromkeys((*shown.accounts, *shown.expect))
            }
            if shown.trace is not None:
                found["trace"] = _trace(client, self._resolve(shown.trace))
        for name, expected in shown.expect.items():
            held = [show_amount(each["amount"], each["currency"]) for each in found["balances"][name]]
            if held != expected:
                raise CliError("SCENARIO_DIFFERS", f"{name} holds {held}, not {expected}.", "")
        return found

    def _carry_out(self, stack: ExitStack, number: int, step: Step) -> tuple[Receipt[Any], ...]:
        verb = VERBS.get(step.do) or operation_verb(step.do)
        if verb is None:
            raise CliError(
                "SCENARIO_INVALID",
                f"{step.name}: there is no verb {step.do!r}.",
                f"Known are the commands of the ledger, such as orders:Accept, and {', '.join(VERBS)}.",
            )
        time.sleep(step.after_seconds)  # deadlines of a scenario are a few seconds
        client = self._client(stack, step.who)
        names = [each.name for each in self.scenario.steps]
        if step.again is not None and step.again not in names[:number]:
            raise CliError("SCENARIO_INVALID", f"{step.name}: there is no step {step.again!r} before it.", "")
        number = number if step.again is None else names.index(step.again)
        command_id = derived_id(self._fingerprint, str(number))
        args = self._resolve(step.args)
        for private in {"deliver_to", "priced"} & set(args):
            args[private] = {"salt": self._salt(command_id), **args[private]}
        if step.do == "ubl.import":
            args["salt"] = self._salt(command_id)
        if "signers" in args and step.do in ACCOUNT_VERBS:
            # One network's signers have the same keys in every step.
            args["signers"] = {"salt": self._salt("signers"), "names": args["signers"]}
        if step.refused is not None and step.save is not None:
            self.saved[step.save] = f"{client.profile.msp_id}.{command_id}"
        if step.refused is not None and self._repeated:
            return ()  # carried out before, the ledger has gone on since, and might now say yes
        try:
            receipts, made = verb(client, args, command_id, self.path.parent)
        except KeyError as error:
            raise CliError("SCENARIO_INVALID", f"{step.name}: {step.do} needs {error}.", "") from error
        except (RefusedError, DocumentError) as error:
            if error.code != step.refused:
                raise
            return ()
        self._repeated = self._repeated or any(receipt.repeated for receipt in receipts)
        if step.refused is not None and not self._repeated:
            raise CliError("SCENARIO_DIFFERS", f"{step.name}: it was not refused.", f"Not {step.refused}.")
        if step.save is not None and step.refused is None:
            self.saved[step.save] = made
        return receipts

    def _salt(self, command_id: str) -> str:
        """The same for the same command, so that a repetition commits to the same. It needs a secret of this
        network, since the command's id is public and an address can be guessed.
        """
        path = self.data / "scenario-secret"
        if not path.exists():
            write_atomically(path, secrets.token_hex(32))
        return hmac.digest(path.read_bytes(), command_id.encode(), "sha256").hex()

    def _client(self, stack: ExitStack, who: str) -> Client:
        if who not in self._clients:
            organization, _, user = who.partition("/")
            client = connect(organization, user or "admin", data=self.data)
            self._clients[who] = stack.enter_context(client)
        return self._clients[who]

    def _resolve(self, value: Any) -> Any:
        """Puts in what earlier steps saved wherever a text is ``$name``."""
        if isinstance(value, dict):
            return {key: self._resolve(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._resolve(each) for each in value]
        if isinstance(value, str) and value.startswith("$"):
            if value[1:] not in self.saved:
                raise CliError(
                    "SCENARIO_INVALID", f"Nothing was saved as {value}.", "Save it in an earlier step."
                )
            return self.saved[value[1:]]
        return value


def _trace(client: Client, epc: str) -> dict[str, Any]:
    trail = client.goods.trace(epc)
    return {
        "epc": trail.epc,
        "unit": msgspec.to_builtins(trail.unit),
        "steps": msgspec.to_builtins(trail.steps),
        "truncated": trail.truncated,
    }
