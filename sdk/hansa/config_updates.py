"""Changes of the consortium as the ledger keeps them; `hansa.consortium` computes, reads and submits them."""

from __future__ import annotations

from collections.abc import Iterator

from hansa.ids import new_id
from hansa.repetition import submit_once
from hansa.submission import Receipt, Submitter
from hansa_domain.config_updates import (
    CompleteConfigUpdate,
    ConfigSignatureReply,
    ConfigUpdate,
    ConfigUpdateDetailReply,
    ConfigUpdateReply,
    ConfigUpdatesReply,
    GetConfigUpdate,
    Kind,
    ListConfigUpdates,
    ProposeConfigUpdate,
    RenewConfigUpdate,
    SignConfigUpdate,
    Status,
    WithdrawConfigUpdate,
    update_digest,
)
from hansa_domain.members import MemberEntry


class ConfigUpdates:
    """``client.config_updates``. Each step is an administrator's, and has no second effect under its id."""

    def __init__(self, submitter: Submitter) -> None:
        self._submitter = submitter

    def propose(
        self,
        kind: Kind,
        summary: str,
        *,
        base_sequence: int,
        update: bytes,
        organization: str | None = None,
        newcomer: MemberEntry | None = None,
        command_id: str | None = None,
    ) -> Receipt[ConfigUpdateReply]:
        """Lays a change before the members.

        Args:
            kind: what it changes.
            summary: what it is for, in a sentence; public.
            base_sequence: of the configuration it was computed from.
            update: serialised ``common.ConfigUpdate``, at most 48 KiB.
            organization: MSP id of whom it concerns.
            newcomer: who joins by it.
            command_id: a ULID, to make a repetition harmless; made here when None.

        Raises:
            HansaError: see ``Submitter.submit``.
        """
        command = ProposeConfigUpdate(
            id=command_id or new_id(),
            kind=kind,
            summary=summary,
            base_sequence=base_sequence,
            update=update,
            organization=organization,
            newcomer=newcomer,
        )
        return submit_once(self._submitter, "configUpdates:Propose", command, ConfigUpdateReply, command_id)

    def sign(
        self, config_update: str, update: bytes, signature: bytes, *, command_id: str | None = None
    ) -> Receipt[ConfigSignatureReply]:
        """Records the caller's signature.

        Args:
            config_update: which change.
            update: the bytes that were signed; those of another revision are refused.
            signature: serialised ``common.ConfigSignature``.
            command_id: as in ``propose``.

        Raises:
            RefusedError: CONFIG_UPDATE_REVISION, among others.
            HansaError: see ``Submitter.submit``.
        """
        command = SignConfigUpdate(
            id=command_id or new_id(),
            config_update=config_update,
            digest=update_digest(update),
            signature=signature,
        )
        return submit_once(self._submitter, "configUpdates:Sign", command, ConfigSignatureReply, command_id)

    def renew(
        self, config_update: str, *, base_sequence: int, update: bytes, command_id: str | None = None
    ) -> Receipt[ConfigUpdateReply]:
        """Puts a change that another overtook in its place, computed anew; signatures before do not count.

        Arguments as in ``propose``. Raises HansaError: see ``Submitter.submit``.
        """
        command = RenewConfigUpdate(
            id=command_id or new_id(),
            config_update=config_update,
            base_sequence=base_sequence,
            update=update,
        )
        return submit_once(self._submitter, "configUpdates:Renew", command, ConfigUpdateReply, command_id)

    def withdraw(self, config_update: str, *, command_id: str | None = None) -> Receipt[ConfigUpdateReply]:
        """Takes a change back. Raises HansaError: see ``Submitter.submit``."""
        command = WithdrawConfigUpdate(id=command_id or new_id(), config_update=config_update)
        return submit_once(self._submitter, "configUpdates:Withdraw", command, ConfigUpdateReply, command_id)

    def complete(
        self, config_update: str, config_block: int, *, command_id: str | None = None
    ) -> Receipt[ConfigUpdateReply]:
        """Records that a change is in force: who joins is a member from then on.

        Args:
            config_update: which change.
            config_block: number of the block that carried it out.
            command_id: as in ``propose``.

        Raises:
            RefusedError: SIGNATURES_INSUFFICIENT, among others.
            HansaError: see ``Submitter.submit``.
        """
        command = CompleteConfigUpdate(
            id=command_id or new_id(), config_update=config_update, config_block=config_block
        )
        return submit_once(self._submitter, "configUpdates:Complete", command, ConfigUpdateReply, command_id)

    def get(self, config_update: str) -> ConfigUpdateDetailReply:
        """One change with its bytes and signatures. Raises RefusedError (CONFIG_UPDATE_NOT_FOUND)."""
        return self._submitter.evaluate(
            "configUpdates:Get", GetConfigUpdate(config_update=config_update), ConfigUpdateDetailReply
        )

    def list(
        self, *, status: Status | None = None, limit: int = 100, bookmark: str = ""
    ) -> ConfigUpdatesReply:
        """A page of changes in order of id; ``status`` narrows each page."""
        query = ListConfigUpdates(status=status, limit=limit, bookmark=bookmark)
        return self._submitter.evaluate("configUpdates:List", query, ConfigUpdatesReply)

    def all(self, *, status: Status | None = None) -> Iterator[ConfigUpdate]:
        """Every change, page after page."""
        bookmark = ""
        while True:
            page = self.list(status=status, bookmark=bookmark)
            yield from page.config_updates
            bookmark = page.bookmark
            if not bookmark:
                return
