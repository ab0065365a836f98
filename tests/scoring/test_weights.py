"""Aids for weights against the textbook values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scoring.weights import direct_weights, pairwise_weights, rank_order_centroid, swing_weights


@pytest.fixture
def textbook(shared_data: Path) -> Any:
    return json.loads((shared_data / "agreement-textbook" / "expected.json").read_text(encoding="utf-8"))


def test_rank_order_centroid_matches_the_textbook(textbook: Any) -> None:
    for count, expected in textbook["rank_order_centroid_weights"].items():
        assert [float(weight) for weight in rank_order_centroid(int(count))] == pytest.approx(expected, abs=1e-12)
        assert sum(rank_order_centroid(int(count))) == 1


def test_pairwise_comparison_matches_the_textbook(textbook: Any) -> None:
    known = textbook["ahp_example_4x4"]
    found = pairwise_weights(known["matrix"])
    assert found.weights == pytest.approx(known["eigenvector_weights"], abs=1e-9)
    assert found.largest_eigenvalue == pytest.approx(known["lambda_max"], abs=1e-9)
    assert found.consistency_ratio == pytest.approx(known["consistency_ratio_RI_0.90"], abs=1e-9)
    assert found.accepted


def test_contradicting_comparisons_are_to_be_asked_again() -> None:
    assert not pairwise_weights([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]).accepted


@pytest.mark.parametrize("matrix", [[[1, 2]], [[1, 2], [1, 1]], [[1, -1], [-1, 1]], []])
def test_malformed_comparisons_refused(matrix: Any) -> None:
    with pytest.raises(ValueError, match="comparisons"):
        pairwise_weights(matrix)


@pytest.mark.parametrize("points", [[], [0, 0], [100, -1]])
def test_swings_without_any_weight_refused(points: list[int]) -> None:
    with pytest.raises(ValueError, match="swings"):
        swing_weights(points)


@pytest.mark.parametrize("points", [[], [50, 49], [101, -1]])
def test_points_that_do_not_add_up_refused(points: list[int]) -> None:
    with pytest.raises(ValueError, match="add up to 100"):
        direct_weights(points)
