"""The sentences for reasons: why a message matches an entry, or why it is urgent, in words for volunteers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from models.types import Reason
from triage.marking import N_

_YEAR_DAYS = 365

TEMPLATES: dict[str, str] = {
    # Matching
    "same_wording": N_("Kata-katanya hampir sama persis."),
    "same_link": N_("Tautannya sama: {link}."),
    "shared_passage": N_("Ada kalimat yang sama: “{passage}”."),
    "alike_passage": N_("Bagian yang sama: di pesan “{message}”, di arsip “{entry}”."),
    "shared_words": N_("Sama-sama menyebut: {words}."),
    "similar_meaning": N_("Maksudnya mirip, walau kata-katanya berbeda."),
    "same_topic": N_("Membahas hal yang mirip."),
    "numbers_agree": N_("Angkanya sama: {numbers}."),
    "numbers_differ": N_("Angkanya berbeda: pesan menyebut {message}, arsip menyebut {entry}."),
    "names_differ": N_("Nama atau tempatnya berbeda: pesan menyebut {message}, arsip menyebut {entry}."),
    "denial": N_("Pesan ini tampaknya membantah atau meluruskan kabar itu (ada kata “{words}”)."),
    "seems_denial": N_("Pesan ini tampaknya membantah kabar itu, bukan menyebarkannya."),
    "negation_differs": N_("Yang satu menyangkal “{word}”, yang lain tidak; artinya bisa berlawanan."),
    "long_message": N_("Pesannya panjang dan bisa memuat banyak hal, jadi perlu dilihat orang dulu."),
    "short_message": N_("Pesannya sangat pendek, jadi perlu dilihat orang dulu."),
    "checked_long_ago": N_("Pemeriksaannya sudah {years} tahun lalu; keadaannya bisa sudah berubah."),
    # Harm of a message
    "harm_disaster": N_("Menyebut soal bencana: {words}."),
    "harm_health": N_("Menyebut soal kesehatan: {words}."),
    "harm_fraud": N_("Menyebut hal yang sering dipakai penipu: {words}."),
    "harm_communal": N_("Menyebut hal yang bisa memicu keresahan antarwarga: {words}."),
    "harm_election": N_("Menyebut soal pemilihan: {words}."),
    # Urgency of an item
    "about_disaster": N_("Soal bencana: orang bisa celaka atau panik."),
    "about_health": N_("Soal kesehatan: orang bisa salah berobat."),
    "about_fraud": N_("Mungkin penipuan: orang bisa kehilangan uang."),
    "about_communal": N_("Bisa memicu keresahan antarwarga."),
    "about_election": N_("Soal pemilihan: bisa memengaruhi suara warga."),
    "many_reporters": N_("Dikirim oleh {number} orang."),
    "many_villages": N_("Muncul di {number} desa."),
    "many_growth_per_hour": N_("Bertambah sekitar {number} kiriman per jam."),
    "unknown_claim": N_("Belum ada pemeriksaan tentang kabar ini."),
    "waiting": N_("Sudah menunggu {hours} jam."),
}


def age(checked_on: date | None, today: date) -> tuple[Reason, ...]:
    """Return what to say of the age of a fact-check: nothing within its first year."""
    years = (today - checked_on).days // _YEAR_DAYS if checked_on else 0
    return (Reason("checked_long_ago", {"years": years}),) if years >= 1 else ()


def sentence(reason: Reason, translate: Callable[[str], str] = str) -> str:
    """Return the sentence for a reason, its values filled in; `translate` gets the Indonesian template.

    Raises KeyError for a code that has no template: the library and this table belong together.
    """
    return translate(TEMPLATES[reason.code]).format(**reason.values)
