"""The registry of domain events. A type is never renamed or reused; each carries its own version ``v``."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Something that happened, as the read model and other members' systems learn of it."""

    v: int = 1
