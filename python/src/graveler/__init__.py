"""graveler simulates luck at scale: billions of sessions of dice rolls, and their exact law.

A session rolls a die a number of times and gets a score. The founding job: a billion sessions of 231
rolls, each scoring with chance 1/4. How high is the highest, and does any reach 177?

>>> import graveler
>>> graveler.run(sessions=1e6, seed=42).max_score
90
>>> graveler.odds().at_least(177)
1.2036758201322641e-60

:func:`run` plays one experiment, a :class:`Pool` many at once, :func:`odds` none: it works the law out.
Every answer is exact, and the same on every backend, thread count and machine.
"""

from __future__ import annotations

from ._errors import (
    DeviceError,
    Error,
    FileError,
    GravelerWarning,
    Interrupted,
    InvalidError,
    MemoryError,
    MismatchError,
    Stop,
)
from ._experiment import Experiment
from ._law import Law, odds
from ._machine import Cpu, Devices, Gpu, Preset, devices, presets
from ._native import lib as _lib
from ._pool import Pool
from ._progress import Progress
from ._replay import Draw, Replay, replay
from ._result import Chi2, Result, Timing, Worker, merge
from ._run import run

#: The version of the library, and the commit it was built from, or "unknown".
version: str = _lib.grav_version().decode()
commit: str = _lib.grav_commit().decode()
__version__ = version

__all__ = [
    "Chi2",
    "Cpu",
    "DeviceError",
    "Devices",
    "Draw",
    "Error",
    "Experiment",
    "FileError",
    "Gpu",
    "GravelerWarning",
    "Interrupted",
    "InvalidError",
    "Law",
    "MemoryError",
    "MismatchError",
    "Pool",
    "Preset",
    "Progress",
    "Replay",
    "Result",
    "Stop",
    "Timing",
    "Worker",
    "commit",
    "devices",
    "merge",
    "odds",
    "presets",
    "replay",
    "run",
    "version",
]
