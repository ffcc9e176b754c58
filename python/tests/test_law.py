"""The law, held against exact fractions and SciPy."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import graveler


def binomial(rolls: int, chance: Fraction, score: int) -> Fraction:
    return math.comb(rolls, score) * chance**score * (1 - chance) ** (rolls - score)


def tail(rolls: int, chance: Fraction, score: int) -> Fraction:
    return sum((binomial(rolls, chance, s) for s in range(score, rolls + 1)), Fraction(0))


def test_the_founding_law_is_binomial() -> None:
    law, chance = graveler.odds(), Fraction(1, 4)
    assert law.scores == range(232)
    assert law.mean == 57.75 and law.sd == pytest.approx(math.sqrt(231 * 3 / 16), rel=1e-15)
    for score in (0, 57, 99, 177, 231):
        assert law.pmf(score) == pytest.approx(float(binomial(231, chance, score)), rel=1e-15)
        assert law.at_least(score) == pytest.approx(float(tail(231, chance, score)), rel=1e-15)
    assert law.pmf(232) == law.at_least(232) == 0
    assert law.probabilities.sum() == pytest.approx(1, rel=1e-14)
    assert law.probabilities.argmax() == 57 or law.probabilities.argmax() == 58
    cumulative = np.cumsum(law.probabilities)
    assert law.quantile(0.25) == np.searchsorted(cumulative, 0.25)


def test_scipy_agrees() -> None:
    stats = pytest.importorskip("scipy.stats", reason="NOT COMPARED WITH SCIPY: it is not here")
    law = graveler.odds(rolls=305, chance=0.5)
    scores = np.arange(306)
    np.testing.assert_allclose(law.probabilities, stats.binom.pmf(scores, 305, 0.5), rtol=1e-10)
    assert law.at_least(211) == pytest.approx(stats.binom.sf(210, 305, 0.5), rel=1e-10)


def test_beyond_double_there_are_decimals() -> None:
    law = graveler.odds(rolls=5000, chance="1/4")
    exact = tail(5000, Fraction(1, 4), 4600)
    with localcontext() as context:
        context.prec = 40
        want = Decimal(exact.numerator) / Decimal(exact.denominator)
    got = law.at_least(4600, decimal=True)
    assert law.at_least(4600) == 0 < got < Decimal("1e-1000")
    assert abs(got / want - 1) < Decimal("1e-14")
    assert law.pmf(4600, decimal=True) < got
    assert law.sessions_for(4600) == math.inf
    sessions = law.sessions_for(4600, decimal=True)
    assert abs(sessions * want / Decimal(2).ln() - 1) < Decimal("1e-12")
    assert law.sessions_for(5001, decimal=True) == Decimal("Infinity")
    assert law.at_least(5001, decimal=True) == 0


def test_the_highest_of_many() -> None:
    law = graveler.odds(rolls=20, chance="3/10")
    below = 1 - tail(20, Fraction(3, 10), 12)
    assert law.max_at_least(12, 100) == pytest.approx(float(1 - below**100), rel=1e-13)
    assert float(law.max_at_least(12, "1e2", decimal=True)) == pytest.approx(law.max_at_least(12, 100), rel=1e-15)
    expected = sum(1 - (1 - tail(20, Fraction(3, 10), s)) ** 50 for s in range(1, 21))
    assert law.expected_max(50) == pytest.approx(float(expected), rel=1e-13)
    assert law.expected_max(1) == pytest.approx(law.mean, rel=1e-14)
    middle = law.max_quantile(0.5, 50)
    assert law.max_at_least(middle, 50) >= 0.5 > law.max_at_least(middle + 1, 50)
    assert law.sessions_for(12) == pytest.approx(math.log(2) / float(tail(20, Fraction(3, 10), 12)), rel=0.01)


def test_expected_maximum_of_a_die_with_steps() -> None:
    law = graveler.odds(rolls=2, die=[5, 10])
    assert law.scores == range(10, 21, 5)
    # The highest of two sessions: 20 with 7/16, 10 with 1/16, else 15.
    assert law.expected_max(2) == pytest.approx((20 * 7 + 10 + 15 * 8) / 16, rel=1e-15)


def test_the_streak_law_is_counted() -> None:
    law = graveler.odds(rolls=10, chance="1/2", statistic="streak")
    longest = [max(map(len, format(rolls, "b").split("0"))) for rolls in range(1024)]
    for score in range(11):
        assert law.pmf(score) == longest.count(score) / 1024


def test_odds_are_those_of_the_program(cli: Any) -> None:
    told = cli("odds", "--die=1..6", "--rolls=10", "--at-least=58")
    law = graveler.odds(die="1..6", rolls=10)
    assert law.at_least(58) == told["at_least"]["p"]
    assert law.probabilities.tolist() == told["law"]["scores"]["p"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda law: law.quantile(1.5),
        lambda law: law.pmf(-1),
        lambda law: law.max_at_least(3, 0),
        lambda law: law.max_quantile(-0.1, 5),
        lambda law: law.sessions_for(3, chance=1.0),
        lambda law: law.expected_max(2**63 + 1),
    ],
)
def test_bad_questions_are_refused(ask: Any) -> None:
    with pytest.raises(graveler.InvalidError):
        ask(graveler.odds())


def test_laws_beyond_the_limits_are_refused_but_results_are_written() -> None:
    with pytest.raises(graveler.InvalidError):
        graveler.odds(rolls=2**21)
    result = graveler.run(preset="million", sessions=2, seed=1)
    with pytest.raises(graveler.InvalidError):
        result.law
    assert graveler.Result.parse(result.json()) == result
