"""What the orderer takes, and what it refuses with which status."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.common import common_pb2

from hansa_devnode.bootstrap import bootstrap
from hansa_devnode.config import BatchConfig
from hansa_devnode.ledger.ledger import Ledger
from hansa_devnode.material import Material
from hansa_devnode.services.access import AccessControl
from hansa_devnode.services.activity import Activity
from hansa_devnode.services.broadcast import Broadcast
from hansa_devnode.services.orderer import OrdererUnavailableError
from hansa_devnode.services.reconfiguration import Reconfiguration
from hansa_fabric.certificates import CertificateProfile, new_key
from hansa_fabric.identity import Identity, KeySigner
from hansa_fabric.transactions import sign_envelope
from tests.support.devnode_config import devnode_config
from tests.support.fabric_identities import self_signed
from tests.support.on_loop import on_loop

LIMIT = 4096


class MemoryOrderer:
    """Takes envelopes into a list, or nothing at all."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.available = True
        self.batch = BatchConfig(absolute_max_bytes=LIMIT)

    async def order(self, envelope: Any) -> None:
        if not self.available:
            raise OrdererUnavailableError("the ordering service is not available")
        self.taken.append(envelope)


class Setting:
    def __init__(self, data: Path) -> None:
        config = devnode_config(data, batch=BatchConfig(absolute_max_bytes=LIMIT))
        self.material: Material = bootstrap(config)
        self.ledger = Ledger.open(data / "ledger", self.material.genesis)
        self.orderer = MemoryOrderer()
        orderer: Any = self.orderer
        access = AccessControl(self.ledger)
        reconfiguration = Reconfiguration(self.ledger, self.material.orderer.signer)
        self.broadcast = Broadcast(self.ledger, access, orderer, Activity(), reconfiguration)

    @property
    def admin(self) -> KeySigner:
        return self.material.organizations["AMSP"].admin

    async def refusal(self, envelope: Any) -> tuple[str, str]:
        response = await self.broadcast.process(envelope)
        assert self.orderer.taken == []
        return common_pb2.Status.Name(response.status), response.info


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    found = Setting(tmp_path)
    yield found
    found.ledger.close()


def payload(
    signer: KeySigner, kind: int = common_pb2.ENDORSER_TRANSACTION, channel: str = "trade", data: bytes = b"x"
) -> bytes:
    header = common_pb2.Header(
        channel_header=common_pb2.ChannelHeader(type=kind, channel_id=channel).SerializeToString(),
        signature_header=common_pb2.SignatureHeader(
            creator=signer.identity.serialized, nonce=b"n" * 24
        ).SerializeToString(),
    )
    found: bytes = common_pb2.Payload(header=header, data=data).SerializeToString()
    return found


@on_loop
async def test_a_writers_envelope_is_taken(setting: Setting) -> None:
    envelope = sign_envelope(payload(setting.admin), setting.admin)
    response = await setting.broadcast.process(envelope)
    assert (response.status, response.info) == (common_pb2.SUCCESS, "")
    assert setting.orderer.taken == [envelope]


@on_loop
async def test_who_may_not_write_is_forbidden(setting: Setting) -> None:
    peer = setting.material.organizations["AMSP"].signer
    for signer in (peer, self_signed("AMSP")):
        status, info = await setting.refusal(sign_envelope(payload(signer), signer))
        assert status == "FORBIDDEN"
        assert info.endswith(": permission denied")
    forged = sign_envelope(payload(setting.admin), self_signed("AMSP"))
    assert (await setting.refusal(forged))[0] == "FORBIDDEN"


@on_loop
async def test_what_is_too_large_is_refused(setting: Setting) -> None:
    envelope = sign_envelope(payload(setting.admin, data=b"x" * LIMIT), setting.admin)
    size = len(envelope.payload) + len(envelope.signature)
    assert await setting.refusal(envelope) == (
        "BAD_REQUEST",
        f"message payload is {size} bytes and exceeds maximum allowed {LIMIT} bytes",
    )


@on_loop
async def test_an_expired_identity_is_refused(setting: Setting) -> None:
    key = new_key()
    # An authority vouches for no time before its own, which began a few minutes ago.
    now = datetime.now(UTC)
    profile = CertificateProfile(
        "late", ("client",), not_before=now - timedelta(minutes=4), not_after=now - timedelta(minutes=1)
    )
    certificate = setting.material.organizations["AMSP"].ca.issue(profile, key.public_key())
    late = KeySigner(Identity("AMSP", certificate), key)
    assert await setting.refusal(sign_envelope(payload(late), late)) == (
        "BAD_REQUEST",
        "broadcast client identity expired",
    )


@on_loop
async def test_other_channels_and_kinds_are_refused(setting: Setting) -> None:
    for changes, info in (
        ({"channel": "elsewhere"}, "channel does not exist"),
        ({"kind": common_pb2.CONFIG}, "message is of type that cannot be processed directly"),
        ({"kind": common_pb2.ORDERER_TRANSACTION}, "message is of type that is no longer supported"),
    ):
        envelope = sign_envelope(payload(setting.admin, **changes), setting.admin)
        assert await setting.refusal(envelope) == ("BAD_REQUEST", info)


@on_loop
async def test_what_cannot_be_read_is_refused(setting: Setting) -> None:
    empty = common_pb2.Payload(header=common_pb2.Header()).SerializeToString()
    for content, info in (
        (b"", "header not set"),
        (empty, "channel header not set"),
        (b"\xff", ""),
    ):
        status, said = await setting.refusal(common_pb2.Envelope(payload=content))
        assert status == "BAD_REQUEST"
        assert said.startswith(f"could not determine channel ID: {info}")


@on_loop
async def test_an_orderer_that_stops_is_unavailable(setting: Setting) -> None:
    setting.orderer.available = False
    envelope = sign_envelope(payload(setting.admin), setting.admin)
    assert (await setting.refusal(envelope))[0] == "SERVICE_UNAVAILABLE"
