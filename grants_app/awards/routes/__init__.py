"""Pages of the fourth stage: ranking, meetings, results, the applicant's decision, complaints."""

from __future__ import annotations

from flask import Flask

from grants_app.accounts.queries.account import account_askers
from grants_app.accounts.queries.ledger import ledger_sources, public_sources
from grants_app.applications.policy import held_by
from grants_app.applications.queries import considered_without
from grants_app.awards.queries import ledger
from grants_app.awards.queries.access import recused_at_meetings, withheld_codes
from grants_app.awards.queries.admission import why_held
from grants_app.awards.queries.conflict_lines import recusal_statements
from grants_app.awards.routes import answers, explanation, items, meetings, ranking, results, stability
from grants_app.awards.routes.blueprint import blueprint
from grants_app.awards.routes.panels import init_panels
from grants_app.journal.queries import withhold_by
from grants_app.reviews.queries.conflict_lines import also_stated


def init_app(app: Flask) -> None:
    """Register the pages, the words of the bar and the work-list lines."""
    app.register_blueprint(blueprint)
    init_panels()
    stability.init_panels()
    if recused_at_meetings not in considered_without:
        considered_without.append(recused_at_meetings)
    if why_held not in held_by:
        held_by.append(why_held)
    _init_ledger()
    withhold_by(withheld_codes)
    if recusal_statements not in also_stated:
        also_stated.append(recusal_statements)


def _init_ledger() -> None:
    if ledger.ledger_lines not in ledger_sources:
        ledger_sources.append(ledger.ledger_lines)
        public_sources.append(ledger.public_lines)
        account_askers.append(ledger.wants_account)


__all__ = ["answers", "explanation", "init_app", "items", "meetings", "ranking", "results", "stability"]
