"""The commands of the engine: files in, one JSON document (or CSV table) out."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from scoring.allocation import Allocation, allocate
from scoring.bundle import make_bundle, verify_bundle
from scoring.errors import (
    ApplicationError,
    BundleError,
    FileError,
    MarkError,
    PairError,
    ScoringError,
    TermsError,
)
from scoring.explain import TEXTS
from scoring.files import (
    Table,
    blamed_on,
    read_applications,
    read_candidates,
    read_json,
    read_marks,
    read_rules,
)
from scoring.marks import Application, Mark
from scoring.output import document_text, put, quiet_output, table_text
from scoring.ranking import rank
from scoring.rules import Rules

DONE: Final = 0
SHORT_OF_EXPERTS: Final = 3
DOES_NOT_HOLD: Final = 4
_LISTED: Final = ("application", "lot", "place", "place_overall", "score", "requested_kop", "smallest_kop", "applicant")


class _Inputs:
    """The files of ``rank`` and ``bundle``, and the blame for a refusal of what they hold."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.rules: Rules = read_rules(options.rules)
        self.applications: list[Application] | None = None
        self._listed: Table | None = None
        if options.applications:
            self.applications, self._listed = read_applications(options.applications)
        self.marks: list[Mark]
        self.marks, self._scores = read_marks(options.scores)
        self._rules_path: Path = options.rules

    def blame(self, error: ScoringError) -> None:
        """Name the file in which the refused value stands."""
        if isinstance(error, ApplicationError) and self._listed is not None:
            self._listed.blame(error)
        elif isinstance(error, ApplicationError):
            error.file = error.file or str(self._rules_path)
        elif isinstance(error, MarkError) or not error.file:
            self._scores.blame(error)


def _rank(options: argparse.Namespace) -> int:
    inputs = _Inputs(options)
    try:
        ranking = rank(inputs.rules, inputs.applications, inputs.marks, detailed=options.explain)
    except ScoringError as error:
        inputs.blame(error)
        raise
    if options.csv:
        rows = [{**{name: getattr(row, name) for name in _LISTED}, "status": row.status.value} for row in ranking]
        return _write_table(options, (*_LISTED, "status"), rows)
    return _write(options, {**ranking.to_json(), "texts": _texts()})


def _allocate(options: argparse.Namespace) -> int:
    rules = read_rules(options.rules)
    candidates, table = read_candidates(options.ranking)
    try:
        allocation = allocate(rules, candidates, options.draw_seed)
    except ScoringError as error:
        table.blame(error)
        raise
    result = allocation.to_json()
    if options.advice:
        from scoring.optimum import best_awards  # scipy is loaded only where advice is asked for

        with quiet_output():
            best = best_awards(rules, candidates)
        result["advice"] = {"optimum": best.to_json()}
    if options.csv:
        return _write_table(options, ("application", "lot", "place", "amount_kop", "outcome"), _awards(allocation))
    return _write(options, {**result, "texts": _texts()})


def _awards(allocation: Allocation) -> list[dict[str, object]]:
    return [award.to_json() for award in allocation.awards]


def _agree(options: argparse.Namespace) -> int:
    from scoring.agreement import agreement  # numpy is loaded only where advice is asked for

    rules = read_rules(options.rules)
    marks, table = read_marks(options.scores)
    try:
        result = agreement(rules, marks)
    except ScoringError as error:
        table.blame(error)
        raise
    if options.csv:
        columns = ("application", "n", "sd", "range", "spread_flag")
        return _write_table(options, columns, [row.to_json() for row in result.applications])
    return _write(options, result.to_json())


def _calibrate(options: argparse.Namespace) -> int:
    from scoring.calibration import calibrate  # scipy is loaded only where advice is asked for

    inputs = _Inputs(options)
    try:
        result = calibrate(
            inputs.rules,
            inputs.marks,
            inputs.applications,
            seed=options.seed,
            draws=options.draws,
            prior=options.prior,
            top=options.top,
        )
    except ScoringError as error:
        inputs.blame(error)
        raise
    if options.csv:
        rows = [row.to_json() for row in result.applications]
        return _write_table(options, tuple(rows[0]), rows)
    return _write(options, result.to_json())


def _robust(options: argparse.Namespace) -> int:
    from scoring.robustness import robustness  # numpy is loaded only where advice is asked for

    inputs = _Inputs(options)
    try:
        result = robustness(inputs.rules, inputs.applications or [], inputs.marks)
    except ScoringError as error:
        inputs.blame(error)
        raise
    if options.csv:
        columns = ("application", "awarded", "changes")
        rows = [{**row.to_json(), "changes": "; ".join(row.changes)} for row in result.what_would_have_to_change]
        return _write_table(options, columns, rows)
    return _write(options, result.to_json())


def _conflicts(options: argparse.Namespace) -> int:
    from scoring.conflicts import LinkedMark, conflicts_what_if
    from scoring.expert_files import read_links  # scipy is loaded only where advice is asked for

    inputs = _Inputs(options)
    links, table = read_links(options.links)
    try:
        result = conflicts_what_if(
            inputs.rules, inputs.applications or [], inputs.marks, links, seed=options.seed, draws=options.draws
        )
    except PairError as error:
        table.blame(error)
        raise
    except ScoringError as error:
        inputs.blame(error)
        raise
    if options.csv:
        return _write_table(options, LinkedMark.__slots__, [row.to_json() for row in result.pairs])
    return _write(options, result.to_json())


def _assign(options: argparse.Namespace) -> int:
    from scoring.assignment import Shortage, assign  # scipy is loaded only where advice is asked for
    from scoring.expert_files import read_application_terms, read_expert_terms, read_pairs

    pairs, table = read_pairs(options.pairs)
    experts, experts_table = read_expert_terms(options.experts) if options.experts else ([], table)
    applications, wanted = read_application_terms(options.applications) if options.applications else ([], table)
    try:
        with quiet_output():
            result = assign(
                pairs,
                demand=options.demand,
                max_load=options.max_load,
                min_load=options.min_load,
                objective=options.objective,
                q=options.q,
                seed=options.seed,
                seconds=options.seconds,
                experts=experts,
                applications=applications,
                connected=options.connected,
                connection_loss=options.connected_loss,
            )
    except TermsError as error:
        (experts_table if error.of == "experts" else wanted).blame(error)
        raise
    except ScoringError as error:
        table.blame(error)
        raise
    if isinstance(result, Shortage):
        _write(options, result.to_json())
        return SHORT_OF_EXPERTS
    if options.csv:
        rows = [{"application": code, "expert": expert} for code, chosen in result.assignment for expert in chosen]
        return _write_table(options, ("application", "expert"), rows)
    return _write(options, result.to_json())


def _bundle(options: argparse.Namespace) -> int:
    inputs = _Inputs(options)
    meeting: Mapping[str, object] | None = None
    if options.meeting:
        document = read_json(options.meeting)
        if not isinstance(document, dict):
            raise FileError("must be an object", file=str(options.meeting))
        meeting = document
    try:
        return _write(options, make_bundle(inputs.rules, inputs.applications or [], inputs.marks, meeting=meeting))
    except BundleError as error:
        error.file = str(options.meeting or "")
        raise
    except ScoringError as error:
        inputs.blame(error)
        raise


def _verify(options: argparse.Namespace) -> int:
    document = read_json(options.bundle)
    with blamed_on(options.bundle):
        checks = verify_bundle(document)
    put(options.output, "".join(f"{check}\n" for check in checks))
    return DONE if all(check.passed for check in checks) else DOES_NOT_HOLD


COMMANDS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "rank": _rank,
    "allocate": _allocate,
    "agree": _agree,
    "calibrate": _calibrate,
    "robust": _robust,
    "conflicts": _conflicts,
    "assign": _assign,
    "bundle": _bundle,
    "verify": _verify,
}


# -- writing -------------------------------------------------------------------------------------------------------


def _texts() -> dict[str, str]:
    return dict(TEXTS)


def _write(options: argparse.Namespace, result: Mapping[str, object]) -> int:
    put(options.output, document_text(result))
    return DONE


def _write_table(options: argparse.Namespace, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> int:
    put(options.output, table_text(columns, rows))
    return DONE
