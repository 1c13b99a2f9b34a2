"""Questions about configuration updates."""

from __future__ import annotations

from hansa_domain.config_updates import (
    ConfigSignature,
    ConfigUpdate,
    ConfigUpdateBody,
    ConfigUpdateDetailReply,
    ConfigUpdatesReply,
    GetConfigUpdate,
    ListConfigUpdates,
    body_key,
    signatures_key,
    update_key,
)
from hansa_domain.error_codes import Code
from hansa_domain.operation import Context, Decision, Fetch, Scan, Steps, decode_record, operation
from hansa_domain.paging import scan_all


@operation("configUpdates:Get", GetConfigUpdate, ConfigUpdateDetailReply)
def get(command: GetConfigUpdate, context: Context) -> Steps:
    """One update, with what is signed and who signed it."""
    wanted = command.config_update
    records = yield Fetch(keys=(update_key(wanted),))
    update = records.get(ConfigUpdate, wanted, refuse=Code.CONFIG_UPDATE_NOT_FOUND, where="config_update")
    key = body_key(update.id, update.revision)
    records = yield Fetch(keys=(key,))
    body = records.get(ConfigUpdateBody, *key[1:], refuse=Code.LEDGER_INCONSISTENT)
    found = yield from scan_all(signatures_key(update.id, update.revision))
    signatures = [decode_record(value, ConfigSignature) for _, value in found]
    return Decision(
        reply=ConfigUpdateDetailReply(config_update=update, update=body.update, signatures=signatures)
    )


@operation("configUpdates:List", ListConfigUpdates, ConfigUpdatesReply)
def list_config_updates(command: ListConfigUpdates, context: Context) -> Steps:
    """Updates in order of id."""
    scan = Scan((ConfigUpdate.NOUN,), command.limit, command.bookmark)
    page = (yield Fetch(scans=(scan,))).pages[scan]
    updates = [decode_record(value, ConfigUpdate) for _, value in page.items]
    if command.status is not None:
        updates = [update for update in updates if update.status == command.status]
    return Decision(reply=ConfigUpdatesReply(config_updates=updates, bookmark=page.bookmark))
