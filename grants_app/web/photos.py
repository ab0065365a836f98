"""Photographed pages joined into one PDF by a child process with a ceiling on memory, time and pixels."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from grants_app.core.errors import InvalidInput
from grants_app.web.export import ROOT

MOST_PAGES = 40
SECONDS = 90
REFUSALS = {
    "kind": "Photo %(number)s is no picture that can be read. Take JPG or PNG",
    "large": "Photo %(number)s has too many pixels. Take a smaller one",
    "broken": "Photo %(number)s is damaged",
}
TOO_SLOW = InvalidInput(
    "The photos could not be joined: there are too many large ones. Join them in parts", field="photos"
)


def in_order(count: int, order: str) -> list[int]:
    """Positions of the photos in the wanted order («2, 1, 3»); nothing typed is the order in which they came.

    Raises InvalidInput (field "order") unless every photo is named exactly once.
    """
    typed = order.replace(";", ",").replace(" ", ",").split(",")
    wanted = [part for part in typed if part]
    if not wanted:
        return list(range(count))
    numbers = [int(part) for part in wanted if part.isascii() and part.isdigit() and len(part) < 4]
    if sorted(numbers) != list(range(1, count + 1)) or len(numbers) != len(wanted):
        raise InvalidInput(
            "Name every photo once, from 1 to %(most)s, for example 2, 1, 3", field="order", facts={"most": count}
        )
    return [number - 1 for number in numbers]


def join_photos(photos: Sequence[BinaryIO], *, lang: str = "uk", title: str = "") -> bytes:
    """One PDF of A4 pages, each photo turned as it was taken, without the place and the camera that it tells.

    Raises InvalidInput (field "photos") that names the photo by its number.
    """
    if len(photos) > MOST_PAGES:
        raise InvalidInput("At most %(most)s photos make one document", field="photos", facts={"most": MOST_PAGES})
    with tempfile.TemporaryDirectory(prefix="grants-photos-") as folder:
        paths = []
        for number, photo in enumerate(photos):
            path = Path(folder) / f"{number:03d}"
            with path.open("wb") as file:
                photo.seek(0)
                shutil.copyfileobj(photo, file, 256 * 1024)
            paths.append(str(path))
        target = Path(folder) / "joined.pdf"
        said = _child({"photos": paths, "target": str(target), "title": title, "lang": lang})
        if "error" in said:
            raise InvalidInput(REFUSALS[said["error"]], field="photos", facts={"number": said["number"]})
        return target.read_bytes()


def _child(payload: dict[str, object]) -> dict[str, str]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "grants_app.web.drawing", "photos"],
            input=json.dumps(payload).encode(),
            capture_output=True,
            cwd=ROOT,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TOO_SLOW from error
    if done.returncode != 0:
        raise TOO_SLOW
    said: dict[str, str] = json.loads(done.stdout)
    return said
