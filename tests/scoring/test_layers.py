"""The official layer stands alone: no numpy, no scipy, no advisory result inside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scoring import OfficialResult, allocate, rank
from scoring.advisory import AdvisoryResult
from scoring.agreement import agreement
from tests.scoring.builders import marks, money, rules

ROOT = Path(__file__).resolve().parents[2]


def test_official_layer_imports_the_standard_library_only() -> None:
    code = (
        "import sys, scoring, scoring.commands; "
        "print(sorted({name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names) - {'__main__'}))"
    )
    told = subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert told.stdout.strip() == "['scoring']"


def test_advisory_result_is_no_official_result() -> None:
    advice = agreement(rules(), marks({"A": ["7", "8"], "B": ["5", "5"]}))
    assert (isinstance(advice, AdvisoryResult), isinstance(advice, OfficialResult)) == (True, False)
    with pytest.raises((TypeError, AttributeError)):
        allocate(money("stop"), advice)  # type: ignore[arg-type]  # the very mistake that must not work


def test_official_results_are_frozen() -> None:
    ranking = rank(rules(), None, marks({"A": ["7"]}))
    with pytest.raises(AttributeError):
        ranking.rows = ()  # type: ignore[misc]  # the assignment that must not work
