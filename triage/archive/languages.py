"""Names and codes of languages as publishers write them."""

from __future__ import annotations

_CODES = {
    "bahasa": "id",
    "in": "id",  # the code of Indonesian until 1989, which Java and Android still give
    "indonesia": "id",
    "indonesian": "id",
    "jawa": "jv",
    "javanese": "jv",
    "jw": "jv",
    "madura": "mad",
    "madurese": "mad",
    "inggris": "en",
    "english": "en",
}


def language_code(text: str) -> str | None:
    """Return the code of a language ("id-ID", "Bahasa Indonesia" → "id"), None if it is not known as one."""
    name = text.strip().lower().replace("_", "-")
    name = name.removeprefix("bahasa ").strip()
    code = name.partition("-")[0].strip()
    found = _CODES.get(name) or _CODES.get(code) or code
    return found if found.isascii() and found.isalpha() and 2 <= len(found) <= 3 else None
