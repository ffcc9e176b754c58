"""What this machine has, and the questions that the library knows."""

from __future__ import annotations

import ctypes
from ctypes import byref
from dataclasses import dataclass
from typing import Dict, Optional, Tuple

from . import _values as values
from ._errors import error_of
from ._experiment import Experiment, odds_experiment
from ._native import ISAS, KEEPS, CCpu, CError, CGpu, check, lib


@dataclass(frozen=True)
class Cpu:
    """The CPU: threads that a run would use, and the best isa it has."""

    model: str
    threads: int
    isa: str


@dataclass(frozen=True)
class Gpu:
    """A usable GPU."""

    index: int
    name: str
    compute_capability: Tuple[int, int]
    multiprocessors: int
    memory_bytes: int
    #: CUDA's: 1000 * major + 10 * minor.
    driver_version: int
    runtime_version: int
    pci_bus_id: str


@dataclass(frozen=True)
class Devices:
    """Who can play here."""

    cpu: Cpu
    gpus: Tuple[Gpu, ...]
    #: Why there is none; None where there is.
    no_gpu: Optional[str]


def _gpu(index: int) -> Gpu:
    raw, err = CGpu(), CError()
    check(lib.grav_gpu(index, byref(raw), byref(err)), err)
    return Gpu(
        index=index,
        name=values.text(raw.name),
        compute_capability=(raw.compute_major, raw.compute_minor),
        multiprocessors=raw.multiprocessors,
        memory_bytes=raw.memory_bytes,
        driver_version=raw.driver_version,
        runtime_version=raw.runtime_version,
        pci_bus_id=values.text(raw.pci_bus_id),
    )


def devices() -> Devices:
    """The CPU and the usable GPUs of this machine.

    >>> graveler.devices().cpu.threads >= 1
    True
    """
    raw, count, err = CCpu(), ctypes.c_int(), CError()
    lib.grav_cpu(byref(raw))
    cpu = Cpu(values.text(raw.model), raw.threads, ISAS[raw.isa])
    status = lib.grav_gpu_count(byref(count), byref(err))
    if status:
        return Devices(cpu, (), str(error_of(status, values.text(err.message))))
    return Devices(cpu, tuple(_gpu(index) for index in range(count.value)), None)


@dataclass(frozen=True)
class Preset:
    """A known question: an experiment, and a run that answers it in seconds to minutes."""

    name: str
    question: str
    source: str
    experiment: Experiment
    keep: str
    sessions: int


def presets() -> Dict[str, Preset]:
    """The known questions by name; the first is what everything defaults to.

    >>> graveler.presets()["dream-rods"].question
    '305 blazes at 1/2: as many as 211 rods?'
    """
    found: Dict[str, Preset] = {}
    while True:
        raw = lib.grav_preset_at(len(found))
        if not raw:
            return found
        name = values.text(raw.contents.name)
        found[name] = Preset(
            name=name,
            question=values.text(raw.contents.question),
            source=values.text(raw.contents.source),
            experiment=Experiment._of(odds_experiment(name, None, None, None, None, None).pointer),
            keep=KEEPS[raw.contents.keep],
            sessions=raw.contents.sessions,
        )
