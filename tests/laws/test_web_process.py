"""What a web process may not load: it stays small, and the engine and the PDF library run elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.support.source import ROOT

HEAVY = ("numpy", "scipy", "reportlab", "xlsxwriter", "openpyxl", "pyhanko", "boto3", "alembic", "waitress")
SCRIPT = """
import json, sys
from config import Settings
from grants_app import create_app
app = create_app({"SETTINGS": Settings(instance=sys.argv[1], secret_key="tests only"), "TESTING": True})
with app.app_context():
    from grants_app.database import db
    db.create_all()
answers = {path: app.test_client().get(path).status_code for path in ("/", "/sign-in")}
print(json.dumps({"answers": answers, "heavy": sorted(set(json.loads(sys.argv[2])) & set(sys.modules))}))
"""


def test_web_process_loads_nothing_heavy(tmp_path) -> None:  # type: ignore[no-untyped-def]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path), json.dumps(HEAVY)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen == {"answers": {"/": 200, "/sign-in": 200}, "heavy": []}
