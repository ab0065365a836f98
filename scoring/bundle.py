"""The public bundle: inputs, rules and result of a decided competition in one document that anybody recomputes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scoring.allocation import allocate
from scoring.digest import ENGINE_VERSION, digest
from scoring.errors import BundleError, ScoringError
from scoring.fingerprint import application_json, mark_json
from scoring.marks import Application, Mark
from scoring.ranking import rank
from scoring.rules import Rules

BUNDLE_VERSION: Final = 1
PARTS: Final = (
    "bundle_version",
    "competition",
    "rules",
    "applications",
    "scores",
    "meeting",
    "result",
    "engine_version",
    "input_hash",
    "result_hash",
)
_MEETING: Final = ("overrides", "recusals", "draws")
_MARK_COLUMNS: Final = ("application", "expert", "criterion", "points", "state")


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a verification: what was compared, whether it holds, and the first difference where not."""

    name: str
    passed: bool
    told: str

    def __str__(self) -> str:
        return f"{'ok' if self.passed else 'DIFFERS'}: {self.name}{': ' if self.told else ''}{self.told}"


def make_bundle(
    rules: Rules,
    applications: Sequence[Application],
    marks: Sequence[Mark],
    *,
    meeting: Mapping[str, object] | None = None,
    competition: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Compute a competition and put inputs, result and fingerprints into one publishable document.

    Parameters
    ----------
    rules : Rules
    applications : sequence of Application
    marks : sequence of Mark
        With codes of the experts, never their names.
    meeting : mapping, optional
        ``overrides`` (a list of {application, amount_kop, reason}: where the commission decided otherwise than the
        rule), ``recusals`` (a list of objects) and ``draws`` (a list of {seed, …}: the first seed orders ties at the
        cut). Missing lists are empty.
    competition : mapping, optional
        What the competition is called; any plain data.

    Returns
    -------
    dict
        Plain data with the keys ``PARTS``. ``result.awards`` is what the rule gives (empty without lots); deviations of
        the commission stand beside it in ``meeting.overrides``.

    Raises
    ------
    ScoringError
        The competition cannot be ranked, or the meeting is malformed.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.rules import Criterion
    >>> rules = Rules(criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),))
    >>> bundle = make_bundle(rules, [Application("A")], [Mark("A", "E1", "c", "7"), Mark("A", "E2", "c", "8")])
    >>> bundle["result"]["ranking"][0]["score"]
    '75.00'
    """
    held = {name: list(_list(meeting or {}, name)) for name in _MEETING}
    _check_meeting(
        _object(dict(meeting or {}), "meeting", _MEETING, optional=True),
        {application.code for application in applications},
    )
    listed = _sorted_applications([application_json(one) for one in applications])
    scores = _sorted_scores([mark_json(mark) for mark in marks])
    content: dict[str, object] = {
        "bundle_version": BUNDLE_VERSION,
        "competition": dict(competition or {}),
        "rules": rules.to_json(),
        "applications": listed,
        "scores": scores,
        "meeting": held,
    }
    result = _result(rules, applications, marks, held)
    content["result"] = result
    content["engine_version"] = ENGINE_VERSION
    content["input_hash"] = _input_hash(content["rules"], listed, scores, held)
    content["result_hash"] = digest(result)
    return content


def verify_bundle(obj: object) -> list[Check]:
    """Recompute a bundle from its own inputs and compare everything with what it says.

    Parameters
    ----------
    obj : object
        The parsed document.

    Returns
    -------
    list of Check
        In order: input hash, ranking, awards, result hash, overrides.

    Raises
    ------
    BundleError
        Not a bundle: a part is missing, unknown or of the wrong kind.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from scoring.rules import Criterion
    >>> rules = Rules(criteria=(Criterion("c", "", Decimal(0), Decimal(10), Decimal(1), Decimal(1)),))
    >>> bundle = make_bundle(rules, [Application("A")], [Mark("A", "E1", "c", "7"), Mark("A", "E2", "c", "8")])
    >>> bundle["scores"][0]["points"] = "9"
    >>> [check.name for check in verify_bundle(bundle) if not check.passed]
    ['input hash', 'ranking']
    """
    parts = _checked_parts(obj)
    recomputed = _input_hash(parts.rules, parts.applications, parts.scores, parts.meeting)
    checks = [_compared("input hash", parts.input_hash, recomputed)]
    try:
        rules, applications, marks = _inputs(parts)
        result = _result(rules, applications, marks, parts.meeting)
    except ScoringError as error:
        return [*checks, Check("recomputation", False, f"the inputs cannot be ranked: {error}")]
    checks.append(_compared_rows("ranking", parts.ranking, result["ranking"]))
    checks.append(_compared_rows("awards", parts.awards, result["awards"]))
    told = digest({"ranking": parts.ranking, "awards": parts.awards})
    checks.append(_compared("result hash", parts.result_hash, told))
    overrides = _list(parts.meeting, "overrides")
    checks.append(Check("overrides", True, f"{len(overrides)} deviations from the rule, each with its reason"))
    return checks


def _result(
    rules: Rules, applications: Sequence[Application], marks: Sequence[Mark], meeting: Mapping[str, object]
) -> dict[str, list[dict[str, object]]]:
    ranking = rank(rules, applications, marks, detailed=False)
    draws = _list(meeting, "draws")
    seed = str(draws[0]["seed"]) if draws else None
    awards = allocate(rules, ranking, seed).awards if rules.lots else ()
    return {
        "ranking": _sorted_rows([row.to_json(steps=False) for row in ranking]),
        "awards": _sorted_rows([award.to_json() for award in awards]),
    }


# -- order and fingerprints ----------------------------------------------------------------------------------------


def _sorted_applications(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(rows, key=lambda row: str(row.get("application")))


def _sorted_scores(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(rows, key=lambda row: [str(row.get(key)) for key in ("application", "expert", "criterion")])


def _sorted_rows(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    def by_place(row: dict[str, object]) -> tuple[str, bool, int, str]:
        place = row.get("place")
        number = place if isinstance(place, int) else 0
        return (str(row.get("lot")), place is None, number, str(row.get("application")))

    return sorted(rows, key=by_place)


def _input_hash(
    rules: object, applications: list[dict[str, object]], scores: list[dict[str, object]], meeting: Mapping[str, object]
) -> str:
    return digest([rules, _sorted_applications(applications), _sorted_scores(scores), meeting])


# -- reading -------------------------------------------------------------------------------------------------------


def _list(content: Mapping[str, object], name: str) -> list[dict[str, object]]:
    found = content.get(name, [])
    if not isinstance(found, list | tuple) or not all(isinstance(row, dict) for row in found):
        raise BundleError("must be a list of objects", column=name)
    return list(found)


@dataclass(frozen=True)
class _Parts:
    """A bundle whose parts are all there and of the right kind."""

    rules: object
    applications: list[dict[str, object]]
    scores: list[dict[str, object]]
    meeting: Mapping[str, object]
    ranking: list[dict[str, object]]
    awards: list[dict[str, object]]
    input_hash: str
    result_hash: str


def _checked_parts(obj: object) -> _Parts:
    content = _object(obj, "bundle", PARTS)
    version = content["bundle_version"]
    if version != BUNDLE_VERSION or isinstance(version, bool | float):
        raise BundleError(f"unknown version {version!r}", column="bundle_version")
    result = _object(content["result"], "result", ("ranking", "awards"))
    for part in ("competition", "rules", "meeting"):
        if not isinstance(content[part], dict):
            raise BundleError("must be an object", column=part)
    for part in ("engine_version", "input_hash", "result_hash"):
        if not isinstance(content[part], str):
            raise BundleError("must be text", column=part)
    return _Parts(
        rules=content["rules"],
        applications=_list(content, "applications"),
        scores=_list(content, "scores"),
        meeting=_object(content["meeting"], "meeting", _MEETING, optional=True),
        ranking=_sorted_rows(_list(result, "ranking")),
        awards=_sorted_rows(_list(result, "awards")),
        input_hash=str(content["input_hash"]),
        result_hash=str(content["result_hash"]),
    )


def _object(value: object, name: str, keys: Sequence[str], *, optional: bool = False) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BundleError("must be an object", column=name)
    for key in value:
        if key not in keys:
            raise BundleError("unknown part", column=str(key))
    for key in keys:
        if key not in value and not optional:
            raise BundleError("the bundle lacks this part", column=key)
    return value


def _inputs(parts: _Parts) -> tuple[Rules, list[Application], list[Mark]]:
    rules = Rules.from_json(parts.rules)
    applications = [_application(row) for row in parts.applications]
    marks = [_mark(row) for row in parts.scores]
    _check_meeting(parts.meeting, {application.code for application in applications})
    return rules, applications, marks


def _application(row: Mapping[str, object]) -> Application:
    columns = {}
    for column, value in row.items():
        if value is not None and not isinstance(value, int if column.endswith("_kop") else str):
            raise BundleError("must be a whole number" if column.endswith("_kop") else "must be text", column=column)
        if column not in ("application", "lot", "requested_kop", "smallest_kop"):
            columns[column] = "" if value is None else str(value)
    requested, smallest = row.get("requested_kop"), row.get("smallest_kop")
    return Application(
        code=str(row.get("application") or ""),
        lot=str(row.get("lot") or ""),
        requested_kop=requested if isinstance(requested, int) else None,
        smallest_kop=smallest if isinstance(smallest, int) else None,
        columns=columns,
    )


def _mark(row: Mapping[str, object]) -> Mark:
    for column, value in row.items():
        if not isinstance(value, str):
            raise BundleError("must be text", column=column)
    extra = tuple((column, str(value)) for column, value in row.items() if column not in _MARK_COLUMNS)
    texts = {column: str(row.get(column, "")) for column in _MARK_COLUMNS}
    return Mark(
        texts["application"], texts["expert"], texts["criterion"], texts["points"] or None, texts["state"], extra
    )


def _check_meeting(meeting: Mapping[str, object], codes: set[str]) -> None:
    for index, draw in enumerate(_list(meeting, "draws")):
        if not isinstance(draw.get("seed"), str) or not draw["seed"]:
            raise BundleError("a draw needs its seed as text", column=f"meeting.draws[{index}].seed")
    for index, override in enumerate(_list(meeting, "overrides")):
        path = f"meeting.overrides[{index}]"
        code = override.get("application")
        if not isinstance(code, str) or code not in codes:
            raise BundleError("unknown application", column=f"{path}.application")
        if not isinstance(override.get("reason"), str) or not override["reason"]:
            raise BundleError("a deviation from the rule needs a reason", column=f"{path}.reason")
    _list(meeting, "recusals")


# -- comparing -----------------------------------------------------------------------------------------------------


def _compared(name: str, told: object, found: object) -> Check:
    """Both sides told apart, or the one value: whoever holds a published digest can lay it beside."""
    return Check(name, told == found, f"{found}" if told == found else f"the bundle says {told}, recomputed {found}")


def _compared_rows(name: str, told: list[dict[str, object]], found: list[dict[str, object]]) -> Check:
    if told == found:
        return Check(name, True, f"{len(found)} rows")
    if len(told) != len(found):
        return Check(name, False, f"the bundle has {len(told)} rows, recomputed {len(found)}")
    for mine, theirs in zip(found, told, strict=True):
        for key in [*mine, *theirs]:
            if mine.get(key) != theirs.get(key) or (key in mine) != (key in theirs):
                where = f"{mine['application']}, {key}"
                return Check(name, False, f"{where}: the bundle says {theirs.get(key)}, recomputed {mine.get(key)}")
    return Check(name, False, "the rows differ")
