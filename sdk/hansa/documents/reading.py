"""XML of strangers: no entities, no DTD, bounded in size and depth, and every fault told by its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, cast
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from hansa.documents.errors import DocumentCode, DocumentError

MAX_BYTES = 4 * 1024 * 1024
"""How large a document may be."""
MAX_DEPTH = 40
"""How deep its elements may lie in each other."""
MAX_ELEMENTS = 100_000
MAX_TEXT = 10_000
"""How long one element's text may be, in characters."""
MAX_ATTRIBUTES = 32

_DECLARED = re.compile(rb"""^<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ENCODINGS = {"utf-8", "utf8", "us-ascii", "ascii"}
_UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(eq=False)
class Element:
    """An element as read: its namespace and name, its own text without surrounding space, what lies in it.

    ``path`` tells it to people: prefixes as this program writes them, counted where it is repeated.
    """

    namespace: str
    name: str
    attributes: dict[str, str]
    prefixes: Mapping[str, str]
    parent: Element | None = None
    text: str = ""
    children: list[Element] = field(default_factory=list)

    @property
    def path(self) -> str:
        """XPath from the root, such as ``/Order/cac:OrderLine[2]``."""
        prefix = next((key for key, each in self.prefixes.items() if each == self.namespace), "")
        step = f"{prefix}:{self.name}" if prefix else self.name
        if self.parent is None:
            return f"/{step}"
        alike = [each for each in self.parent.children if (each.namespace, each.name) == self._tag]
        place = f"[{next(n for n, each in enumerate(alike, 1) if each is self)}]" if len(alike) > 1 else ""
        return f"{self.parent.path}/{step}{place}"

    @property
    def _tag(self) -> tuple[str, str]:
        return self.namespace, self.name

    def all(self, step: str) -> list[Element]:
        """Its children of a name, such as ``cac:OrderLine``."""
        prefix, _, name = step.rpartition(":")
        return [
            each for each in self.children if each.name == name and each.namespace == self.prefixes[prefix]
        ]

    def find(self, path: str) -> Element | None:
        """The one element below it along a path, or None. Refuses a repeated one."""
        found = self
        for step in path.split("/"):
            matching = found.all(step)
            if not matching:
                return None
            if len(matching) > 1:
                raise DocumentError(
                    DocumentCode.FIELD_REPEATED, f"{matching[1].path} is one too many.", matching[1].path
                )
            found = matching[0]
        return found

    def get(self, path: str) -> Element:
        """As ``find``, but what is missing is refused."""
        found = self.find(path)
        if found is None:
            where = f"{self.path}/{path}"
            raise DocumentError(DocumentCode.FIELD_MISSING, f"{where} is missing.", where)
        return found

    def value(self, path: str, longest: int = 200) -> str:
        """The text of an element that must be there and not be blank."""
        return self.get(path).said(longest)

    def optional(self, path: str, longest: int = 200) -> str | None:
        """The text of an element that may be missing; a blank one counts as missing."""
        found = self.find(path)
        return None if found is None or not found.text else found.said(longest)

    def said(self, longest: int = 200) -> str:
        """Its own text: not blank, on one line, at most so many characters."""
        if not self.text:
            raise DocumentError(DocumentCode.FIELD_MISSING, f"{self.path} is empty.", self.path)
        if len(self.text) > longest:
            self.refuse(f"{self.path} has more than {longest} characters.")
        return " ".join(self.text.split())

    def refuse(self, message: str, code: DocumentCode = DocumentCode.FIELD_INVALID) -> NoReturn:
        """Raises DocumentError at this element."""
        raise DocumentError(code, message, self.path)


def parse(raw: bytes, prefixes: Mapping[str, str]) -> Element:
    """The root of a document.

    Args:
        raw: the document, in UTF-8.
        prefixes: prefix to namespace, for paths; an empty prefix for names without one. The namespace "" may
            stand for the root's own, whatever that is.

    Raises:
        DocumentError: DOCUMENT_TOO_LARGE or DOCUMENT_MALFORMED.
    """
    if len(raw) > MAX_BYTES:
        _too_large(f"It has {len(raw)} bytes; at most {MAX_BYTES} are read.")
    _check_encoding(raw)
    builder = _Builder(prefixes)
    parser = DefusedXMLParser(target=builder, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(raw)
        root = cast(Element, parser.close())
    except DefusedXmlException as error:
        raise DocumentError(
            DocumentCode.MALFORMED, "A document type declaration or entity is not taken."
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        # ValueError and LookupError: what expat cannot decode, and characters that Python does not take.
        raise DocumentError(DocumentCode.MALFORMED, f"It is no well-formed XML: {error}") from error
    return root


def _check_encoding(raw: bytes) -> None:
    body = raw.removeprefix(_UTF8_MARK)
    declared = _DECLARED.match(body)
    if declared is not None and declared[1].decode("ascii").lower() not in _ENCODINGS:
        raise DocumentError(
            DocumentCode.MALFORMED, f"It is in {declared[1].decode('ascii')}; only UTF-8 is taken."
        )
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(
            DocumentCode.MALFORMED, f"It is not in UTF-8: byte {error.start} fits nothing."
        ) from error
    if b"\x00" in body:
        raise DocumentError(DocumentCode.MALFORMED, "It is not in UTF-8: it has zero bytes.")


def _too_large(message: str) -> NoReturn:
    raise DocumentError(DocumentCode.TOO_LARGE, message)


class _Builder:
    """Takes what the parser finds, within the bounds."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = prefixes
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self._lengths: list[int] = []
        self._count = 0
        self._root: Element | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            _too_large(f"It has more than {MAX_ELEMENTS} elements.")
        if len(self._open) >= MAX_DEPTH:
            _too_large(f"Its elements lie more than {MAX_DEPTH} deep.")
        if len(attributes) > MAX_ATTRIBUTES:
            _too_large(f"An element has more than {MAX_ATTRIBUTES} attributes.")
        namespace, _, name = tag.rpartition("}")
        namespace = namespace.removeprefix("{")
        prefixes = self._prefixes if self._root is None else self._root.prefixes
        if self._root is None:
            prefixes = {key: each or namespace for key, each in prefixes.items()}
        parent = self._open[-1] if self._open else None
        element = Element(namespace, name, dict(attributes), prefixes, parent)
        if parent is None:
            self._root = element
        else:
            parent.children.append(element)
        self._open.append(element)
        self._texts.append([])
        self._lengths.append(0)

    def data(self, text: str) -> None:
        if not self._open:
            return
        self._lengths[-1] += len(text)
        if self._lengths[-1] > MAX_TEXT:
            _too_large(f"{self._open[-1].path} has more than {MAX_TEXT} characters.")
        self._texts[-1].append(text)

    def end(self, tag: str) -> None:
        self._lengths.pop()
        self._open.pop().text = "".join(self._texts.pop()).strip()

    def close(self) -> Any:
        if self._root is None:
            raise DocumentError(DocumentCode.MALFORMED, "It has no element.")
        return self._root
