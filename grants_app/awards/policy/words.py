"""Reasons that several steps share."""

ROLE = "Your role does not allow this step"
WITHOUT_YOU = "This item is considered without you: a conflict of interest is declared"
NO_SEAT = "You have no seat in the commission of this competition"
CHAIR_ONLY = "Only the chair of the commission may do this"
