"""Policy expressions give what Fabric's own parser gives."""

from __future__ import annotations

import pytest
from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2
from google.protobuf import text_format

from hansa_fabric.errors import MalformedDataError
from hansa_fabric.policy_expression import (
    application_policy,
    config_policy,
    parse,
    parse_implicit_meta,
)


def _shape(text: str) -> str:
    """The rule with its principals' numbers, and the principals in their order."""
    envelope = parse(text)

    def show(rule: policies_pb2.SignaturePolicy) -> str:
        if rule.WhichOneof("Type") == "signed_by":
            return str(rule.signed_by)
        return f"{rule.n_out_of.n}({' '.join(show(one) for one in rule.n_out_of.rules)})"

    names = []
    for one in envelope.identities:
        role = msp_principal_pb2.MSPRole.FromString(one.principal)
        names.append(f"{role.msp_identifier}:{msp_principal_pb2.MSPRole.MSPRoleType.Name(role.role)}")
    return show(envelope.rule) + " " + " ".join(names)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("OR('A.member')", "1(0) A:MEMBER"),
        ("AND('A.member', 'B.peer')", "2(0 1) A:MEMBER B:PEER"),
        ("OutOf(2,'A.admin','B.client','C.orderer')", "2(0 1 2) A:ADMIN B:CLIENT C:ORDERER"),
        ("outof(0, 'A.member')", "0(0) A:MEMBER"),
        ("OUTOF('1', 'A.member')", "1(0) A:MEMBER"),
        ("OutOf(2, 'A.member')", "2(0) A:MEMBER"),
        # Inner gates are numbered before the outer gate's own principals.
        (
            "AND('A.member', OR('B.member', 'C.member'), 'D.member')",
            "3(2 1(0 1) 3) B:MEMBER C:MEMBER A:MEMBER D:MEMBER",
        ),
        (
            "OR(AND('A.peer','A.peer'), AND('B.peer','C.peer'))",
            "1(2(0 1) 2(2 3)) A:PEER A:PEER B:PEER C:PEER",
        ),
        (" Or( \"my.org-1.member\" ,\n'B.admin' ) ", "1(0 1) my.org-1:MEMBER B:ADMIN"),
    ],
)
def test_expressions(text: str, shape: str) -> None:
    assert _shape(text) == shape


@pytest.mark.parametrize(
    "text",
    [
        "",
        "'A.member'",
        "AND()",
        "OutOf(1)",
        "OutOf('A.member')",
        "OutOf(-1, 'A.member')",
        "OutOf(3, 'A.member')",
        "OutOf(99999999999999999999, 'A.member')",
        "AND('A')",
        "AND('A.king')",
        "AND('A_B.member')",
        "AND('A.member'",
        "AND('A.member') x",
        "AND('A.member' 'B.member')",
        "NOT('A.member')",
        "aNd('A.member')",
        "and('A.member')",
        "or('A.member')",
        "AND(A.member)",
        "AND(1, 'A.member')",
        "OR(" * 200 + "'A.member'" + ")" * 200,
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(MalformedDataError):
        parse(text)


def test_implicit_meta() -> None:
    kinds = policies_pb2.ImplicitMetaPolicy
    assert parse_implicit_meta("MAJORITY Admins") == kinds(rule=kinds.MAJORITY, sub_policy="Admins")
    for text in ("MAJORITY", "majority Admins", "ANY ", "ANY  Admins", "SOME Admins", "ANY A B"):
        with pytest.raises(MalformedDataError):
            parse_implicit_meta(text)


def test_config_and_application_policies() -> None:
    assert config_policy("ANY Readers").type == policies_pb2.Policy.IMPLICIT_META
    assert config_policy("OR('A.peer')").type == policies_pb2.Policy.SIGNATURE
    path = "/Channel/Application/Endorsement"
    assert text_format.MessageToString(application_policy(path), as_one_line=True) == (
        f'channel_config_policy_reference: "{path}"'
    )
    assert application_policy("OR('A.peer')").signature_policy == parse("OR('A.peer')")
