"""«Якби цих оцінок не було»: what marks of experts with a conflict did to the list, for the chair and the secretary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import gettext as _

from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition
from grants_app.core.errors import NotAllowed
from grants_app.permissions import Permission
from grants_app.reviews.documents import advice as words
from grants_app.reviews.policy.advice import why_not_see_what_if
from grants_app.reviews.queries import advice as queries
from grants_app.reviews.routes.blueprint import blueprint, competition_of, viewer
from grants_app.reviews.rules.advice import DECISION
from grants_app.web import panels
from grants_app.web.access import requires


@dataclass(frozen=True)
class LinkedLine:
    """A mark of an expert with a conflict: what it is, and the list with and without it."""

    expert: str
    code: str
    title: str
    total: str
    residual: str
    places: str
    money: str


@blueprint.get("/<string:code>/conflicts/what-if")
@requires(Permission.CONFLICT_REGISTER_READ)
def what_if(code: str) -> str:
    """The list with and without the marks that the register speaks of."""
    competition, person = competition_of(code), viewer()
    refusal = why_not_see_what_if(person, competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    report = queries.report_of(competition)
    report = report if report is not None and report.stage == DECISION else None
    part = report.part("conflicts") if report is not None else None
    hidden = hidden_ids(person, competition)
    everyone = queries.applications_by_engine_code(competition, person)
    named = {engine: one for engine, one in everyone.items() if one.id not in hidden}
    refused = report.refusal("conflicts") if report is not None else None
    return render_template(
        "reviews/what_if.html",
        competition=competition,
        report=report,
        refused=words.refusal_words(refused) if refused is not None else None,
        lines=_lines(part, named),
        without=_without(part, named),
        sentences=_sentences(part, is_out=bool(hidden)),
    )


def init_panels() -> None:
    """The way from the advisory page, and from the pages of the register, which ask for the place «conflict»."""
    panels.register("conflict", "reviews.what_if", _panel)
    panels.register("advice", "reviews.what_if", _panel)


def _panel(person: Any, thing: Any) -> panels.Panel | None:
    if person is None or not isinstance(thing, Competition) or why_not_see_what_if(person, thing) is not None:
        return None
    return panels.Panel("reviews/_what_if_panel.html", {"competition": thing})


def _lines(part: dict[str, Any] | None, named: dict[str, queries.NamedApplication]) -> list[LinkedLine]:
    rows = [row for row in (part or {}).get("pairs", []) if row["application"] in named]
    return [
        LinkedLine(
            expert=row["expert"],
            code=named[row["application"]].code,
            title=named[row["application"]].title,
            total=words.decimal(row["rating"]),
            residual=words.signed(row["residual"]),
            places=f"{row['place'] or '–'} → {row['place_without'] or '–'}",
            money=f"{_money(row['awarded'])} → {_money(row['awarded_without'])}",
        )
        for row in rows
    ]


def _money(awarded: bool) -> str:
    return _("With money") if awarded else _("Without money")


def _without(part: dict[str, Any] | None, named: dict[str, queries.NamedApplication]) -> list[tuple[str, str, str]]:
    """Who enters and who leaves without the marks of each expert, then without all of them."""
    if not part:
        return []
    rows = [(row["expert"], row) for row in part["without_expert"]] + [(_("All of them"), part["without_all"])]
    return [
        (
            name,
            ", ".join(named[code].code for code in row["enter"] if code in named) or "–",
            ", ".join(named[code].code for code in row["leave"] if code in named) or "–",
        )
        for name, row in rows
    ]


def _sentences(part: dict[str, Any] | None, *, is_out: bool) -> list[str]:
    """The comparison of residuals; left away where it would tell of an application kept from the reader."""
    if not part or is_out:
        return []
    favour = part["favour"]
    if favour["difference"] is None:
        return [words.refusal_words(favour["why"] or "") + "."]
    told = [
        _(
            "Marks with a conflict lie %(linked)s points from what the expert and the application would have, "
            "the rest %(rest)s: a difference of %(difference)s.",
            linked=words.signed(favour["mean_linked"]),
            rest=words.signed(favour["mean_rest"]),
            difference=words.signed(favour["difference"]),
        )
    ]
    if favour["p"] is None:
        return [*told, words.refusal_words(favour["why"] or "") + "."]
    told.append(
        _(
            "By chance alone a difference at least as great comes in %(share)s of exchanges (p = %(p)s).",
            share=words.percent(favour["p"]),
            p=words.decimal(favour["p"], 3),
        )
    )
    return told
