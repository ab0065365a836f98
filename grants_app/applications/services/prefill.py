"""Taking over an answer of the organisation's last application."""

from __future__ import annotations

from grants_app.accounts.models import User
from grants_app.applications import policy, queries
from grants_app.applications.models import Application
from grants_app.applications.services.drafts import write_checked
from grants_app.applications.services.loading import lock_application, refuse_if
from grants_app.core.errors import InvalidInput


def take_answer(application: Application, code: str, by: User) -> None:
    """Put the answer of the last application in place of the present one.

    Raises InvalidInput (field: the question) where there is nothing to take.
    """
    application = lock_application(application)
    refuse_if(policy.why_not_edit(by, application) or policy.why_not_write(by, application, {code}))
    question = queries.form_for(application).questions.get(code)
    found = {} if question is None else queries.earlier_answers(application, [question])
    if code not in found:
        raise InvalidInput("There is no earlier answer to take over", field=None if question is None else code)
    write_checked(application, {code: found[code].value}, None, by)
