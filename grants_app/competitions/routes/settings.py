"""The organizer's desk: a new competition and its settings by theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.competitions import forms, policy, queries, services
from grants_app.competitions.models import Competition
from grants_app.competitions.routes.blueprint import blueprint, competition_or_404
from grants_app.competitions.rules import THEMES
from grants_app.competitions.rules.day_limits import day_warnings
from grants_app.core import clock
from grants_app.core.errors import DomainError, EditConflict
from grants_app.database import unit_of_work
from grants_app.lifecycle import CompetitionState
from grants_app.permissions import Permission
from grants_app.web import row_steps
from grants_app.web.access import requires
from grants_app.web.context import select_language
from grants_app.web.errors import put_on_form, sentence

Answer = str | Response | tuple[str, int]
_ROW_LISTS = ("lots", "priorities", "criteria", "seats")
_THEMES = "any(basics,lots,priorities,criteria,intake,calendar,rules,panel,people)"


@dataclass(frozen=True)
class ThemeLink:
    """A theme in the sub-navigation with whether it is ready."""

    label: str
    url: str
    is_current: bool
    is_ready: bool


@blueprint.get("/competitions/new")
@requires(Permission.COMPETITION_EDIT)
def new() -> str:
    """The form of a new competition."""
    source = request.args.get("copy", "")
    if source:
        found = queries.competition_by_code(source, current_user)
        return render_template("competitions/new.html", form=_new_form(**_copied(found)))
    return render_template("competitions/new.html", form=_new_form(basis="preset:misto_zmistiv"))


@blueprint.post("/competitions/new")
@requires(Permission.COMPETITION_EDIT)
def create() -> Answer:
    """Begin a draft from a set of criteria, or as a copy of an earlier competition."""
    form = _new_form()
    if form.validate_on_submit():
        try:
            with unit_of_work() as unit:
                competition = _created(form)
                unit.answer = url_for("competitions.settings", code=competition.code, theme="basics")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return render_template("competitions/new.html", form=form), 422


@blueprint.get(f"/competitions/<string:code>/settings/<{_THEMES}:theme>")
@requires(Permission.COMPETITION_STAFF_READ)
def settings(code: str, theme: str) -> str:
    """One theme of the settings; fixed ones are shown with a lock."""
    competition = competition_or_404(code)
    return _page(competition, theme, forms.settings_form(theme, competition, from_request=False))


@blueprint.post(f"/competitions/<string:code>/settings/<{_THEMES}:theme>")
@requires(Permission.COMPETITION_EDIT)
def save_settings(code: str, theme: str) -> Answer:
    """Save a theme; when somebody saved before, both versions are shown."""
    competition = competition_or_404(code)
    rows = row_steps.stepped(request.form, _ROW_LISTS)
    form = forms.settings_form(theme, competition, rows=rows)
    if rows is not None:
        return _page(competition, theme, form)
    if not form.validate_on_submit():
        return _page(competition, theme, form), 422
    try:
        with unit_of_work() as unit:
            forms.save(theme, competition, form, current_user)
            unit.answer = url_for("competitions.settings", code=code, theme=theme, saved=1)
        return redirect(unit.answer)
    except EditConflict as error:
        return _conflict(competition, theme, form, error), 409
    except DomainError as error:
        forms.put_on_row(form, error)
        return _page(competition, theme, form), 422


def _created(form: Any) -> Competition:
    kind, _, name = form.basis.data.partition(":")
    if kind == "copy":
        source = queries.competition_by_code(name, current_user)
        return services.copy_competition(
            source, code=form.code.data, title=form.title.data, year=form.year.data, by=current_user
        )
    return services.create_competition(
        code=form.code.data, title=form.title.data, year=form.year.data, preset=name, by=current_user
    )


def _copied(source: Competition) -> dict[str, Any]:
    """What a copy begins with: of a call that is over, the next year, in its title too; else the same one."""
    is_over = source.state in {CompetitionState.DECIDED, CompetitionState.PUBLISHED, CompetitionState.COMPLETED}
    year = source.year + 1 if is_over else source.year
    return {
        "basis": f"copy:{source.code}",
        "title": source.title.replace(str(source.year), str(year)),
        "year": year,
    }


def _new_form(**values: Any) -> Any:
    copies = [
        (row.code, gettext("Copy of “%(title)s”, %(code)s", title=row.title, code=row.code))
        for row in queries.competition_rows(current_user)
    ]
    return forms.NewForm(**values).offer(copies, select_language())


def theme_links(competition: Competition, current: str) -> list[ThemeLink]:
    """All themes with whether their guards hold."""
    open_themes = {guard.theme for guard in policy.guards(competition) if not guard.is_met}
    return [
        ThemeLink(
            label=gettext(label),
            url=theme_url(competition, theme),
            is_current=theme == current,
            is_ready=theme not in open_themes,
        )
        for theme, label in THEMES.items()
    ]


def theme_url(competition: Competition, theme: str) -> str:
    """The page of a theme; the form has pages of its own."""
    if theme == "form":
        return url_for("competitions.form", code=competition.code)
    return url_for("competitions.settings", code=competition.code, theme=theme)


def lawful_ways(competition: Competition, *, is_amending: bool = False) -> list[tuple[str, str, str]]:
    """What may still be done about an announced call: a sentence, the words of its link, the address."""
    if competition.state is CompetitionState.DRAFT or not current_user.can(Permission.COMPETITION_ANNOUNCE):
        return []
    now, code, ways = clock.now(), competition.code, []
    if policy.why_not_amend(current_user, competition, now) is None and not is_amending:
        sentence_about = gettext("Texts and the form: by an amendment with a published reason.")
        ways.append((sentence_about, gettext("Amend the call"), url_for("competitions.amendment", code=code)))
    if policy.why_not_prolong(current_user, competition, now) is None:
        sentence_about = gettext("The end of the intake: to a later day, with a published reason.")
        ways.append((sentence_about, gettext("Prolong the intake"), url_for("competitions.prolong_page", code=code)))
    if policy.why_not_cancel(current_user, competition) is None:
        sentence_about = gettext(
            "Lots, money, criteria and rules: not at all, applicants rely on them. If they are wrong, cancel the "
            "competition with a published reason, copy it into a new draft, correct that and announce it anew."
        )
        ways.append((sentence_about, gettext("Cancel the competition"), url_for("competitions.cancel_page", code=code)))
    if ways or competition.state is CompetitionState.CANCELLED:
        sentence_about = gettext("All settings at once: in a copy, which is a draft of its own.")
        ways.append((sentence_about, gettext("Copy into a new draft"), url_for("competitions.new", copy=code)))
    return ways


def guard_checks(competition: Competition, theme: str | None = None) -> list[dict[str, str]]:
    """The conditions of announcing as lines of the rules check."""
    checks = []
    for guard in policy.guards(competition):
        if theme is not None and guard.theme != theme:
            continue
        refusal = DomainError(guard.message, facts=guard.facts)
        checks.append(
            {
                "state": "ok" if guard.is_met else "bad",
                "fact": sentence(refusal),
                "detail": "",
                "url": "" if guard.is_met else theme_url(competition, guard.theme),
                "link": gettext("Correct: %(theme)s", theme=gettext(THEMES[guard.theme])),
            }
        )
    return checks


def calendar_hints(competition: Competition) -> list[dict[str, str]]:
    """What the calendar leaves too little time for, each with its source: advice, not a bar."""
    warnings = day_warnings(
        intake_last=None if competition.intake_until is None else clock.last_day(competition.intake_until),
        scoring_last=None if competition.scoring_until is None else clock.last_day(competition.scoring_until),
        results_by=competition.results_by,
        project_from=competition.project_from,
        project_until=competition.project_until,
        correction_days=competition.correction_days,
        days_off=queries.days_off(),
    )
    return [
        {"state": "hint", "fact": gettext(one.message, **one.facts), "detail": gettext(one.source)} for one in warnings
    ]


def _page(competition: Competition, theme: str, form: Any) -> str:
    why_not = policy.why_not_edit(current_user, competition)
    if theme == "people":
        why_not = policy.why_not_seat(current_user, competition)
    return render_template(
        "competitions/settings.html",
        competition=competition,
        chosen_theme=theme,
        theme_title=gettext(THEMES[theme]),
        form=form,
        links=theme_links(competition, theme),
        checks=guard_checks(competition, theme) if competition.state is CompetitionState.DRAFT else [],
        hints=calendar_hints(competition) if theme == "calendar" else [],
        why_not=why_not,
        is_draft=competition.state is CompetitionState.DRAFT,
        answers=[{"label": label, "value": value} for label, value in forms.answers(form).items() if value],
        is_saved=request.method == "GET" and request.args.get("saved") == "1",
        ways=lawful_ways(competition) if theme != "people" else [],
        is_lost=request.method == "POST",
        weights=_weights_sentence(competition) if theme == "criteria" else "",
        may_weigh=queries.uses_percent(competition) and current_user.can(Permission.COMPETITION_EDIT),
    )


def _weights_sentence(competition: Competition) -> str:
    if not queries.uses_percent(competition):
        most = format(queries.points_maximum(competition).normalize(), "f")
        return gettext("Points are added: one expert can give %(most)s at most.", most=most)
    total = queries.weights_sum(competition)
    if not total.is_finite() or total == 100:
        return gettext("The weights add up to 100.")
    told = format(total.normalize(), "f")
    if total < 100:
        short = format((100 - total).normalize(), "f")
        return gettext("The weights add up to %(sum)s: %(difference)s short of 100.", sum=told, difference=short)
    over = format((total - 100).normalize(), "f")
    return gettext("The weights add up to %(sum)s: %(difference)s over 100.", sum=told, difference=over)


def _conflict(competition: Competition, theme: str, form: Any, error: EditConflict) -> str:
    stored = forms.settings_form(theme, competition, from_request=False)
    return conflict_page(
        competition,
        gettext(THEMES[theme]),
        (forms.answers(form), forms.answers(stored)),
        error,
        action=url_for("competitions.save_settings", code=competition.code, theme=theme),
        keep_url=url_for("competitions.settings", code=competition.code, theme=theme),
        marker=("version", competition.version),
    )


def conflict_page(
    competition: Competition,
    title: str,
    versions: tuple[dict[str, str], dict[str, str]],
    error: EditConflict,
    *,
    action: str,
    keep_url: str,
    marker: tuple[str, object],
) -> str:
    """Both versions side by side, nothing typed is lost; `marker` is the field that says which one was read."""
    mine, theirs = versions
    labels = list(dict.fromkeys([*mine, *theirs]))
    left_out = {"csrf_token", "form_key", marker[0]}
    return render_template(
        "competitions/conflict.html",
        competition=competition,
        theme_title=title,
        rows=[
            [label, mine.get(label, "–"), theirs.get(label, "–")]
            for label in labels
            if mine.get(label) != theirs.get(label)
        ],
        sent=[(name, value) for name in request.form if name not in left_out for value in request.form.getlist(name)],
        action=action,
        keep_url=keep_url,
        marker=marker[0],
        version=marker[1],
        message=sentence(error),
    )
