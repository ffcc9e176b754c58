"""What is asked for, by keywords: experiments and runs."""

from __future__ import annotations

import ctypes
import secrets
from ctypes import byref
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Iterable, Mapping, Optional, Tuple

from . import _values as values
from ._errors import InvalidError, error_of
from ._native import (
    BACKENDS,
    ENGINES,
    ISAS,
    KEEPS,
    METHODS,
    ROLLS_MAX,
    SCORE_MAX,
    SESSIONS_END,
    STATISTICS,
    THREADS_MAX,
    UINT64_MAX,
    CError,
    CExperimentSpec,
    CRunSpec,
    Handle,
    check,
    lib,
    make,
)
from ._values import Chance, Count, Die, Duration, Path


@dataclass(frozen=True)
class Experiment:
    """What a session is: so many rolls of a die, and what they score."""

    rolls: int
    #: That a roll scores, in lowest terms; None of a die other than a chance's.
    chance: Optional[str]
    #: The faces as the command line has them, with the smallest whole weights: ``"1x1,0x3"``, ``"1..6"``.
    die: str
    statistic: str
    target: Optional[int]
    #: Lowest and highest score that any rolls could lead to.
    score_min: int
    score_max: int

    @classmethod
    def _of(cls, pointer: Any) -> Experiment:
        target = ctypes.c_uint64()
        chance = lib.grav_experiment_chance(pointer)
        return cls(
            rolls=lib.grav_experiment_rolls(pointer),
            chance=chance.decode() if chance else None,
            die=lib.grav_experiment_die(pointer).decode(),
            statistic=STATISTICS[lib.grav_experiment_statistic(pointer)],
            target=target.value if lib.grav_experiment_target(pointer, byref(target)) else None,
            score_min=lib.grav_experiment_score_min(pointer),
            score_max=lib.grav_experiment_score_max(pointer),
        )

    def _handle(self) -> Handle:
        return _create(self.rolls, None, self.die.encode(), STATISTICS.index(self.statistic), self.target)


@lru_cache(maxsize=64)
def _create(
    rolls: int, chance: Optional[bytes], die: Optional[bytes], statistic: int, target: Optional[int]
) -> Handle:
    """An experiment; those that many runs share are made once."""
    spec = CExperimentSpec(rolls, chance, die, statistic, target is not None, target or 0)
    return make(lib.grav_experiment_create, lib.grav_experiment_destroy, byref(spec))


def _preset(name: Optional[str]) -> Any:
    if name is None:
        return lib.grav_preset_at(0).contents
    found = lib.grav_preset_named(values.encode("preset", name))
    if not found:
        raise InvalidError(f"preset: {name!r} is unknown: graveler.presets() has them all")
    return found.contents


def experiment_of(
    preset: Any,
    rolls: Optional[Count],
    chance: Optional[Chance],
    die: Optional[Die],
    statistic: Optional[str],
    target: Optional[Count],
) -> Handle:
    """The preset, changed by what is not None; a die has no target but one that is given."""
    if chance is not None and die is not None:
        raise InvalidError("chance contradicts die: give one of them")
    spec = preset.experiment
    asked = spec.target if spec.has_target and die is None else None
    chance_bytes, die_bytes = spec.chance, spec.die
    if chance is not None:
        chance_bytes, die_bytes = values.encode("chance", values.chance_text("chance", chance)), None
    if die is not None:
        chance_bytes, die_bytes = None, values.encode("die", values.die_text(die))
    return _create(
        spec.rolls if rolls is None else values.count("rolls", rolls, 1, ROLLS_MAX),
        chance_bytes,
        die_bytes,
        spec.statistic if statistic is None else values.choice("statistic", statistic, STATISTICS),
        asked if target is None else values.count("target", target, 0, SCORE_MAX),
    )


def odds_experiment(
    preset: Optional[str],
    rolls: Optional[Count],
    chance: Optional[Chance],
    die: Optional[Die],
    statistic: Optional[str],
    target: Optional[Count],
) -> Handle:
    """The experiment of keywords alone."""
    return experiment_of(_preset(preset), rolls, chance, die, statistic, target)


def devices_of(devices: Optional[Iterable[int]]) -> Tuple[Any, int]:
    """An array of GPUs by index, and how many."""
    listed = [values.count("devices", device, 0, THREADS_MAX) for device in devices or ()]
    return (ctypes.c_int * len(listed))(*listed) if listed else None, len(listed)


def seed_of(seed: Optional[Count], engine: int, checkpoint: Optional[bytes]) -> int:
    """The seed as given, or as the checkpoint has it, or drawn."""
    if seed is not None:
        return values.count("seed", seed, 0, UINT64_MAX)
    if not lib.grav_engine_has_seed(engine):
        return 0
    if checkpoint is not None:
        out, notice, err = ctypes.c_void_p(), CError(), CError()
        check(lib.grav_checkpoint_load(checkpoint, byref(out), byref(notice), byref(err)), err)
        if out.value:
            spec, result = CRunSpec(), Handle(out.value, lib.grav_result_destroy)
            lib.grav_result_spec(result.pointer, byref(spec))
            return int(spec.seed)
    return secrets.randbits(64)


def sessions_of(sessions: Optional[Count], first: int, engine: int, preset: Any) -> int:
    """How many sessions; all, of an engine that has so few."""
    if sessions is None:
        return int(preset.sessions)
    if sessions != "all":
        return values.count("sessions", sessions, 1, SESSIONS_END)
    end = int(lib.grav_engine_sessions_end(engine))
    if end == SESSIONS_END:
        raise InvalidError("sessions: 'all' wants engine 'gen3', which has 2^32")
    if first:
        raise InvalidError("first contradicts sessions='all': give one of them")
    return end


class Plan:
    """What a run or a task of a pool plays, as the library's structures; their texts live as long."""

    def __init__(
        self,
        *,
        preset: Optional[str] = None,
        rolls: Optional[Count] = None,
        chance: Optional[Chance] = None,
        die: Optional[Die] = None,
        statistic: Optional[str] = None,
        target: Optional[Count] = None,
        sessions: Optional[Count] = None,
        first: Count = 0,
        seed: Optional[Count] = None,
        method: str = "rolls",
        engine: str = "philox",
        calls_per_roll: Count = 1,
        keep: Optional[str] = None,
        until_target: bool = False,
        max_time: Optional[Duration] = None,
        double_check: bool = False,
        checkpoint: Optional[Path] = None,
        checkpoint_every: Optional[Duration] = None,
    ) -> None:
        base = _preset(preset)
        self.experiment = experiment_of(base, rolls, chance, die, statistic, target)
        self.checkpoint = None if checkpoint is None else values.path_bytes("checkpoint", checkpoint)
        spec = self.spec = CRunSpec()
        lib.grav_run_spec_init(byref(spec))
        spec.method = values.choice("method", method, METHODS)
        spec.engine = values.choice("engine", engine, ENGINES)
        spec.calls_per_roll = values.count("calls_per_roll", calls_per_roll, 1, (1 << 32) - 1)
        spec.keep = base.keep if keep is None else values.choice("keep", keep, KEEPS)
        spec.first = values.count("first", first, 0, SESSIONS_END)
        spec.sessions = sessions_of(sessions, spec.first, spec.engine, base)
        spec.until_target = until_target
        spec.double_check = double_check
        if max_time is not None:
            spec.max_s = values.seconds("max_time", max_time, 0)
        if checkpoint_every is not None:
            if checkpoint is None:
                raise InvalidError("checkpoint_every wants checkpoint, the file to write")
            spec.checkpoint_s = values.seconds("checkpoint_every", checkpoint_every, 0)
        spec.checkpoint = self.checkpoint
        spec.seed = seed_of(seed, spec.engine, self.checkpoint)

    def place(
        self, backend: str, devices: Optional[Iterable[int]], threads: Optional[Count], isa: str
    ) -> None:
        """Says where to play."""
        self.spec.backend = values.choice("backend", backend, BACKENDS)
        self.devices, self.spec.device_count = devices_of(devices)
        if self.devices is not None:
            self.spec.devices = ctypes.cast(self.devices, ctypes.POINTER(ctypes.c_int))
        self.spec.threads = 0 if threads is None else values.count("threads", threads, 1, THREADS_MAX)
        self.spec.isa = values.choice("isa", isa, ISAS)

    def check(self) -> None:
        """Refuses what the library would, before anything is touched."""
        err = CError()
        status = lib.grav_run_check(self.experiment.pointer, byref(self.spec), byref(err))
        if status:
            raise error_of(status, values.text(err.message))


