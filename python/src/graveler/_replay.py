"""One session once more, roll by roll."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_uint8, c_uint64
from dataclasses import dataclass
from typing import TYPE_CHECKING, List, Optional

import numpy as np

from . import _values as values
from ._errors import InvalidError, error_of
from ._experiment import Experiment, odds_experiment
from ._native import ENGINES, METHODS, UINT64_MAX, CDraw, CError, Handle, lib
from ._values import Chance, Count, Die

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Draw:
    """A session of method ``scores``: its draw, and what that is held against."""

    #: The draw: ``high * 2**32 + low``.
    u: int
    #: It scores because ``at_least <= u < below``.
    at_least: int
    below: int
    #: Whether the high word leaves the score open.
    needs_low: bool


@dataclass(frozen=True, eq=False)
class Replay:
    """A session, rolled again."""

    session: int
    score: int
    experiment: Experiment
    #: The index of the face that each roll took, 0 where a roll at a chance scored; None of ``scores``.
    faces: Optional[NDArray[np.uint8]]
    #: The value of each roll.
    values: Optional[NDArray[np.uint32]]
    #: How many words the session read.
    words: Optional[int]
    #: Of method ``scores`` alone.
    draw: Optional[Draw]


def _face_values(experiment: Handle) -> NDArray[np.uint32]:
    value, weight = ctypes.c_uint32(), ctypes.c_char_p()
    found: List[int] = []
    while lib.grav_experiment_face(experiment.pointer, len(found), byref(value), byref(weight)):
        found.append(value.value)
    return np.array(found, np.uint32)


def _roll(experiment: Handle, engine: int, calls: int, seed: int, session: int) -> Replay:
    about = Experiment._of(experiment.pointer)
    faces: NDArray[np.uint8] = np.zeros(about.rolls, np.uint8)
    score, words, err = c_uint64(), c_uint64(), CError()
    status = lib.grav_replay(
        experiment.pointer,
        METHODS.index("rolls"),
        engine,
        calls,
        seed,
        session,
        faces.ctypes.data_as(POINTER(c_uint8)),
        byref(score),
        byref(words),
        byref(err),
    )
    if status:
        raise error_of(status, values.text(err.message))
    rolled = _face_values(experiment)[faces]
    return Replay(session, score.value, about, faces, rolled, words.value, None)


def _draw(experiment: Handle, engine: int, seed: int, session: int) -> Replay:
    raw, err = CDraw(), CError()
    status = lib.grav_replay_scores(experiment.pointer, engine, seed, session, byref(raw), byref(err))
    if status:
        raise error_of(status, values.text(err.message))
    draw = Draw((raw.high << 32) + raw.low, raw.at_least, raw.below or 1 << 64, raw.needs_low)
    return Replay(session, raw.score, Experiment._of(experiment.pointer), None, None, None, draw)


def replay(
    *,
    session: Count,
    seed: Optional[Count] = None,
    rolls: Optional[Count] = None,
    chance: Optional[Chance] = None,
    die: Optional[Die] = None,
    statistic: Optional[str] = None,
    target: Optional[Count] = None,
    preset: Optional[str] = None,
    method: str = "rolls",
    engine: str = "philox",
    calls_per_roll: Count = 1,
) -> Replay:
    """Rolls one session again. The keywords are those of :func:`run`.

    >>> graveler.replay(seed=42, session=413).score
    81
    >>> graveler.replay(seed=42, session=413, rolls=10, die="1..6").values
    array([2, 2, 6, 5, 5, 4, 3, 3, 2, 1], dtype=uint32)
    """
    experiment = odds_experiment(preset, rolls, chance, die, statistic, target)
    number = values.choice("engine", engine, ENGINES)
    if lib.grav_engine_has_seed(number):
        if seed is None:
            raise InvalidError("seed is missing: which session is it?")
    elif seed:
        raise InvalidError(f"engine {engine} has no seed: a session's index is its starting state")
    index = values.count("session", session, 0, UINT64_MAX)
    start = values.count("seed", seed or 0, 0, UINT64_MAX)
    if values.choice("method", method, METHODS) == METHODS.index("scores"):
        return _draw(experiment, number, start, index)
    calls = values.count("calls_per_roll", calls_per_roll, 1, (1 << 32) - 1)
    return _roll(experiment, number, calls, start, index)
