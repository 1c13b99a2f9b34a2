"""``spec`` of the operator's FabricCA; source as in ``operator``."""

from __future__ import annotations

from typing import Any

from msgspec import field

from hansa_network.render.operator import Istio, Part, ServiceType, Storage


class Sw(Part, frozen=True, kw_only=True):
    """Keys in software."""

    hash: str
    security: str


class Bccsp(Part, frozen=True, kw_only=True):
    """Where keys are kept."""

    default: str
    sw: Sw


class Removal(Part, frozen=True, kw_only=True):
    """Whether entries may be removed."""

    allow_remove: bool


class Config(Part, frozen=True, kw_only=True):
    """What may be removed."""

    affiliations: Removal
    identities: Removal


class Crl(Part, frozen=True, kw_only=True):
    """How long a revocation list is good."""

    expiry: str


class CsrCa(Part, frozen=True, kw_only=True):
    """The authority's own certificate."""

    expiry: str
    path_length: int


class Subject(Part, frozen=True, kw_only=True):
    """A certificate's subject."""

    country: str = field(name="C")
    locality: str = field(name="L")
    organization: str = field(name="O")
    unit: str = field(name="OU")
    state: str = field(name="ST")
    cn: str


class SubjectName(Part, frozen=True, kw_only=True):
    """The same in a request, without the common name."""

    country: str = field(name="C")
    locality: str = field(name="L")
    organization: str = field(name="O")
    unit: str = field(name="OU")
    state: str = field(name="ST")


class Csr(Part, frozen=True, kw_only=True):
    """The request for the authority's certificate."""

    ca: CsrCa
    cn: str
    hosts: tuple[str, ...]
    names: tuple[SubjectName, ...]


class ParentServer(Part, frozen=True, kw_only=True):
    """Of an intermediate authority; empty for a root."""

    ca_name: str
    url: str


class Intermediate(Part, frozen=True, kw_only=True):
    """As above."""

    parent_server: ParentServer


class Attributes(Part, frozen=True, kw_only=True):
    """What the registrar may."""

    affiliation_manager: bool = field(name="hf.AffiliationMgr")
    gen_crl: bool = field(name="hf.GenCRL")
    intermediate_ca: bool = field(name="hf.IntermediateCA")
    registrar_attributes: str = field(name="hf.Registrar.Attributes")
    delegate_roles: str = field(name="hf.Registrar.DelegateRoles")
    roles: str = field(name="hf.Registrar.Roles")
    revoker: bool = field(name="hf.Revoker")


class Identity(Part, frozen=True, kw_only=True):
    """The registrar. ``password`` names a variable that is filled in when the file is applied."""

    affiliation: str
    attrs: Attributes
    name: str
    password: str = field(name="pass")
    type: str


class Registry(Part, frozen=True, kw_only=True):
    """Who is known at the start."""

    identities: tuple[Identity, ...]
    max_enrollments: int = field(name="max_enrollments")


class Authority(Part, frozen=True, kw_only=True):
    """One of the two authorities of a FabricCA."""

    name: str
    bccsp: Bccsp
    cfg: Config
    crl: Crl
    csr: Csr
    intermediate: Intermediate
    registry: Registry
    subject: Subject


class Cors(Part, frozen=True, kw_only=True):
    """Whether browsers may ask."""

    enabled: bool
    origins: tuple[str, ...]


class Database(Part, frozen=True, kw_only=True):
    """Where the authority keeps its registry."""

    datasource: str
    type: str


class Metrics(Part, frozen=True, kw_only=True):
    """Who collects metrics."""

    provider: str


class RootCa(Part, frozen=True, kw_only=True):
    """The subject of the operator's root for the CA's own TLS."""

    subject: Subject


class FabricCA(Part, frozen=True, kw_only=True):
    """``spec`` of a FabricCA."""

    image: str
    version: str
    hosts: tuple[str, ...]
    debug: bool
    clr_size_limit: int
    ca: Authority
    tls_ca: Authority = field(name="tlsCA")
    root_ca: RootCa = field(name="rootCA")
    cors: Cors
    db: Database
    metrics: Metrics
    resources: dict[str, Any]
    service: ServiceType
    storage: Storage
    istio: Istio
