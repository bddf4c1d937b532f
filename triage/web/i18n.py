"""Language of the pages: Indonesian, and English for whoever asks for it."""

from __future__ import annotations

from pathlib import Path

import flask_babel
from flask import Flask, Response, request

from triage.regions import local_time
from triage.web.cookies import read, remember

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}
COOKIE = "penjaga_lang"
TRANSLATIONS = Path(__file__).parent.parent / "translations"


def gettext(text: str) -> str:
    """Translate a marked text into the language of this request."""
    return str(flask_babel.gettext(text))


def register(app: Flask, region: str) -> None:
    """Choose the language of each request, remember an explicit choice, and tell the time of the region."""
    app.config.update(
        BABEL_DEFAULT_LOCALE="id",
        BABEL_DEFAULT_TIMEZONE=local_time(region).zone.key,
        BABEL_TRANSLATION_DIRECTORIES=str(TRANSLATIONS),
    )
    flask_babel.Babel(app, locale_selector=language)
    app.jinja_env.globals.update(language=language, languages=LANGUAGES)
    app.after_request(_keep_choice)


def language() -> str:
    """Return the language of this request: asked for, remembered, preferred by the browser, or ours."""
    for wanted in (request.args.get("lang"), read(COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    return request.accept_languages.best_match(list(LANGUAGES), default="id")


def _keep_choice(response: Response) -> Response:
    wanted = request.args.get("lang")
    if wanted in LANGUAGES:
        remember(response, COOKIE, wanted)
    return response
