"""Sentences around a claim: denials of it, and ways of passing it on or asking about it. Our own wording.

Every second frame is kept from training, to see whether frames that were never seen are known.
"""

from __future__ import annotations

DENIALS = (
    "Tidak benar {}", "Kabar bahwa {} adalah hoaks", "Polisi membantah {}", "Klarifikasi: {} itu keliru",
    "Cek fakta: {}. Faktanya, itu tidak pernah terjadi", "Kepala dinas memastikan {} hanya isu",
    "Hoaks! {}", "{}? Itu bohong, jangan percaya", "BPBD: tidak ada {}", "Beredar kabar {}, ternyata palsu",
    "Pihak rumah sakit menepis isu {}", "Warga diminta tidak terpancing kabar {}",
    "Jangan percaya pesan yang menyebut {}", "Kementerian menegaskan {} tidak benar",
    "Kabar {} dipastikan tidak berdasar", "Camat mengklarifikasi kabar {}",
    "Setelah dicek, {} tidak terbukti", "Pemerintah desa membantah kabar {}",
    "Viral {}, ini penjelasan resminya: tidak benar", "Info {} menyesatkan, ini faktanya",
    "Bupati: {} itu fitnah", "Penjelasan lengkap soal {}: kabar lama yang diputarbalikkan",
    "Tidak betul kalau {}", "Kapolsek memastikan kabar {} bohong", "{} ora bener, ojo percoyo",
    "Kabar {} iku goroh", "Jarene {}, padahal ora ana", "Kabhar {} ta' bendher", "{} banne kabhar bendher",
    "Saring sebelum sharing: {} sudah dibantah", "Beredar surat {}, dinas sebut surat itu palsu",
    "Pelaku penyebar hoaks {} ditangkap",
)  # fmt: skip

CLAIMS = (
    "{}", "Awas! {}", "Katanya {}", "Info dari grup sebelah: {}", "Apakah benar {}?", "Benarkah {}?",
    "{}, tolong sebarkan", "Min, mau tanya, {} itu betul tidak?", "Waspada {}", "Barusan dapat kiriman: {}",
    "Jarene {}", "Hati-hati, {}", "Astaga, {}!!", "Mohon info, {}?", "Ca'na {}", "Baru saja terjadi, {}",
)  # fmt: skip
