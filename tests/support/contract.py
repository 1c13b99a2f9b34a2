"""Callers with certificates as Fabric's CAs issue them, and a peer that keeps what the contract writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hansa_contract.contract import HansaContract
from hansa_fabric.certificates import CertificateAuthority, CertificateProfile, new_key
from hansa_fabric.identity import Identity, KeySigner
from hansa_fabric.proposals import new_proposal, sign_proposal
from tests.support.domain import ulid
from tests.support.shim import Answer, FakePeer

AUTHORITY = CertificateAuthority.create("ca", "Hansa tests")


def signer(msp_id: str, *units: str, attributes: Mapping[str, str] | None = None) -> KeySigner:
    """A user of that organisation with these organizational units."""
    key = new_key()
    profile = CertificateProfile("user", units, attributes or {})
    return KeySigner(Identity(msp_id, AUTHORITY.issue(profile, key.public_key())), key)


class Network:
    """A FakePeer before the contract; writes of endorsed transactions become its state."""

    def __init__(self, batch: int = 100) -> None:
        self.peer = FakePeer(HansaContract(), write_batch=batch, read_batch=batch)
        self.signers: dict[str, KeySigner] = {}
        self.policies: dict[tuple[str, str], bytes] = {}
        self.calls = 0

    async def __aenter__(self) -> Network:
        await self.peer.__aenter__()
        return self

    async def __aexit__(self, *failure: Any) -> None:
        await self.peer.__aexit__(*failure)
        assert self.peer.broken_rules == []

    async def raw(
        self, caller: str | KeySigner, *args: bytes, transient: Mapping[str, bytes] | None = None
    ) -> Answer:
        """A call with arguments as given; what an endorsed one wrote is kept."""
        if isinstance(caller, str):
            caller = self.signers.setdefault(caller, signer(caller, "client"))
        proposal = new_proposal("trade", "hansa", list(args), caller.identity, transient=transient)
        self.peer.written.clear()
        signed = sign_proposal(proposal, caller)
        answer = await self.peer.transact(*args, tx_id=proposal.tx_id, signed=signed)
        if answer.status < 400:
            self._keep()
        return answer

    def _keep(self) -> None:
        for kind, collection, key, value in self.peer.written:
            if kind == "DEL_STATE":
                self.peer.state.pop((collection, key), None)
            elif kind == "PUT_STATE_METADATA":
                self.policies[collection, key] = value
            else:
                assert kind == "PUT_STATE"
                self.peer.state[collection, key] = value

    async def call(
        self,
        caller: str | KeySigner,
        name: str,
        /,
        *,
        transient: Mapping[str, bytes] | None = None,
        **fields: Any,
    ) -> Any:
        """A call that must be endorsed; its reply."""
        answer = await self.raw(caller, name.encode(), json.dumps(fields).encode(), transient=transient)
        assert answer.status == 200, answer.text
        return json.loads(answer.payload)

    async def do(self, caller: str | KeySigner, name: str, /, **fields: Any) -> Any:
        """A command with a fresh id."""
        self.calls += 1
        return await self.call(caller, name, id=ulid(("contract", self.calls)), **fields)
