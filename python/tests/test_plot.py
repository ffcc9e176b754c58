"""The picture, by what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graveler

matplotlib = pytest.importorskip("matplotlib", reason="NO PLOTS ARE TESTED: matplotlib is not here")
matplotlib.use("Agg")


def labels_of(ax: Any) -> Any:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_histogram_law_record_and_target(tmp_path: Path) -> None:
    result = graveler.run(sessions=100_000, seed=42, target=90)
    ax = result.plot()
    assert ax.get_yscale() == "log" and ax.get_xlabel() == "score"
    assert result.histogram is not None and result.max_score is not None and result.min_score is not None
    seen = result.histogram[result.min_score : result.max_score + 1]
    assert [bar.get_height() for bar in ax.patches] == seen.tolist() and seen.sum() == 100_000
    assert [round(bar.get_x() + 0.5) for bar in ax.patches] == list(range(result.min_score, result.max_score + 1))
    lines = {line.get_label(): line.get_xydata() for line in ax.lines}
    assert lines[f"highest score {result.max_score}"][0][0] == result.max_score
    assert lines["target 90"][0][0] == 90
    law = {int(score): expected for score, expected in lines["the exact law"]}
    assert law[57] == pytest.approx(100_000 * graveler.odds().pmf(57))
    assert min(law.values()) >= 0.01
    assert "100,000 sessions" in ax.get_title() and set(lines) <= set(labels_of(ax))
    ax.figure.savefig(tmp_path / "plot.png")
    matplotlib.pyplot.close(ax.figure)


def test_it_draws_where_it_is_told_to() -> None:
    figure = matplotlib.figure.Figure()
    ax = figure.subplots()
    result = graveler.run(sessions=1000, seed=1, rolls=3, die="1..6")
    assert result.plot(ax) is ax and result.plot(ax=ax) is ax
    assert not any(label.startswith("target") for label in labels_of(ax))
    assert np.isclose(sum(bar.get_height() for bar in ax.patches), 2000)


def test_a_far_target_is_told_and_does_not_squeeze_the_rest() -> None:
    ax = graveler.run(sessions=1000, seed=1).plot()
    assert "target 177, far to the right" in labels_of(ax)
    assert ax.get_xlim()[1] < 100
    matplotlib.pyplot.close(ax.figure)


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(graveler.InvalidError, match="histogram"):
        graveler.run(sessions=10, seed=1, keep="max").plot()
