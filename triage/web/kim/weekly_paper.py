"""The week as a paper to forward: what its page says, in A4."""

from __future__ import annotations

from triage.papers import Paper
from triage.trends.figures import Sums
from triage.trends.weekly import Weekly
from triage.web.i18n import gettext, language
from triage.web.kim import weekly_words as words
from triage.web.kim.trend_drawings import over_time, where_from
from triage.web.lasting import lasting

_WIDE_MM, _MAP_MM = 174.0, 120.0


def paper(found: Weekly, office: str) -> bytes:
    """Set the report of a week as PDF."""
    made = Paper(
        gettext("Laporan pekan"),
        f"{found.week.days}. {office}",
        language=language(),
        footing=gettext("Halaman {page} dari {pages}"),
    )
    for said in words.summary(found):
        made.paragraph(said)
    made.heading(gettext("Angka pekan ini"))
    made.facts(words.figures(found))
    made.heading(gettext("Pesan per hari"))
    made.drawing(over_time(found.figures), gettext("Pesan per hari"), _WIDE_MM)
    _claims(made, found)
    _tables(made, found)
    _published(made, found)
    made.paragraph(gettext("Angka dihitung oleh Penjaga. Isi pesan disamarkan; angka per desa tidak dimuat."))
    return made.bytes()


def _claims(made: Paper, found: Weekly) -> None:
    made.heading(gettext("Kabar yang naik dan yang terbanyak"))
    if not found.claims:
        made.paragraph(gettext("Tidak ada kabar."))
    for number, claim in enumerate(found.claims, 1):
        rows = [f"{number}. “{words.text_of(claim)}”", words.of_claim(claim), words.of_surge(claim)]
        made.paragraph("\n".join(row for row in rows if row))


def _tables(made: Paper, found: Weekly) -> None:
    columns = (gettext("Pesan"), gettext("Terjawab seketika"), gettext("Belum terjawab"))
    numeric = frozenset({1, 2, 3})
    for kind, name in (("harm", gettext("Jenis bahaya")), ("verdict", gettext("Putusan"))):
        made.heading(name)
        rows = [(said, *_numbers(sums)) for said, sums in words.kinds(found, kind)]
        made.table((name, *columns), rows, numeric)
    made.heading(gettext("Kecamatan"))
    made.drawing(
        where_from(found.outline, found.figures.asked, found.figures.districts),
        gettext("Peta pesan per kecamatan"),
        _MAP_MM,
    )
    made.table(
        (gettext("Kecamatan"), *columns, gettext("Belum terjawab per 1.000 pesan")),
        [
            (one.name or gettext("Desa tidak disebut"), *_numbers(one.sums or Sums()), per_1000)
            for one, per_1000 in words.places(found)
        ],
        numeric | {4},
    )


def _published(made: Paper, found: Weekly) -> None:
    made.heading(gettext("Yang terbit"))
    if found.issue.empty:
        made.paragraph(gettext("Tidak ada pemeriksaan yang terbit pekan ini."))
        return
    for said in found.issue.published:
        made.paragraph(f"{said.word.upper()}: “{said.claim}”")
        address = lasting("library.fact", fact_check_id=said.number)
        made.link(address, address)
    for one in found.issue.corrected:
        made.paragraph(f"{gettext('Dikoreksi:')} “{one.said.claim}”. {one.reason}")
    for gone in found.issue.retracted:
        number = gettext("Pemeriksaan nomor %(number)s", number=gone.number)
        made.paragraph(f"{gettext('Dicabut:')} {number}. {gone.reason}")


def _numbers(sums: Sums) -> tuple[str, str, str]:
    return words.number(sums.messages), words.number(sums.at_once), words.number(sums.unanswered)
