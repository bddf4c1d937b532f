"""Language of the pages: Indonesian; English and, for reporters, Javanese for whoever asks for it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import flask_babel
from flask import Flask, Response, current_app, request, url_for
from werkzeug.datastructures import MultiDict

from triage.regions import local_time
from triage.web.cookies import read, remember

LANGUAGES = {"id": "Bahasa Indonesia", "jv": "Basa Jawa", "en": "English"}
# Javanese is chosen by a person, not by a browser: not every page is written in it.
_BY_BROWSER = ("id", "en")
COOKIE = "penjaga_lang"
TRANSLATIONS = Path(__file__).parent.parent / "translations"


def gettext(text: str, **values: object) -> str:
    """Translate a marked text into the language of this request, `values` put in its places."""
    return str(flask_babel.gettext(text, **values))


def register(app: Flask, region: str) -> None:
    """Choose the language of each request, remember an explicit choice, and tell the time of the region."""
    app.config.update(
        BABEL_DEFAULT_LOCALE="id",
        BABEL_DEFAULT_TIMEZONE=local_time(region).zone.key,
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
    )
    flask_babel.Babel(app, locale_selector=language)
    app.jinja_env.globals.update(language=language, languages=LANGUAGES, in_language=in_language)
    app.after_request(_keep_choice)


def language() -> str:
    """Return the language of this request: asked for, remembered, preferred by the browser, or ours."""
    for wanted in (request.args.get("lang"), read(COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    return request.accept_languages.best_match(_BY_BROWSER, default="id")


def in_language(code: str) -> str:
    """Return the address of this page in another language; what answers a post leads to the page itself."""
    asked = MultiDict(request.args)
    asked["lang"] = code
    return f"{_page_address()}?{urlencode(list(asked.items(multi=True)))}"


def _page_address() -> str:
    if request.method in ("GET", "HEAD"):
        return request.path
    if request.url_rule is not None and "group_id" in (request.view_args or {}):
        return url_for("kim.group", group_id=(request.view_args or {})["group_id"])
    adapter = current_app.create_url_adapter(request)
    return request.path if adapter is not None and adapter.test(request.path, "GET") else "/"


def _keep_choice(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.vary.update(("Accept-Language", "Cookie"))
    wanted = request.args.get("lang")
    if wanted in LANGUAGES:
        remember(response, COOKIE, wanted)
    return response
