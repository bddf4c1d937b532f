"""Training: made-up messages to practise on. They are in no table, so that they can reach nobody."""

from __future__ import annotations

from dataclasses import dataclass

from triage.marking import N_


@dataclass(frozen=True, slots=True)
class Exercise:
    """A message to judge. With `claim`: is it `sama` as what was checked, or `beda`? Without: which verdict?

    `right` is the answer, `why` says what to look at. Messages are Indonesian, as messages are.
    """

    message: str
    claim: str
    known: str
    right: str
    why: str


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        message="Info dr grup sebelah: bantuan 600rb dibagi mlm ini, klik tautan & isi NIK sblm jam 9!!",
        claim="Bantuan Rp600.000 dibagikan malam ini sampai jam 9 lewat tautan, warga diminta mengisi NIK.",
        known="",
        right="sama",
        why=N_("Kata-katanya disingkat, tetapi kabarnya sama: jumlahnya, caranya dan waktunya cocok."),
    ),
    Exercise(
        message="Gunung akan meletus besar nanti malam jam 11, warga Desa Melati disuruh naik ke balai desa.",
        claim="Gunung akan meletus besar malam Minggu lalu, warga Desa Mawar diminta mengungsi.",
        known="",
        right="beda",
        why=N_(
            "Desa dan waktunya lain. Kabar lama tidak menjawab peringatan baru: tanyakan dulu kepada BPBD."
        ),
    ),
    Exercise(
        message="Jangan percaya ya, kabar air sumur pasar diracun itu TIDAK BENAR, sudah dicek puskesmas.",
        claim="Air sumur di pasar sudah diracun orang.",
        known="",
        right="beda",
        why=N_(
            "Pesan ini membantah kabar itu. Bila ditandai sama, orang yang meluruskan malah dijawab Hoaks."
        ),
    ),
    Exercise(
        message="Rebusan daun dan garam menyembuhkan demam berdarah dalam semalam, tidak perlu ke puskesmas.",
        claim="",
        known="Puskesmas: tidak ada obat rumahan untuk demam berdarah; yang terlambat dirawat celaka.",
        right="hoaks",
        why=N_(
            "Isinya tidak benar dan sudah dijelaskan oleh yang ahli. Sebut juga apa yang sebaiknya dilakukan."
        ),
    ),
    Exercise(
        message="Lihat banjir di pasar kita pagi ini! (dengan foto perahu karet di jalan raya)",
        claim="",
        known="Fotonya asli, tetapi dari kota lain, tiga tahun lalu. Pagi ini pasar kering.",
        right="konteks-salah",
        why=N_("Fotonya asli, tetapi dari tempat dan waktu lain: itu Konteks salah, bukan Hoaks."),
    ),
    Exercise(
        message="Katanya kepala pasar mau pindah bulan depan.",
        claim="",
        known="Kantor pasar belum menjawab. Tidak ada pengumuman, tidak ada bantahan.",
        right="belum-terbukti",
        why=N_("Belum ada bukti ke arah mana pun. Katakan apa yang sudah ditanyakan, jangan menebak."),
    ),
    Exercise(
        message="Selamat pagi, semoga sehat semua. Besok pengajian seperti biasa ya.",
        claim="",
        known="Undangan biasa di grup warga.",
        right="bukan-klaim",
        why=N_("Salam dan undangan bukan kabar yang dapat dinilai benar atau salah."),
    ),
)
