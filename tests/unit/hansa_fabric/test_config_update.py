"""Updates of a channel's configuration: what they say, whom they need, and what comes of them."""

from __future__ import annotations

import os
import random
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fabric_protos.common import configtx_pb2

from hansa_fabric.bundle import Bundle
from hansa_fabric.channel_description import BatchConfig
from hansa_fabric.config_authorization import apply, authorize, propose, requirements
from hansa_fabric.config_edits import (
    add_organization,
    remove_organization,
    set_batch,
    set_mod_policy,
    set_policy,
)
from hansa_fabric.config_signatures import UnsignedApproval, approvals, approve, sign_update, update_envelope
from hansa_fabric.config_update import compute_update
from hansa_fabric.errors import (
    ConfigOvertakenError,
    ConfigUnauthorizedError,
    ConfigUnchangedError,
    ConfigUpdateError,
    FabricDataError,
    MalformedDataError,
)
from tests.support.config_changes import (
    NAMES,
    NEWCOMER,
    admin,
    agreed,
    configuration,
    described,
    disturb,
)
from tests.support.fabric_organizations import organization

BATCH = BatchConfig(max_message_count=20)


def _bundle(config: Any = None) -> Bundle:
    return Bundle("trade", config or configuration())


def _copy(config: Any) -> Any:
    copied = configtx_pb2.Config()
    copied.CopyFrom(config)
    return copied


def test_an_organisation_joins_when_the_majority_agrees() -> None:
    bundle = _bundle()
    desired = add_organization(bundle.config, described(NEWCOMER))
    for few in ((), NAMES[:2], (NAMES[0],) * 3):
        with pytest.raises(ConfigUnauthorizedError, match=r"policy for \[Group\]  /Channel/Application"):
            authorize(bundle, agreed(bundle, desired, *few))
    config = authorize(bundle, agreed(bundle, desired, *NAMES[:3]))
    after = Bundle("trade", config)
    assert (after.sequence, after.msp_ids) == (1, tuple(sorted((*NAMES, NEWCOMER))))
    application = config.channel_group.groups["Application"]
    assert (application.version, application.groups[NEWCOMER].version) == (1, 0)
    assert (
        application.groups["BankMSP"] == bundle.config.channel_group.groups["Application"].groups["BankMSP"]
    )


def test_an_update_names_no_more_than_it_must() -> None:
    bundle = _bundle()
    update = compute_update("trade", bundle.config, set_batch(bundle.config, BATCH))
    assert not update.read_set.values and not update.read_set.groups["Orderer"].values
    written = update.write_set.groups["Orderer"]
    assert (written.version, list(written.values), list(update.write_set.groups)) == (
        0,
        ["BatchSize"],
        ["Orderer"],
    )
    assert written.values["BatchSize"].version == 1


def test_two_updates_that_do_not_touch_may_follow_one_another() -> None:
    bundle = _bundle()
    batch = agreed(bundle, set_batch(bundle.config, BATCH), *NAMES[:3])
    joined = agreed(bundle, add_organization(bundle.config, described(NEWCOMER)), *NAMES[:3])
    after = _bundle(authorize(bundle, joined))
    assert _bundle(authorize(after, batch)).batch == BATCH
    with pytest.raises(ConfigOvertakenError, match="be at version 0, but it is currently at version 1"):
        authorize(after, joined)
    again = agreed(bundle, set_batch(bundle.config, replace(BATCH, max_message_count=30)), *NAMES[:3])
    with pytest.raises(ConfigOvertakenError, match="to version 1, but key is at version 1"):
        authorize(_bundle(authorize(bundle, batch)), again)


def test_an_organisation_leaves_and_its_signature_counts_no_longer() -> None:
    bundle = _bundle()
    gone = remove_organization(bundle.config, "RegulatorMSP")
    after = _bundle(authorize(bundle, agreed(bundle, gone, *NAMES[:3])))
    assert "RegulatorMSP" not in after.msp_ids
    with pytest.raises(ConfigUnauthorizedError):
        authorize(after, agreed(after, set_batch(after.config, BATCH), "RegulatorMSP", "BankMSP"))


def test_an_organisation_changes_what_is_its_own_alone() -> None:
    bundle = _bundle()
    path = "/Channel/Application/BankMSP"
    desired = set_policy(bundle.config, f"{path}/Endorsement", "OR('BankMSP.member')")
    with pytest.raises(ConfigUnauthorizedError, match=f"{path}/Endorsement"):
        authorize(bundle, agreed(bundle, desired, *NAMES[:3]))
    assert authorize(bundle, agreed(bundle, desired, "BankMSP")).sequence == 1
    desired = set_mod_policy(bundle.config, path, "/Channel/Application/Nothing")
    after = _bundle(authorize(bundle, agreed(bundle, desired, "BankMSP")))
    with pytest.raises(ConfigUnauthorizedError, match="missing policy"):
        authorize(after, agreed(after, set_mod_policy(after.config, path, "Admins"), *NAMES))


def test_who_must_act_is_told_by_policy() -> None:
    bundle = _bundle()
    desired = set_batch(add_organization(bundle.config, described(NEWCOMER)), BATCH)
    envelope = agreed(bundle, desired, "RegulatorMSP", "BankMSP", "CarrierMSP")
    found = requirements(bundle, envelope.config_update, approvals(envelope))
    assert [(one.policy, one.satisfied) for one in found] == [
        ("/Channel/Application/Admins", True),
        ("/Channel/Orderer/Admins", False),
    ]
    assert found[1].elements == ("/Channel/Orderer/BatchSize",)
    assert not any(one.satisfied for one in requirements(bundle, envelope.config_update))


def test_what_an_orderer_proposes_a_peer_applies() -> None:
    bundle = _bundle()
    envelope = agreed(bundle, set_batch(bundle.config, BATCH), *NAMES[:3])
    proposed = propose(bundle, sign_update(envelope, admin("BankMSP")))
    after = apply(bundle, proposed)
    assert (after.batch, after.sequence) == (BATCH, 1)
    with pytest.raises(ConfigOvertakenError, match="currently at sequence 1"):
        apply(after, proposed)
    proposed.config.channel_group.values["Smuggled"].mod_policy = "Admins"
    with pytest.raises(ConfigUpdateError, match="did not produce"):
        apply(bundle, proposed)
    with pytest.raises(ConfigUpdateError, match="nil config"):
        apply(bundle, configtx_pb2.ConfigEnvelope())


def test_signatures_made_elsewhere_are_as_good() -> None:
    bundle = _bundle()
    update = compute_update("trade", bundle.config, set_batch(bundle.config, BATCH)).SerializeToString()
    signatures = []
    for name in NAMES[:3]:
        unsigned = UnsignedApproval.new(update, admin(name).identity)
        signatures.append(unsigned.with_signature(admin(name).sign_digest(unsigned.digest)))
    assert authorize(bundle, update_envelope(update, signatures)).sequence == 1
    signatures[0].signature = signatures[1].signature
    with pytest.raises(ConfigUnauthorizedError):
        authorize(bundle, update_envelope(update, signatures))


def test_one_who_signs_twice_counts_once() -> None:
    update = compute_update("trade", configuration(), set_batch(configuration(), BATCH)).SerializeToString()
    assert len(update_envelope(update, [approve(update, admin("BankMSP")) for _ in range(3)]).signatures) == 1


def _broken(change: str) -> Any:
    update = compute_update("trade", configuration(), set_batch(configuration(), BATCH))
    batch = update.write_set.groups["Orderer"].values["BatchSize"]
    if change == "channel":
        update.channel_id = "other"
    elif change == "nothing":
        update.ClearField("write_set")
    elif change == "unknown read":
        update.read_set.groups["Nobody"].version = 0
    elif change == "version of nothing":
        update.write_set.values["Nothing"].CopyFrom(batch)
    elif change == "mod policy":
        batch.mod_policy = ""
    elif change == "mod policy path":
        batch.mod_policy = "/Channel//Admins"
    elif change == "name":
        update.write_set.values["a name"].version = 0
    elif change == "unbacked member":
        update.write_set.version, update.write_set.mod_policy = 1, "Admins"
        update.write_set.values["Ghost"].version = 0
        update.read_set.values["Ghost"].version = 0
    return update_envelope(
        update.SerializeToString(),
        [approve(update.SerializeToString(), admin(one)) for one in NAMES],
    )


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ("channel", ConfigUpdateError, "ConfigUpdate for channel 'other'"),
        ("nothing", ConfigUnchangedError, "no effect"),
        ("unknown read", ConfigOvertakenError, "does not contain element"),
        ("version of nothing", ConfigOvertakenError, "key does not exist"),
        ("mod policy", ConfigUpdateError, "mod_policy not set"),
        ("mod policy path", ConfigUpdateError, "invalid mod_policy"),
        ("name", MalformedDataError, "not a name"),
        ("unbacked member", ConfigOvertakenError, "does not contain element"),
    ],
)
def test_what_contradicts_itself_is_refused(change: str, error: type[FabricDataError], text: str) -> None:
    with pytest.raises(error, match=text):
        authorize(_bundle(), _broken(change))


@pytest.mark.parametrize("bad", [b"\xff", b""])
def test_what_is_no_update_is_refused(bad: bytes) -> None:
    with pytest.raises(FabricDataError):
        authorize(_bundle(), configtx_pb2.ConfigUpdateEnvelope(config_update=bad))


@pytest.mark.parametrize(
    ("batch", "text"),
    [
        (BatchConfig(max_message_count=0), "max message count"),
        (BatchConfig(preferred_max_bytes=2, absolute_max_bytes=1), "greater than"),
    ],
)
def test_signatures_do_not_make_the_impossible_possible(batch: BatchConfig, text: str) -> None:
    bundle = _bundle()
    update = sign_update(agreed(bundle, set_batch(bundle.config, batch), *NAMES), admin("BankMSP"))
    with pytest.raises(ConfigUpdateError, match=text):
        propose(bundle, update)


def test_an_organisation_keeps_its_msp_id() -> None:
    bundle = _bundle()
    desired = _copy(bundle.config)
    for part in ("Application", "Orderer"):
        msp = desired.channel_group.groups[part].groups["BankMSP"].values["MSP"]
        msp.value = organization(NEWCOMER).definition().to_config().SerializeToString()
    update = sign_update(agreed(bundle, desired, *NAMES), admin("BankMSP"))
    with pytest.raises(ConfigUpdateError, match="attempted to change MSP ID from BankMSP"):
        propose(bundle, update)


def test_no_difference_is_no_update() -> None:
    desired = _copy(configuration())
    desired.sequence = 9
    desired.channel_group.version = 3
    with pytest.raises(ConfigUnchangedError):
        compute_update("trade", configuration(), desired)
    with pytest.raises(ConfigUpdateError, match="desired configuration has no channel group"):
        compute_update("trade", configuration(), configtx_pb2.Config())


def test_random_changes_come_out_as_they_were_meant() -> None:
    """Everybody signs: what was desired is what comes, but for versions."""
    draw = random.Random(20)
    for _ in range(30):
        desired = _copy(configuration())
        disturb(desired.channel_group.groups["Application"].groups["BankMSP"], draw)
        _guard(desired.channel_group)
        try:
            envelope = agreed(_bundle(), desired, *NAMES)
        except ConfigUnchangedError:
            continue
        found = authorize(_bundle(), envelope)
        _forget_versions(found.channel_group)
        _forget_versions(desired.channel_group)
        assert found.channel_group == desired.channel_group


def _guard(group: Any) -> None:
    for one in (group, *group.values.values(), *group.policies.values()):
        one.mod_policy = "Admins"
    for child in group.groups.values():
        _guard(child)


def _forget_versions(group: Any) -> None:
    for one in (group, *group.values.values(), *group.policies.values()):
        one.version = 0
    for child in group.groups.values():
        _forget_versions(child)


@pytest.mark.fabric
@pytest.mark.skipif("FABRIC_BIN" not in os.environ, reason="$FABRIC_BIN does not name Fabric's programs")
def test_updates_equal_those_of_configtxlator(tmp_path: Path) -> None:
    tool = Path(os.environ["FABRIC_BIN"]) / "configtxlator"
    draw = random.Random(7)
    compared = 0
    for _ in range(60):
        before, after = _copy(configuration()), _copy(configuration())
        disturb(before.channel_group, draw)
        if draw.random() < 0.5:
            after.CopyFrom(before)
        disturb(after.channel_group, draw)
        theirs = _theirs(tool, tmp_path, before, after)
        try:
            ours = compute_update("trade", before, after)
        except ConfigUnchangedError:
            assert theirs is None
            continue
        assert ours == theirs
        compared += 1
    assert compared > 40


def _theirs(tool: Path, folder: Path, before: Any, after: Any) -> Any:
    arguments: list[str | Path] = [tool, "compute_update", "--channel_id", "trade"]
    for name, config in (("original", before), ("updated", after)):
        (folder / name).write_bytes(config.SerializeToString())
        arguments += [f"--{name}", folder / name]
    done = subprocess.run(
        [*arguments, "--output", folder / "update"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        assert "no differences detected" in done.stderr, done.stderr
        return None
    return configtx_pb2.ConfigUpdate.FromString((folder / "update").read_bytes())
