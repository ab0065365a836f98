"""The least a page of ranked rows can cost on this stack: Flask, SQLAlchemy Core and one plain Jinja table.

No forms, no translations, no permissions, no layout; one row is read for the person whom a signed cookie names.
"""

from __future__ import annotations

import os
from typing import Any

import sqlalchemy as sa
from flask import Flask, abort, render_template_string, request, session

PAGE = """<!DOCTYPE html><html lang="uk"><head><meta charset="utf-8"><title>Ranking</title></head><body>
<p>{{ person.full_name }}</p><table><tr><th>Place</th><th>Project</th><th>Score</th><th>Marks</th><th>Requested</th>
<th>By the rule</th><th>Proposed</th><th>Running</th><th>State</th></tr>
{% for row in rows %}
<tr><td>{{ row.place }}</td><td><a href="/ranking/{{ row.code }}">{{ row.title }}</a> {{ row.short_name }}
{{ row.code }}
{{ row.strip }}</td><td>{{ row.score_text }}</td><td>{{ row.marks_text }}</td><td>{{ row.requested_kop }}</td>
<td>{{ row.rule_kop }}</td><td>{{ row.proposed_kop }}</td><td>{{ row.running_kop }}</td><td>{{ row.outcome }}</td></tr>
{% endfor %}
</table></body></html>"""

RANKED = sa.text(
    """
    SELECT line.place, line.score_text, line.marks_text, line.strip, line.outcome, line.rule_kop, line.running_kop,
           bid.code, bid.title, body.short_name, award.requested_kop, award.proposed_kop
    FROM ranking_line AS line
    JOIN ranking ON ranking.id = line.ranking_id AND ranking.is_current
    JOIN competition ON competition.id = ranking.competition_id AND competition.code = :code
    JOIN application AS bid ON bid.id = line.application_id
    JOIN award ON award.application_id = bid.id
    LEFT JOIN organisation AS body ON body.id = bid.organisation_id
    ORDER BY line.position LIMIT :rows
    """
)
PERSON = sa.text('SELECT id, full_name FROM "user" WHERE email = :email')


def create_app() -> Flask:
    """The application, on the database of the product."""
    app = Flask(__name__)
    app.secret_key = os.environ["GRANTS_SECRET_KEY"]
    engine = sa.create_engine(os.environ["GRANTS_DATABASE_URL"])

    @app.get("/enter/<email>")
    def enter(email: str) -> str:
        session["email"] = email
        return "ok"

    @app.get("/ranking/<code>/<int:rows>")
    def ranking(code: str, rows: int) -> str:
        with engine.connect() as connection:
            person = connection.execute(PERSON, {"email": session.get("email", "")}).first()
            if person is None:
                abort(403)
            found: Any = connection.execute(RANKED, {"code": code, "rows": rows}).all()
        return render_template_string(PAGE, person=person, rows=found, path=request.path)

    return app
