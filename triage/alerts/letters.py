"""What letters say, in Indonesian: which claims rise, and that this says nothing of whether they are true."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from textwrap import fill

from babel.dates import format_datetime

from triage.alerts.addresses import domain_of
from triage.alerts.claims import Rising
from triage.config import Config
from triage.mail_settings import MailServer
from triage.receipts import keyed_hash
from triage.regions import local_time, region_name

# More is no letter any more; the page lists them all.
MOST_TOLD = 10
_WIDTH = 76
_MEANS = (
    "Naik berarti: lebih banyak orang mengirimkannya daripada biasanya pada jam dan hari itu. Itu tidak "
    "berarti kabarnya benar, dan tidak berarti salah. Angkanya dari saat surat ini ditulis."
)
_SIGN_IN = "Tautan di surat ini hanya dapat dibuka sesudah masuk ke Penjaga."
_STOP = "Surat ini dikirim karena Anda memintanya. Untuk berhenti atau mengubah waktu tenang, buka:"
_TRIAL = (
    "Ini surat percobaan yang Anda minta dari Penjaga. Karena surat ini sampai, pemberitahuan tentang kabar "
    "yang sedang naik juga akan sampai ke alamat ini."
)


def alert(
    config: Config, mail: MailServer, to: str, key: str, claims: Sequence[Rising], moment: datetime
) -> EmailMessage:
    """Write to one address what rises. `key` names the letter: the same one has the same Message-ID."""
    where = region_name(config.wilayah)
    count = "Satu kabar" if len(claims) == 1 else f"{len(claims)} kabar"
    parts = [f"{count} sedang naik di {where}."]
    parts += [_claim(config, claim) for claim in claims[:MOST_TOLD]]
    if len(claims) > MOST_TOLD:
        parts.append(f"Dan {len(claims) - MOST_TOLD} kabar lain: {_page(config, '/kim/tren')}")
    parts += [fill(_MEANS, _WIDTH), _SIGN_IN]
    return _letter(config, mail, to, key, f"{count} sedang naik, {where}", parts, moment)


def trial(config: Config, mail: MailServer, to: str, key: str, moment: datetime) -> EmailMessage:
    """Write a letter that says only that letters arrive."""
    subject = f"Surat percobaan, {region_name(config.wilayah)}"
    return _letter(config, mail, to, key, subject, [fill(_TRIAL, _WIDTH)], moment)


def _claim(config: Config, claim: Rising) -> str:
    surge = claim.surge
    zone = local_time(config.wilayah)
    since = format_datetime(surge.since, "d MMM y HH.mm", tzinfo=zone.zone, locale="id")
    villages = f" dari {surge.villages} desa" if surge.villages else ""
    usual = max(1, round(surge.expected))
    lines = [
        claim.words,
        f"{surge.observed} pengirim{villages} sejak {since} {zone.label}; biasanya sekitar {usual}.",
        f"Keadaannya: {claim.standing}." + (" Sementara itu sudah mereda." if surge.ended_at else ""),
        _page(config, f"/kim/kelompok/{surge.group_id}"),
    ]
    return "\n".join(fill(line, _WIDTH, break_long_words=False, break_on_hyphens=False) for line in lines)


def _page(config: Config, path: str) -> str:
    return f"{config.site}{path}"


def _letter(
    config: Config,
    mail: MailServer,
    to: str,
    key: str,
    subject: str,
    parts: Sequence[str],
    moment: datetime,
) -> EmailMessage:
    stop = _page(config, "/kim/kabar")
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address(f"Penjaga {region_name(config.wilayah)}", addr_spec=mail.sender)
    letter["To"] = Address(addr_spec=to)
    letter["Subject"] = subject
    letter["Date"] = moment.astimezone(local_time(config.wilayah).zone)
    # Keyed: the same number at another installation of the same domain is another letter.
    name = keyed_hash(config.secret, "letter", key)[:32]
    letter["Message-ID"] = f"<penjaga.{name}@{domain_of(mail.sender)}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter["X-Auto-Response-Suppress"] = "All"
    if config.site:
        letter["List-Unsubscribe"] = f"<{stop}>"
    body = "\n\n".join([*parts, f"{fill(_STOP, _WIDTH)}\n{stop}"])
    letter.set_content(f"{body}\n", charset="utf-8", cte="quoted-printable")
    return letter
