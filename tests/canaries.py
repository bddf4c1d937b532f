"""What a reporter's message and browser give away, made to be recognised wherever it turns up."""

from __future__ import annotations

import re

PHONE, NIK, OTHER_PHONE = "0812-7766-5544", "3508122705800003", "085711223344"
TEXT = (
    f"Kenari: bantuan tunai dibagikan malam ini di balai desa, hubungi Ibu Kenarisari di {PHONE}, siapkan "
    f"NIK {NIK} dan KTP asli, sebarkan ke semua warga dusun"
)
URL = "https://wa.me/6281277665544"
REMARK = f"Saya dapat dari tetangga, nomornya {OTHER_PHONE}"
DEVICE, AGENT, ADDRESS = "kenari-peramban-4711", "KenariPeramban/47.11", "203.0.113.77"
# In no form, anywhere: whose message it is.
NEVER = (DEVICE, AGENT, ADDRESS)
_DIGITS = ("81277665544", NIK, "85711223344")
_BETWEEN = re.compile(r"(?<=\d)[ .\-]+(?=\d)")


def given_away(content: str, *never: str) -> list[str]:
    """Name what of the canaries can be read in a page, a log or a table; `never`: receipts and hashes too."""
    joined = _BETWEEN.sub("", content)
    return [each for each in _DIGITS if each in joined] + [
        each for each in (*NEVER, *never) if each and each.casefold() in content.casefold()
    ]
