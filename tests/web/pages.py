"""A browser without scripts: reads pages, follows their forms with every field that they carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_VOID = {"meta", "link", "img", "input", "br", "hr"}


@dataclass
class Form:
    """A form as a browser would send it; `fields` holds the values that are there already."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    id: str = ""


@dataclass(frozen=True)
class Carrier:
    """A button elsewhere on the page that sends a form to an address of its own."""

    form: str
    action: str
    name: str
    value: str


class Page(HTMLParser):
    """What a page holds. Raises on tags that do not close in order."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__(convert_charrefs=True)
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        self.weight = len(response.data)
        self.forms: list[Form] = []
        self.carriers: list[Carrier] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self._textarea: str | None = None
        self._select: str | None = None
        self.feed(self.html)
        assert self._open == [], f"left open: {self._open}"

    @property
    def text(self) -> str:
        """All that can be read, in one line."""
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        """Attributes of every element of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    def form(self, ending: str) -> Form:
        """The one form, or button that sends a form, whose address ends so."""
        (found,) = [form for form in [*self.forms, *self._carried()] if form.action.endswith(ending)]
        return found

    def _carried(self) -> list[Form]:
        forms = {form.id: form for form in self.forms}
        return [
            Form(
                one.action,
                forms[one.form].method,
                forms[one.form].fields | ({one.name: one.value} if one.name else {}),
            )
            for one in self.carriers
        ]

    def has_form(self, ending: str) -> bool:
        """Tell whether a form leads to an address that ends so."""
        return any(form.action.endswith(ending) for form in [*self.forms, *self._carried()])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "form":
            # A browser keeps the fragment for itself.
            action = attributes["action"].split("#")[0]
            self.forms.append(Form(action, attributes.get("method", "get"), id=attributes.get("id", "")))
        if "formaction" in attributes:
            given = (attributes.get(name, "") for name in ("form", "formaction", "name", "value"))
            form, action, name, value = given
            self.carriers.append(Carrier(form, action.split("#")[0], name, value))
        if self.forms and "form" in self._open:
            self._field(tag, attributes)

    def _field(self, tag: str, attributes: dict[str, str]) -> None:
        form, name = self.forms[-1], attributes.get("name", "")
        if tag == "input" and attributes.get("type") == "radio":
            form.choices.setdefault(name, []).append(attributes["value"])
            if "checked" in attributes:
                form.fields[name] = attributes["value"]
        elif tag == "input" or (tag == "button" and name and "formaction" not in attributes):
            form.fields[name] = attributes.get("value", "")
        elif tag == "textarea":
            form.fields[name], self._textarea = "", name
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(attributes["value"])
            if "selected" in attributes or self._select not in form.fields:
                form.fields[self._select] = attributes["value"]

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag, f"</{tag}> closes something else"
        if tag == "textarea" and self._textarea is not None:
            typed = self.forms[-1].fields
            # Browsers drop the line end that follows the opening tag.
            typed[self._textarea] = typed[self._textarea].removeprefix("\n")
            self._textarea = None
        if tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self.forms[-1].fields[self._textarea] += data
        if not {"script", "style"} & set(self._open):
            self.texts.append(data)
        if self._open and self._open[-1] == "button" and self.forms:
            self.forms[-1].buttons.append(data.strip())


class Browser:
    """One person's browser: keeps cookies, follows redirects as asked."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: Any) -> Page:
        """Open an address; redirects are not followed."""
        return Page(self.client.get(path, **options))

    def submit(self, form: Form, **typed: str) -> TestResponse:
        """Send a form with what is typed, as the same site's page would."""
        return self.client.post(
            form.action, data=form.fields | typed, headers={"Sec-Fetch-Site": "same-origin"}
        )

    def landing(self, response: TestResponse) -> Page:
        """Follow one redirect after a post."""
        assert response.status_code == 303, response.get_data(as_text=True)[:2000]
        return self.get(response.headers["Location"])
