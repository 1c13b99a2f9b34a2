"""Who may register whom, with which type, affiliation and attributes; Fabric CA's rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hansa_devnode.services.ca.refusal import BAD_MAX_ENROLLMENTS, CaRefusal, unauthorized
from hansa_devnode.services.ca.registry import UNLIMITED, Attribute, RegisteredIdentity

ROLES = "hf.Registrar.Roles"
DELEGATE_ROLES = "hf.Registrar.DelegateRoles"
REGISTRAR_ATTRIBUTES = "hf.Registrar.Attributes"
REVOKER = "hf.Revoker"
GEN_CRL = "hf.GenCRL"

_BOOLEAN = frozenset((REVOKER, "hf.IntermediateCA", GEN_CRL, "hf.AffiliationMgr"))
_FIXED = frozenset(("hf.EnrollmentID", "hf.Type", "hf.Affiliation"))
_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))

FIRST_REGISTRAR_ATTRIBUTES = (
    Attribute(ROLES, "*"),
    Attribute(DELEGATE_ROLES, "*"),
    Attribute(REVOKER, "true"),
    Attribute("hf.IntermediateCA", "true"),
    Attribute(GEN_CRL, "true"),
    Attribute(REGISTRAR_ATTRIBUTES, "*"),
    Attribute("hf.AffiliationMgr", "true"),
)
"""What the authority's first identity may do: everything."""


def own_attributes(id_: str, type_: str, affiliation: str) -> tuple[Attribute, ...]:
    """The attributes that say in each certificate who it is for."""
    return (
        Attribute("hf.EnrollmentID", id_, ecert=True),
        Attribute("hf.Type", type_, ecert=True),
        Attribute("hf.Affiliation", affiliation, ecert=True),
    )


def allowed_enrollments(requested: int) -> int:
    """How often a secret may be used: 0 asks for the authority's own limit, which is none.

    Raises:
        CaRefusal: less than -1.
    """
    if requested < UNLIMITED:
        raise CaRefusal(
            400,
            BAD_MAX_ENROLLMENTS,
            f"Max enrollment in registration request may not be less than -1, but was {requested}",
        )
    return requested or UNLIMITED


def check_may_manage(caller: RegisteredIdentity, type_: str, affiliation: str) -> None:
    """Check that somebody may act on identities of a type and affiliation.

    Raises:
        CaRefusal: no registrar, or not for that type or affiliation.
    """
    roles = _list(caller.attribute(ROLES) or "")
    if not roles:
        raise unauthorized(f"{caller.id} is not a registrar")
    if "*" not in roles and (type_ or "client").lower() not in {role.lower() for role in roles}:
        raise unauthorized(f"{caller.id} may not act on type {type_}")
    own = caller.affiliation
    if own and affiliation != own and not affiliation.startswith(f"{own}."):
        raise unauthorized(f"{caller.id} may not act on affiliation {affiliation}")


def check_attributes(caller: RegisteredIdentity, wanted: Sequence[Attribute]) -> None:
    """Check that a registrar may give these attributes to a new identity.

    Raises:
        CaRefusal: not among those it may give, reserved, or more than it has itself.
    """
    allowed = _list(caller.attribute(REGISTRAR_ATTRIBUTES) or "")
    for one in wanted:
        _check_name(caller, one.name, allowed)
        if one.name in _FIXED:
            raise unauthorized(f"{one.name} cannot be chosen")
        if one.name in _BOOLEAN:
            _check_boolean(caller, one)
        elif one.name in _LISTS:
            _LISTS[one.name](caller, one, wanted)
        elif one.name.startswith("hf."):
            raise unauthorized(f"{one.name} has a reserved prefix")


def _check_name(caller: RegisteredIdentity, name: str, allowed: Sequence[str]) -> None:
    for pattern in allowed:
        if name == pattern or (pattern.endswith("*") and name.startswith(pattern.rstrip("*"))):
            return
    raise unauthorized(f"{caller.id} may not give attribute {name}")


def _check_boolean(caller: RegisteredIdentity, wanted: Attribute) -> None:
    if caller.attribute(wanted.name) not in _TRUE:
        raise unauthorized(f"{caller.id} has not {wanted.name} itself")
    if wanted.value and wanted.value not in _TRUE | _FALSE:
        raise unauthorized(f"{wanted.name} is true or false, not {wanted.value!r}")


def _check_roles(caller: RegisteredIdentity, wanted: Attribute, _: Sequence[Attribute]) -> None:
    own = caller.attribute(wanted.name)
    if own is None:
        raise unauthorized(f"{caller.id} has not {wanted.name} itself")
    _check_subset(wanted.value, own, wanted.name)


def _check_delegate_roles(
    caller: RegisteredIdentity, wanted: Attribute, everything: Sequence[Attribute]
) -> None:
    _check_roles(caller, wanted, everything)
    _check_subset(wanted.value, _value(everything, ROLES), wanted.name)


def _check_registrar_attributes(
    caller: RegisteredIdentity, wanted: Attribute, everything: Sequence[Attribute]
) -> None:
    allowed = _list(caller.attribute(REGISTRAR_ATTRIBUTES) or "")
    for name in _list(wanted.value):
        _check_name(caller, name, allowed)
        if name.startswith("hf.") and all(one.name != name for one in everything):
            raise unauthorized(f"only who has {name} may give it")


_LISTS: dict[str, Callable[[RegisteredIdentity, Attribute, Sequence[Attribute]], None]] = {
    ROLES: _check_roles,
    DELEGATE_ROLES: _check_delegate_roles,
    REGISTRAR_ATTRIBUTES: _check_registrar_attributes,
}


def _check_subset(small: str, big: str, name: str) -> None:
    have = {one.lower() for one in _list(big)}
    if "*" not in have and not {one.lower() for one in _list(small)} <= have:
        raise unauthorized(f"{small!r} is more than {big!r}, in {name}")


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _value(attributes: Sequence[Attribute], name: str) -> str:
    return next((one.value for one in attributes if one.name == name), "")
