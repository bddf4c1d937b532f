"""The sentences for reasons: why a message matches an entry, or why it is urgent, in words for volunteers."""

from __future__ import annotations

from collections.abc import Callable

from models.types import Reason
from triage.marking import N_

TEMPLATES: dict[str, str] = {
    # Matching
    "same_wording": N_("Kata-katanya hampir sama persis."),
    "same_link": N_("Tautannya sama: {link}."),
    "shared_passage": N_("Ada kalimat yang sama: “{passage}”."),
    "shared_words": N_("Sama-sama menyebut: {words}."),
    "similar_meaning": N_("Maksudnya mirip, walau kata-katanya berbeda."),
    "same_topic": N_("Membahas hal yang mirip."),
    "numbers_agree": N_("Angkanya sama: {numbers}."),
    "numbers_differ": N_("Angkanya berbeda: pesan menyebut {message}, arsip menyebut {entry}."),
    "names_differ": N_("Nama atau tempatnya berbeda: pesan menyebut {message}, arsip menyebut {entry}."),
    "denial": N_("Pesan ini tampaknya membantah atau meluruskan kabar itu (ada kata “{words}”)."),
    "negation_differs": N_("Yang satu menyangkal “{word}”, yang lain tidak; artinya bisa berlawanan."),
    "short_message": N_("Pesannya sangat pendek, jadi perlu dilihat orang dulu."),
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


def sentence(reason: Reason, translate: Callable[[str], str] = str) -> str:
    """Return the sentence for a reason, its values filled in; `translate` gets the Indonesian template.

    Raises KeyError for a code that has no template: the library and this table belong together.
    """
    return translate(TEMPLATES[reason.code]).format(**reason.values)
