"""Papers of the review: the review sheet, frames of exported tables."""

from grants_app.reviews.documents.sheet import MARK_WORDS, comma, review_sheet, table_frame

__all__ = ["MARK_WORDS", "comma", "review_sheet", "table_frame"]
