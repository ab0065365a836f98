"""«Експерти й оцінювання»: the rules of the panel are set in a draft, told to applicants, frozen and copied."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from grants_app.competitions import services
from grants_app.competitions.models import Competition, FrozenRulesError
from grants_app.competitions.rules import OWN_FIELD
from grants_app.core.errors import InvalidInput
from grants_app.database import db, unit_of_work
from tests.support.calls import CODE, announced_call, new_call
from tests.support.time import FrozenClock
from tests.support.visitors import visit_as

ADDRESS = f"/competitions/{CODE}/settings/panel"
SENT: dict[str, object] = {
    "scoring_by": "experts",
    "experts_per_application": "3",
    "justification_min": "20",
    "divergence_bp": "25",
    "divergence_rule": "extra_expert",
    "required_fields": [OWN_FIELD, "green"],
    "most_per_expert": "12",
    "kept_experts": "1",
    "blind_phases": ["scoring"],
}
PANEL = services.PanelSetting((OWN_FIELD, "green"), 12, 1, "extra_expert", ("scoring",))


def rules_of(code: str = CODE) -> tuple[object, ...]:
    one = db.session.scalars(sa.select(Competition).filter_by(code=code)).one()
    return one.required_fields, one.most_per_expert, one.kept_experts, one.divergence_rule, one.blind_phases


def sentences(page: str) -> list[str]:
    heading = BeautifulSoup(page, "html.parser").find("h3", string="Who scores and how")
    assert heading is not None
    return [item.get_text() for item in heading.find_next("ul").select("li")]  # type: ignore[union-attr]


def test_panel_saved_by_the_page_and_shown_again(app: Flask, clock: FrozenClock) -> None:
    organizer = visit_as(app, new_call().organizer)
    assert organizer.post(ADDRESS, data=SENT).status_code == 302
    assert rules_of() == ([OWN_FIELD, "green"], 12, 1, "extra_expert", ["scoring"])
    page = BeautifulSoup(organizer.get(ADDRESS).text, "html.parser")
    checked = [box["value"] for box in page.select("main input[checked]")]
    assert checked == ["experts", "extra_expert", OWN_FIELD, "green", "scoring"]
    assert organizer.post(ADDRESS, data={**SENT, "required_fields": [], "blind_phases": []}).status_code == 302
    assert rules_of() == ([], 12, 1, "extra_expert", [])


@pytest.mark.parametrize(
    ("field", "value"),
    [("divergence_rule", "quarrel"), ("blind_phases", ["always"]), ("required_fields", ["astrology"])],
)
def test_choice_that_is_not_offered_refused(app: Flask, clock: FrozenClock, field: str, value: object) -> None:
    organizer = visit_as(app, new_call().organizer)
    answer = organizer.post(ADDRESS, data={**SENT, field: value})
    links = BeautifulSoup(answer.text, "html.parser").select(".govuk-error-summary a")
    assert (answer.status_code, [link["href"] for link in links]) == (422, [f"#{field}"])
    assert rules_of() == ([], None, 0, "discuss", [])


@pytest.mark.parametrize(
    ("panel", "field"),
    [
        (services.PanelSetting(required_fields=("astrology",)), "required_fields"),
        (services.PanelSetting(most_per_expert=0), "most_per_expert"),
        (services.PanelSetting(kept_experts=4), "kept_experts"),
        (services.PanelSetting(divergence_rule="quarrel"), "divergence_rule"),
        (services.PanelSetting(blind_phases=("always",)), "blind_phases"),
    ],
)
def test_panel_refused_below_the_form(app: Flask, clock: FrozenClock, panel: services.PanelSetting, field: str) -> None:
    call = new_call()
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        services.update_scoring(
            call.competition, scoring_by="experts", experts_per_application=3, panel=panel, by=call.organizer
        )
    assert refused.value.field == field
    assert rules_of() == ([], None, 0, "discuss", [])


def test_panel_left_alone_when_only_scoring_is_given(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    for panel in (PANEL, None):
        with unit_of_work():
            services.update_scoring(
                call.competition, scoring_by="experts", experts_per_application=3, panel=panel, by=call.organizer
            )
    assert rules_of() == ([OWN_FIELD, "green"], 12, 1, "extra_expert", ["scoring"])


def test_panel_told_to_applicants_frozen_and_copied(app: Flask, clock: FrozenClock) -> None:
    call = new_call()
    with unit_of_work():
        services.update_scoring(
            call.competition,
            scoring_by="experts",
            experts_per_application=3,
            divergence_bp=2500,
            panel=PANEL,
            by=call.organizer,
        )
        services.announce(call.competition, by=call.organizer)
    assert sentences(app.test_client().get(f"/competitions/{CODE}?lang=en").text) == [
        "Each application is scored by 3 experts independently of each other.",
        "Nobody scores an application with which they have a conflict of interest; "
        "two people of one organisation do not score the same application.",
        "At least one of them knows each of these fields: the priority of the application; Зелене місто.",
        "Where the applicant applied before, 1 expert of that application scores the new one if possible.",
        "If their totals differ by more than 25% of the scale, one more expert is called in.",
        "Experts do not see who applies: names and contacts are hidden from them.",
    ]
    assert app.test_client().get(f"/competitions/{CODE}.pdf").data[:5] == b"%PDF-"
    assert visit_as(app, call.organizer).post(ADDRESS, data=SENT).status_code == 422
    competition = db.session.get_one(Competition, call.competition.id)
    for name, value in (("blind_phases", []), ("most_per_expert", 1), ("divergence_rule", "none")):
        with pytest.raises(FrozenRulesError), unit_of_work():
            setattr(competition, name, value)
    with unit_of_work():
        services.copy_competition(call.competition, code="2028-SKP", title="Далі", year=2028, by=call.organizer)
    assert rules_of("2028-SKP") == rules_of()


def test_announcement_without_special_rules(app: Flask, clock: FrozenClock) -> None:
    announced_call()
    assert sentences(app.test_client().get(f"/competitions/{CODE}?lang=en").text)[2:] == [
        "If their totals differ by more than 30% of the scale, they discuss it.",
        "Experts and the commission see who applies.",
    ]
