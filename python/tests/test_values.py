"""What people write, as the library reads it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import graveler


@pytest.mark.parametrize(
    "chance, exact",
    [
        ("1/4", "1/4"),
        ("25%", "1/4"),
        (0.1, "1/10"),
        (1e-05, "1/100000"),
        (np.float64(0.1), "1/10"),
        (np.float32(0.1), "1/10"),
        (Fraction(20, 423), "20/423"),
        (Decimal("0.25"), "1/4"),
        (Decimal("1E-7"), "1/10000000"),
        (Decimal("1E+0"), "1"),
        (1, "1"),
        (np.int64(0), "0"),
    ],
)
def test_chances_are_exact(chance: Any, exact: str) -> None:
    assert graveler.odds(rolls=3, chance=chance, target=1).experiment.chance == exact


@pytest.mark.parametrize(
    "die, text",
    [
        ("1..6", "1..6"),
        (range(1, 7), "1..6"),
        ([1, 2, 6], "1,2,6"),
        (np.arange(3), "0..2"),
        ([(1, "1/3"), (0, Fraction(2, 3))], "1x1,0x2"),
        ({5: 0.5, 0: 1}, "5,0x2"),
        ((face for face in (3, 1)), "3,1"),
    ],
)
def test_dice_are_exact(die: Any, text: str) -> None:
    experiment = graveler.odds(rolls=3, die=die).experiment
    assert experiment.die == text and experiment.target is None


@pytest.mark.parametrize(
    "keywords, message",
    [
        ({"chance": "1/0"}, "chance"),
        ({"chance": 1.5}, "chance"),
        ({"chance": float("nan")}, "chance"),
        ({"chance": float("inf")}, "chance"),
        ({"chance": True}, "chance: True"),
        ({"chance": None, "die": 7}, "die: 7"),
        ({"chance": "1/4", "die": "1..6"}, "chance contradicts die"),
        ({"chance": "1/4\0"}, "zero character"),
        ({"die": [1, "two"]}, "die: 'two'"),
        ({"die": [(1, 2, 3), 0]}, "no face"),
        ({"rolls": 0}, "rolls: "),
        ({"rolls": 2**40}, "rolls: "),
        ({"rolls": 1.5}, "rolls: 1.5 is no whole number"),
        ({"rolls": -1}, "rolls: "),
        ({"target": 2**64}, "target: "),
        ({"statistic": "mean"}, "statistic: 'mean' is unknown: it is one of sum, streak"),
        ({"preset": "dram-rods"}, "preset: 'dram-rods'"),
        ({"sessions": 0}, "sessions: "),
        ({"sessions": 2**64 + 1}, "sessions: "),
        ({"sessions": "many"}, "sessions: "),
        ({"sessions": "all"}, "gen3"),
        ({"first": 2**63, "sessions": 1}, "first"),
        ({"seed": -1}, "seed: "),
        ({"seed": 2**64}, "seed: "),
        ({"method": "guess"}, "method: 'guess'"),
        ({"engine": "mt"}, "engine: 'mt'"),
        ({"keep": "all"}, "keep: 'all'"),
        ({"backend": "tpu"}, "backend: 'tpu'"),
        ({"isa": "neon"}, "isa: 'neon'"),
        ({"threads": 0}, "threads: "),
        ({"devices": [0], "backend": "cpu"}, "devices contradict"),
        ({"devices": [-1]}, "devices: "),
        ({"until_target": True, "target": 999}, "out of reach"),
        ({"max_time": "soon"}, "max_time: "),
        ({"max_time": -1}, "max_time: "),
        ({"checkpoint_every": 1}, "checkpoint_every wants checkpoint"),
        ({"progress": "yes"}, "progress: 'yes'"),
    ],
)
def test_what_is_refused_names_it(keywords: Any, message: str) -> None:
    with pytest.raises(graveler.InvalidError) as caught:
        graveler.run(**{"sessions": 10, "seed": 1, **keywords})
    assert message in str(caught.value)
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, graveler.Error)


def test_numbers_may_be_written_in_many_ways() -> None:
    want = graveler.run(sessions=1000, seed=42)
    for sessions in ("1e3", "1_000", 1e3, np.int32(1000)):
        assert graveler.run(sessions=sessions, seed="0x2a") == want
    assert graveler.run(sessions="2^10", seed=42).sessions == 1024


def test_times_may_be_written_in_many_ways() -> None:
    for time in (30, 30.5, "30s", timedelta(seconds=30)):
        assert graveler.run(sessions=10, seed=1, max_time=time).complete


def test_a_seed_is_drawn_where_none_is_given() -> None:
    assert graveler.run(sessions=1).seed != graveler.run(sessions=1).seed
    assert graveler.run(sessions=1, engine="gen3").seed == 0
