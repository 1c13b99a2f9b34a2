"""An organisation's certificate authorities as the operator's FabricCA."""

from __future__ import annotations

from hansa_network.consortium import Organization
from hansa_network.render import images
from hansa_network.render import operator_authority as ca
from hansa_network.render.names import istio, namespace, resources, variable
from hansa_network.render.operator import ServiceType, Storage

_LAST = "131400h"


def authority(one: Organization) -> ca.FabricCA:
    """``spec`` of its FabricCA: an identity authority and a TLS authority, as of the native network."""
    host = f"ca.{one.domain}"
    return ca.FabricCA(
        image=images.CA_REPOSITORY,
        version=images.CA_TAG,
        hosts=(host, f"ca-{namespace(one)}.{namespace(one)}"),
        debug=False,
        clr_size_limit=512_000,
        ca=_authority(one, "ca"),
        tls_ca=_authority(one, "tlsca"),
        root_ca=ca.RootCa(subject=_subject(one, host)),
        cors=ca.Cors(enabled=False, origins=()),
        db=ca.Database(datasource="fabric-ca-server.db", type="sqlite3"),
        metrics=ca.Metrics(provider="prometheus"),
        resources=resources("500m", "512Mi"),
        service=ServiceType(type="ClusterIP"),
        storage=Storage(size="1Gi", access_mode="ReadWriteOnce"),
        istio=istio(host, one.ports.ca),
    )


def _authority(one: Organization, kind: str) -> ca.Authority:
    name = f"{kind}.{one.domain}"
    removable = ca.Removal(allow_remove=True)
    return ca.Authority(
        name=kind,
        bccsp=ca.Bccsp(default="SW", sw=ca.Sw(hash="SHA2", security="256")),
        cfg=ca.Config(affiliations=removable, identities=removable),
        crl=ca.Crl(expiry="720h"),
        csr=ca.Csr(
            ca=ca.CsrCa(expiry=_LAST, path_length=0),
            cn=name,
            hosts=("localhost",),
            names=(
                ca.SubjectName(country=one.country, locality="", organization=one.name, unit="", state=""),
            ),
        ),
        intermediate=ca.Intermediate(parent_server=ca.ParentServer(ca_name="", url="")),
        registry=ca.Registry(identities=(_registrar(one),), max_enrollments=-1),
        subject=_subject(one, name),
    )


def _registrar(one: Organization) -> ca.Identity:
    return ca.Identity(
        affiliation="",
        attrs=ca.Attributes(
            affiliation_manager=True,
            gen_crl=True,
            intermediate_ca=False,
            registrar_attributes="*",
            delegate_roles="*",
            roles="*",
            revoker=True,
        ),
        name="registrar",
        password=variable(one, "REGISTRAR_SECRET"),
        type="client",
    )


def _subject(one: Organization, name: str) -> ca.Subject:
    return ca.Subject(country=one.country, locality="", organization=one.name, unit="", state="", cn=name)
