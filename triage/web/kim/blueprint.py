"""Where the verifiers' pages stand."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("kim", __name__, url_prefix="/kim")

NUMBER = "int(max=9223372036854775807)"
GROUP = f"/kelompok/<{NUMBER}:group_id>"
MATCH = f"{GROUP}/saran/<{NUMBER}:match_id>"
DECISION = f"{GROUP}/keputusan/<{NUMBER}:decision_id>"
