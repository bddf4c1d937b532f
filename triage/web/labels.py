"""Words for codes: what people read where the store holds a code. Translated where they are shown."""

from __future__ import annotations

from triage import verdicts
from triage.marking import N_
from triage.urgency import URGENT

# Templates ask for it here, beside the words.
verdict_sign = verdicts.verdict_sign

# As in triage/data/verdicts.json; a test holds the two together.
VERDICT_TEXTS = (
    N_("Hoaks"),
    N_("Isinya tidak benar."),
    N_("Menyesatkan"),
    N_("Ada yang benar, tetapi disusun sehingga orang salah paham."),
    N_("Konteks salah"),
    N_("Foto, video atau kabarnya asli, tetapi dari waktu, tempat atau peristiwa lain."),
    N_("Tiruan"),
    N_("Meniru nama lembaga, toko atau orang, biasanya untuk menipu."),
    N_("Satire"),
    N_("Dibuat sebagai lelucon atau sindiran, lalu disangka sungguhan."),
    N_("Benar"),
    N_("Isinya benar."),
    N_("Belum terbukti"),
    N_("Belum ada bukti yang cukup untuk menyebutnya benar atau salah."),
    N_("Belum dapat diperiksa"),
    N_("Ada yang kurang, sehingga pesan belum dapat diperiksa."),
    N_("Bukan klaim"),
    N_("Bukan kabar yang dapat dinilai benar atau salah, misalnya salam, pendapat atau pertanyaan."),
)

HARMS = {
    "disaster": N_("Bencana"),
    "health": N_("Kesehatan"),
    "fraud": N_("Penipuan"),
    "communal": N_("Kerukunan"),
    "election": N_("Pemilu"),
    "other": N_("Lainnya"),
}

SEEN = {
    "wa-group": N_("Grup WhatsApp"),
    "wa-person": N_("WhatsApp dari seseorang"),
    "facebook": "Facebook",
    "tiktok": "TikTok",
    "youtube": "YouTube",
    "instagram": "Instagram",
    "telegram": "Telegram",
    "sms": "SMS",
    "told": N_("Cerita orang"),
    "other": N_("Tempat lain"),
}

# Kinds of work that may be parked.
TASKS = {
    "assess": N_("Membaca satu pesan"),
    "answer": N_("Menyampaikan jawaban kepada pengirim"),
    "publish": N_("Menerbitkan satu keputusan"),
    "embed": N_("Menyiapkan arsip untuk pencocokan"),
    "import": N_("Mengambil arsip"),
    "rematch": N_("Mencocokkan lagi satu pesan"),
    "alert": N_("Memberi tahu seseorang tentang kabar yang sedang naik"),
    "trial": N_("Mengirim satu surat percobaan"),
    "peer": N_("Membaca pemeriksaan lembaga lain"),
}

# What came of a decision.
OUTCOMES = {
    "proposed": N_("menunggu persetujuan"),
    "approved": N_("disetujui dan disampaikan"),
    "returned": N_("dikembalikan untuk diperbaiki"),
    "withdrawn": N_("kemudian ditarik: ternyata bukan jawabannya"),
    "undone": N_("dibatalkan sendiri dalam sepuluh detik"),
    "corrected": N_("kemudian dikoreksi"),
    "retracted": N_("kemudian dicabut"),
}

# Texts for passing on.
MATERIALS = {
    "whatsapp": N_("Pesan WhatsApp"),
    "naskah": N_("Naskah untuk dibacakan"),
    "whatsapp-jv": N_("Pesan WhatsApp, bahasa Jawa"),
    "naskah-jv": N_("Naskah untuk dibacakan, bahasa Jawa"),
}

SOURCE_KINDS = {
    "bpbd": N_("BPBD"),
    "pvmbg": N_("PVMBG (gunung api)"),
    "dinkes": N_("Dinas Kesehatan"),
    "polres": N_("Polres"),
    "desa": N_("Kepala desa atau lurah"),
    "lain": N_("Lembaga lain"),
}

# How far another office is trusted: what to call it, and what that means.
TRUST = {
    "answers": (N_("Menjawab sendiri"), N_("Pemeriksaannya boleh langsung menjawab, seperti milik kita.")),
    "suggests": (N_("Hanya saran"), N_("Pemeriksaannya disarankan; petugas yang memutuskan.")),
    "none": (
        N_("Tidak dipakai"),
        N_("Tidak dibaca dan tidak dicocokkan lagi. Yang sudah ada tetap tersimpan."),
    ),
}
# Why an office could not be read, by the error's code.
UNREAD = {
    "fetch-refused": N_("Alamatnya tidak boleh diambil: bukan alamat umum, atau dialihkan ke tempat lain."),
    "fetch-failed": N_("Situsnya tidak menjawab, atau menjawab dengan kesalahan."),
    "source-unreadable": N_("Isi alamat itu bukan daftar pemeriksaan yang dapat dibaca."),
}

ROLES = {
    "verifikator": N_("Verifikator"),
    "penyetuju": N_("Penyetuju"),
    "analis": N_("Analis"),
    "admin": N_("Pengelola"),
}

STATES = {
    "assessed": N_("Baru masuk"),
    "queued": N_("Menunggu"),
    "leased": N_("Dikerjakan"),
    "decided": N_("Menunggu persetujuan"),
    "approved": N_("Diputuskan, segera disampaikan"),
    "published": N_("Terbit, jawaban sedang dikirim"),
    "answered": N_("Terjawab"),
    "merged": N_("Digabung"),
    "erased": N_("Isinya sudah dihapus"),
}

# What people said of an automatic answer.
AUDITED = {"right": N_("tepat"), "wrong": N_("keliru"), "unclear": N_("tidak jelas")}
EVENTS = {
    "queue": N_("masuk antrean"),
    "answer": N_("jawaban disampaikan kepada pengirim"),
    "rematch": N_("dicocokkan lagi, sekarang dengan maknanya"),
    "lease": N_("mengambil untuk dikerjakan"),
    "release": N_("mengembalikan ke antrean"),
    "expire": N_("waktu mengerjakan habis, kembali ke antrean"),
    "confirm": N_("menyatakan sama dengan pemeriksaan yang ada"),
    "reject": N_("menyatakan beda dengan satu saran"),
    "propose": N_("mengusulkan jawaban dari pemeriksaan yang ada"),
    "decide": N_("menulis keputusan"),
    "return": N_("mengembalikan keputusan untuk diperbaiki"),
    "revise": N_("mengusulkan koreksi"),
    "keep": N_("mengembalikan usulan koreksi untuk diperbaiki"),
    "approve": N_("menyetujui keputusan"),
    "publish": N_("keputusan diterbitkan"),
    "undo": N_("membatalkan pernyataan sama, sebelum ada yang diberi tahu"),
    "unapprove": N_("membatalkan persetujuan, sebelum ada yang diberi tahu"),
    "unreject": N_("membatalkan pernyataan beda"),
    "withdraw": N_("menarik jawaban"),
    "reopen": N_("jawaban dari lembaga lain tidak berlaku lagi, kembali ke antrean"),
    "retract": N_("mencabut pemeriksaan yang sudah terbit"),
    "merge": N_("digabung ke pesan lain"),
    "link": N_("digabung ke pesan lain"),
    "split": N_("dipisahkan lagi dari pesan lain"),
    "give_out": N_("memisahkan lagi pesan lain dari sini"),
    "object": N_("menyatakan jawabannya bukan untuk pesan ini"),
    "empty": N_("isi semua pesannya sudah dihapus"),
    "surge": N_("mulai sering dikirim"),
    "audit": N_("menilai satu jawaban otomatis yang diambil acak"),
    "absorb": N_("menggabungkan pesan lain ke sini"),
}

# What happened to a message, for whoever sent it.
HAPPENED = {
    "receive": N_("diterima"),
    "assess": N_("dibaca dan dicocokkan"),
    "answer": N_("dijawab"),
    "reopen": N_("diperiksa lagi"),
    "park": N_("tertunda karena gangguan"),
    "unpark": N_("dikerjakan lagi sesudah gangguan"),
    "erase": N_("dihapus pengirimnya"),
    "expire": N_("isinya dihapus karena batas waktu simpan"),
}
BY = {"reporter": N_("pengirim"), "system": N_("Penjaga"), "staff": N_("petugas")}
CHANNELS = {
    "web": N_("halaman web"),
    "api": N_("aplikasi lain"),
    "whatsapp": N_("WhatsApp"),
    "telegram": N_("Telegram"),
    "sms": N_("SMS"),
}

# From this probability on; words for people, the percentage stands beside them.
_LIKELY = ((0.8, N_("sangat mungkin sama")), (0.5, N_("mungkin sama")), (0.0, N_("kurang mungkin sama")))


def likelihood(probability: float) -> str:
    """Return the words for a calibrated probability (0 to 1)."""
    return next(words for floor, words in _LIKELY if probability >= floor)


# A first report of a disaster stands at 0.21 (models/data/urgency.json); the reasons stand beside the word.
_URGENT = ((URGENT, N_("Mendesak"), "high"), (0.2, N_("Segera"), "middle"), (0.0, N_("Biasa"), "low"))


def urgency(score: float) -> tuple[str, str]:
    """Return the word for an urgency (0 to 1) and the tone of its colour."""
    return next((word, tone) for floor, word, tone in _URGENT if score >= floor)
