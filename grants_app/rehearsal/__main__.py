"""`python -m grants_app.rehearsal FOLDER`: play the call that lies there; progress as lines of JSON."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> int:
    """Exit 0 when the rehearsal came to an end, 1 when it did not."""
    from grants_app.rehearsal.play import play

    return 0 if play(Path(sys.argv[1])) else 1


if __name__ == "__main__":
    sys.exit(main())
