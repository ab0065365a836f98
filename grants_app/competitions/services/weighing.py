"""Help with the weights of criteria before they are announced: proposals of the engine, and taking one over.

Advice only: what counts are the weights of the criteria, which the announcement freezes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from grants_app.competitions.models import Competition, Criterion
from grants_app.competitions.queries import uses_percent
from grants_app.competitions.services.settings import CriterionSetting, editable, update_criteria
from grants_app.core.errors import InvalidInput, NotAllowed
from grants_app.core.figures import Figure, fixed
from grants_app.journal.services import Actor
from scoring.weights import LARGEST_INCONSISTENCY, pairwise_weights, rank_order_centroid, swing_weights

MOST_COMPARED: Final = 10
_PARTS: Final = 1000  # weights are proposed in tenths and add up to exactly 100

Pair = tuple[int, int]  # positions of two criteria among those counted, the first before the second


def weighed_criteria(competition: Competition) -> list[Criterion]:
    """The criteria that share the 100 among them."""
    return [one for one in competition.criteria if one.counted]


def why_not_weigh(competition: Competition, *, in_pairs: bool) -> str | None:
    """What leaves nothing to propose."""
    count = len(weighed_criteria(competition))
    if not uses_percent(competition):
        return "This competition adds points up: its weights multiply points and are no shares of 100"
    if count < 2:
        return "Add at least two criteria first"
    if in_pairs and count > MOST_COMPARED:
        return "More than ten criteria cannot be compared in pairs: name their order instead"
    return None


def weights_of_order(places: Sequence[int]) -> tuple[str, ...]:
    """Weights by the rank-order centroid. Raises InvalidInput at `place_N` unless each place from 1 is named once."""
    for number, place in enumerate(places, 1):
        if not 1 <= place <= len(places) or place in places[: number - 1]:
            raise InvalidInput(
                "Name every place from 1 to %(count)s exactly once",
                field=f"place_{number}",
                facts={"count": len(places)},
            )
    weights = rank_order_centroid(len(places))
    return _in_tenths([weights[place - 1] for place in places])


def weights_of_swings(points: Sequence[int]) -> tuple[str, ...]:
    """Weights in the measure of the points. Raises InvalidInput at `swing_1` where all of them are 0."""
    if not any(points):
        raise InvalidInput("Give at least one criterion more than 0", field="swing_1")
    return _in_tenths(swing_weights(points))


def weights_of_pairs(count: int, answers: Mapping[Pair, Fraction]) -> tuple[str, ...]:
    """Weights from comparisons in pairs (AHP): how many times the first of each pair matters more.

    Raises InvalidInput at the comparison `pair_A_B` that agrees least with all the others when they contradict one
    another, so that it is asked again.
    """
    cells = [[Fraction(1)] * count for _ in range(count)]
    for (first, second), times in answers.items():
        cells[first][second], cells[second][first] = times, 1 / times
    found = pairwise_weights([[float(cell) for cell in row] for row in cells])
    if not found.accepted:
        first, second = max(answers, key=lambda pair: _strain(found.weights, pair, answers[pair]))
        raise InvalidInput(
            "The comparisons contradict one another (ratio %(ratio)s, at most %(most)s): look at this one again",
            field=f"pair_{first + 1}_{second + 1}",
            facts={"ratio": _figure(found.consistency_ratio), "most": _figure(LARGEST_INCONSISTENCY)},
        )
    return _in_tenths([Fraction(weight) for weight in found.weights])


def take_weights(competition: Competition, weights: Sequence[str], *, by: Actor, version: int | None = None) -> None:
    """Write proposed weights into the criteria; everything else of them stays. Raises NotAllowed, EditConflict."""
    found = editable(competition, by, version)
    refusal = why_not_weigh(found, in_pairs=False)
    if refusal is not None:
        raise NotAllowed(refusal)
    proposed = dict(zip((one.code for one in weighed_criteria(found)), weights, strict=True))
    settings = [
        CriterionSetting(
            title=one.title,
            weight=proposed.get(one.code, one.weight),
            minimum=one.minimum,
            maximum=one.maximum,
            step=one.step,
            pass_mark=one.pass_mark,
            question=one.question,
            bands=one.bands,
            code=one.code,
            counted=one.counted,
        )
        for one in found.criteria
    ]
    update_criteria(found, settings, by=by, version=version)


def _strain(weights: Sequence[float], pair: Pair, times: Fraction) -> float:
    """By what factor an answer departs from what the weights say."""
    said = float(times) * weights[pair[1]] / weights[pair[0]]
    return max(said, 1 / said)


def _figure(value: float) -> Figure:
    return Figure(fixed, value)


def _in_tenths(weights: Sequence[Fraction]) -> tuple[str, ...]:
    """Shares of 100 with one decimal; what rounding leaves goes to the largest remainders, equal ones in order."""
    whole = sum(weights, Fraction(0))
    exact = [weight * _PARTS / whole for weight in weights]
    parts = [int(part) for part in exact]
    order = sorted(range(len(exact)), key=lambda index: (parts[index] - exact[index], index))
    for index in order[: _PARTS - sum(parts)]:
        parts[index] += 1
    return tuple(str(part // 10) if part % 10 == 0 else f"{part // 10}.{part % 10}" for part in parts)
