"""What is installed on one organisation's peer, and which of it serves a chaincode's definition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hansa_devnode.chaincode.connection import ChaincodeConnection
from hansa_devnode.chaincode.packages import Connection, PackageStore, read_package
from hansa_devnode.config import ChaincodeConfig
from hansa_devnode.ledger.ledger import Ledger

DialConfigured = Callable[[ChaincodeConfig], ChaincodeConnection]
DialPackaged = Callable[[str, Connection], ChaincodeConnection]


@dataclass(frozen=True, slots=True, eq=False)
class Installation:
    """One chaincode that the peer can run.

    Args:
        package_id: what its process registers as.
        label: the package's label.
        connection: to its process.
        content: the package; None where the node's configuration names the chaincode.
    """

    package_id: str
    label: str
    connection: ChaincodeConnection
    content: bytes | None = None


class InstalledChaincodes:
    """The chaincodes of one peer: those of the node's configuration, and packages installed since.

    A definition is served by the package that the organisation approved it with; where it approved none, by
    what the configuration names, which speaks for definitions up to its own sequence.

    Args:
        msp_id: the peer's organisation.
        ledger: has the approvals.
        configured: what the configuration names.
        packages: what was installed.
        dial_configured: makes the connection to a configured chaincode.
        dial_packaged: the same from a package's id and its `connection.json`.

    Raises:
        OSError: a root certificate cannot be read.
        ValueError: a server speaks TLS, and there is no certificate to show it.
    """

    def __init__(
        self,
        msp_id: str,
        ledger: Ledger,
        configured: Sequence[ChaincodeConfig],
        packages: PackageStore,
        dial_configured: DialConfigured,
        dial_packaged: DialPackaged,
    ) -> None:
        self._msp_id = msp_id
        self._ledger = ledger
        self._packages = packages
        self._dial = dial_packaged
        self._configured = {
            each.name: (each, Installation(each.package_id, each.label, dial_configured(each)))
            for each in configured
        }
        self._packaged = {
            each.package_id: Installation(
                each.package_id, each.label, dial_packaged(each.package_id, each.connection), each.content
            )
            for each in packages.all()
        }
        self._started = False

    def all(self) -> list[Installation]:
        """Everything installed."""
        return [*(each for _, each in self._configured.values()), *self._packaged.values()]

    def start(self) -> None:
        """Begins to connect, in the background; what is installed later connects at once."""
        self._started = True
        for each in self.all():
            each.connection.start()

    async def stop(self) -> None:
        """Closes all connections."""
        self._started = False
        for each in self.all():
            await each.connection.stop()

    def install(self, content: bytes) -> Installation:
        """Installs a package.

        Raises:
            ChaincodeError: it is none, or installed already; in Fabric's words where Fabric has them.
            OSError: it cannot be kept.
            ValueError: its certificates are no good.
        """
        package = read_package(content)
        connection = self._dial(package.package_id, package.connection)
        self._packages.add(package)
        made = Installation(package.package_id, package.label, connection, content)
        self._packaged[package.package_id] = made
        if self._started:
            connection.start()
        return made

    def configured(self, name: str, sequence: int | None = None) -> Installation | None:
        """What the configuration names for a chaincode, and for that definition of it where one is given."""
        if name not in self._configured:
            return None
        config, installation = self._configured[name]
        return installation if sequence is None or sequence <= config.sequence else None

    def serving(self, name: str, sequence: int) -> Installation | None:
        """What runs a chaincode's definition on this peer, None where the organisation installed nothing."""
        approved = self._packaged.get(self._ledger.approved_package(self._msp_id, name, sequence))
        return approved or self.configured(name, sequence)
