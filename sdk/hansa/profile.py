"""Where a member's network is and how to trust it: the common connection profile, read and found."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hansa.errors import ConnectionProfileError


@dataclass(frozen=True)
class Profile:
    """What a client needs of a common connection profile.

    Args:
        organization: the member's name.
        msp_id: its MSP id.
        address: its gateway peer, ``host:port``.
        tls_root: PEM certificates that vouch for the peer.
        server_name: the name in the peer's certificate where it is not the host; None otherwise.
        channel: the channel.
        chaincode: the chaincode's name on it.
    """

    organization: str
    msp_id: str
    address: str
    tls_root: bytes
    server_name: str | None
    channel: str
    chaincode: str

    @classmethod
    def read(cls, path: Path) -> Profile:
        """A profile from its JSON file.

        Raises:
            ConnectionProfileError: PROFILE_UNREADABLE or PROFILE_INVALID, naming what is missing.
        """
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConnectionProfileError(
                "PROFILE_UNREADABLE", f"{path}: {error}", "Make it anew with: hansa profile ORGANISATION"
            ) from error
        try:
            return cls._of(document)
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ConnectionProfileError(
                "PROFILE_INVALID",
                f"{path} lacks {error}",
                "Make it anew with: hansa profile ORGANISATION",
            ) from error

    @classmethod
    def _of(cls, document: dict[str, Any]) -> Profile:
        name = document["client"]["organization"]
        organization = document["organizations"][name]
        peer = document["peers"][organization["peers"][0]]
        pem = peer["tlsCACerts"]["pem"]
        own = document["x-hansa"]
        return cls(
            organization=name,
            msp_id=organization["mspid"],
            address=str(peer["url"]).partition("://")[2],
            tls_root=(pem if isinstance(pem, str) else "".join(pem)).encode(),
            server_name=peer.get("grpcOptions", {}).get("ssl-target-name-override"),
            channel=own["channel"],
            chaincode=own["chaincode"],
        )


def locate(data: Path | None = None) -> Path:
    """The data folder of the network meant: ``data``, else ``$HANSA_DATA``, else the one brought up last.

    Raises:
        ConnectionProfileError: none is named and none was brought up (NO_NETWORK).
    """
    named = data or (Path(os.environ["HANSA_DATA"]) if os.environ.get("HANSA_DATA") else None)
    if named is None:
        base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
        pointer = Path(base) / "hansa" / "last-up.json"
        try:
            named = Path(json.loads(pointer.read_text(encoding="utf-8"))["data"])
        except (OSError, ValueError, KeyError, TypeError):
            named = None  # never written, or cut short: no network is known
    if named is None or not (named / "organizations").is_dir():
        raise ConnectionProfileError(
            "NO_NETWORK",
            f"No network was found{f' in {named}' if named else ''}.",
            "Start one with: hansa up, or name its folder with --data or $HANSA_DATA.",
        )
    return named.resolve()


def member_folder(data: Path, organization: str) -> Path:
    """The folder of one organisation, by name, MSP id or domain, in any case.

    Raises:
        ConnectionProfileError: there is none of that name (UNKNOWN_ORGANIZATION).
    """
    wanted = organization.lower()
    known = []
    for path in sorted((data / "organizations").glob("*/profile.json")):
        profile = Profile.read(path)
        known.append(profile.organization)
        if wanted in (profile.organization.lower(), profile.msp_id.lower(), path.parent.name.lower()):
            return path.parent
    raise ConnectionProfileError(
        "UNKNOWN_ORGANIZATION",
        f"There is no organisation {organization!r} in {data}.",
        f"Known are: {', '.join(known)}.",
    )
