"""A chaincode's definition follows another while the peers run: installed, approved, committed, executed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from fabric_protos.peer.lifecycle import lifecycle_pb2

from hansa_devnode.chaincode.errors import ChaincodeError
from hansa_devnode.chaincode.packages import PackageStore, read_package
from hansa_devnode.config import ChaincodeConfig
from hansa_network.consortium import Chaincode
from hansa_network.fabric.chaincode_package import package
from tests.support.devnode_config import free_addresses
from tests.support.devnode_peers import Peers, chaincode_config, chaincode_process, peers
from tests.support.on_loop import on_loop

pb = lifecycle_pb2
FIRST = chaincode_config(collections=())
NEXT = Chaincode(name="all", version="2.0", sequence=2, port=7080)
EVERYBODY = ("AMSP", "BMSP", "CMSP")
VALID, ENDORSEMENT_POLICY_FAILURE = 0, 10


def packed(address: str) -> bytes:
    return package(NEXT, {"address": address, "tls_required": False})


def approval(package_id: str, sequence: int = 2, version: str = "2.0") -> bytes:
    source = pb.ChaincodeSource(local_package=pb.ChaincodeSource.Local(package_id=package_id))
    request = pb.ApproveChaincodeDefinitionForMyOrgArgs(
        name="all", version=version, sequence=sequence, source=source
    )
    return bytes(request.SerializeToString())


def definition(sequence: int = 2, version: str = "2.0") -> bytes:
    request = pb.CommitChaincodeDefinitionArgs(name="all", version=version, sequence=sequence)
    return bytes(request.SerializeToString())


async def install(network: Peers, msp_id: str, content: bytes) -> str:
    request = pb.InstallChaincodeArgs(chaincode_install_package=content).SerializeToString()
    answer = await network.query(
        "InstallChaincode", request, chaincode="_lifecycle", peer=msp_id, client=msp_id, channel=""
    )
    return str(pb.InstallChaincodeResult.FromString(answer).package_id)


async def approve(network: Peers, msp_id: str, request: bytes) -> int:
    name: Any = "ApproveChaincodeDefinitionForMyOrg"
    arguments: Any = request
    return await network.submit(name, arguments, chaincode="_lifecycle", peers=[msp_id], client=msp_id)


async def approvals(network: Peers) -> dict[str, bool]:
    request = pb.CheckCommitReadinessArgs(name="all", version="2.0", sequence=2).SerializeToString()
    answer = await network.query("CheckCommitReadiness", request, chaincode="_lifecycle")
    return dict(pb.CheckCommitReadinessResult.FromString(answer).approvals)


async def refusal(network: Peers, function: str, request: bytes, peer: str = "AMSP") -> str:
    said = await network.refusal(function, request, chaincode="_lifecycle", peer=peer, client=peer)  # type: ignore[arg-type]
    return said.removeprefix(f"failed to invoke backing implementation of '{function}': ")


@on_loop
async def test_a_definition_follows_another_while_the_peers_run(tmp_path: Path) -> None:
    address = free_addresses(1)[0]
    content = packed(address)
    async with chaincode_process(FIRST), peers(tmp_path, [FIRST]) as network:
        assert await network.submit("put", "k", "old") == VALID
        for each in EVERYBODY:
            identifier = await install(network, each, content)
        following = ChaincodeConfig(name="all", address=address, version="2.0")
        assert identifier.startswith("all_2.0:")
        for count, each in enumerate(EVERYBODY[:2]):
            assert list((await approvals(network)).values()).count(True) == count
            assert await approve(network, each, approval(identifier)) == VALID
        assert await network.query("get", "k") == b"old", "the old one serves until the commit"
        process = chaincode_process(msgspec.structs.replace(following), CHAINCODE_ID=identifier)
        async with process:
            name: Any = "CommitChaincodeDefinition"
            argument: Any = definition()
            code = await network.submit(name, argument, chaincode="_lifecycle")
            assert code == VALID
            assert await network.submit("put", "k", "new") == VALID
            assert await network.query("get", "k", peer="BMSP") == b"new"
            # C has installed it and not approved.
            assert "chaincode is not installed" in await network.refusal("get", "k", peer="CMSP")
            assert await approve(network, "CMSP", approval(identifier)) == VALID
            assert await network.query("get", "k", peer="CMSP") == b"new"
            again = await refusal(network, "ApproveChaincodeDefinitionForMyOrg", approval(identifier))
            assert again == "attempted to redefine the current committed sequence (2) for namespace all"
            other = approval(identifier, version="2.1")
            assert (await refusal(network, "ApproveChaincodeDefinitionForMyOrg", other)).endswith(
                "for namespace all with different parameters"
            )


@on_loop
async def test_what_nobody_agreed_on_is_refused(tmp_path: Path) -> None:
    async with peers(tmp_path, [FIRST], start=False) as network:
        assert await refusal(network, "CommitChaincodeDefinition", definition()) == (
            "chaincode definition not agreed to by this org (AMSP)"
        )
        assert await approve(network, "AMSP", approval("x:1")) == VALID
        assert await approvals(network) == {"AMSP": True, "BMSP": False, "CMSP": False}
        assert await refusal(network, "ApproveChaincodeDefinitionForMyOrg", approval("x:1")) == (
            "attempted to redefine uncommitted sequence (2) for namespace all with unchanged content"
        )
        assert await approve(network, "AMSP", approval("x:2")) == VALID, "another package may be named"
        name: Any = "CommitChaincodeDefinition"
        argument: Any = definition()
        alone = await network.submit(name, argument, chaincode="_lifecycle", peers=["AMSP"])
        assert alone == ENDORSEMENT_POLICY_FAILURE
        too_far = await refusal(network, "ApproveChaincodeDefinitionForMyOrg", approval("x:1", 4))
        assert too_far == "requested sequence 4 is larger than the next available sequence number 2"
        other = definition(version="3.0")
        assert await refusal(network, "CommitChaincodeDefinition", other) == (
            "chaincode definition not agreed to by this org (AMSP)"
        )


@on_loop
async def test_installed_packages_outlast_a_restart(tmp_path: Path) -> None:
    content = packed(free_addresses(1)[0])
    async with peers(tmp_path, [FIRST], start=False) as network:
        identifier = await install(network, "AMSP", content)
        request = pb.InstallChaincodeArgs(chaincode_install_package=content).SerializeToString()
        assert await refusal(network, "InstallChaincode", request) == (
            f"chaincode already successfully installed (package ID '{identifier}')"
        )
        wanted = pb.GetInstalledChaincodePackageArgs(package_id=identifier).SerializeToString()
        answer = await network.query("GetInstalledChaincodePackage", wanted, chaincode="_lifecycle")  # type: ignore[arg-type]
        found = pb.GetInstalledChaincodePackageResult.FromString(answer)
        assert found.chaincode_install_package == content
    (kept,) = PackageStore(tmp_path / "packages" / "AMSP").all()
    assert (kept.package_id, kept.content) == (identifier, content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "could not parse as a chaincode install package"),
        (b"\x1f\x8bno archive", "could not parse as a chaincode install package"),
        (package(NEXT, {"no": "address"}), "could not parse as a chaincode install package"),
        (package(NEXT), "a devnode fills in no templates"),
        (package(msgspec.structs.replace(NEXT, name="-"), {"address": "a:1"}), "invalid label"),
    ],
)
def test_what_is_no_package_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(ChaincodeError, match=said):
        read_package(content)
