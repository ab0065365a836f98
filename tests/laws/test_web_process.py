"""What a web process may not load: it stays small, and the engine and the PDF library run elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support.source import ROOT

HEAVY = ("numpy", "scipy", "reportlab", "xlsxwriter", "openpyxl", "pyhanko", "boto3", "alembic", "waitress")
# The queue brings the driver of PostgreSQL, also where SQLite serves; pictures of codes stand on two pages.
RARE = ("huey", "psycopg", "segno")
START = """
import gc, json, sys
from config import Settings
walked = gc.get_stats()[2]["collections"]
from grants_app import create_app
app = create_app({"SETTINGS": Settings(instance=sys.argv[1], secret_key="tests only"), "TESTING": True})
"""
VISIT = """
with app.app_context():
    from grants_app.database import db
    db.create_all()
answers = {path: app.test_client().get(path).status_code for path in ("/", "/sign-in")}
print(json.dumps({"answers": answers, "heavy": sorted(set(json.loads(sys.argv[2])) & set(sys.modules))}))
"""


COLLECT = """
walks = gc.get_stats()[2]["collections"] - walked
print(json.dumps({"walks": walks, "goes_on": gc.isenabled()}))
"""


# Writing a day needs no tables of the world's languages: 4 MB a process.
WRITE = """
import json, sys
from datetime import date
from grants_app.core import figures
day = figures.day_long(date(2027, 3, 3), "en")
print(json.dumps({"day": day, "loaded": sorted({"babel", "flask"} & set(sys.modules))}))
"""


def told_by(script: str, folder: Path, *words: str) -> object:
    """What a fresh process says of itself."""
    command = [sys.executable, "-c", script, str(folder), *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_web_process_loads_nothing_heavy(tmp_path) -> None:  # type: ignore[no-untyped-def]
    seen = told_by(START + VISIT, tmp_path, json.dumps((*HEAVY, *RARE)))
    assert seen == {"answers": {"/": 200, "/sign-in": 200}, "heavy": []}


def test_start_does_without_the_collector(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """It would walk everything that is being made, several times over, and it must be back for the requests."""
    assert told_by(START + COLLECT, tmp_path) == {"walks": 0, "goes_on": True}


def test_figures_are_written_without_the_tables_of_languages(tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert told_by(WRITE, tmp_path) == {"day": "3 March 2027", "loaded": []}
