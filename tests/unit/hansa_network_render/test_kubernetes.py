"""The consortium as Kubernetes resources: valid, agreeing with the description, without a secret."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from hansa_fabric.channel_description import ChannelDescription
from hansa_network.consortium import load
from hansa_network.render import operator
from hansa_network.render.kubernetes import kubernetes_files
from hansa_network.render.operator_authority import FabricCA
from hansa_network.render.operator_channel import FabricMainChannel
from hansa_network.render.rendering import render

CONSORTIUM = load()
FILES = kubernetes_files(CONSORTIUM, CONSORTIUM.organizations)
DOCUMENTS = [
    document
    for name, content in FILES.items()
    if name.endswith(".yaml")
    for document in yaml.safe_load_all(content)
]
KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        FabricCA,
        FabricMainChannel,
        operator.FabricPeer,
        operator.FabricOrdererNode,
        operator.FabricFollowerChannel,
        operator.FabricChaincode,
        operator.FabricChaincodeInstall,
        operator.FabricChaincodeApprove,
        operator.FabricChaincodeCommit,
    )
}
# Of these the CRDs say that they belong to no namespace.
CLUSTER_WIDE = {
    "Namespace",
    "FabricMainChannel",
    "FabricFollowerChannel",
    "FabricChaincodeInstall",
    "FabricChaincodeApprove",
    "FabricChaincodeCommit",
}


def described(document: dict[str, Any]) -> str:
    return f"{document['kind']}-{document['metadata']['name']}"


def only(kind: str, domain: str) -> Any:
    """The spec of an organisation's one resource of a kind."""
    (found,) = [each["spec"] for each in yaml.safe_load_all(FILES[f"{domain}.yaml"]) if each["kind"] == kind]
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=described)
def test_every_resource_has_the_fields_of_its_kind(document: dict[str, Any]) -> None:
    assert ("namespace" in document["metadata"]) == (document["kind"] not in CLUSTER_WIDE)
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", document["metadata"]["name"])
    if document["kind"] == "Namespace":
        validate = pytest.importorskip(
            "kubernetes_validate",
            reason="kubernetes-validate, which has Kubernetes' schemas, is not installed",
        )
        validate.validate(document, "1.30", strict=True)
        return
    assert document["apiVersion"] == "hlf.kungfusoftware.es/v1alpha1"
    kind = KINDS[document["kind"]]
    read = msgspec.convert(document["spec"], kind)
    again = msgspec.json.decode(msgspec.json.encode(read))
    assert again == document["spec"], "nothing is lost or renamed"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**document["spec"], "nosuchfield": 1}, kind)


def test_every_kind_that_the_network_needs_is_there() -> None:
    assert {each["kind"] for each in DOCUMENTS} == {*KINDS, "Namespace"}
    names = [described(each) + each["metadata"].get("namespace", "") for each in DOCUMENTS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("one", CONSORTIUM.organizations, ids=lambda one: one.name)
def test_ports_images_and_msp_ids_are_those_of_the_description(one: Any) -> None:
    peer = only("FabricPeer", one.domain)
    assert (peer["image"], peer["tag"]) == ("hyperledger/fabric-peer", "3.1")
    assert peer["mspID"] == one.msp_id
    assert peer["externalEndpoint"] == f"peer0.{one.domain}:{one.ports.peer}"
    assert peer["istio"]["port"] == one.ports.peer
    assert peer["stateDb"] == "leveldb"
    authority = only("FabricCA", one.domain)
    assert (authority["image"], authority["version"]) == ("hyperledger/fabric-ca", "1.5")
    assert authority["istio"]["port"] == one.ports.ca
    service = only("FabricChaincode", one.domain)
    assert service["chaincodeServerPort"] == one.ports.chaincode
    package = only("FabricChaincodeInstall", one.domain)["chaincodePackage"]
    assert package["address"].endswith(f":{one.ports.chaincode}")
    approval = only("FabricChaincodeApprove", one.domain)
    assert (approval["version"], approval["sequence"]) == (
        CONSORTIUM.chaincode.version,
        CONSORTIUM.chaincode.sequence,
    )
    follower = only("FabricFollowerChannel", one.domain)
    assert follower["anchorPeers"] == [{"host": f"peer0.{one.domain}", "port": one.ports.peer}]
    assert {approval["channelName"], follower["name"]} == {CONSORTIUM.channel}
    if one.orderer is not None:
        orderer = only("FabricOrdererNode", one.domain)
        assert (orderer["image"], orderer["tag"]) == ("hyperledger/fabric-orderer", "3.1")
        assert orderer["mspID"] == one.msp_id
        assert orderer["istio"]["port"] == one.orderer.port
        assert orderer["adminIstio"]["port"] == one.orderer.admin


def test_the_channel_is_the_native_one() -> None:
    channel, commit = yaml.safe_load_all(FILES["channel.yaml"])
    assert commit["spec"]["sequence"] == CONSORTIUM.chaincode.sequence
    spec = channel["spec"]
    config = spec["channelConfig"]
    assert config["capabilities"] == [ChannelDescription.channel_capability]
    assert config["application"]["capabilities"] == [ChannelDescription.application_capability]
    assert config["orderer"]["capabilities"] == [ChannelDescription.orderer_capability]
    assert config["orderer"]["ordererType"] == "BFT"
    assert config["orderer"]["batchTimeout"] == f"{CONSORTIUM.ordering.batch_timeout_ms}ms"
    assert config["orderer"]["batchSize"]["maxMessageCount"] == CONSORTIUM.ordering.max_message_count
    consenters = [(each["msp_id"], each["port"]) for each in config["orderer"]["consenterMapping"]]
    assert consenters == [(one.msp_id, one.orderer.port) for one in CONSORTIUM.organizations if one.orderer]
    assert [each["id"] for each in config["orderer"]["consenterMapping"]] == [1, 2, 3, 4]
    assert [each["mspID"] for each in spec["peerOrganizations"]] == [
        one.msp_id for one in CONSORTIUM.organizations
    ]


def test_raft_has_no_consenter_mapping() -> None:
    ordering = msgspec.structs.replace(CONSORTIUM.ordering, consensus="etcdraft")
    consortium = msgspec.structs.replace(CONSORTIUM, ordering=ordering)
    files = kubernetes_files(consortium, consortium.organizations)
    orderer = next(yaml.safe_load_all(files["channel.yaml"]))["spec"]["channelConfig"]["orderer"]
    assert orderer["ordererType"] == "etcdraft"
    assert "consenterMapping" not in orderer
    assert "smartBFT" not in orderer


def test_secrets_are_referred_to_and_variables_quoted() -> None:
    for content in FILES.values():
        assert "PRIVATE KEY" not in content
        assert "127.0.0.1" not in content
        for line in content.splitlines():
            if "${" in line and not line.startswith("#"):
                assert re.search(r'"\$\{[A-Z0-9_]+\}"$', line), line
    passwords = [
        identity["pass"]
        for one in CONSORTIUM.organizations
        for kind in ("ca", "tlsCA")
        for identity in only("FabricCA", one.domain)[kind]["registry"]["identities"]
    ]
    assert all(re.fullmatch(r"\$\{[A-Z_]+_REGISTRAR_SECRET\}", each) for each in passwords)


def test_one_member_gets_its_own_part_alone(tmp_path: Path) -> None:
    written = render(CONSORTIUM, "kubernetes", tmp_path, "Regulator")
    assert [path.name for path in written] == ["Dockerfile", "regulator.example.yaml"]
    kinds = {each["kind"] for each in yaml.safe_load_all(written[1].read_text("utf-8"))}
    assert "FabricOrdererNode" not in kinds
    assert "FabricMainChannel" not in kinds
