"""What each of Fabric CA's endpoints does."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, quote, unquote, urlsplit

from cryptography import x509

from hansa_devnode.services.ca import refusal
from hansa_devnode.services.ca.authentication import Request, by_certificate, by_secret
from hansa_devnode.services.ca.body import Body
from hansa_devnode.services.ca.refusal import CaRefusal, unauthorized
from hansa_devnode.services.ca.registration import (
    GEN_CRL,
    REVOKER,
    allowed_enrollments,
    check_attributes,
    check_may_manage,
    own_attributes,
)
from hansa_devnode.services.ca.registry import (
    Attribute,
    IssuedCertificate,
    RegisteredIdentity,
    Registry,
)
from hansa_devnode.services.ca.signing import (
    certificate_name,
    issue,
    read_request,
    wanted_attributes,
)
from hansa_fabric.certificates import CertificateAuthority

VERSION = "1.5-hansa-devnode"
"""What the authority calls itself: the version of Fabric CA whose interface this is."""

_SECRET_BYTES = 12


@dataclass(frozen=True)
class Answer:
    """A success: HTTP status, the result as JSON data, and further headers."""

    status: int
    result: object
    headers: Mapping[str, str] = field(default_factory=dict)


class Endpoints:
    """The endpoints of one authority; threads may share them.

    Args:
        name: of the authority; a request that names another is refused.
        authority: who issues.
        registry: whom it knows.
        affiliations: the dotted paths that identities may be registered under, besides the root.
    """

    def __init__(
        self, name: str, authority: CertificateAuthority, registry: Registry, affiliations: frozenset[str]
    ) -> None:
        self._name = name
        self._authority = authority
        self._registry = registry
        self._affiliations = affiliations
        self._routes: dict[str, tuple[tuple[str, ...], Callable[[Request], Answer]]] = {
            "cainfo": (("GET", "POST", "HEAD"), self._cainfo),
            "enroll": (("POST",), self._enroll),
            "reenroll": (("POST",), self._reenroll),
            "register": (("POST",), self._register),
            "revoke": (("POST",), self._revoke),
            "gencrl": (("POST",), self._gencrl),
            "identities": (("GET",), self._identities),
        }

    def answer(self, request: Request) -> Answer:
        """Do what a request asks. Raises CaRefusal."""
        path = urlsplit(request.uri).path
        head, _, rest = path.removeprefix("/api/v1").lstrip("/").partition("/")
        methods, handle = self._routes.get(head, ((), None))
        if head == "identities" and rest:
            methods, handle = ("GET",), self._identity
        elif rest:
            handle = None
        if handle is None:
            raise CaRefusal(404, refusal.UNKNOWN, f"there is no endpoint {path}")
        if request.method not in methods:
            raise CaRefusal(405, refusal.METHOD_NOT_ALLOWED, f"Method {request.method} is not allowed")
        self._check_name(request)
        return handle(request)

    def _check_name(self, request: Request) -> None:
        query = parse_qs(urlsplit(request.uri).query).get("ca", [""])[0]
        wanted = query or Body(request.body, required=False).text("caname")
        if wanted not in ("", self._name):
            raise CaRefusal(404, refusal.CA_NOT_FOUND, f"CA '{wanted}' does not exist")

    def _cainfo(self, _: Request) -> Answer:
        return Answer(200, self._info())

    def _info(self) -> dict[str, str]:
        chain = base64.b64encode(self._authority.certificate).decode()
        # Idemix's two keys are empty: this authority issues X.509 certificates only.
        return {
            "CAName": self._name,
            "CAChain": chain,
            "IssuerPublicKey": "",
            "IssuerRevocationPublicKey": "",
            "Version": VERSION,
        }

    def _enroll(self, request: Request) -> Answer:
        return self._issue(request, by_secret(request, self._registry), enrollment=True)

    def _reenroll(self, request: Request) -> Answer:
        return self._issue(request, self._caller(request)[0], enrollment=False)

    def _issue(self, request: Request, identity: RegisteredIdentity, *, enrollment: bool) -> Answer:
        body = Body(request.body)
        asked = read_request(body.text("certificate_request"), identity.id)
        wanted = body.objects("attr_reqs")
        requested = (
            None if wanted is None else [(one.short_text("name"), one.flag("optional")) for one in wanted]
        )
        pem, issued = issue(
            self._authority,
            identity,
            asked,
            hosts=body.texts("hosts"),
            attributes=wanted_attributes(identity, requested),
            profile=body.text("profile"),
        )
        self._registry.record(issued, enrollment=enrollment)
        return Answer(201, {"Cert": base64.b64encode(pem).decode(), "ServerInfo": self._info()})

    def _register(self, request: Request) -> Answer:
        body = Body(request.body)
        caller, _ = self._caller(request)
        id_ = body.short_text("id")
        if not id_ or ":" in id_:
            # A colon would end the name in the header that enrolls.
            raise CaRefusal(400, refusal.BAD_BODY, "an identity needs a name without a colon")
        type_ = body.short_text("type") or caller.type
        affiliation = self._affiliation(body.short_text("affiliation"), caller)
        attributes = tuple(
            Attribute(one.short_text("name"), one.text("value"), one.flag("ecert"))
            for one in body.objects("attrs") or ()
        )
        try:
            check_may_manage(caller, type_, affiliation)
            self._check_affiliation(affiliation)
            check_attributes(caller, attributes)
        except CaRefusal as error:
            raise unauthorized(f"registration of {id_!r} failed: {error}") from error
        secret = body.text("secret") or secrets.token_urlsafe(_SECRET_BYTES)
        identity = RegisteredIdentity(
            id_,
            type_,
            affiliation,
            (*attributes, *own_attributes(id_, type_, affiliation)),
            allowed_enrollments(body.integer("max_enrollments")),
        )
        self._registry.add(identity, secret)
        location = f"/api/v1/identities/{quote(id_, safe='')}"
        return Answer(201, {"secret": secret}, {"Location": location})

    def _affiliation(self, wanted: str, caller: RegisteredIdentity) -> str:
        if wanted == ".":
            return ""
        return wanted or caller.affiliation

    def _check_affiliation(self, affiliation: str) -> None:
        if affiliation and affiliation not in self._affiliations:
            raise CaRefusal(404, refusal.AFFILIATION_NOT_FOUND, f"Failed getting affiliation '{affiliation}'")

    def _revoke(self, request: Request) -> Answer:
        body = Body(request.body)
        caller, own = self._caller(request)
        serial, aki = (_hex(body.text(name)) for name in ("serial", "aki"))
        id_ = body.text("id")
        now = int(datetime.now(UTC).timestamp())
        if serial and aki:
            revoked = [self._revoke_certificate(caller, own, (serial, aki), id_, now)]
        elif id_:
            revoked = self._revoke_identity(caller, id_, now)
        else:
            raise CaRefusal(
                400,
                refusal.NOTHING_TO_REVOKE,
                "Either Name or Serial and AKI are required for a revoke request",
            )
        crl = self._revocation_list() if body.flag("gencrl") and revoked else b""
        return Answer(
            200,
            {
                "RevokedCerts": [{"Serial": one.serial, "AKI": one.aki} for one in revoked],
                "CRL": base64.b64encode(crl).decode(),
            },
        )

    def _revoke_certificate(
        self, caller: RegisteredIdentity, own: x509.Certificate, name: tuple[str, str], id_: str, now: int
    ) -> IssuedCertificate:
        serial, aki = name
        found = self._registry.certificate(serial, aki)
        if found is None:
            raise CaRefusal(
                404,
                refusal.CERTIFICATE_NOT_FOUND,
                f"Certificate with serial {serial} and AKI {aki} was not found",
            )
        self._check_may_revoke(caller, found.id)
        if found.revoked_at is not None:
            raise CaRefusal(
                404,
                refusal.ALREADY_REVOKED,
                f"Certificate with serial {serial} and AKI {aki} was already revoked",
            )
        if id_ and id_ != found.id:
            raise CaRefusal(
                400,
                refusal.CERTIFICATE_OF_ANOTHER,
                f"Certificate with serial {serial} and AKI {aki} is not owned by {id_}",
            )
        if name != certificate_name(own):
            self._check_may_manage(caller, found.id)
        self._registry.revoke_certificate(serial, aki, now)
        return found

    def _revoke_identity(self, caller: RegisteredIdentity, id_: str, now: int) -> list[IssuedCertificate]:
        self._check_may_revoke(caller, id_)
        if id_ != caller.id:
            self._check_may_manage(caller, id_)
        return self._registry.revoke_identity(id_, now)

    def _check_may_revoke(self, caller: RegisteredIdentity, id_: str) -> None:
        if id_ != caller.id and caller.attribute(REVOKER) != "true":
            raise unauthorized(f"{caller.id} has not {REVOKER}")

    def _check_may_manage(self, caller: RegisteredIdentity, id_: str) -> None:
        found = self._registry.identity(id_)
        if found is None:
            raise CaRefusal(404, refusal.IDENTITY_TO_REVOKE_NOT_FOUND, f"Identity {id_} was not found")
        check_may_manage(caller, found.type, found.affiliation)

    def _gencrl(self, request: Request) -> Answer:
        body = Body(request.body)
        caller, _ = self._caller(request)
        if caller.attribute(GEN_CRL) != "true":
            raise unauthorized(f"{caller.id} has not {GEN_CRL}")
        crl = self._revocation_list(
            (body.moment("revokedafter"), body.moment("revokedbefore")),
            (body.moment("expireafter"), body.moment("expirebefore")),
        )
        return Answer(200, {"CRL": base64.b64encode(crl).decode()})

    def _revocation_list(
        self,
        revoked: tuple[int | None, int | None] = (None, None),
        expires: tuple[int | None, int | None] = (None, None),
    ) -> bytes:
        now = int(datetime.now(UTC).timestamp())
        after = now if expires[0] is None else expires[0]
        return self._authority.revocation_list(
            int(one.serial, 16)
            for one in self._registry.revoked_certificates()
            if _between(one.revoked_at or 0, *revoked) and _between(one.expires_at, after, expires[1])
        )

    def _identities(self, request: Request) -> Answer:
        caller, _ = self._caller(request)
        check_may_manage(caller, caller.type, caller.affiliation)
        shown = [one.document() for one in self._registry.identities() if _may_see(caller, one)]
        return Answer(200, {"identities": shown, "caname": self._name})

    def _identity(self, request: Request) -> Answer:
        caller, _ = self._caller(request)
        id_ = unquote(urlsplit(request.uri).path.rpartition("/identities/")[2])
        found = self._registry.identity(id_)
        if found is None:
            raise CaRefusal(404, refusal.IDENTITY_NOT_FOUND, f"Failed to get User: identity '{id_}'")
        check_may_manage(caller, found.type, found.affiliation)
        return Answer(200, found.document() | {"caname": self._name})

    def _caller(self, request: Request) -> tuple[RegisteredIdentity, x509.Certificate]:
        return by_certificate(request, self._registry, self._authority)


def _may_see(caller: RegisteredIdentity, other: RegisteredIdentity) -> bool:
    try:
        check_may_manage(caller, other.type, other.affiliation)
    except CaRefusal:
        return False
    return True


def _hex(text: str) -> str:
    return text.lower().replace(":", "").lstrip("0")


def _between(moment: int, after: int | None, before: int | None) -> bool:
    return (after is None or moment > after) and (before is None or moment < before)
