"""The week in sentences and rows: the same on the page and on paper."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import format_decimal, ngettext

from triage.trends.figures import Place, Sums
from triage.trends.weekly import WeekClaim, Weekly
from triage.verdicts import verdicts
from triage.web import labels
from triage.web.filters import excerpt, moment, span, state_of
from triage.web.i18n import gettext


def summary(found: Weekly) -> list[str]:
    """Say what matters of a week, most important first."""
    return [
        said
        for said in (
            _came(found), _answered(found.figures.total), _waits(found), _rose(found), _most(found),
            _published(found),
        )
        if said
    ]  # fmt: skip


def figures(found: Weekly) -> list[tuple[str, str]]:
    """Return the numbers of the week, each with its name."""
    total, before = found.figures.total, found.figures.before
    rows = [(gettext("Diterima"), number(total.messages))]
    if found.over:
        rows.append((gettext("Diterima pekan sebelumnya"), number(before.messages)))
    ninth = found.waits.ninth
    return [
        *rows,
        (gettext("Terjawab seketika"), _with_share(total.at_once, total.messages)),
        (gettext("Belum terjawab"), _with_share(total.unanswered, total.messages)),
        (gettext("Jawaban pertama, separuh pesan"), _within(found.waits.median)),
        (gettext("Jawaban pertama, sembilan dari sepuluh"), _within(ninth)),
        (gettext("Kabar yang naik lebih cepat daripada biasanya"), number(found.surges)),
    ]


def kinds(found: Weekly, kind: str) -> list[tuple[str, Sums]]:
    """Return how much came of each harm class or verdict, in words."""
    if kind == "harm":
        return [(harm(code), sums) for code, sums in found.figures.kinds["harm"]]
    return [(verdict(code), sums) for code, sums in found.figures.kinds["verdict"]]


def places(found: Weekly) -> list[tuple[Place, str]]:
    """Return the kecamatan from which anything came, most first, with how many of 1,000 are unanswered."""
    came = [one for one in found.figures.districts if one.sums and one.sums.messages]
    came.sort(key=lambda one: (-(one.sums.messages if one.sums else 0), one.code))
    return [
        (one, "–" if one.sums is None else number(round(one.sums.unanswered_per_1000 or 0))) for one in came
    ]


def of_claim(claim: WeekClaim) -> str:
    """Say how often a claim came, what kind it is, and where it stands."""
    said = [
        ngettext("%(num)s pesan pekan ini", "%(num)s pesan pekan ini", claim.messages),
        harm(claim.item.harm),
        state_of(claim.item),
    ]
    if claim.item.answer:
        said.append(gettext("dijawab: %(verdict)s", verdict=verdict(claim.item.answer.verdict)))
    return " · ".join(said)


def of_surge(claim: WeekClaim) -> str:
    """Say how it rose, '' where it did not."""
    if claim.surge is None:
        return ""
    return gettext(
        "Naik lebih cepat daripada biasanya: %(observed)s orang sejak %(since)s, biasanya sekitar "
        "%(expected)s.",
        observed=claim.surge.observed,
        since=moment(claim.surge.since),
        expected=format_decimal(round(claim.surge.expected, 1)),
    )


def text_of(claim: WeekClaim) -> str:
    """Return what the claim says, masked."""
    return excerpt(claim.item.text or claim.item.url or "", 180) or gettext("Isi pesan sudah dihapus")


def harm(code: str) -> str:
    """Return the words for a harm class."""
    return gettext(labels.HARMS.get(code, code))


def verdict(code: str) -> str:
    """Return the words for a verdict."""
    known = verdicts().get(code)
    return gettext(known.label) if known else gettext("Belum ada putusan")


def _came(found: Weekly) -> str:
    messages, before = found.figures.total.messages, found.figures.before.messages
    said = ngettext(
        "%(count)s pesan masuk pada pekan ini",
        "%(count)s pesan masuk pada pekan ini",
        messages,
        count=number(messages),
    )
    if not found.over:
        return gettext("%(said)s sampai sekarang; pekannya belum selesai.", said=said)
    if not before:
        return gettext("%(said)s. Pekan sebelumnya tidak ada pesan.", said=said)
    if messages == before:
        return gettext("%(said)s, sama banyak dengan pekan sebelumnya.", said=said)
    return gettext(
        "%(said)s, %(more)s daripada pekan sebelumnya (%(before)s).",
        said=said,
        more=gettext("%(number)s lebih banyak", number=number(messages - before))
        if messages > before
        else gettext("%(number)s lebih sedikit", number=number(before - messages)),
        before=number(before),
    )


def _answered(total: Sums) -> str:
    if not total.messages:
        return ""
    said = gettext(
        "%(at_once)s di antaranya dijawab seketika oleh program, tanpa menunggu petugas.",
        at_once=_with_share(total.at_once, total.messages),
    )
    rest = (
        gettext("%(number)s belum terjawab.", number=_with_share(total.unanswered, total.messages))
        if total.unanswered
        else gettext("Tidak ada yang belum terjawab.")
    )
    return f"{said} {rest}"


def _waits(found: Weekly) -> str:
    if not found.waits.messages:
        return ""
    if found.waits.median is None:
        return gettext("Lebih dari separuh pesan belum mendapat jawaban.")
    return gettext(
        "Separuh pesan mendapat jawaban pertamanya dalam %(time)s atau kurang. Pesan yang belum terjawab "
        "ikut dihitung, sebagai yang paling lama.",
        time=_within(found.waits.median),
    )


def _rose(found: Weekly) -> str:
    if not found.surges:
        return gettext("Tidak ada kabar yang naik lebih cepat daripada biasanya.")
    return str(
        ngettext(
            "%(num)s kabar naik lebih cepat daripada biasanya.",
            "%(num)s kabar naik lebih cepat daripada biasanya.",
            found.surges,
        )
    )


def _most(found: Weekly) -> str:
    said = []
    if found.figures.kinds["harm"]:
        code, sums = found.figures.kinds["harm"][0]
        said.append(
            gettext(
                "Jenis terbanyak: %(kind)s (%(number)s pesan).", kind=harm(code), number=number(sums.messages)
            )
        )
    known = [one for one, _ in places(found) if one.code]
    if known and known[0].sums:
        said.append(
            gettext(
                "Terbanyak dari Kecamatan %(place)s (%(number)s pesan).",
                place=known[0].name, number=number(known[0].sums.messages),
            )
        )  # fmt: skip
    return " ".join(said)


def _published(found: Weekly) -> str:
    issue = found.issue
    if issue.empty:
        return gettext("Tidak ada pemeriksaan yang terbit pekan ini.")
    return gettext(
        "Terbit %(published)s pemeriksaan; %(corrected)s dikoreksi, %(retracted)s dicabut.",
        published=len(issue.published), corrected=len(issue.corrected), retracted=len(issue.retracted),
    )  # fmt: skip


def _within(seconds: int | None) -> str:
    if seconds is None:
        return gettext("belum tercapai")
    return span(timedelta(seconds=seconds))


def _with_share(part: int, whole: int) -> str:
    if not whole:
        return number(part)
    return gettext("%(number)s (%(share)s %%)", number=number(part), share=round(100 * part / whole))


def number(value: int) -> str:
    """Write a number as people do."""
    return str(format_decimal(value))
