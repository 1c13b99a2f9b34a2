"""XML written the same each time: one element a line, in the order given, in UTF-8."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from xml.sax.saxutils import escape

Content: TypeAlias = "str | Sequence[Node | None] | None"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Node:
    """An element to be written: its prefixed name, attributes, and either text or what lies in it.

    Args:
        name: such as ``cbc:ID``.
        content: text, or nodes; a node of None is left out.
        attributes: written in the order given; one of None is left out.
    """

    def __init__(self, name: str, content: Content = None, **attributes: str | None) -> None:
        self.name = name
        self.content = content
        self.attributes = attributes

    def lines(self, indent: str, out: list[str], declared: str = "") -> None:
        """Appends its lines."""
        said = "".join(
            f' {name}="{text(value, quote=True)}"'
            for name, value in self.attributes.items()
            if value is not None
        )
        head = f"{indent}<{self.name}{declared}{said}"
        if isinstance(self.content, str):
            out.append(f"{head}>{text(self.content)}</{self.name}>")
            return
        children = [each for each in self.content or () if each is not None]
        if not children:
            out.append(f"{head}/>")
            return
        out.append(f"{head}>")
        for child in children:
            child.lines(indent + "  ", out)
        out.append(f"{indent}</{self.name}>")


def optional(name: str, value: str | None, **attributes: str | None) -> Node | None:
    """A node with a text, or none where there is none."""
    return None if value is None else Node(name, value, **attributes)


def text(value: str, *, quote: bool = False) -> str:
    """A text as XML has it. What XML cannot hold at all becomes U+FFFD: the document stays readable."""
    clean = _FORBIDDEN.sub("\ufffd", value)
    # A bare carriage return would come back as a line feed.
    return escape(
        clean, {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"} if quote else {"\r": "&#13;"}
    )


def document(root: Node, namespaces: Mapping[str, str]) -> bytes:
    """A whole document.

    Args:
        root: its root element.
        namespaces: prefix to namespace; the empty prefix for the default one.
    """
    declared = "".join(
        f' xmlns{":" + prefix if prefix else ""}="{text(namespace, quote=True)}"'
        for prefix, namespace in namespaces.items()
    )
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    root.lines("", lines, declared)
    return ("\n".join(lines) + "\n").encode("utf-8")
