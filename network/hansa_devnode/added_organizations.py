"""Organisations that came to the devnode while it ran: remembered beside its data, for the next start."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from hansa_devnode.config import ConfigError, DevnodeConfig, OrganizationConfig
from hansa_devnode.files import write_file

logger = logging.getLogger(__name__)

FILE_NAME = "added-organizations.json"


def with_added(config: DevnodeConfig) -> DevnodeConfig:
    """The configuration with the organisations that were added; where it names one itself, it decides.

    Raises ConfigError when the file cannot be read, or an organisation no longer fits.
    """
    known = set(config.msp_ids)
    added = [each for each in _read(config) if each.msp_id not in known and _is_there(each)]
    return with_organizations(config, *added)


def _is_there(organization: OrganizationConfig) -> bool:
    """Whether its keys are: one that brought its own may have taken them away, and the others go on."""
    if organization.folder is None or Path(organization.folder).is_dir():
        return True
    logger.warning("%s is not served: %s is gone", organization.msp_id, organization.folder)
    return False


def with_organizations(config: DevnodeConfig, *added: OrganizationConfig) -> DevnodeConfig:
    """The configuration with more organisations. Raises ConfigError when a name or address is taken."""
    changed = msgspec.structs.replace(config, organizations=(*config.organizations, *added))
    for what in ("domain", "peer_address", "ca_address"):
        taken = [getattr(each, what) for each in config.organizations]
        for each in added:
            if getattr(each, what) in taken:
                raise ConfigError(f"organizations.{what}", f"{getattr(each, what)} is taken")
            taken.append(getattr(each, what))
    return changed


def remember(config: DevnodeConfig, organization: OrganizationConfig) -> None:
    """Keep an organisation for the next start. Raises OSError."""
    others = [each for each in _read(config) if each.msp_id != organization.msp_id]
    write_file(_path(config), msgspec.json.encode([*others, organization]), private=True)


def read_organization(document: object) -> OrganizationConfig:
    """An organisation from the fields of a request. Raises ConfigError."""
    try:
        return msgspec.convert(document, OrganizationConfig)
    except msgspec.ValidationError as error:
        raise ConfigError("organization", str(error)) from error


def _path(config: DevnodeConfig) -> Path:
    return config.data_folder / FILE_NAME


def _read(config: DevnodeConfig) -> list[OrganizationConfig]:
    try:
        return msgspec.json.decode(_path(config).read_bytes(), type=list[OrganizationConfig])
    except FileNotFoundError:
        return []
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise ConfigError(FILE_NAME, str(error)) from error
