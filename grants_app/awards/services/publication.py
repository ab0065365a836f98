"""Publication: states, letters and the bundle become public in one transaction, or none of them does."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from grants_app.accounts.models import Membership, User
from grants_app.applications.models import Application
from grants_app.awards import policy
from grants_app.awards.models import AgendaItem, Award, Draw, Meeting, Publication, Ranking, RankingLine, Recusal
from grants_app.awards.queries.access import current_ranking
from grants_app.awards.queries.inputs import stored_inputs
from grants_app.awards.rules.letters import LETTERS, WORDS
from grants_app.awards.rules.voting import ANSWER_DAYS, COMPLAINT_DAYS
from grants_app.awards.services.amounts import locked
from grants_app.awards.services.decision import awards_in_order
from grants_app.competitions.models import Competition
from grants_app.competitions.queries import days_off
from grants_app.core import clock, figures
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.database import db
from grants_app.journal.letters import link_to
from grants_app.journal.services import Recipient, advance, digest_of, held_batch, notify_user
from grants_app.permissions import Role
from grants_app.reviews.models import Assignment, Review
from scoring import make_bundle
from scoring.digest import canonical_json

STEPS = {
    "awarded": "award",
    "reserve": "keep_in_reserve",
    "not_awarded": "decline",
    "below_pass_mark": "fail_pass_mark",
}


def publish(competition: Competition, *, typed_code: str, by: User) -> Publication:
    """Make the decision public: states of applications, letters to every applicant, the frozen bundle.

    Raises NotAllowed (not decided, published already, role), InvalidInput (field "code") when the typed code differs.
    """
    competition = locked(competition)
    refusal = policy.why_not_publish(by, competition)
    if refusal is not None:
        raise NotAllowed(refusal)
    if typed_code.strip().upper() != competition.code.upper():
        raise InvalidInput("Type the code of the competition: %(code)s", field="code", facts={"code": competition.code})
    ranking = current_ranking(competition)
    if ranking is None:
        raise NotAllowed("The commission has not signed its decision yet")
    now = clock.now()
    competition.published_at = now
    advance(competition, "publish", by=by)
    until = answer_until()
    awards = awards_in_order(competition)
    for award in awards:
        award.notified_at = now
        award.answer_until = until if award.approved_kop is not None else None
        advance(award.application, STEPS[award.decision or "not_awarded"], by=by)
    publication = _frozen(competition, ranking, by)
    with held_batch("Publish the results", competition.code, by):
        publication.letters_count = _write_letters(competition, ranking, awards, publication)
    db.session.add(publication)
    db.session.flush()
    return publication


def answer_until() -> datetime:
    """The end of the term in which an applicant answers (exclusive)."""
    return clock.end_of_day(clock.add_term(clock.today(), ANSWER_DAYS, working=True, days_off=days_off()))


def heads_of(application: Application) -> list[Recipient]:
    """Heads of the applicant, to whom letters about its award go; else its contact address."""
    heads = db.session.scalars(
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .filter(
            Membership.organisation_id == application.organisation_id,
            Membership.role == Role.NGO_HEAD,
            Membership.ended_at.is_(None),
        )
        .order_by(User.id)
    )
    return list(heads)


def build_bundle(competition: Competition, ranking: Ranking) -> dict[str, object]:
    """The public bundle of the decision: inputs as they were ranked, departures with reasons, recusals, draws."""
    rules, bids, marks = stored_inputs(ranking)
    return make_bundle(
        rules, bids, marks, meeting=_meeting_part(competition, ranking), competition=_competition_part(competition)
    )


def _frozen(competition: Competition, ranking: Ranking, by: User) -> Publication:
    bundle = build_bundle(competition, ranking)
    text = canonical_json(bundle)
    return Publication(
        competition_id=competition.id,
        bundle_text=text,
        bundle_digest=digest_of(bundle),
        result_hash=str(bundle["result_hash"]),
        letters_count=0,
        published_at=clock.now(),
        published_by_id=by.id,
        complaints_until=clock.end_of_day(
            clock.add_term(clock.today(), COMPLAINT_DAYS, working=False, days_off=days_off())
        ),
    )


def _competition_part(competition: Competition) -> dict[str, object]:
    return {
        "code": competition.code,
        "title": competition.title,
        "year": competition.year,
        "decided_at": competition.decided_at.isoformat() if competition.decided_at else "",
    }


def _meeting_part(competition: Competition, ranking: Ranking) -> dict[str, list[dict[str, object]]]:
    names = engine_codes(competition)
    departed = db.session.scalars(
        sa.select(Award)
        .filter(Award.competition_id == competition.id, Award.departure.is_not(None))
        .order_by(Award.position)
    )
    overrides: list[dict[str, object]] = [
        {"application": names[award.application_id], "amount_kop": award.proposed_kop, "reason": award.reason or ""}
        for award in departed
    ]
    recused = db.session.execute(
        sa.select(Meeting.number, AgendaItem.number.label("item"), Recusal.application_id, Recusal.kind)
        .join(AgendaItem, AgendaItem.id == Recusal.item_id)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .filter(Meeting.competition_id == competition.id, Recusal.is_upheld.is_(True))
        .order_by(Meeting.number, AgendaItem.number, Recusal.id)
    )
    recusals: list[dict[str, object]] = [
        {
            "meeting": row.number,
            "item": row.item,
            "kind": row.kind,
            "application": names.get(row.application_id, ""),
        }
        for row in recused
    ]
    draw = db.session.scalar(sa.select(Draw).filter_by(ranking_id=ranking.id).filter(Draw.drawn_at.is_not(None)))
    draws: list[dict[str, object]] = []
    if draw is not None and draw.drawn_at is not None:
        draws.append(
            {"seed": draw.seed, "announced_at": draw.announced_at.isoformat(), "drawn_at": draw.drawn_at.isoformat()}
        )
    return {"overrides": overrides, "recusals": recusals, "draws": draws}


def engine_codes(competition: Competition) -> dict[int, str]:
    """The code under which the engine knows each ranked application."""
    query = (
        sa.select(Application.id, Application.imported_code, Application.code)
        .join(Award, Award.application_id == Application.id)
        .filter(Award.competition_id == competition.id)
    )
    return {row.id: row.imported_code or row.code for row in db.session.execute(query)}


def _write_letters(competition: Competition, ranking: Ranking, awards: list[Award], publication: Publication) -> int:
    lines = {
        line.application_id: line
        for line in db.session.scalars(
            sa.select(RankingLine).options(undefer(RankingLine.criteria)).filter_by(ranking_id=ranking.id)
        )
    }
    comments = _comments(competition)
    heads = _heads(awards)
    titles = {criterion.code: criterion.title for criterion in competition.criteria}
    count = 0
    for award in awards:
        for head in heads[award.application.organisation_id]:
            facts = _facts(award, lines[award.application_id], head.lang, titles)
            told = comments[award.application_id]
            facts["comments"] = "\n".join(f"– {text}" for text in told) or WORDS["no_comments"][head.lang]
            facts["complain_by"] = clock.last_day(publication.complaints_until)
            notify_user(
                head, LETTERS, _letter_name(award), facts=facts, thing="award", code=award.journal_code,
                scope=competition.code,
            )  # fmt: skip
            count += 1
    return count


def _heads(awards: list[Award]) -> dict[int | None, list[User]]:
    ids = {award.application.organisation_id for award in awards if award.application.organisation_id is not None}
    query = (
        sa.select(Membership.organisation_id, User)
        .join(User, User.id == Membership.user_id)
        .filter(Membership.organisation_id.in_(ids), Membership.role == Role.NGO_HEAD, Membership.ended_at.is_(None))
        .order_by(User.id)
    )
    found: dict[int | None, list[User]] = defaultdict(list)
    for organisation_id, user in db.session.execute(query):
        found[organisation_id].append(user)
    return found


def _comments(competition: Competition) -> dict[int, list[str]]:
    """Experts' comments for applicants, without names."""
    query = (
        sa.select(Assignment.application_id, Review.comment_applicant)
        .join(Review, Review.assignment_id == Assignment.id)
        .filter(
            Assignment.competition_id == competition.id,
            Review.submitted_at.is_not(None),
            Review.comment_applicant != "",
        )
        .order_by(Assignment.expert_code)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for row in db.session.execute(query):
        found[row.application_id].append(row.comment_applicant)
    return found


def _letter_name(award: Award) -> str:
    if award.decision == "awarded":
        return "award_partial" if award.needs_consent else "award_full"
    return "award_reserve" if award.decision == "reserve" else "award_refused"


def _facts(award: Award, line: RankingLine, lang: str, titles: dict[str, str]) -> dict[str, Any]:
    means = {code: figures.mean(cell["combined"], lang) for code, cell in line.criteria.items()}
    rows = [f"– {titles.get(code, code)}: {mean}" for code, mean in means.items()]
    reason = (
        award.reason or WORDS[{"partial": "remainder"}.get(award.outcome, award.outcome)][lang]
        if (award.reason or award.outcome in {"partial", "below_pass_mark", "insufficient"})
        else ""
    )
    return {
        "title": award.application.title,
        "code": award.journal_code,
        "amount_kop": award.approved_kop or 0,
        "requested_kop": award.requested_kop,
        "reason": reason,
        "reserve": award.reserve_place or "",
        "score": (figures.number(line.score_text, lang) if line.score_text else "") or WORDS["no_score"][lang],
        "place": line.place if line.status == "ranked" and line.place is not None else "–",
        "criteria": "\n".join(rows),
        "answer_by": clock.last_day(award.answer_until) if award.answer_until else "",
        "link": link_to(f"/awards/decision/{award.journal_code}"),
    }
