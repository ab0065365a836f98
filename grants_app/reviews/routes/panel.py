"""The secretary's page of a panel: who is invited, who agreed, whether they are enough, certificates of work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from grants_app.accounts.models import User
from grants_app.applications.queries import hidden_ids
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import days_off
from grants_app.core import clock
from grants_app.core.errors import DomainError, NotFound
from grants_app.database import unit_of_work
from grants_app.journal.jobs import every_minute
from grants_app.journal.queries import describe
from grants_app.permissions import Permission, Role
from grants_app.reviews import documents
from grants_app.reviews.forms import ReasonForm
from grants_app.reviews.forms.invitations import InviteForm, InvitePersonForm, RespondForm
from grants_app.reviews.models import PanelInvitation
from grants_app.reviews.policy import invitations as policy
from grants_app.reviews.queries import certificates
from grants_app.reviews.queries import invitations as queries
from grants_app.reviews.queries.people import known_fields, open_competitions
from grants_app.reviews.routes.blueprint import Answer, blueprint, competition_of, lang, said, viewer
from grants_app.reviews.routes.proposal import address_of_a_fresh_one
from grants_app.reviews.rules.experts import LANGUAGES
from grants_app.reviews.schemas.experts import PanelSchema
from grants_app.reviews.services import certificates as papers
from grants_app.reviews.services import invitations as services
from grants_app.reviews.services import removal
from grants_app.web import panels
from grants_app.web.access import requires
from grants_app.web.context import Linked
from grants_app.web.errors import put_on_form, sentence
from grants_app.web.export import respond
from grants_app.web.panels import DueItem, NavEntry

# Terms of up to ten days run in working days.
DAYS_TO_ANSWER = 5


@dataclass
class Forms:
    """The forms of the page: the one that was refused stands there with what was typed."""

    pool: InviteForm = field(default_factory=lambda: InviteForm(formdata=None))
    person: InvitePersonForm = field(default_factory=lambda: InvitePersonForm(formdata=None))
    reason: ReasonForm = field(default_factory=lambda: ReasonForm(formdata=None))
    refused_certificate: str = ""
    refused_invitation: str = ""


def init_panels() -> None:
    """Words of the bar and of the journal, lines of the work list."""
    panels.register_nav(
        NavEntry("My expert profile", "reviews.own_profile", 40, frozenset({Role.EXPERT.value})),
        NavEntry("My certificates", "reviews.certificates", 50, frozenset({Role.EXPERT.value})),
    )
    panels.register_due("reviews.panel", _due)
    describe(
        {
            "panel_invitation": "Invitation to a panel",
            "panel_invitation.invite": "Expert invited to the panel",
            "work_certificate": "Certificate of an expert’s work",
            "work_certificate.issue": "Certificate issued",
            "work_certificate.revoke": "Certificate revoked",
            "work_certificate.issue_anew": "Certificate issued anew",
        }
    )


@every_minute("reviews.invitations")
def lapse() -> None:
    """Record the invitations whose term has passed."""
    if not queries.overdue_invitations():
        return
    with unit_of_work():
        services.lapse_invitations()


def _due(user: User) -> Iterable[DueItem]:
    for one in queries.own_invitations(user):
        if policy.why_not_answer(one) is None:
            what = gettext("Answer the invitation: %(title)s", title=one.competition.title)
            url = url_for("reviews.own_invitation", code=one.code)
            yield DueItem(one.respond_by, what, url, gettext("Without an answer the place is freed"), gettext("Answer"))
    if user.can(Permission.REVIEW_ASSIGN):
        yield from _due_of_secretary(user)


def _due_of_secretary(user: User) -> Iterable[DueItem]:
    for competition in open_competitions():
        if policy.why_not_keep_panel(user, competition) or not queries.has_invitations(competition):
            continue
        forecast = queries.forecast(competition, hidden_ids(user, competition))
        if forecast.agreed_count + forecast.awaited_count < forecast.needed_count:
            what = gettext("Invite more experts: %(code)s", code=competition.code)
            why = gettext(
                "%(needed)s reviews are needed, those who agreed can give %(agreed)s",
                needed=forecast.needed_count,
                agreed=forecast.agreed_count,
            )
            url = url_for("reviews.panel", code=competition.code)
            yield DueItem(competition.scoring_until, what, url, why, gettext("Invite"))


@blueprint.get("/<string:code>/panel")
@requires(Permission.REVIEW_ASSIGN)
def panel(code: str) -> str:
    """Invitations with their answers, the forecast, the people who can be invited."""
    return _page(competition_of(code), Forms())


@blueprint.get("/<string:code>/panel.<any(json,csv,xlsx,pdf):suffix>")
@requires(Permission.REVIEW_ASSIGN)
def panel_file(code: str, suffix: str) -> Response:
    """The list of invitations as it is on the screen, without reasons of declines."""
    competition = competition_of(code)
    rows = queries.panel_rows(competition, viewer())
    frame = documents.table_frame(gettext("Panel of experts"), competition, lang=lang())
    return respond(rows, PanelSchema, suffix, file_name=f"panel-{code}", document=frame, scope=code)


@blueprint.post("/<string:code>/panel/invite")
@requires(Permission.REVIEW_ASSIGN)
def invite(code: str) -> Answer:
    """Invite several people of the pool at once."""
    competition = competition_of(code)
    form = InviteForm()
    if form.validate_on_submit() and form.respond_by.data is not None:
        try:
            with unit_of_work() as unit:
                until = clock.end_of_day(form.respond_by.data)
                made = services.invite_from_pool(competition, form.people.data or [], respond_by=until, by=viewer())
                unit.answer = url_for("reviews.panel", code=code)
            told = ngettext(
                "%(num)d letter waits: look it through and release it under “Letters”",
                "%(num)d letters wait: look them through and release them under “Letters”",
                len(made),
            )
            flash(told, "ok")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _page(competition_of(code), Forms(pool=form)), 422


@blueprint.post("/<string:code>/panel/invite-person")
@requires(Permission.REVIEW_ASSIGN)
def invite_person(code: str) -> Answer:
    """Invite somebody by name and address."""
    competition = competition_of(code)
    form = InvitePersonForm()
    if form.validate_on_submit() and form.respond_by.data is not None:
        try:
            with unit_of_work() as unit:
                services.invite_person(
                    competition,
                    form.full_name.data,
                    form.email.data,
                    respond_by=clock.end_of_day(form.respond_by.data),
                    by=viewer(),
                )
                unit.answer = url_for("reviews.panel", code=code)
            flash(gettext("The invitation is in the outbox"), "ok")
            return redirect(unit.answer)
        except DomainError as error:
            put_on_form(form, error)
    return _page(competition_of(code), Forms(person=form)), 422


@blueprint.post("/<string:code>/panel/<string:invitation>/again")
@requires(Permission.REVIEW_ASSIGN)
def invite_again(code: str, invitation: str) -> Answer:
    """Send a new letter; the link of the earlier one stops working."""
    found = _found(competition_of(code), invitation)
    form = RespondForm()
    if form.validate_on_submit() and form.respond_by.data is not None:
        with unit_of_work() as unit:
            services.invite_again(found, respond_by=clock.end_of_day(form.respond_by.data), by=viewer())
            unit.answer = url_for("reviews.panel", code=code)
        flash(gettext("A new letter is in the outbox. The link of the earlier one no longer works"), "ok")
        return redirect(unit.answer)
    # The page sends the day itself, so a wrong one means that it was open overnight.
    flash(gettext("The page was open too long: look at the new term and press the button again"), "warn")
    return redirect(url_for("reviews.panel", code=code))


@blueprint.post("/<string:code>/panel/<string:invitation>/withdraw")
@requires(Permission.REVIEW_ASSIGN)
def withdraw(code: str, invitation: str) -> Answer:
    """Take an invitation back."""
    found = _found(competition_of(code), invitation)
    with unit_of_work() as unit:
        services.withdraw_invitation(found, by=viewer())
        unit.answer = url_for("reviews.panel", code=code)
    flash(gettext("The invitation is withdrawn"), "ok")
    return redirect(unit.answer)


@blueprint.post("/<string:code>/panel/<string:invitation>/remove")
@requires(Permission.REVIEW_ASSIGN)
def remove_expert(code: str, invitation: str) -> Answer:
    """Remove an expert who has agreed; where that leaves places free, a proposal of who takes them stands next."""
    competition = competition_of(code)
    found = _found(competition, invitation)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(competition, Forms(reason=form, refused_invitation=invitation)), 422
    with unit_of_work() as unit:
        removed = removal.remove_from_panel(found, form.reason.data or "", by=viewer())
        freed = removed.freed_for(viewer())
        unit.answer = url_for("reviews.panel", code=code)
    flash(gettext("The expert is removed from the panel"), "ok")
    if kept := removed.kept_count:
        flash(ngettext("%(num)d finished review stays and counts", "%(num)d finished reviews stay and count", kept))
    if not freed:
        return redirect(unit.answer)
    told = ngettext("%(num)d application needs another expert", "%(num)d applications need other experts", freed)
    flash(f"{told}. {gettext('Look at the proposal')}", "warn")
    return redirect(address_of_a_fresh_one(competition_of(code)))


@blueprint.post("/<string:code>/panel/certificates/<string:certificate>/revoke")
@requires(Permission.REVIEW_ASSIGN)
def revoke_certificate(code: str, certificate: str) -> Answer:
    """Revoke a certificate of work, with the reason."""
    competition = competition_of(code)
    found = certificates.certificate_in(competition, certificate)
    if found is None:
        raise NotFound()
    form = ReasonForm()
    if form.validate_on_submit():
        with unit_of_work() as unit:
            papers.revoke(found, form.reason.data or "", by=viewer())
            unit.answer = url_for("reviews.panel", code=code)
        flash(gettext("The certificate is revoked: its check now says so"), "ok")
        return redirect(unit.answer)
    return _page(competition_of(code), Forms(reason=form, refused_certificate=certificate)), 422


@blueprint.post("/<string:code>/panel/certificates/<string:certificate>/anew")
@requires(Permission.REVIEW_ASSIGN)
def issue_certificate_anew(code: str, certificate: str) -> Answer:
    """Issue a new certificate, with a new code, instead of a revoked one."""
    found = certificates.certificate_in(competition_of(code), certificate)
    if found is None:
        raise NotFound()
    with unit_of_work() as unit:
        papers.issue_anew(found, by=viewer())
        unit.answer = url_for("reviews.panel", code=code)
    flash(gettext("A new certificate is issued. The earlier code stays revoked"), "ok")
    return redirect(unit.answer)


def _found(competition: Competition, code: str) -> PanelInvitation:
    found = queries.panel_invitation(competition, code)
    if found is None:
        raise NotFound()
    return found


def _page(competition: Competition, forms: Forms) -> str:
    choices = queries.invitable_people(competition)
    forms.pool.people.choices = [SelectChoice(one.email, one.name) for one in choices]
    obstacles = policy.obstacles_to_invite(competition, [one.person for one in choices])
    rows = queries.panel_rows(competition, viewer())
    agreed = [row.person for row in rows if row.person is not None]
    lost = policy.obstacles_to_invite(competition, agreed)
    refusal = policy.why_not_keep_panel(viewer(), competition)
    last_day = _default_day(competition)
    papers_issued = certificates.certificates_of(competition)
    for form in (forms.pool, forms.person):
        if form.respond_by.data is None and not form.respond_by.errors:
            form.respond_by.data = last_day
    return render_template(
        "reviews/panel.html",
        competition=competition,
        rows=[
            Linked(row, obstacle=sentence(lost[row.person.id]) if row.person and row.person.id in lost else "")
            for row in rows
        ],
        forecast=queries.forecast(competition, hidden_ids(viewer(), competition)),
        is_listed=queries.has_invitations(competition),
        choices=choices,
        obstacles={one.email: sentence(obstacles[one.person.id]) for one in choices if one.person.id in obstacles},
        picked=forms.pool.people.data or [],
        fields=dict(known_fields()),
        language_words=LANGUAGES,
        forms=forms,
        form=forms.pool if forms.pool.errors else forms.person if forms.person.errors else forms.reason,
        refusal=said(refusal),
        last_day=last_day,
        certificates=papers_issued,
        is_at_work=competition.state in queries.OPEN_FOR_ANSWERS,
        to_issue_anew=certificates.to_issue_anew(papers_issued),
    )


def _default_day(competition: Competition) -> date:
    """Five working days from today, but not beyond the last day of scoring."""
    day = clock.add_term(clock.today(), DAYS_TO_ANSWER, working=True, days_off=days_off())
    return day if competition.scoring_until is None else min(day, clock.last_day(competition.scoring_until))
