"""Texts for passing an answer on: always with the verdict in front, and an SMS is one SMS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.forwards import GSM_7, SMS_CHARACTERS, Forward, forward
from triage.receipt_view import PublicAnswer
from triage.verdicts import verdicts

ADDRESS = "https://penjaga.lumajangkab.go.id/fakta/123"


def made(
    headline: str, explanation: str = "", verdict: str = "hoaks", address: str = ADDRESS, what_to_do: str = ""
) -> Forward:
    answer = PublicAnswer(
        verdicts().get(verdict), headline, explanation, what_to_do, "", (), "KIM Lumajang", None, 123
    )
    return forward(answer, "✕", address, lambda text: text)


def test_both_say_verdict_claim_explanation_and_where_to_read() -> None:
    both = made(
        "Semeru meletus nanti malam", "Tidak ada yang tahu jamnya. Ikuti pos pantau.", what_to_do="Tenang."
    )
    assert both.whatsapp == (
        "✕ *HOAKS*: Semeru meletus nanti malam\n\nIsinya tidak benar.\n\n"
        f"Tidak ada yang tahu jamnya. Ikuti pos pantau.\n\nTenang.\n\n{ADDRESS}"
    )
    assert both.sms == f"HOAKS: Semeru meletus nanti malam. Tidak ada yang tahu jamnya. {ADDRESS}"


def test_what_the_source_calls_otherwise_is_not_called_a_hoax() -> None:
    both = made("Kabar", verdict="")
    assert both.sms.startswith("SUDAH PERNAH DIPERIKSA: Kabar")
    assert "HOAKS" not in both.whatsapp


def test_marks_of_whatsapp_are_not_taken_from_outside() -> None:
    assert made("*BENAR* ~salah~ `x` _y_").whatsapp.startswith("✕ *HOAKS*: BENAR salah x y\n")


@pytest.mark.parametrize(
    ("headline", "plain"),
    [
        ("“Bantuan” – café’s… [baru]", '"Bantuan" - cafè\'s... (baru)'.replace("è", "é")),
        ("Awas 😱 \u202eterbalik\u202c", "Awas terbalik"),
        ("Harga € naik ~ 5^2", "Harga naik 5 2".replace("5 2", "52")),
        ("Řeka", "Reka"),
    ],
)
def test_an_sms_is_written_in_its_alphabet(headline: str, plain: str) -> None:
    assert made(headline).sms == f"HOAKS: {plain} {ADDRESS}"


def test_a_very_long_address_leaves_the_room_to_the_claim() -> None:
    sms = made("kabar bantuan " * 30, address=f"https://{'a' * 90}.example/fakta/1").sms
    assert sms.startswith("HOAKS: kabar bantuan kabar")
    assert "https" not in sms
    assert len(sms) > 140


@given(st.text(max_size=400), st.text(max_size=400), st.sampled_from([*verdicts(), ""]), st.integers(0, 120))
def test_any_sms_fits_and_begins_with_the_verdict(headline: str, text: str, verdict: str, more: int) -> None:
    both = made(headline, text, verdict, f"https://{'x' * more}.id/fakta/9")
    label = verdicts()[verdict].label if verdict else "Sudah pernah diperiksa"
    assert len(both.sms) <= SMS_CHARACTERS
    assert set(both.sms) <= GSM_7
    assert both.sms.startswith(f"{label.upper()}: ")
    assert both.whatsapp.startswith(f"✕ *{label.upper()}*: ")
    assert len(both.whatsapp) < 1_500
