"""`python -m grants_app.web.drawing pdf|xlsx`: JSON on standard input, the file on standard output."""

from __future__ import annotations

import json
import sys


def main() -> int:
    """Draw what standard input describes; exit 2 for an unknown kind."""
    payload = json.load(sys.stdin)
    if sys.argv[1] == "pdf":
        from grants_app.web.drawing.pdf import draw_pdf

        sys.stdout.buffer.write(draw_pdf(payload))
        return 0
    if sys.argv[1] == "xlsx":
        from grants_app.web.drawing.xlsx import draw_xlsx

        sys.stdout.buffer.write(draw_xlsx(payload))
        return 0
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
