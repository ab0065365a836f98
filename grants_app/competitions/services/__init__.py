"""Writing competitions: creation, settings, the steps of the announcement, the calendar of working days."""

from __future__ import annotations

from grants_app.competitions.services.amendments import (
    begin_amendment,
    discard_amendment,
    publish_amendment,
    save_amended_texts,
)
from grants_app.competitions.services.creation import adopt_rules, copy_competition, create_competition
from grants_app.competitions.services.days import add_day_off, remove_day_off
from grants_app.competitions.services.intake import IntakeSetting, update_intake
from grants_app.competitions.services.settings import (
    AdmissionSetting,
    CalendarSetting,
    CriterionSetting,
    LotSetting,
    PanelSetting,
    PrioritySetting,
    set_seats,
    update_basics,
    update_calendar,
    update_criteria,
    update_lots,
    update_priorities,
    update_rules,
    update_scoring,
)
from grants_app.competitions.services.steps import announce, cancel, prolong, record_openings

__all__ = [
    "AdmissionSetting",
    "CalendarSetting",
    "CriterionSetting",
    "IntakeSetting",
    "LotSetting",
    "PanelSetting",
    "PrioritySetting",
    "add_day_off",
    "adopt_rules",
    "announce",
    "begin_amendment",
    "cancel",
    "copy_competition",
    "create_competition",
    "discard_amendment",
    "prolong",
    "publish_amendment",
    "record_openings",
    "remove_day_off",
    "save_amended_texts",
    "set_seats",
    "update_basics",
    "update_calendar",
    "update_criteria",
    "update_intake",
    "update_lots",
    "update_priorities",
    "update_rules",
    "update_scoring",
]
