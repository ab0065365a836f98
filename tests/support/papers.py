"""What a file says: its words, whatever it is made of."""

from __future__ import annotations

import io
import subprocess
import zipfile


def words_of(data: bytes) -> str:
    """Text of a PDF, of the parts of an XLSX, of everything in a ZIP."""
    if data.startswith(b"%PDF"):
        done = subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True)
        return " ".join(done.stdout.decode().split())
    if not data.startswith(b"PK"):
        return data.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(data)) as parcel:
        return " ".join(words_of(parcel.read(name)) for name in parcel.namelist())
