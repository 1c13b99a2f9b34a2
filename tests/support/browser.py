"""A browser without JavaScript, as far as forms need one: it reads a page's forms and sends them back."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Form:
    """A form of a page: where it goes, its fields with the values shown, its buttons' texts, and
    the names of everything that may be filled in, ticked or pressed."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    offered: set[str] = field(default_factory=set)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._area: str | None = None
        self._button = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.forms.append(Form(given.get("action") or ""))
        if not self.forms:
            return
        fields = self.forms[-1].fields
        if name:
            self.forms[-1].offered.add(name)
        if tag == "input" and name:
            ticked = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            if ticked and given.get("type") != "file":
                fields.setdefault(name, []).append(given.get("value") or "")
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option":
            self._options.append((given.get("value") or "", "selected" in given))
        elif tag == "textarea":
            self._area = name
            fields[name] = [""]
        elif tag == "button":
            self._button = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected]
            first = [value for value, _ in self._options[:1]]
            self.forms[-1].fields[self._select] = chosen or first
            self._select = None
        elif tag == "textarea":
            self._area = None
        elif tag == "button":
            self._button = False

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1].fields[self._area][0] += data
        if self._button and data.strip():
            self.forms[-1].buttons.append(data.strip())


def forms(html: str) -> list[Form]:
    """The forms of a page."""
    parser = _Forms()
    parser.feed(html)
    return parser.forms


class Browser:
    """One user's browser; keeps cookies."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def get(self, path: str, status: int = 200) -> str:
        """A page's HTML, redirects followed."""
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return str(answer.text)

    def form(self, page: str, action: str) -> Form:
        """The form on a page that goes to ``action``."""
        found = [form for form in forms(self.get(page)) if form.action.partition("?")[0] == action]
        assert found, f"no form to {action} on {page}"
        return found[0]

    def submit(self, action: str, values: dict[str, Any], *, page: str) -> Any:
        """Fills in the form on ``page`` that goes to ``action`` and sends it; the answer as it comes."""
        form = self.form(page, action)
        unknown = set(values) - form.offered
        assert not unknown, f"the form has no {unknown}"
        return self.client.post(action, data={**form.fields, **values})

    def do(self, action: str, values: dict[str, Any], *, page: str) -> str:
        """As ``submit``, and follows to the page that comes after; its HTML."""
        answer = self.submit(action, values, page=page)
        if answer.status_code in {302, 303}:
            return self.get(answer.headers["Location"])
        return str(answer.text)
