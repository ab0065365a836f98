"""Columns of the tables that leave the review, named once for page, JSON, CSV, XLSX and PDF."""

from grants_app.reviews.schemas.progress import DivergenceSchema, MissingSchema, ProgressSchema, summary_schema

__all__ = ["DivergenceSchema", "MissingSchema", "ProgressSchema", "summary_schema"]
