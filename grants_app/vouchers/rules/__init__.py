"""Arithmetic and fixed lists of the vouchers, and the letters of the stage."""

from grants_app.vouchers.rules.arithmetic import AREAS, CODE_BODY, DECISION_WORKING_DAYS, Compensation, compensation
from grants_app.vouchers.rules.letters import LETTERS

__all__ = ["AREAS", "CODE_BODY", "DECISION_WORKING_DAYS", "LETTERS", "Compensation", "compensation"]
