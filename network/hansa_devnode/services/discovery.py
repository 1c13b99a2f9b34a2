"""discovery.Discovery: who the peers are, what the configuration says, whom to ask for endorsements.

Fabric's own peer also compares the TLS certificate hash that a request names with the connection's; here
that is done where client certificates are demanded, for only then does the connection have one.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

import grpc
import grpc.aio
from fabric_protos.discovery import protocol_pb2
from fabric_protos.gossip import message_pb2
from google.protobuf.message import DecodeError

from hansa_devnode.ledger.definitions import LIFECYCLE
from hansa_devnode.services.access import WRITERS, AccessDeniedError, SignedData
from hansa_devnode.services.channel import Channel
from hansa_devnode.services.deliver import client_certificate_hash
from hansa_devnode.services.endorsement_planner import NoPlanError
from hansa_devnode.services.network_config import network_config
from hansa_devnode.services.peers import Peer
from hansa_devnode.services.rpc_errors import RpcError, abort

Context = grpc.aio.ServicerContext[Any, Any]

_ACCESS_DENIED = "access denied"


class DiscoveryService:
    """Discovery as one organisation's peer answers it. Peers that do not serve are not told of."""

    def __init__(self, channel: Channel, own: Peer) -> None:
        self._channel, self._own = channel, own
        # Gossip's logical clock: when the peer started, and how many messages it sent since.
        self._incarnation = time.time_ns()
        self._sequence = 0

    async def Discover(self, request: Any, context: Context) -> Any:  # noqa: N802 - the service's name
        """Answers discovery.SignedRequest with one result a query."""
        try:
            parsed = self._request(request, context)
        except RpcError as error:
            await abort(context, error)
        signed = SignedData(request.payload, parsed.authentication.client_identity, request.signature)
        return protocol_pb2.Response(results=[self._result(query, signed) for query in parsed.queries])

    def _request(self, request: Any, context: Context) -> Any:
        try:
            parsed = protocol_pb2.Request.FromString(request.payload)
        except DecodeError as error:
            raise _unknown(f"failed parsing request: {error}") from error
        if not parsed.HasField("authentication"):
            raise _unknown("access denied, no authentication info in request")
        if not parsed.authentication.client_identity:
            raise _unknown("access denied, client identity wasn't supplied")
        if self._channel.client_certificates:
            actual = client_certificate_hash(context)
            if actual != parsed.authentication.client_tls_cert_hash:
                raise _unknown("client claimed TLS hash doesn't match computed TLS hash from gRPC stream")
        return parsed

    def _result(self, query: Any, signed: SignedData) -> Any:
        # A query about no channel is answered to members of the channel too: the peer serves only that one.
        name = query.channel or self._channel.name
        try:
            self._channel.access.check_policy(WRITERS, name, signed)
            return self._answer(query)
        except AccessDeniedError:
            return _error(_ACCESS_DENIED)
        except NoPlanError as error:
            return _error(str(error))

    def _answer(self, query: Any) -> Any:
        kind = query.WhichOneof("query")
        if not query.channel:
            if kind == "local_peers":
                return self._members(list(self._channel.peers.serving()), with_state=False)
        elif kind == "config_query":
            return protocol_pb2.QueryResult(config_result=network_config(self._channel.ledger.bundle))
        elif kind == "peer_query":
            peers = self._channel.planner.authorized(query.peer_query.filter)
            return self._members(peers, with_state=True)
        elif kind == "cc_query":
            return self._endorsers(query.cc_query)
        return _error("unknown or missing request type")

    def _members(self, peers: list[Peer], *, with_state: bool) -> Any:
        members = protocol_pb2.PeerMembershipResult()
        for each in self._channel.peers.all():
            # An organisation whose peer was known is named, even when none of its peers is there now.
            if each.msp_id in self._channel.ledger.bundle.msp_ids:
                members.peers_by_org.get_or_create(each.msp_id)
        for peer in peers:
            members.peers_by_org[peer.msp_id].peers.append(self._peer(peer, with_state=with_state))
        return protocol_pb2.QueryResult(members=members)

    def _endorsers(self, query: Any) -> Any:
        if not query.interests:
            return _error("chaincode query must have at least one chaincode interest")
        content = []
        for interest in query.interests:
            if not interest.chaincodes:
                return _error("chaincode interest must contain at least one chaincode")
            if not all(call.name for call in interest.chaincodes):
                return _error("chaincode name in interest cannot be empty")
            try:
                content.append(self._descriptor(interest))
            except NoPlanError:
                return _error(f"failed constructing descriptor for {interest}")
        return protocol_pb2.QueryResult(cc_query_res=protocol_pb2.ChaincodeQueryResult(content=content))

    def _descriptor(self, interest: Any) -> Any:
        found = self._channel.planner.descriptor(interest)
        answer = protocol_pb2.EndorsementDescriptor(chaincode=interest.chaincodes[0].name)
        for layout in found.layouts:
            answer.layouts.append(protocol_pb2.Layout(quantities_by_group=layout.quantities))
        for name, peers in found.groups.items():
            answer.endorsers_by_groups[name].peers.extend(self._peer(each, with_state=True) for each in peers)
        return answer

    def _peer(self, peer: Peer, *, with_state: bool) -> Any:
        answer = protocol_pb2.Peer(
            identity=peer.identity,
            membership_info=_envelope(peer, message_pb2.GossipMessage(alive_msg=self._alive(peer))),
        )
        if peer is self._own:
            # Of itself a peer of Fabric tells without signing: it has told nobody else in these words.
            answer.membership_info.ClearField("signature")
        if with_state:
            state = message_pb2.GossipMessage(state_info=self._state(peer))
            answer.state_info.CopyFrom(_envelope(peer, state))
        return answer

    def _alive(self, peer: Peer) -> Any:
        member = message_pb2.Member(endpoint=peer.address, pki_id=_pki_id(peer))
        return message_pb2.AliveMessage(membership=member, timestamp=self._now(), identity=peer.identity)

    def _state(self, peer: Peer) -> Any:
        chaincodes = [
            # Fabric tells the sequence where it once told the version.
            message_pb2.Chaincode(name=each.name, version=str(each.sequence))
            for each in self._channel.planner.definitions.all()
        ]
        chaincodes.append(message_pb2.Chaincode(name=LIFECYCLE, version="1"))
        return message_pb2.StateInfo(
            timestamp=self._now(),
            pki_id=_pki_id(peer),
            properties=message_pb2.Properties(ledger_height=self._channel.feed.height, chaincodes=chaincodes),
        )

    def _now(self) -> Any:
        self._sequence += 1
        return message_pb2.PeerTime(inc_num=self._incarnation, seq_num=self._sequence)


def _pki_id(peer: Peer) -> bytes:
    identity = peer.signer.identity
    return hashlib.sha256(identity.msp_id.encode() + identity.certificate).digest()


def _envelope(peer: Peer, message: Any) -> Any:
    payload = message.SerializeToString()
    return message_pb2.Envelope(payload=payload, signature=peer.signer.sign(payload))


def _error(content: str) -> Any:
    return protocol_pb2.QueryResult(error=protocol_pb2.Error(content=content))


def _unknown(message: str) -> RpcError:
    # Go's gRPC gives this code to errors that carry none, which is what Fabric returns here.
    return RpcError(grpc.StatusCode.UNKNOWN, message)
