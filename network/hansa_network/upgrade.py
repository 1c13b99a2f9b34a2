"""A new version of the chaincode on a network that runs, with no refused trade in between.

The new processes start beside the old ones, on ports of their own. Each organisation installs and approves;
once enough have, one commits, and from that block on every peer calls its new process. Then the old ones end.
The description in the data folder changes just before the commit: whatever is cut short, ``hansa up`` or the
same step again carries it on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from hansa_network.chaincode_deployment import ChaincodeDeployment
from hansa_network.consortium import Chaincode, Consortium, Organization, dump
from hansa_network.data_folder import DataFolder, write_atomically
from hansa_network.engine import Progress
from hansa_network.errors import NetworkError
from hansa_network.network import Network


@dataclass(frozen=True)
class Agreement:
    """How far a network is with its chaincode.

    Args:
        committed: sequence of the definition in force.
        version: of the chaincode that the network's description names.
        next_version: of the one being agreed on; None where there is none.
        approvals: MSP id to whether that organisation approved the next one.
    """

    committed: int
    version: str
    next_version: str | None
    approvals: dict[str, bool]


class Upgrade:
    """The upgrade of one network to one version, resumable: what is done already is left alone.

    Args:
        network: the network, which must run.
        version: the version to go to.
        program: command line of its processes; empty for the contracts that come with Hansa.

    Raises:
        NetworkError: the network does not run (NOT_RUNNING), or another upgrade has begun (UPGRADE_PENDING).
    """

    def __init__(self, network: Network, version: str, program: Sequence[str] = ()) -> None:
        if not network.running:
            raise NetworkError("NOT_RUNNING", "The network does not run.", "Start it with: hansa up")
        described, pending = network.consortium.chaincode, read_pending(network.folder)
        if pending is not None and pending.version != version:
            raise NetworkError(
                "UPGRADE_PENDING",
                f"An upgrade to version {pending.version} has begun.",
                f"Finish it first: hansa chaincode upgrade --version {pending.version}",
            )
        self._network = network
        self._done = pending is None and described.version == version
        self._chaincode = pending or (described if self._done else _next(described, version, program))
        after = msgspec.structs.replace(network.consortium, chaincode=self._chaincode)
        self._after = replace(network, consortium=after)

    @property
    def chaincode(self) -> Chaincode:
        """The chaincode as it will be."""
        return self._chaincode

    def carry_out(self, say: Progress = lambda _: None) -> None:
        """Every step, for all organisations of this folder. Raises NetworkError."""
        organizations = self._network.consortium.organizations
        if not self._done:
            self.approve(organizations, say)
            self.commit(organizations[0], say)
        self.retire(say)

    def approve(self, organizations: Sequence[Organization], say: Progress = lambda _: None) -> None:
        """Installs, starts and approves the version for these organisations, before or after its commit.

        Raises:
            NetworkError: a step failed.
        """
        deployment = self._after.engine.deployment
        if not self._done:
            _write_pending(self._network.folder, self._chaincode)
        say(f"installing version {self._chaincode.version}")
        _each(deployment.install, organizations)
        say("starting its processes beside the old ones")
        self._network.start_beside([deployment.program(each) for each in organizations])
        say("approving it")
        _each(deployment.approve, organizations)

    def commit(self, organization: Organization, say: Progress = lambda _: None) -> None:
        """Commits the definition as one organisation, and waits until all of this folder use it.

        Raises:
            NetworkError: too few have approved (NOT_APPROVED), or it did not come to pass.
        """
        if self._done:
            return
        deployment = self._after.engine.deployment
        if deployment.committed_sequence(organization) < self._chaincode.sequence:
            _check_approvals(deployment.approvals(organization))
            say("committing it")
            self._commit(deployment, organization)
        self.describe()
        say("waiting until every peer uses it")
        _each(deployment.wait_until_used, self._network.consortium.organizations)
        pending_file(self._network.folder).unlink(missing_ok=True)
        self._done = True

    def retire(self, say: Progress = lambda _: None) -> None:
        """Ends the processes of the version before, once they have answered what they were asked.

        Raises:
            NetworkError: the new version is not in force yet (UPGRADE_PENDING).
        """
        if not self._done:
            raise NetworkError(
                "UPGRADE_PENDING",
                f"Version {self._chaincode.version} is not in force yet.",
                "Commit it first.",
            )
        # Two definitions in a row have names of their own, the one after the next those of the one before.
        before = msgspec.structs.replace(self._chaincode, sequence=self._chaincode.sequence + 1)
        domains = ["", *(each.domain for each in self._network.consortium.organizations)]
        say("ending the old processes")
        self._network.end({before.process(domain) for domain in domains})

    def describe(self) -> None:
        """Writes the new version into the network's description: what a start of the network brings up."""
        self._describe(self._after.consortium)

    def _commit(self, deployment: ChaincodeDeployment, organization: Organization) -> None:
        # First the description: whatever starts the network after the commit must bring up the new version.
        self.describe()
        try:
            deployment.commit(organization)
        except NetworkError:
            if deployment.committed_sequence(organization) < self._chaincode.sequence:
                self._describe(self._network.consortium)
            raise

    def _describe(self, consortium: Consortium) -> None:
        write_atomically(self._network.folder.consortium_file, dump(consortium))


def agreement(network: Network) -> Agreement:
    """How far a running network is. Raises NetworkError or GatewayError where its peers do not answer."""
    consortium, pending = network.consortium, read_pending(network.folder)
    first = consortium.organizations[0]
    deployment = network.engine.deployment
    committed = deployment.committed_sequence(first)
    approvals: dict[str, bool] = {}
    if pending is not None and pending.sequence == committed + 1:
        after = replace(network, consortium=msgspec.structs.replace(consortium, chaincode=pending))
        approvals = after.engine.deployment.approvals(first)
    return Agreement(committed, consortium.chaincode.version, pending.version if pending else None, approvals)


def pending_file(folder: DataFolder) -> Path:
    """What is being agreed on; there from the first step until the commit."""
    return folder.root / "chaincode-upgrade.json"


def read_pending(folder: DataFolder) -> Chaincode | None:
    """The chaincode that is being agreed on, or None."""
    file = pending_file(folder)
    return msgspec.json.decode(file.read_bytes(), type=Chaincode) if file.exists() else None


def _write_pending(folder: DataFolder, chaincode: Chaincode) -> None:
    write_atomically(pending_file(folder), msgspec.json.encode(chaincode).decode())


def _next(described: Chaincode, version: str, program: Sequence[str]) -> Chaincode:
    changed = {**msgspec.to_builtins(described), "version": version, "program": list(program)}
    try:
        return msgspec.convert({**changed, "sequence": described.sequence + 1}, Chaincode)
    except msgspec.ValidationError as error:
        raise NetworkError(
            "VERSION_INVALID", f"{version!r} is no version: {error}", "Such as 0.2.0."
        ) from error


def _check_approvals(approvals: dict[str, bool]) -> None:
    missing = sorted(msp_id for msp_id, approved in approvals.items() if not approved)
    if 2 * len(missing) >= len(approvals):
        raise NetworkError(
            "NOT_APPROVED",
            f"Too few members have approved; missing are {', '.join(missing)}.",
            "Each approves for itself: hansa chaincode approve --version VERSION --as ORGANISATION",
        )


def _each(act: Callable[[Organization], None], organizations: Sequence[Organization]) -> None:
    with ThreadPoolExecutor(max_workers=4) as pool:
        for done in [pool.submit(act, organization) for organization in organizations]:
            done.result()
