"""A channel with a ledger, and transactions that were tampered with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fabric_protos.common import common_pb2
from fabric_protos.peer import transaction_pb2

from hansa_devnode.ledger import Simulator
from hansa_devnode.ledger.definitions import LIFECYCLE, ChaincodeDefinition, definition_writes
from hansa_devnode.ledger.ledger import Ledger
from hansa_fabric.policy_expression import application_policy
from tests.support.channel import MEMBERS, Channel

BANK, CARRIER, PRODUCER = MEMBERS

Play = Callable[[Simulator], object]


@dataclass
class Net:
    """A channel and its ledger."""

    channel: Channel
    ledger: Ledger

    def simulate(self, play: Play, msp_id: str = BANK) -> bytes:
        with self.ledger.simulator(msp_id, "tx") as simulator:
            play(simulator)
            return simulator.result().public

    def commit(self, *envelopes: bytes) -> list[int]:
        return [status.code for status in self.ledger.commit(envelopes).transactions]

    def run(self, play: Play, endorsers: Sequence[str] = MEMBERS, **options: Any) -> int:
        return self.commit(self.channel.transaction(self.simulate(play), endorsers, **options))[0]

    def define(self, policy: str, *, name: str = "hansa", collections: bytes = b"") -> None:
        definition = ChaincodeDefinition(
            name, "1.0", 1, application_policy(policy).SerializeToString(), collections
        )

        def play(simulator: Simulator) -> None:
            for key, value in definition_writes(lambda key: simulator.get_state(LIFECYCLE, key), definition):
                simulator.put_state(LIFECYCLE, key, value)

        assert self.run(play, chaincode=LIFECYCLE) == 0


def put(key: str, value: bytes = b"1", *, chaincode: str = "hansa") -> Callable[[Simulator], None]:
    return lambda simulator: simulator.put_state(chaincode, key, value)


def rebuilt(net: Net, proposal: Any, responses: list[Any], *, endorsers: int) -> bytes:
    """An envelope with just so many endorsements, repeated ones included."""

    def change(action: Any) -> None:
        del action.action.endorsements[:]
        action.action.endorsements.extend(one.endorsement for one in responses[:endorsers])

    return altered(net, net.channel.sign(proposal, responses), change)


def altered(net: Net, envelope: bytes, change: Callable[[Any], object], client: str = BANK) -> bytes:
    """The envelope with its ChaincodeActionPayload changed, signed anew."""
    message = common_pb2.Envelope.FromString(envelope)
    payload = common_pb2.Payload.FromString(message.payload)
    transaction = transaction_pb2.Transaction.FromString(payload.data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload)
    change(action)
    transaction.actions[0].payload = action.SerializeToString()
    payload.data = transaction.SerializeToString()
    return signed(net, payload.SerializeToString(), client)


def signed(net: Net, payload: bytes, client: str = BANK) -> bytes:
    signature = net.channel.clients[client].sign(payload)
    return common_pb2.Envelope(payload=payload, signature=signature).SerializeToString()


def header_changed(net: Net, envelope: bytes, **fields: Any) -> bytes:
    message = common_pb2.Envelope.FromString(envelope)
    payload = common_pb2.Payload.FromString(message.payload)
    header = common_pb2.ChannelHeader.FromString(payload.header.channel_header)
    for name, value in fields.items():
        setattr(header, name, value)
    payload.header.channel_header = header.SerializeToString()
    return signed(net, payload.SerializeToString())
