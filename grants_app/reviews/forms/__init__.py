"""Forms of the review: the sheet, the declaration, the secretary's desk, the pool."""

from grants_app.reviews.forms.declaration import DeclarationForm
from grants_app.reviews.forms.desk import AssignForm, ProlongForm, ReasonForm
from grants_app.reviews.forms.experts import ExpertForm
from grants_app.reviews.forms.sheet import (
    AbstainForm,
    EvidenceForm,
    ScaleField,
    SheetForm,
    VersionForm,
    form_of,
    form_of_names,
)

__all__ = [
    "AbstainForm",
    "AssignForm",
    "DeclarationForm",
    "EvidenceForm",
    "ExpertForm",
    "ProlongForm",
    "ReasonForm",
    "ScaleField",
    "SheetForm",
    "VersionForm",
    "form_of",
    "form_of_names",
]
