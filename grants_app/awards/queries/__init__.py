"""What the stage reads: the ranked list, meetings, decisions, what is public."""

from grants_app.awards.queries.invariants import broken_awards

__all__ = ["broken_awards"]
