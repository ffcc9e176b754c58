"""The exact law of an experiment's score."""

from __future__ import annotations

import ctypes
import math
from ctypes import byref
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Optional, Union, overload

import numpy as np

from . import _values as values
from ._errors import InvalidError
from ._experiment import Experiment, odds_experiment
from ._native import SESSIONS_END, UINT64_MAX, CDecimal, Handle, lib, make
from ._values import Chance, Count, Die

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _number(number: Any, decimal: bool) -> Union[float, Decimal]:
    return values.decimal_of(number) if decimal else float(number.value)


class Law:
    """The exact distribution of an experiment's score, as :func:`odds` makes it.

    Every figure is right to the last digits of a double, however small: where it leaves the range of
    doubles, ``decimal=True`` has it as a ``decimal.Decimal`` of as many digits.

    >>> law = graveler.odds(rolls=231, chance="1/4")
    >>> law.mean, law.at_least(177)
    (57.75, 1.2036758201322641e-60)
    >>> graveler.odds(rolls=10_000, chance="1/4").at_least(9_000, decimal=True)
    Decimal('3.0122884099699045E-4134')
    """

    def __init__(self, experiment: Handle) -> None:
        self._experiment = experiment
        self._law = make(lib.grav_law_create, lib.grav_law_destroy, experiment.pointer)
        first, step, last = ctypes.c_uint64(), ctypes.c_uint64(), ctypes.c_uint64()
        lib.grav_law_scores(self._law.pointer, byref(first), byref(step), byref(last))
        #: The possible scores, in order; some of them may have chance 0 all the same.
        self.scores = range(first.value, last.value + 1, step.value)
        self.mean: float = lib.grav_law_mean(self._law.pointer)
        self.sd: float = lib.grav_law_sd(self._law.pointer)

    def __repr__(self) -> str:
        return f"<graveler.Law of {self.experiment}: mean {self.mean!r}, sd {self.sd!r}>"

    @cached_property
    def experiment(self) -> Experiment:
        """What the law is of."""
        return Experiment._of(self._experiment.pointer)

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """The chance of each of ``scores``."""
        equal, law = lib.grav_law_equal, self._law.pointer
        return np.fromiter((equal(law, score) for score in self.scores), np.float64, len(self.scores))

    @overload
    def pmf(self, score: int, *, decimal: Literal[False] = False) -> float: ...

    @overload
    def pmf(self, score: int, *, decimal: Literal[True]) -> Decimal: ...

    def pmf(self, score: int, *, decimal: bool = False) -> Union[float, Decimal]:
        """P(a session scores score)."""
        if not decimal:
            return float(lib.grav_law_equal(self._law.pointer, _score(score)))
        return values.decimal_of(lib.grav_law_probability(self._law.pointer, _score(score)))

    @overload
    def at_least(self, score: int, *, decimal: Literal[False] = False) -> float: ...

    @overload
    def at_least(self, score: int, *, decimal: Literal[True]) -> Decimal: ...

    def at_least(self, score: int, *, decimal: bool = False) -> Union[float, Decimal]:
        """P(a session scores score or more)."""
        return _number(lib.grav_law_at_least(self._law.pointer, _score(score)), decimal)

    def quantile(self, share: float) -> int:
        """The lowest score that at least this share of sessions does not exceed."""
        return int(lib.grav_law_quantile(self._law.pointer, _share(share)))

    @overload
    def max_at_least(self, score: int, sessions: Count, *, decimal: Literal[False] = False) -> float: ...

    @overload
    def max_at_least(self, score: int, sessions: Count, *, decimal: Literal[True]) -> Decimal: ...

    def max_at_least(self, score: int, sessions: Count, *, decimal: bool = False) -> Union[float, Decimal]:
        """P(the highest of so many sessions scores score or more)."""
        return _number(self._max_tail(score, _sessions(sessions)), decimal)

    def max_quantile(self, share: float, sessions: Count) -> int:
        """As :meth:`quantile`, of the highest of so many sessions."""
        return int(lib.grav_law_max_quantile(self._law.pointer, _sessions(sessions), _share(share)))

    def expected_max(self, sessions: Count) -> float:
        """The mean of the highest of so many sessions.

        >>> round(graveler.odds().expected_max(1e9), 3)
        100.224
        """
        many = _sessions(sessions)
        steps = (self._max_tail(score, many).value for score in self.scores[1:])
        return self.scores[0] + self.scores.step * math.fsum(steps)

    @overload
    def sessions_for(
        self, score: int, chance: float = 0.5, *, decimal: Literal[False] = False
    ) -> float: ...

    @overload
    def sessions_for(self, score: int, chance: float = 0.5, *, decimal: Literal[True]) -> Decimal: ...

    def sessions_for(self, score: int, chance: float = 0.5, *, decimal: bool = False) -> Union[float, Decimal]:
        """The fewest sessions of which one reaches score with at least this chance; infinity: none do."""
        if not 0 < chance < 1:
            raise InvalidError(f"chance: {chance!r} is not above 0 and below 1")
        return _number(lib.grav_law_sessions_for(self._law.pointer, _score(score), chance), decimal)

    def _max_tail(self, score: int, sessions: int) -> CDecimal:
        tail: CDecimal = lib.grav_law_max_tail(self._law.pointer, _score(score), sessions)
        return tail


def _score(score: int) -> int:
    return values.count("score", score, 0, UINT64_MAX)


def _sessions(sessions: Count) -> int:
    return values.count("sessions", sessions, 1, SESSIONS_END)


def _share(share: float) -> float:
    if not 0 <= share <= 1:
        raise InvalidError(f"share: {share!r} is not from 0 to 1")
    return float(share)


def odds(
    *,
    rolls: Optional[Count] = None,
    chance: Optional[Chance] = None,
    die: Optional[Die] = None,
    statistic: Optional[str] = None,
    target: Optional[Count] = None,
    preset: Optional[str] = None,
) -> Law:
    """Works out the exact law of an experiment, without playing.

    The keywords are those of :func:`run`. InvalidError: the law is beyond the limits (docs/formats.md).

    >>> law = graveler.odds(rolls=305, chance="1/2")
    >>> law.at_least(211)
    8.79142680741717e-12
    >>> law.quantile(0.5), law.max_quantile(0.5, sessions=1000)
    (152, 180)
    """
    return Law(odds_experiment(preset, rolls, chance, die, statistic, target))
