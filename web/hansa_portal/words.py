"""Sentences for people: written in English in the source, translated where a catalogue has them."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel, gettext  # type: ignore[import-untyped]


def _(text: str, **values: object) -> str:
    """A sentence in the reader's language; ``values`` go into its ``%(name)s``."""
    return str(gettext(text, **values))


def install(app: Flask) -> None:
    """Makes ``_`` known to templates."""
    Babel(app)
