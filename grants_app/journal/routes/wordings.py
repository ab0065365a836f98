"""The city's own words of letters: the list, one letter in both languages, a preview, a test letter."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from grants_app.core.errors import DomainError, EditConflict
from grants_app.database import unit_of_work
from grants_app.journal import own_words as services
from grants_app.journal.forms import WordsForm
from grants_app.journal.queries import wordings as queries
from grants_app.journal.registry import LANGUAGES, LetterKind
from grants_app.journal.routes.blueprint import blueprint
from grants_app.permissions import Permission
from grants_app.web.access import requires
from grants_app.web.errors import put_on_form

Page = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Preview:
    """A letter as a receiver would read it; `code` names the letter whose facts were used."""

    lang: str
    subject: str
    body: str
    code: str
    left_away: list[str]


@blueprint.get("/wordings")
@requires(Permission.LETTER_EDIT)
def wordings() -> str:
    """Every letter of the product: when it is written, to whom, whose words are in force."""
    locale = str(get_locale() or "uk")
    return render_template("journal/wordings.html", rows=queries.words_rows("en" if locale == "en" else "uk"))


@blueprint.get("/wordings/<string:name>")
@requires(Permission.LETTER_EDIT)
def wording(name: str) -> str:
    """One letter in both languages."""
    kind = queries.kind_named(name)
    return _page(kind, _filled(kind))


@blueprint.post("/wordings/<string:name>")
@requires(Permission.LETTER_EDIT)
def wording_post(name: str) -> Page:
    """Put the words in force, show how they read, or send a test letter."""
    kind = queries.kind_named(name)
    form = WordsForm()
    wanted = request.form.get("do", "save")
    try:
        if form.validate_on_submit():
            if wanted == "preview":
                return _previewed(kind, form)
            if wanted in {"test_uk", "test_en"}:
                return _tested(kind, form, wanted.removeprefix("test_"))
            return _saved(kind, form)
    except EditConflict as error:
        put_on_form(form, error)
        return _clash(kind, form), 409
    except DomainError as error:
        put_on_form(form, error)
    return _page(kind, form), 422


@blueprint.post("/wordings/<string:name>/shipped/<any(uk,en):lang>")
@requires(Permission.LETTER_EDIT)
def shipped(name: str, lang: str) -> Response:
    """Put the shipped words in force again."""
    with unit_of_work() as unit:
        services.return_to_shipped(name, lang, by=current_user)
        unit.answer = url_for("journal.wording", name=name)
    flash(_("The shipped words are in force again"), "ok")
    return redirect(unit.answer)


def _saved(kind: LetterKind, form: WordsForm) -> Response:
    with unit_of_work() as unit:
        saved = services.save_words(kind.name, form.typed(), by=current_user)
        unit.answer = url_for("journal.wording", name=kind.name)
    flash(_("The words are in force from the next letter on") if saved else _("Nothing has changed"), "ok")
    return redirect(unit.answer)


def _previewed(kind: LetterKind, form: WordsForm) -> Page:
    if not _is_sound(kind, form):
        return _page(kind, form), 422
    return _page(kind, form, previews=[_preview(kind, form, lang) for lang in LANGUAGES])


def _tested(kind: LetterKind, form: WordsForm, lang: str) -> Page:
    if not _is_sound(kind, form):
        return _page(kind, form), 422
    typed = form.typed()[lang]
    with unit_of_work() as unit:
        services.send_test(kind, lang, (typed.subject, typed.body), to=current_user.email, by=current_user)
        unit.answer = url_for("journal.wording", name=kind.name)
    flash(
        _("The test letter goes to %(address)s. What you typed is not in force yet", address=current_user.email), "ok"
    )
    return _page(kind, form)


def _is_sound(kind: LetterKind, form: WordsForm) -> bool:
    typed = form.typed()
    faults = [fault for lang in LANGUAGES for fault in services.word_faults(kind, lang, typed[lang])]
    for fault in faults:
        put_on_form(form, fault)
    return not faults


def _preview(kind: LetterKind, form: WordsForm, lang: str) -> Preview:
    typed = form.typed()[lang]
    last = queries.last_letter(kind.name, lang, current_user)
    subject, body = services.try_words(kind, lang, (typed.subject, typed.body), last)
    left = services.left_away(kind, lang, typed.subject, typed.body)
    return Preview(lang, subject, body, last.thing_code if last is not None else "", left)


def _filled(kind: LetterKind) -> WordsForm:
    values: dict[str, object] = {}
    for lang in LANGUAGES:
        last = services.newest(kind.name, lang)
        subject, body = kind.shipped(lang) if last is None or last.is_shipped else (last.subject, last.body)
        number = last.number if last is not None else 0
        values |= {f"subject_{lang}": subject, f"body_{lang}": body, f"number_{lang}": number}
    return WordsForm(formdata=None, data=values)


def _clash(kind: LetterKind, form: WordsForm) -> str:
    """Both texts are shown; saving once more puts one's own over the newer version, knowingly."""
    stored = {lang: services.newest(kind.name, lang) for lang in LANGUAGES}
    for lang, row in stored.items():
        form[f"number_{lang}"].data = row.number if row is not None else 0
    newer = [row for row in stored.values() if row is not None]
    return _page(kind, form, newer=newer)


def _page(kind: LetterKind, form: WordsForm, *, previews: object = (), newer: object = ()) -> str:
    versions = queries.versions_of(kind.name)
    in_force = {lang: next((row for row in versions if row.lang == lang), None) for lang in LANGUAGES}
    return render_template(
        "journal/wording.html",
        kind=kind,
        stage=queries.STAGE_LABELS.get(kind.stage, kind.stage),
        form=form,
        previews=previews,
        newer=newer,
        versions=versions,
        own=[lang for lang, row in in_force.items() if row is not None and not row.is_shipped],
    )
