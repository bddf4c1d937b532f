"""Sentences for errors: what happened and what to do, by the error's code. Nothing here blames anybody."""

from __future__ import annotations

from triage.marking import N_

SENTENCES = {
    "empty": N_("Pesannya masih kosong. Tempel atau ketik dulu pesan yang ingin diperiksa."),
    "text-too-long": N_(
        "Pesannya terlalu panjang: paling banyak 10.000 huruf. Kirim bagian yang terpenting saja."
    ),
    "image-not-accepted": N_(
        "Gambar dan berkas belum dapat diterima. Ketik atau salin tulisan di dalamnya, lalu kirim."
    ),
    "url-invalid": N_("Tautannya belum benar. Salin lagi dari pesan; biasanya dimulai dengan https://."),
    "village-unknown": N_("Desa itu tidak ada di daftar kami. Periksa ejaannya, atau kosongkan saja."),
    "village-which": N_("Ada beberapa desa yang mirip. Pilih satu, atau pilih “Tidak diisi”."),
    "remark-too-long": N_("Catatannya terlalu panjang: paling banyak 500 huruf."),
    "sign-in-refused": N_(
        "Nama atau kata sandinya tidak cocok. Setelah lima kali salah, akun dikunci sebentar "
        "(30 detik sampai 15 menit). Lupa? Minta kata sandi baru kepada pengelola."
    ),
    "password-short": N_("Kata sandi baru terlalu pendek: paling sedikit 10 huruf."),
    "password-long": N_("Kata sandi baru terlalu panjang: paling banyak 200 huruf."),
    "password-username": N_("Kata sandi baru tidak boleh memuat nama akun Anda."),
    "password-simple": N_("Kata sandi baru terlalu mudah ditebak: pakai huruf yang lebih beragam."),
    "password-same": N_("Kata sandi baru masih sama dengan yang lama."),
    "password-unlike": N_("Kata sandi baru dan ulangannya tidak sama."),
    "password-wrong": N_("Kata sandi sekarang tidak cocok, atau akun sedang dikunci sebentar. Coba lagi."),
    "code-refused": N_(
        "Kodenya tidak cocok, sudah pernah dipakai, atau akun sedang dikunci sebentar. Tunggu kode "
        "berikutnya di aplikasi, lalu ketik lagi."
    ),
    "code-unlike": N_(
        "Kode itu bukan dari kunci di halaman ini. Pindai ulang gambarnya, lalu ketik kode yang muncul."
    ),
    "proof-needed": N_("Tunjukkan dulu sekali lagi bahwa ini memang Anda, lalu ulangi."),
    "link-refused": N_(
        "Tautan ini sudah dipakai, sudah diganti, atau lewat 72 jam. Minta tautan baru kepada pengelola."
    ),
    "seal-broken": N_(
        "Kunci langkah kedua akun ini tidak dapat dibaca lagi. Minta pengelola melepasnya, lalu pasang yang "
        "baru."
    ),
    "too-many-messages": N_(
        "Dari perangkat atau jaringan ini baru saja masuk banyak sekali pesan. Pesan Anda belum terkirim, "
        "tetapi tidak hilang. Tunggu sebentar, lalu kirim lagi."
    ),
    "too-many-sign-ins": N_(
        "Dari jaringan ini baru saja banyak sekali yang mencoba masuk. Tunggu sebentar, lalu coba lagi."
    ),
    "lease-lost": N_("Pesan ini sedang dikerjakan orang lain, jadi perintah tadi tidak dijalankan."),
    "illegal-transition": N_(
        "Pesan ini sudah berubah sejak halaman dibuka, jadi perintah tadi tidak dijalankan."
    ),
    "undo-too-late": N_(
        "Sudah lewat waktunya: langkah itu tidak dapat dibatalkan lagi. Bila jawabannya keliru, buka "
        "pesannya dan pilih Tarik jawaban."
    ),
    "forbidden": N_("Peran Anda tidak boleh melakukan ini."),
    "own-decision": N_("Keputusan Anda sendiri harus disetujui orang lain."),
    "own-report": N_(
        "Pesan ini pernah dikirim dari peramban yang Anda pakai, jadi orang lain yang menyetujuinya."
    ),
    "outside-area": N_(
        "Pesan ini tidak beredar di wilayah Anda, jadi penyetuju wilayahnya atau penyetuju kabupaten yang "
        "menyetujuinya."
    ),
    "own-account": N_("Akun sendiri tidak dapat diubah di sini. Minta pengelola lain."),
    "not-found": N_("Halaman atau nomor itu tidak ada. Periksa lagi alamat atau nomornya."),
    "receipt-unknown": N_("Nomor itu belum kami kenal. Periksa lagi: ada 16 huruf dan angka."),
    "store-unavailable": N_(
        "Penyimpanan sedang tidak dapat dipakai, jadi tidak ada yang tersimpan. Coba lagi sebentar."
    ),
    "host-unknown": N_("Alamat itu bukan alamat Penjaga di sini. Periksa lagi alamatnya."),
    "tls-required": N_(
        "Halaman ini hanya dapat dibuka lewat sambungan aman. Ganti http:// di depan alamatnya dengan https://."
    ),
    "cross-site": N_("Formulir itu dikirim dari situs lain, jadi tidak kami jalankan."),
    "form-expired": N_(
        "Formulirnya sudah lama terbuka, atau peramban menolak kuki. Buka lagi halamannya, lalu kirim."
    ),
}

KEPT = N_("Yang Anda ketik tersimpan sebagai draf Anda; orang lain belum melihatnya.")

# Why a decision was refused, by its field.
DECISION_FIELDS = {
    "verdict": N_("Pilih satu hasil pemeriksaan."),
    "claim": N_("Isi klaimnya, paling banyak 5.000 huruf."),
    "headline": N_("Isi judulnya, paling banyak 300 huruf."),
    "explanation": N_("Isi penjelasannya, paling banyak 5.000 huruf."),
    "what_to_do": N_("Anjurannya paling banyak 5.000 huruf."),
    "evidence": N_(
        "Tulis tiap bukti dalam satu baris: nama sumber (paling banyak 300 huruf), tanda |, lalu alamat yang "
        "dimulai https://; bila ada salinan arsip, tanda | lagi dan tanggalnya, seperti 25-11-2026. Paling "
        "banyak 20 baris."
    ),
    "harm": N_("Pilih bahaya apa yang dapat timbul."),
    "remark": N_("Tulis apa yang perlu diperbaiki, paling banyak 5.000 huruf."),
    "reason": N_("Tulis untuk pembaca apa yang berubah dan mengapa, paling banyak 500 huruf."),
    "same": N_("Belum ada yang berubah dari yang sudah terbit."),
    "retract": N_(
        "Dengan hasil pemeriksaan itu halamannya akan hilang. Bila pemeriksaan ini tidak dapat "
        "dipertahankan, penyetuju mencabutnya."
    ),
    "retraction": N_("Tulis untuk pembaca mengapa dicabut, paling banyak 500 huruf."),
    "into": N_("Pesan tidak dapat digabung dengan dirinya sendiri."),
}

# Why an account could not be made or changed, by its field.
ACCOUNT_FIELDS = {
    "username": N_("Nama akun: 3 sampai 40 huruf kecil, angka, titik atau tanda hubung, tanpa spasi."),
    "taken": N_("Nama akun itu sudah dipakai."),
    "name": N_("Isi nama orangnya, paling banyak 80 huruf."),
    "role": N_("Pilih perannya."),
    "wilayah": N_("Wilayah ditulis sebagai kode Kemendagri, seperti 35.08 atau 35.08.01."),
    "reason": N_("Tulis alasannya, paling banyak 300 huruf. Alasan ini tercatat."),
    "state": N_("Akun ini sudah berubah sejak halaman dibuka, jadi perintah tadi tidak dijalankan."),
}

# Why a source or its answer was refused, by its field.
SOURCE_FIELDS = {
    "kind": N_("Pilih jenis sumbernya."),
    "name": N_("Isi nama sumbernya, paling banyak 120 huruf."),
    "same": N_("Sumber dengan nama itu sudah ada di daftar."),
    "contact": N_("Isi cara menghubunginya, paling banyak 500 huruf."),
    "said": N_("Tulis apa jawabannya, paling banyak 2.000 huruf."),
    "group": N_("Nomor pesan itu tidak ada."),
}

# Why what somebody asked of their alerts was not noted.
ALERT_FIELDS = {
    "address": N_("Alamat surelnya belum benar. Tulis satu alamat saja, seperti nama@contoh.go.id."),
    "quiet": N_("Pilih jam dari 00.00 sampai 23.00."),
    "none": N_("Simpan dulu alamat surel Anda."),
    "soon": N_("Surat percobaan baru saja diminta. Tunggu lima menit, lalu coba lagi."),
}

# Why a text for passing on was not kept.
MATERIAL_FIELDS = {
    "empty": N_("Naskahnya masih kosong."),
    "long": N_("Naskahnya terlalu panjang: paling banyak 1.000 huruf untuk WhatsApp, 1.500 untuk dibacakan."),
    "verdict": N_(
        "Baris pertama harus menyebut hasil pemeriksaannya, supaya kabarnya tidak terbaca sendirian."
    ),
    "address": N_("Alamat halaman pemeriksaannya harus tetap ada, tanpa tanda baca di belakangnya."),
    "version": N_(
        "Pemeriksaan ini dikoreksi sejak halaman dibuka, jadi naskah tadi belum tersimpan. Cocokkan dulu "
        "dengan isi yang baru, lalu simpan lagi."
    ),
}

# Why another office was not noted, by what is in the way.
PEER_FIELDS = {
    "url": N_(
        "Alamat itu tidak dapat dipakai. Tulis alamat situs lembaganya yang terbuka untuk umum, misalnya "
        "penjaga.jemberkab.go.id."
    ),
    "own": N_("Itu alamat Penjaga ini sendiri. Tulis alamat lembaga lain."),
    "same": N_("Lembaga dengan alamat itu sudah ada di daftar. Ubah kepercayaannya di sana."),
    "name": N_("Isi nama lembaganya, paling banyak 120 huruf."),
    "taken": N_("Nama itu sudah dipakai, oleh lembaga lain atau oleh kita sendiri. Tulis nama yang berbeda."),
    "many": N_("Sudah ada 200 lembaga di daftar. Yang baru tidak dapat ditambah."),
    "plain": N_(
        "Lembaga ini dibaca lewat http, jadi isinya dapat diubah orang di jalan. Sarannya boleh dipakai, "
        "tetapi tidak untuk menjawab sendiri. Tambahkan alamatnya yang https, dengan nama yang sedikit "
        "berbeda."
    ),
}

# Why a parked item was not given up.
DISMISSAL_FIELDS = {
    "reason": N_("Tulis alasannya, paling banyak 500 huruf."),
    "awaited": N_(
        "Masih ada orang yang menunggu pekerjaan ini. Ulangi, atau minta verifikator menarik keputusannya."
    ),
}

STATUSES = {
    400: N_("Permintaan itu tidak dapat kami baca. Buka lagi halamannya, lalu coba sekali lagi."),
    401: N_("Anda belum masuk, atau waktu masuk sudah habis. Masuk dulu, lalu ulangi."),
    403: N_("Halaman ini bukan untuk peran Anda."),
    404: SENTENCES["not-found"],
    405: N_("Halaman ini tidak dapat dibuka dengan cara itu. Mulai lagi dari halaman depan."),
    413: SENTENCES["text-too-long"],
    429: N_("Terlalu banyak permintaan sekaligus. Tunggu sebentar, lalu coba lagi."),
    500: N_("Ada yang rusak di tempat kami, bukan salah Anda. Coba lagi sebentar."),
    503: SENTENCES["store-unavailable"],
}


def sentence(code: str, status: int) -> str:
    """Return the sentence (Indonesian, to be translated) for an error's code, or else for its status."""
    return SENTENCES.get(code) or STATUSES.get(status) or STATUSES[500 if status >= 500 else 400]
