"""What the city asks by itself in the coming call: questions of its own, and one amendment after people had begun."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from grants_app.applications.services import drafts
from grants_app.competitions.queries.amendments import working_form
from grants_app.competitions.rules.form import Question
from grants_app.competitions.services import amendments
from grants_app.competitions.services import form as form_services
from grants_app.demo import intake
from grants_app.demo.cast import Club
from grants_app.demo.stage import Stage

PAGE = "rationale"
WHOM = "Хто прийде на ваші заходи"
ACCESS = "Що зробите, щоб люди з інвалідністю могли взяти участь"
NEIGHBOURS = "Чому це важливо саме для ваших сусідів"
GROUPS = (
    ("children", "Діти й підлітки"),
    ("elders", "Люди поважного віку"),
    ("veterans", "Ветерани та їхні родини"),
    ("displaced", "Переселенці"),
    ("disability", "Люди з інвалідністю"),
)
# Words of the last question: as announced, and after applicants had asked for more.
WORDS, MORE_WORDS = 40, 60
REASON = "Заявники писали, що в сорок слів відповідь не вміщується; дозволяємо шістдесят. Подані заявки не змінюються."


def ask(stage: Stage, code: str) -> None:
    """Three questions of the city's own: some of the options, one that depends on them, one limited in words."""
    whom = _put(stage, code, Question("", WHOM, "many", "Позначте всіх, на кого розраховано", options=GROUPS))
    asked_if = {"question": whom, "is": "disability"}
    _put(stage, code, Question("", ACCESS, "long", "Вхід, переклад, супровід", limit=600, show_if=asked_if))
    _put(stage, code, Question("", NEIGHBOURS, "long", limit=WORDS, limit_unit="words", audience="public"))


def answer(stage: Stage, key: str, club: Club) -> None:
    """An applicant answers them."""
    codes = {one.label: one.code for one in working_form(intake.by_key(key).competition).questions.values()}
    values = {
        codes[WHOM]: ["children", "disability"],
        codes[ACCESS]: "Заходи на першому поверсі з пандусом; на двох зустрічах працює перекладачка жестової мови.",
        codes[NEIGHBOURS]: "У нашому мікрорайоні немає місця, де можна зібратися ввечері й познайомитися.",
    }
    stage.do(lambda: drafts.save_answers(intake.by_key(key), values, None, by=stage.user(club.login)))


def amend(stage: Stage, code: str, day: date) -> None:
    """The organizer allows more words, and says why; whoever had begun finds the question marked."""
    organizer = "organizer"
    stage.at(day, 18)
    stage.do(lambda: amendments.begin_amendment(stage.competition(code), by=stage.user(organizer)))

    def allow_more() -> None:
        competition = stage.competition(code)
        found = next(one for one in working_form(competition).questions.values() if one.label == NEIGHBOURS)
        wider = replace(found, limit=MORE_WORDS)
        form_services.save_question(competition, wider, section=PAGE, by=stage.user(organizer))

    stage.do(allow_more)
    stage.do(lambda: amendments.publish_amendment(stage.competition(code), by=stage.user(organizer), reason=REASON))


def _put(stage: Stage, code: str, question: Question) -> str:
    return stage.do(
        lambda: form_services.save_question(stage.competition(code), question, section=PAGE, by=stage.user("organizer"))
    )
