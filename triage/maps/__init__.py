"""Maps of the served regency, drawn on the server as SVG: its kecamatan, or villages.

    with store.read() as session:
        plan = maps.plan(session, "districts", "35.08")     # the 21 kecamatan
        plan = maps.plan(session, "villages", "35.08.01")   # the villages of one kecamatan
        plan = maps.plan(session, "villages", "35.08")      # all 205: an overview, give no `href` there
    shades = {"35.08.01": Shade("Tempursari: 12 pesan", value=12, href="/dasbor/35.08.01"), ...}
    svg = maps.draw(plan, shades, Words(name="Pesan per kecamatan, 7 hari terakhir", unit="Pesan"))

`plan` takes the outlines that `penjaga regions import` stored; as long as one of its regions has none, each
is a tile instead, in the order of codes. Codes are dotted ones of Kemendagri; `plan.areas` names them
all, in that order, for the table that stands beside every map.

What `draw` returns is escaped markup for a page (mark it safe) and for `Paper.drawing`. Its colours are
attributes for paper, over which the classes of `penjaga.css` go on screens. It has no ids, so several may
stand on one page.
"""

from triage.maps.drawing import Shade, Words, draw
from triage.maps.plans import Area, Level, Plan, plan

__all__ = ["Area", "Level", "Plan", "Shade", "Words", "draw", "plan"]
