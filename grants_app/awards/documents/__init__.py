"""Papers of the decision: lists, summary score sheets, minutes; the steps of a number in words."""

from grants_app.awards.documents.engine import check_rows, engine_archive
from grants_app.awards.documents.lists import list_document, minutes_document, signatures, summary_sheets

__all__ = ["check_rows", "engine_archive", "list_document", "minutes_document", "signatures", "summary_sheets"]
