"""Policies as people write them: ``OutOf(2, 'A.member', OR('B.peer', 'C.peer'))`` and ``MAJORITY Admins``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2
from fabric_protos.peer import policy_pb2

from hansa_fabric.errors import MalformedDataError

_ROLES = {
    "member": msp_principal_pb2.MSPRole.MEMBER,
    "admin": msp_principal_pb2.MSPRole.ADMIN,
    "client": msp_principal_pb2.MSPRole.CLIENT,
    "peer": msp_principal_pb2.MSPRole.PEER,
    "orderer": msp_principal_pb2.MSPRole.ORDERER,
}
# Fabric 3.1 refuses ``and`` and ``or`` in lower case: its expression language takes them for operators.
_GATES = {
    **dict.fromkeys(("And", "AND"), "And"),
    **dict.fromkeys(("Or", "OR"), "Or"),
    **dict.fromkeys(("OutOf", "outof", "OUTOF"), "OutOf"),
}
_TOKEN = re.compile(r"""\s*(?:(\d+)|([A-Za-z]+)|'([^']*)'|"([^"]*)"|([(),]))""")
_PRINCIPAL = re.compile(r"([0-9A-Za-z.-]+)\.(" + "|".join(_ROLES) + ")")
_RULES = ("ANY", "ALL", "MAJORITY")
_MAX_DEPTH = 50


@dataclass(frozen=True)
class _Gate:
    threshold: int
    rules: tuple[_Gate | tuple[str, str], ...]


def parse(text: str) -> Any:
    """The ``common.SignaturePolicyEnvelope`` of an expression, equal to what Fabric's own tools make of it.

    Args:
        text: ``And``, ``Or`` and ``OutOf`` over principals ``'MSP.role'``, roles member, admin, client, peer,
            orderer; gates also in upper case, ``OutOf`` also in lower.

    Raises:
        MalformedDataError: anything else, or a threshold that is negative or more than one above the number
            of rules.
    """
    parser = _Parser(text)
    root = parser.gate(parser.word(), 0)
    parser.end()
    principals: list[Any] = []
    rule = _rule(root, principals)
    return policies_pb2.SignaturePolicyEnvelope(version=0, rule=rule, identities=principals)


def parse_implicit_meta(text: str) -> Any:
    """The ``common.ImplicitMetaPolicy`` of ``ANY|ALL|MAJORITY <policy name>``. Raises MalformedDataError."""
    words = text.split(" ")
    if len(words) != 2 or words[0] not in _RULES or not words[1]:
        raise MalformedDataError(f"not 'ANY|ALL|MAJORITY <policy>': {text!r}")
    return policies_pb2.ImplicitMetaPolicy(
        rule=policies_pb2.ImplicitMetaPolicy.Rule.Value(words[0]), sub_policy=words[1]
    )


def config_policy(text: str) -> Any:
    """The ``common.Policy`` of either kind of expression. Raises MalformedDataError."""
    if text.split(" ", 1)[0] in _RULES:
        return policies_pb2.Policy(
            type=policies_pb2.Policy.IMPLICIT_META, value=parse_implicit_meta(text).SerializeToString()
        )
    return policies_pb2.Policy(type=policies_pb2.Policy.SIGNATURE, value=parse(text).SerializeToString())


def application_policy(text: str) -> Any:
    """The ``peer.ApplicationPolicy`` of an expression, or of a channel policy's path such as
    ``/Channel/Application/Endorsement``. Raises MalformedDataError."""
    if text.startswith("/"):
        return policy_pb2.ApplicationPolicy(channel_config_policy_reference=text)
    return policy_pb2.ApplicationPolicy(signature_policy=parse(text))


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._ended = False

    def word(self) -> str:
        return self._next()

    def end(self) -> None:
        if self._text[self._at :].strip():
            raise self._error("unexpected text after the policy")

    def gate(self, name: str, depth: int) -> _Gate:
        kind = _GATES.get(name)
        if kind is None:
            raise self._error(f"unknown gate {name!r}")
        if depth > _MAX_DEPTH:
            raise self._error("gates are nested too deep")
        self._expect("(")
        threshold = self._threshold() if kind == "OutOf" else None
        rules = [self._argument(depth)]
        while (symbol := self._next()) == ",":
            rules.append(self._argument(depth))
        if symbol != ")":
            raise self._error(f"expected , or ), found {symbol!r}")
        if threshold is None:
            threshold = len(rules) if kind == "And" else 1
        # Fabric allows a threshold of one more than there are rules: a policy nobody can satisfy.
        if threshold > len(rules) + 1:
            raise self._error(f"{threshold} out of {len(rules)} is not possible")
        return _Gate(threshold, tuple(rules))

    def _threshold(self) -> int:
        token = self._next().strip("'")
        if not token.isascii() or not token.isdigit():
            raise self._error("OutOf begins with a number")
        self._expect(",")
        return int(token)

    def _argument(self, depth: int) -> _Gate | tuple[str, str]:
        token = self._next()
        if not token.startswith("'"):
            return self.gate(token, depth + 1)
        found = _PRINCIPAL.fullmatch(token[1:-1])
        if found is None:
            raise self._error(f"not a principal 'MSP.role': {token}")
        return found[1], found[2]

    def _expect(self, wanted: str) -> None:
        token = self._next()
        if token != wanted:
            raise self._error(f"expected {wanted}, found {token!r}")

    def _next(self) -> str:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise self._error("unexpected end or character")
        self._at = found.end()
        quoted = found[3] if found[3] is not None else found[4]
        return f"'{quoted}'" if quoted is not None else found[0].strip()

    def _error(self, reason: str) -> MalformedDataError:
        return MalformedDataError(f"policy {self._text!r}, at character {self._at}: {reason}")


def _rule(gate: _Gate, principals: list[Any]) -> Any:
    # Principals are numbered as Fabric's parser numbers them: those of inner gates before the gate's own.
    inner = {
        index: _rule(rule, principals) for index, rule in enumerate(gate.rules) if isinstance(rule, _Gate)
    }
    rules = []
    for index, rule in enumerate(gate.rules):
        if isinstance(rule, _Gate):
            rules.append(inner[index])
        else:
            rules.append(policies_pb2.SignaturePolicy(signed_by=len(principals)))
            principals.append(role_principal(*rule))
    message = policies_pb2.SignaturePolicy()
    message.n_out_of.n = gate.threshold
    message.n_out_of.rules.extend(rules)
    return message


def role_principal(msp_id: str, role: str) -> Any:
    """The ``msp.MSPPrincipal`` of a role (member, admin, client, peer, orderer) in an organisation."""
    content = msp_principal_pb2.MSPRole(msp_identifier=msp_id, role=_ROLES[role])
    return msp_principal_pb2.MSPPrincipal(
        principal_classification=msp_principal_pb2.MSPPrincipal.ROLE, principal=content.SerializeToString()
    )
