"""discovery.Discovery: peers, configuration and endorsers, as Fabric's `discover` asks for them."""

from typing import Any

import pytest
from fabric_protos.discovery import protocol_pb2
from fabric_protos.gossip import message_pb2
from fabric_protos.peer import proposal_response_pb2

from hansa_fabric.identity import Identity, verify
from tests.support.devnode import CHAINCODE
from tests.support.discovery import PEERS, discover, state_of
from tests.support.engine import eventually
from tests.support.fabric_identities import self_signed
from tests.support.running_network import RunningNetwork


def interest(**call: Any) -> Any:
    calls = [proposal_response_pb2.ChaincodeCall(**{"name": CHAINCODE} | call)]
    return proposal_response_pb2.ChaincodeInterest(chaincodes=calls)


def endorsers_query(**call: Any) -> Any:
    query = protocol_pb2.ChaincodeQuery(interests=[interest(**call)])
    return protocol_pb2.Query(channel="trade", cc_query=query)


def endpoint(peer: Any) -> str:
    """The address in a peer's membership message, whose signature must be the peer's own.

    Only the peer that is asked, A's, does not sign what it says of itself.
    """
    identity, told = Identity.deserialize(peer.identity), peer.membership_info
    if identity.msp_id == "AMSP":
        assert told.signature == b""
    else:
        verify(identity, told.payload, told.signature)
    found: str = message_pb2.GossipMessage.FromString(
        peer.membership_info.payload
    ).alive_msg.membership.endpoint
    return found


def test_peers_are_told_with_address_height_and_chaincodes(network: RunningNetwork) -> None:
    (result,) = eventually(lambda: discover(network, PEERS), lambda found: as_high(network, found[0]))
    members = result.members.peers_by_org
    assert set(members) == {"AMSP", "BMSP", "CMSP"}
    for msp_id, peers in members.items():
        (peer,) = peers.peers
        assert endpoint(peer) == network.address(msp_id)
        state = state_of(peer)
        assert state.properties.ledger_height == network.height()
        assert [each.name for each in state.properties.chaincodes] == [CHAINCODE, "_lifecycle"]


def as_high(network: RunningNetwork, result: Any) -> bool:
    """Whether every peer is said to have all blocks: on Fabric they tell one another now and then."""
    states = [state_of(each) for org in result.members.peers_by_org.values() for each in org.peers]
    return {each.properties.ledger_height for each in states} == {network.height()}


def test_a_silent_peer_is_not_told_of(network: RunningNetwork) -> None:
    with network.silent("BMSP"):
        (result,) = discover(network, PEERS)
    told = {msp_id: len(peers.peers) for msp_id, peers in result.members.peers_by_org.items()}
    assert told == {"AMSP": 1, "BMSP": 0, "CMSP": 1}


def test_without_a_channel_peers_are_told_without_their_state(network: RunningNetwork) -> None:
    (result,) = discover(network, protocol_pb2.Query(local_peers=protocol_pb2.LocalPeerQuery()))
    peers = [each for org in result.members.peers_by_org.values() for each in org.peers]
    assert sorted(map(endpoint, peers)) == sorted(map(network.address, ("AMSP", "BMSP", "CMSP")))
    assert not any(each.HasField("state_info") for each in peers)


def test_the_configuration_names_msps_and_orderers(network: RunningNetwork) -> None:
    query = protocol_pb2.Query(channel="trade", config_query=protocol_pb2.ConfigQuery())
    (result,) = discover(network, query)
    found = result.config_result
    assert set(found.msps) == {"AMSP", "BMSP", "CMSP", network.orderer_msp_id}
    assert found.msps["AMSP"].tls_root_certs[0] == network.tls_root("AMSP").read_bytes()
    (orderer,) = found.orderers[network.orderer_msp_id].endpoint
    assert f"{orderer.host}:{orderer.port}" == network.orderer_address


def organizations(descriptor: Any) -> set[tuple[str, ...]]:
    """The combinations of organisations that a descriptor offers."""
    groups = {
        name: Identity.deserialize(group.peers[0].identity).msp_id
        for name, group in descriptor.endorsers_by_groups.items()
    }
    return {
        tuple(sorted(groups[name] for name in layout.quantities_by_group)) for layout in descriptor.layouts
    }


def test_endorsers_satisfy_the_chaincodes_policy(network: RunningNetwork) -> None:
    (result,) = discover(network, endorsers_query())
    (descriptor,) = result.cc_query_res.content
    assert descriptor.chaincode == CHAINCODE
    assert organizations(descriptor) == {("AMSP", "BMSP"), ("AMSP", "CMSP"), ("BMSP", "CMSP")}


def test_who_reads_a_collection_belongs_to_it(network: RunningNetwork) -> None:
    (reading,) = discover(network, endorsers_query(collection_names=["between"]))
    assert organizations(reading.cc_query_res.content[0]) == {("AMSP", "BMSP")}
    (writing,) = discover(network, endorsers_query(collection_names=["between"], no_private_reads=True))
    assert len(organizations(writing.cc_query_res.content[0])) == 3


def test_an_organisations_own_collection_needs_that_organisation(network: RunningNetwork) -> None:
    (result,) = discover(network, endorsers_query(collection_names=["_implicit_org_CMSP"]))
    assert organizations(result.cc_query_res.content[0]) == {("CMSP",)}


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (endorsers_query(name="nothing"), "failed constructing descriptor"),
        (endorsers_query(name=""), "chaincode name in interest cannot be empty"),
        (
            protocol_pb2.Query(channel="trade", cc_query=protocol_pb2.ChaincodeQuery()),
            "at least one chaincode",
        ),
        (protocol_pb2.Query(channel="elsewhere", config_query=protocol_pb2.ConfigQuery()), "access denied"),
        (protocol_pb2.Query(channel="trade"), "unknown or missing request type"),
    ],
    ids=["unknown chaincode", "no name", "no interest", "unknown channel", "no question"],
)
def test_a_question_that_has_no_answer_gets_an_error(network: RunningNetwork, query: Any, error: str) -> None:
    (result,) = discover(network, query)
    assert error in result.error.content


def test_a_stranger_is_told_nothing(network: RunningNetwork) -> None:
    query = protocol_pb2.Query(channel="trade", config_query=protocol_pb2.ConfigQuery())
    (result,) = discover(network, query, signer=self_signed("AMSP", "stranger"))
    assert result.error.content == "access denied"
