"""Ports that are free on this machine."""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

# Below where systems take the ports of outgoing connections from: such a one could be gone before it is used.
_RANGE = range(10_240, 32_768)


def free_ports(count: int) -> list[int]:
    """That many ports of loopback that nobody listens on now; drawn by chance, so that two networks differ.

    Raises:
        OSError: there are not so many.
    """
    found: list[int] = []
    # All are held open until the last is known, so that none is handed out twice.
    with ExitStack() as stack:
        for port in random.sample(_RANGE, len(_RANGE)):
            if len(found) == count:
                return found
            probe = stack.enter_context(socket.socket())
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
    raise OSError(f"there are no {count} free ports")
