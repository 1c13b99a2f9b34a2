"""qscc, cscc and _lifecycle, asked as clients ask them."""

from __future__ import annotations

from pathlib import Path

from fabric_protos.common import common_pb2, configtx_pb2, ledger_pb2
from fabric_protos.peer import query_pb2, transaction_pb2
from fabric_protos.peer.lifecycle import lifecycle_pb2

from hansa_fabric.blocks import Block
from hansa_fabric.proposals import new_proposal, sign_proposal
from tests.support.devnode_peers import Peers, chaincode_config, peers
from tests.support.on_loop import on_loop


@on_loop
async def test_qscc(tmp_path: Path) -> None:
    async with peers(tmp_path, [chaincode_config()], start=False) as network:

        async def ask(*args: str | bytes) -> bytes:
            return await network.query(*args, chaincode="qscc")  # type: ignore[arg-type]

        info = ledger_pb2.BlockchainInfo.FromString(await ask("GetChainInfo", "trade"))
        assert info.height == 2
        newest = Block(await ask("GetBlockByNumber", "trade", "1"))
        assert newest.hash == info.currentBlockHash
        assert Block(await ask("GetBlockByHash", "trade", newest.hash)).number == 1
        assert Block(await ask("GetBlockByNumber", "trade", str(2**64 - 1))).number == 1
        tx_id = newest.transactions[0].transaction.tx_id
        assert Block(await ask("GetBlockByTxID", "trade", tx_id)).number == 1
        found = transaction_pb2.ProcessedTransaction.FromString(
            await ask("GetTransactionByID", "trade", tx_id)
        )
        assert found.validationCode == 0
        assert found.transactionEnvelope.SerializeToString() == newest.data[0]
        await check_refusals_of_qscc(network)


async def check_refusals_of_qscc(network: Peers) -> None:
    refusals = {
        ("GetChainInfo",): "Incorrect number of arguments, 1",
        ("GetBlockByNumber", "trade"): "missing 3rd argument for GetBlockByNumber",
        ("GetChainInfo", "nowhere"): "Invalid chain ID, nowhere",
        (
            "Nonsense",
            "trade",
            "x",
        ): "access denied for [Nonsense][trade]: [Unmapped policy for qscc/Nonsense]",
        ("GetBlockByNumber", "trade", "9"): "Failed to get block number 9,"
        " error no such block number [9] in index",
        ("GetBlockByNumber", "trade", "-1"): "Failed to parse block number with error"
        ' strconv.ParseUint: parsing "-1": invalid syntax',
        ("GetBlockByNumber", "trade", str(2**64)): "Failed to parse block number with error"
        f' strconv.ParseUint: parsing "{2**64}": value out of range',
        ("GetTransactionByID", "trade", "x"): "Failed to get transaction with id x,"
        " error no such transaction ID [x] in index",
        ("GetBlockByTxID", "trade", "x"): "Failed to get block for txID x,"
        " error no such transaction ID [x] in index",
        (
            "GetBlockByHash",
            "trade",
            "x",
        ): "Failed to get block hash x, error no such block hash [78] in index",
    }
    for args, text in refusals.items():
        assert await network.refusal(*args, chaincode="qscc") == text


@on_loop
async def test_cscc(tmp_path: Path) -> None:
    async with peers(tmp_path, [chaincode_config()], start=False) as network:
        channels = await network.query("GetChannels", chaincode="cscc", channel="")
        (channel,) = query_pb2.ChannelQueryResponse.FromString(channels).channels
        assert channel.channel_id == "trade"
        block = Block(await network.query("GetConfigBlock", "trade", chaincode="cscc"))
        assert block.number == 0
        config = configtx_pb2.Config.FromString(
            await network.query("GetChannelConfig", "trade", chaincode="cscc")
        )
        assert set(config.channel_group.groups) == {"Application", "Orderer"}
        refusals = {
            ("GetConfigBlock",): "Incorrect number of arguments, 1",
            ("Nonsense", "x"): "Requested function Nonsense not found.",
            ("GetChannelConfig", ""): "empty channel name provided",
            ("GetConfigBlock", "nowhere"): "access denied for [GetConfigBlock][nowhere]:"
            " Failed to get policy manager for channel [nowhere]",
            ("JoinChain", "block"): "this peer serves channel trade only",
        }
        for args, text in refusals.items():
            assert await network.refusal(*args, chaincode="cscc") == text
        no_channels = await network.refusal("GetChannels", chaincode="cscc", client="BMSP")
        assert no_channels == (
            "access denied for [GetChannels]: Failed deserializing proposal creator during channelless check"
            " policy with policy [Members]: [expected MSP ID AMSP, received BMSP]"
        )


@on_loop
async def test_lifecycle_answers_from_the_ledger(tmp_path: Path) -> None:
    pb = lifecycle_pb2
    chaincode = chaincode_config(sequence=2)
    async with peers(tmp_path, [chaincode], start=False) as network:

        async def ask(name: str, arguments: bytes = b"", channel: str = "trade") -> bytes:
            return await network.query(name, arguments, chaincode="_lifecycle", channel=channel)  # type: ignore[arg-type]

        by_name = pb.QueryChaincodeDefinitionArgs(name="all").SerializeToString()
        one = pb.QueryChaincodeDefinitionResult.FromString(await ask("QueryChaincodeDefinition", by_name))
        assert (one.sequence, one.version) == (2, "1.0")
        assert (one.endorsement_plugin, one.validation_plugin) == ("escc", "vscc")
        assert dict(one.approvals) == {"AMSP": True, "BMSP": True, "CMSP": True}
        assert one.collections.config[0].static_collection_config.name == "between"
        every = pb.QueryChaincodeDefinitionsResult.FromString(await ask("QueryChaincodeDefinitions"))
        assert [each.name for each in every.chaincode_definitions] == ["all"]
        installed = pb.QueryInstalledChaincodesResult.FromString(
            await ask("QueryInstalledChaincodes", channel="")
        )
        (package,) = installed.installed_chaincodes
        assert (package.package_id, package.label) == (chaincode.package_id, "all_1.0")
        by_id = pb.QueryInstalledChaincodeArgs(package_id=chaincode.package_id).SerializeToString()
        found = pb.QueryInstalledChaincodeResult.FromString(await ask("QueryInstalledChaincode", by_id))
        assert found.references["trade"].chaincodes[0].name == "all"
        approved = pb.QueryApprovedChaincodeDefinitionResult.FromString(
            await ask(
                "QueryApprovedChaincodeDefinition",
                pb.QueryApprovedChaincodeDefinitionArgs(name="all").SerializeToString(),
            )
        )
        assert approved.source.local_package.package_id == chaincode.package_id
        listed = pb.QueryApprovedChaincodeDefinitionsResult.FromString(
            await ask("QueryApprovedChaincodeDefinitions")
        )
        assert [each.sequence for each in listed.approved_chaincode_definitions] == [2]
        ready = pb.CheckCommitReadinessArgs(name="all", sequence=3, version="2").SerializeToString()
        readiness = pb.CheckCommitReadinessResult.FromString(await ask("CheckCommitReadiness", ready))
        assert dict(readiness.approvals) == {"AMSP": False, "BMSP": False, "CMSP": False}


@on_loop
async def test_lifecycle_refuses(tmp_path: Path) -> None:
    pb = lifecycle_pb2
    absent = pb.QueryChaincodeDefinitionArgs(name="nosuch").SerializeToString()
    stale = pb.CheckCommitReadinessArgs(name="all", sequence=1).SerializeToString()
    package = pb.GetInstalledChaincodePackageArgs(package_id="x:1").SerializeToString()
    refusals = {
        (): (500, "lifecycle scc must be invoked with arguments"),
        ("QueryChaincodeDefinition",): (
            500,
            "lifecycle scc operations require exactly two arguments but received 1",
        ),
        ("QueryChaincodeDefinition", absent): (404, "namespace nosuch is not defined"),
        ("GetInstalledChaincodePackage", package): (404, "chaincode install package 'x:1' not found"),
        ("CheckCommitReadiness", stale): (
            500,
            "failed to invoke backing implementation of 'CheckCommitReadiness':"
            " requested sequence is 1, but new definition must be sequence 2",
        ),
        ("CommitChaincodeDefinition", b""): (
            500,
            "failed to invoke backing implementation of 'CommitChaincodeDefinition':"
            " error validating chaincode definition: invalid chaincode name ''. Names can only consist of"
            " alphanumerics, '_', and '-' and can only begin with alphanumerics",
        ),
        ("Nonsense", b""): (
            500,
            "Failed to authorize invocation due to failed ACL check: Unmapped policy for _lifecycle/Nonsense",
        ),
    }
    async with peers(tmp_path, [chaincode_config()], start=False) as network:
        for args, (status, text) in refusals.items():
            answer = await network.ask("_lifecycle", *args)
            assert (answer.response.status, answer.response.message) == (status, text)


@on_loop
async def test_only_administrators_see_what_is_installed(tmp_path: Path) -> None:
    async with peers(tmp_path, [chaincode_config()], start=False) as network:
        peer = network.material.organizations["AMSP"].signer  # a member, and no administrator
        proposal = new_proposal("", "_lifecycle", [b"QueryInstalledChaincodes", b""], peer.identity)
        answer = await network.endorsers["AMSP"].process_proposal(sign_proposal(proposal, peer))
        assert answer.response.message == (
            "Failed to authorize invocation due to failed ACL check: Failed verifying that proposal's creator"
            " satisfies local MSP principal during channelless check policy with policy [Admins]:"
            " [The identity is not an admin under this MSP [AMSP]]"
        )
        header = common_pb2.Header.FromString(proposal.message.header)
        assert not common_pb2.ChannelHeader.FromString(header.channel_header).channel_id
