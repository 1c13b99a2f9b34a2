"""What is wrong with Fabric's data, told as the SDK tells everything: a code, a sentence, a hint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hansa.errors import HansaError
from hansa_fabric.errors import (
    ConfigOvertakenError,
    ConfigUnauthorizedError,
    ConfigUnchangedError,
    ConfigUpdateError,
    FabricDataError,
)


class ConsortiumError(HansaError):
    """A change of the consortium that cannot be made, signed or carried out as asked."""


def overtaken(error: Exception) -> ConsortiumError:
    """An update that was computed from a configuration that is no longer in force."""
    return ConsortiumError(
        "CONFIG_OVERTAKEN",
        f"Another change of the consortium took effect first: {error}",
        "Compute it anew (hansa join renew ID); everybody signs the new one.",
    )


@contextmanager
def config_errors(what: str) -> Iterator[None]:
    """Turns what Fabric's data can be wrong about into a ConsortiumError.

    Args:
        what: begins the sentence, such as ``The change``.
    """
    try:
        yield
    except ConfigOvertakenError as error:
        raise overtaken(error) from error
    except ConfigUnchangedError as error:
        raise ConsortiumError(
            "CONFIG_UNCHANGED", f"{what} would change nothing: the consortium is so already."
        ) from error
    except ConfigUnauthorizedError as error:
        raise ConsortiumError(
            "CONFIG_UNAUTHORIZED",
            f"{what} lacks signatures: {error}",
            "See who is missing with: hansa join status ID",
        ) from error
    except ConfigUpdateError as error:
        raise ConsortiumError("CONFIG_REFUSED", f"{what} cannot be made: {error}") from error
    except FabricDataError as error:
        raise ConsortiumError("CONFIG_INVALID", f"{what} cannot be used: {error}") from error
