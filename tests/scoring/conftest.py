"""One thread for linear algebra: small matrices, and two cores that others use too."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
