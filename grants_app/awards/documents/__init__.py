"""Papers of the decision: lists, summary score sheets, minutes; the steps of a number in words."""

from grants_app.awards.documents.lists import list_document, minutes_document, signatures, summary_sheets

__all__ = ["list_document", "minutes_document", "signatures", "summary_sheets"]
