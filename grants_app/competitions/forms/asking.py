"""Forms of questions about a call."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import DataRequired

from grants_app.competitions.rules.asking import ANSWER_LONGEST, QUESTION_LONGEST
from grants_app.core.wholes import whole
from grants_app.web.fields import Form, MaxCharacters, TextField

WRITE = _l("Write the text: it is empty")


class AskForm(Form):
    """A question of somebody who may apply."""

    text = TextField(
        _l("Your question"),
        [DataRequired(WRITE), MaxCharacters(QUESTION_LONGEST)],
        description=_l("It will be published with the answer, without your name: tell nothing about yourself"),
    )


class _Answering(Form):
    version = HiddenField()

    @property
    def seen_version(self) -> int | None:
        """The version that the page was made from."""
        return whole(self.version.data)


class AnswerForm(_Answering):
    """The answer with the words of the question that are published."""

    published_text = TextField(
        _l("The question as it will be published"),
        [DataRequired(WRITE), MaxCharacters(QUESTION_LONGEST)],
        description=_l("Take out names and whatever tells who asks; the sense stays"),
    )
    answer = TextField(
        _l("The answer"),
        [DataRequired(WRITE), MaxCharacters(ANSWER_LONGEST)],
        description=_l("Everybody will read it; it must not give more than the announcement does to one alone"),
    )


class CorrectForm(AnswerForm):
    """A correction; the earlier answer stays visible."""

    reason = TextField(
        _l("What is corrected and why"),
        [DataRequired(_l("Give the reason: it will be recorded and published")), MaxCharacters(QUESTION_LONGEST)],
        description=_l("It will be published"),
    )


class DeclineForm(_Answering):
    """Why a question is not published."""

    reason = TextField(
        _l("Why the question is not published"),
        [DataRequired(WRITE), MaxCharacters(QUESTION_LONGEST)],
        description=_l("Only the person who asked will read it"),
    )
