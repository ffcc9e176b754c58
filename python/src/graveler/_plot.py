"""A result as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Optional

import numpy as np

from ._errors import InvalidError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ._result import Result

# Okabe and Ito's colours, which colour-blind people tell apart.
BLUE, VERMILION, GREEN, BLACK = "#0072B2", "#D55E00", "#009E73", "#000000"


def _title(result: Result) -> str:
    experiment = result.experiment
    what = f"chance {experiment.chance}" if experiment.chance else f"die {experiment.die}"
    kind = "the longest streak of " if experiment.statistic == "streak" else ""
    return f"{result.sessions:,} sessions: {kind}{experiment.rolls:,} rolls, {what}"


def _draw_law(result: Result, ax: Axes) -> None:
    """Expected sessions by score, for the scores that a run this long could well show."""
    try:
        law = result.law
    except InvalidError:  # beyond its limits: the histogram stands alone
        return
    expected = law.probabilities * result.sessions
    seen = expected >= 0.01
    ax.plot(
        np.asarray(law.scores)[seen], expected[seen], color=BLACK, linewidth=1.2, label="the exact law"
    )


def _mark_target(result: Result, ax: Axes, low: int, high: int) -> None:
    """A line at the target; where it is far off all that was played, the legend says on which side."""
    target = result.experiment.target
    if target is None:
        return
    near = (high - low) // 3
    line: Dict[str, Any] = {"color": GREEN, "linestyle": ":", "linewidth": 2.0}
    if low - near <= target <= high + near:
        ax.axvline(target, label=f"target {target:,}", **line)
    else:
        side = "right" if target > high else "left"
        ax.plot([], [], label=f"target {target:,}, far to the {side}", **line)


def plot(result: Result, ax: Optional[Axes] = None) -> Axes:
    """Draws it into ax, or into a new figure."""
    histogram, scores = result.histogram, result.scores
    if histogram is None or scores is None or not result.sessions:
        raise InvalidError("plot wants a histogram: run with keep='histogram', and a session or more")
    if ax is None:
        import matplotlib.pyplot

        _, ax = matplotlib.pyplot.subplots()
    assert result.max_score is not None and result.min_score is not None
    low, high = result.min_score, result.max_score
    seen = slice(low - scores.start, high - scores.start + 1)
    ax.bar(
        np.asarray(scores[seen]), histogram[seen], width=1.0, color=BLUE, alpha=0.6, label="sessions played"
    )
    _draw_law(result, ax)
    ax.axvline(high, color=VERMILION, linestyle="--", label=f"highest score {high:,}")
    _mark_target(result, ax, low, high)
    ax.set_yscale("log")
    ax.set_ylim(bottom=0.5)
    ax.set_xlabel("score")
    ax.set_ylabel("sessions")
    ax.set_title(_title(result))
    ax.legend(loc="lower center", framealpha=0.95)  # where the histogram is highest
    return ax
