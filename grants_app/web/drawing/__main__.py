"""`python -m grants_app.web.drawing pdf|xlsx|parcel`: JSON on standard input, the file on standard output.

`… tables` the other way round: a file that somebody sent on standard input, its cells as JSON on standard output.
"""

from __future__ import annotations

import json
import sys


def main() -> int:
    """Draw what standard input describes; exit 2 for an unknown kind."""
    if sys.argv[1] == "tables":
        from grants_app.web.drawing.tables import hold_down, read_tables

        hold_down()
        json.dump(read_tables(sys.stdin.buffer.read()), sys.stdout)
        return 0
    payload = json.load(sys.stdin)
    if sys.argv[1] == "photos":
        from grants_app.web.drawing import photos

        photos.hold_down()
        json.dump(photos.join(payload), sys.stdout)
        return 0
    if sys.argv[1] == "pdf":
        from grants_app.web.drawing.pdf import draw_pdf

        sys.stdout.buffer.write(draw_pdf(payload))
        return 0
    if sys.argv[1] == "xlsx":
        from grants_app.web.drawing.xlsx import draw_xlsx

        sys.stdout.buffer.write(draw_xlsx(payload))
        return 0
    if sys.argv[1] == "parcel":
        from grants_app.web.drawing.parcel import draw_parcel

        draw_parcel(payload, sys.stdout.buffer)
        return 0
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
