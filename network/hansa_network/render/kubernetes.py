"""The consortium as Kubernetes resources: one file per organisation, and one for the channel they share.

Secrets and certificates are not known when files are made: ``${NAME}`` is filled in as they are applied.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec
import yaml

from hansa_network.consortium import Consortium, OrderingNode, Organization
from hansa_network.fabric.chaincode_package import chaincode_port
from hansa_network.render import images
from hansa_network.render import operator as op
from hansa_network.render.authority_resource import authority
from hansa_network.render.channel_resource import main_channel
from hansa_network.render.names import (
    chaincode_name,
    identity,
    istio,
    namespace,
    orderer_name,
    peer_host,
    peer_name,
    resources,
    variable,
)

_HEADER = (
    "# Made by: hansa network render --target kubernetes. See docs/how-to/deploy.md.\n"
    "# Nothing here is secret: ${NAME} is filled in when the file is applied.\n"
)


def kubernetes_files(consortium: Consortium, organizations: Sequence[Organization]) -> dict[str, str]:
    """Relative path to content, for these organisations; the channel's file where it is all of them.

    Raises:
        NetworkError: an organisation has no port for its chaincode (CONFIG_INVALID).
    """
    files = {"chaincode/Dockerfile": images.DOCKERFILE}
    for one in organizations:
        files[f"{one.domain}.yaml"] = _text(_member(consortium, one))
    if len(organizations) == len(consortium.organizations):
        files["channel.yaml"] = _text(_shared(consortium))
    return files


def _member(consortium: Consortium, one: Organization) -> list[dict[str, Any]]:
    space = namespace(one)
    found = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}},
        _resource(authority(one), f"ca-{space}", space),
        _resource(_peer(one, consortium.log_level), peer_name(one), space),
    ]
    if one.orderer is not None:
        found.append(_resource(_orderer(one, one.orderer), orderer_name(one), space))
    chaincode = consortium.chaincode
    definition: dict[str, Any] = {
        "chaincode_name": chaincode.name,
        "channel_name": consortium.channel,
        "hlf_identity": identity(one),
        "msp_id": one.msp_id,
        "orderers": _orderers(consortium),
        "peers": (op.Named(name=peer_name(one), namespace=space),),
        "sequence": chaincode.sequence,
        "version": chaincode.version,
    }
    approve = op.FabricChaincodeApprove(
        endorsement_policy="",
        external_orderers=(),
        external_peers=(),
        package_id=variable(one, "CHAINCODE_PACKAGE_ID"),
        **definition,
    )
    return [
        *found,
        _resource(_follower(consortium, one), f"{consortium.channel}-{space}"),
        _resource(_install(consortium, one), f"{chaincode.name}-{space}"),
        _resource(_service(consortium, one), chaincode_name(consortium, one), space),
        _resource(approve, f"{chaincode.name}-{space}"),
    ]


def _shared(consortium: Consortium) -> list[dict[str, Any]]:
    first, chaincode = consortium.organizations[0], consortium.chaincode
    commit = op.FabricChaincodeCommit(
        chaincode_name=chaincode.name,
        channel_name=consortium.channel,
        hlf_identity=identity(first),
        msp_id=first.msp_id,
        orderers=_orderers(consortium),
        peers=tuple(
            op.Named(name=peer_name(each), namespace=namespace(each)) for each in consortium.organizations
        ),
        sequence=chaincode.sequence,
        version=chaincode.version,
    )
    return [
        _resource(main_channel(consortium), consortium.channel),
        _resource(commit, f"{chaincode.name}-{chaincode.sequence}"),
    ]


def _peer(one: Organization, log_level: str) -> op.FabricPeer:
    address = f"{peer_host(one)}:{one.ports.peer}"
    return op.FabricPeer(
        image=images.PEER_REPOSITORY,
        tag=images.PEER_TAG,
        msp_id=one.msp_id,
        external_endpoint=address,
        hosts=(peer_host(one),),
        replicas=1,
        state_db="leveldb",
        docker_socket_path="",
        external_chaincode_builder=True,
        gossip=op.Gossip(
            bootstrap="",
            endpoint=address,
            external_endpoint=address,
            org_leader=True,
            use_leader_election=False,
        ),
        discovery=op.Discovery(period="60s", touch_period="60s"),
        logging=op.Logging(**dict.fromkeys(op.Logging.__struct_fields__, log_level)),
        couchdb=op.CouchDb(
            image="couchdb", tag="3.3.3", user="", password="", pull_policy="IfNotPresent"
        ),  # no database is made with stateDb leveldb
        secret=_node_secret(one, "peer"),
        service=op.ServiceType(type="ClusterIP"),
        storage=op.PeerStorage(peer=_storage("30Gi"), chaincode=_storage("1Gi"), couchdb=_storage("1Gi")),
        resources={name: resources("1", "1Gi") for name in ("peer", "couchdb", "chaincode")},
        istio=istio(peer_host(one), one.ports.peer),
    )


def _orderer(one: Organization, node: OrderingNode) -> op.FabricOrdererNode:
    host = f"orderer0.{one.domain}"
    return op.FabricOrdererNode(
        image=images.ORDERER_REPOSITORY,
        tag=images.ORDERER_TAG,
        msp_id=one.msp_id,
        bootstrap_method="none",
        channel_participation_enabled=True,
        genesis="",
        replicas=1,
        secret=_node_secret(one, "orderer"),
        service=op.ServiceType(type="ClusterIP"),
        storage=_storage("30Gi"),
        resources=resources("1", "512Mi"),
        istio=istio(host, node.port),
        admin_istio=istio(f"admin.{host}", node.admin),
    )


def _follower(consortium: Consortium, one: Organization) -> op.FabricFollowerChannel:
    return op.FabricFollowerChannel(
        name=consortium.channel,
        msp_id=one.msp_id,
        anchor_peers=(op.HostPort(host=peer_host(one), port=one.ports.peer),),
        external_peers_to_join=(),
        hlf_identity=identity(one),
        orderers=tuple(
            {
                "url": f"grpcs://orderer0.{each.domain}:{each.orderer.port}",
                "certificate": variable(each, "ORDERER_TLS_CERTIFICATE"),
            }
            for each in consortium.organizations
            if each.orderer is not None
        ),
        peers_to_join=(op.Named(name=peer_name(one), namespace=namespace(one)),),
    )


def _install(consortium: Consortium, one: Organization) -> op.FabricChaincodeInstall:
    port = chaincode_port(one, consortium.chaincode)
    return op.FabricChaincodeInstall(
        chaincode_package=op.ChaincodePackage(
            name=consortium.chaincode.name,
            address=f"{chaincode_name(consortium, one)}.{namespace(one)}:{port}",
            type="ccaas",
            dial_timeout="10s",
            tls=op.PackageTls(required=True),
        ),
        external_peers=(),
        hlf_identity=identity(one),
        msp_id=one.msp_id,
        peers=(op.Named(name=peer_name(one), namespace=namespace(one)),),
    )


def _service(consortium: Consortium, one: Organization) -> op.FabricChaincode:
    chaincode = consortium.chaincode
    return op.FabricChaincode(
        image=images.chaincode_image(chaincode.name, chaincode.version),
        image_pull_policy="IfNotPresent",
        chaincode_server_port=chaincode_port(one, chaincode),
        package_id=variable(one, "CHAINCODE_PACKAGE_ID"),
        replicas=1,
        credentials=op.Enrolled(external=_external(one, "chaincode-tls")),
        msp_id=one.msp_id,
    )


def _orderers(consortium: Consortium) -> tuple[op.Named, ...]:
    return tuple(
        op.Named(name=orderer_name(each), namespace=namespace(each))
        for each in consortium.organizations
        if each.orderer is not None
    )


def _node_secret(one: Organization, kind: str) -> op.NodeSecret:
    return op.NodeSecret(
        enrollment=op.Enrollment(
            component=op.Enrolled(external=_external(one, f"{kind}0-identity")),
            tls=op.Enrolled(external=_external(one, f"{kind}0-tls")),
        )
    )


def _external(one: Organization, secret: str) -> op.External:
    return op.External(
        certificate_key="tls.crt",
        private_key_key="tls.key",
        root_certificate_key="ca.crt",
        secret_name=secret,
        secret_namespace=namespace(one),
    )


def _storage(size: str) -> op.Storage:
    return op.Storage(size=size, access_mode="ReadWriteOnce")


def _resource(spec: op.Part, name: str, space: str | None = None) -> dict[str, Any]:
    metadata = {"name": name} if space is None else {"name": name, "namespace": space}
    return {
        "apiVersion": op.API_VERSION,
        "kind": type(spec).__name__,
        "metadata": metadata,
        "spec": msgspec.to_builtins(spec),
    }


class _Dumper(yaml.SafeDumper):
    """Puts variables into double quotes, where line ends of a certificate can be written as \\n."""


def _represent(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = '"' if re.fullmatch(r"\$\{[A-Z0-9_]+\}", value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _represent)


def _text(documents: Sequence[dict[str, Any]]) -> str:
    return _HEADER + yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, width=110)
