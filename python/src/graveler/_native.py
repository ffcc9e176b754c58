"""The library: where it is, its structures and functions (include/graveler.h), and errors as exceptions.

tests/test_abi.py holds everything here against the header.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_bool,
    c_char,
    c_char_p,
    c_double,
    c_int,
    c_int64,
    c_size_t,
    c_uint,
    c_uint8,
    c_uint32,
    c_uint64,
    c_void_p,
)
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

from ._errors import error_of

#: Version of the header that this module was written after. Of 0.x every minor version may differ.
HEADER_VERSION = "0.1.0"
SONAME = "libgraveler.so.0.1"

ROLLS_MAX = 1 << 24
SCORE_MAX = (1 << 32) - 1
SESSIONS_END = 1 << 63
THREADS_MAX = 4096
UINT64_MAX = (1 << 64) - 1
DIGEST_SIZE = 33

# grav_taken
TAKEN, NOT_YET, NONE = 0, 1, 2


class CError(Structure):
    _fields_ = [("status", c_int), ("message", c_char * 512)]


class CDecimal(Structure):
    _fields_ = [("value", c_double), ("mantissa", c_double), ("exponent", c_int64)]


class CExperimentSpec(Structure):
    _fields_ = [
        ("rolls", c_uint32),
        ("chance", c_char_p),
        ("die", c_char_p),
        ("statistic", c_int),
        ("has_target", c_bool),
        ("target", c_uint64),
    ]


class CProgress(Structure):
    _fields_ = [
        ("sessions", c_uint64),
        ("played", c_uint64),
        ("resumed", c_uint64),
        ("elapsed_s", c_double),
        ("any", c_bool),
        ("max_score", c_uint64),
        ("max_session", c_uint64),
    ]


PROGRESS = CFUNCTYPE(c_bool, POINTER(CProgress), c_void_p)
NOTICE = CFUNCTYPE(None, c_char_p, c_void_p)


class CRunSpec(Structure):
    _fields_ = [
        ("seed", c_uint64),
        ("first", c_uint64),
        ("sessions", c_uint64),
        ("method", c_int),
        ("engine", c_int),
        ("calls_per_roll", c_uint32),
        ("keep", c_int),
        ("until_target", c_bool),
        ("backend", c_int),
        ("devices", POINTER(c_int)),
        ("device_count", c_size_t),
        ("threads", c_uint),
        ("isa", c_int),
        ("team", c_void_p),
        ("double_check", c_bool),
        ("max_s", c_double),
        ("checkpoint", c_char_p),
        ("checkpoint_s", c_double),
        ("progress", PROGRESS),
        ("notice", NOTICE),
        ("data", c_void_p),
    ]


class CSummary(Structure):
    _fields_ = [
        ("sessions", c_uint64),
        ("complete", c_bool),
        ("max_score", c_uint64),
        ("max_session", c_uint64),
        ("has_histogram", c_bool),
        ("min_score", c_uint64),
        ("hits", c_uint64),
        ("mean", c_double),
        ("sd", c_double),
        ("quartiles", c_uint64 * 3),
    ]


class CTiming(Structure):
    _fields_ = [
        ("wall_s", c_double),
        ("play_s", c_double),
        ("kernel_s", c_double),
        ("sessions_per_s", c_double),
    ]


class CWorker(Structure):
    _fields_ = [("text", c_char_p), ("sessions", c_uint64), ("sessions_per_s", c_double)]


class CChi2(Structure):
    _fields_ = [("value", c_double), ("dof", c_uint64), ("p", c_double)]


class CDone(Structure):
    _fields_ = [
        ("task", c_uint64),
        ("data", c_void_p),
        ("result", c_void_p),
        ("error", CError),
        ("cancelled", c_bool),
    ]


class CPoolSpec(Structure):
    _fields_ = [
        ("backend", c_int),
        ("devices", POINTER(c_int)),
        ("device_count", c_size_t),
        ("threads", c_uint),
        ("isa", c_int),
        ("notice", NOTICE),
        ("data", c_void_p),
    ]


DONE = CFUNCTYPE(None, c_void_p, POINTER(CDone))


class CTaskSpec(Structure):
    _fields_ = [("experiment", c_void_p), ("run", CRunSpec), ("done", DONE), ("data", c_void_p)]


class CPreset(Structure):
    _fields_ = [
        ("name", c_char_p),
        ("question", c_char_p),
        ("source", c_char_p),
        ("experiment", CExperimentSpec),
        ("keep", c_int),
        ("sessions", c_uint64),
    ]


class CDraw(Structure):
    _fields_ = [
        ("high", c_uint32),
        ("low", c_uint32),
        ("needs_low", c_bool),
        ("at_least", c_uint64),
        ("below", c_uint64),
        ("score", c_uint64),
    ]


class CCpu(Structure):
    _fields_ = [("model", c_char * 128), ("threads", c_uint), ("isa", c_int)]


class CGpu(Structure):
    _fields_ = [
        ("name", c_char * 256),
        ("compute_major", c_int),
        ("compute_minor", c_int),
        ("multiprocessors", c_int),
        ("memory_bytes", c_uint64),
        ("driver_version", c_int),
        ("runtime_version", c_int),
        ("pci_bus_id", c_char * 24),
    ]


#: Structures by their name in the header.
STRUCTURES = {
    "grav_error": CError,
    "grav_decimal": CDecimal,
    "grav_experiment_spec": CExperimentSpec,
    "grav_progress": CProgress,
    "grav_run_spec": CRunSpec,
    "grav_summary": CSummary,
    "grav_timing": CTiming,
    "grav_worker_summary": CWorker,
    "grav_chi2": CChi2,
    "grav_done": CDone,
    "grav_pool_spec": CPoolSpec,
    "grav_task_spec": CTaskSpec,
    "grav_preset": CPreset,
    "grav_draw": CDraw,
    "grav_cpu_info": CCpu,
    "grav_gpu_info": CGpu,
}

_ref = POINTER
_handle = c_void_p
_out = POINTER(c_void_p)
_err = POINTER(CError)
_counts = [POINTER(c_uint64)]

#: Functions: what they return, and their arguments.
PROTOTYPES: Dict[str, Tuple[Any, List[Any]]] = {
    "grav_version": (c_char_p, []),
    "grav_commit": (c_char_p, []),
    "grav_statistic_name": (c_char_p, [c_int]),
    "grav_method_name": (c_char_p, [c_int]),
    "grav_engine_name": (c_char_p, [c_int]),
    "grav_keep_name": (c_char_p, [c_int]),
    "grav_backend_name": (c_char_p, [c_int]),
    "grav_isa_name": (c_char_p, [c_int]),
    "grav_engine_has_seed": (c_bool, [c_int]),
    "grav_engine_sessions_end": (c_uint64, [c_int]),
    "grav_parse_count": (c_int, [c_char_p, c_uint64, c_uint64, *_counts, _err]),
    "grav_parse_duration": (c_int, [c_char_p, c_double, POINTER(c_double), _err]),
    "grav_experiment_spec_init": (None, [_ref(CExperimentSpec)]),
    "grav_experiment_create": (c_int, [_ref(CExperimentSpec), _out, _err]),
    "grav_experiment_destroy": (None, [_handle]),
    "grav_experiment_rolls": (c_uint32, [_handle]),
    "grav_experiment_statistic": (c_int, [_handle]),
    "grav_experiment_score_min": (c_uint64, [_handle]),
    "grav_experiment_score_max": (c_uint64, [_handle]),
    "grav_experiment_chance": (c_char_p, [_handle]),
    "grav_experiment_die": (c_char_p, [_handle]),
    "grav_experiment_face": (c_bool, [_handle, c_size_t, _ref(c_uint32), _ref(c_char_p)]),
    "grav_experiment_target": (c_bool, [_handle, *_counts]),
    "grav_law_create": (c_int, [_handle, _out, _err]),
    "grav_law_destroy": (None, [_handle]),
    "grav_law_scores": (None, [_handle, *_counts, *_counts, *_counts]),
    "grav_law_mean": (c_double, [_handle]),
    "grav_law_sd": (c_double, [_handle]),
    "grav_law_equal": (c_double, [_handle, c_uint64]),
    "grav_law_probability": (CDecimal, [_handle, c_uint64]),
    "grav_law_at_least": (CDecimal, [_handle, c_uint64]),
    "grav_law_quantile": (c_uint64, [_handle, c_double]),
    "grav_law_max_at_least": (c_double, [_handle, c_uint64, c_uint64]),
    "grav_law_max_tail": (CDecimal, [_handle, c_uint64, c_uint64]),
    "grav_law_max_quantile": (c_uint64, [_handle, c_uint64, c_double]),
    "grav_law_sessions_for": (CDecimal, [_handle, c_uint64, c_double]),
    "grav_run_spec_init": (None, [_ref(CRunSpec)]),
    "grav_run_check": (c_int, [_handle, _ref(CRunSpec), _err]),
    "grav_run": (c_int, [_handle, _ref(CRunSpec), _out, _err]),
    "grav_checkpoint_load": (c_int, [c_char_p, _out, _err, _err]),
    "grav_result_destroy": (None, [_handle]),
    "grav_result_merge": (c_int, [_handle, _handle, _out, _err]),
    "grav_result_summary": (None, [_handle, _ref(CSummary)]),
    "grav_result_histogram": (c_void_p, [_handle, *_counts, _ref(c_size_t)]),
    "grav_result_range": (c_bool, [_handle, c_size_t, *_counts, *_counts]),
    "grav_result_digest": (None, [_handle, c_char_p]),
    "grav_result_failure": (_err, [_handle]),
    "grav_result_timing": (None, [_handle, _ref(CTiming)]),
    "grav_result_worker": (c_bool, [_handle, c_size_t, _ref(CWorker)]),
    "grav_result_chi2": (c_bool, [_handle, _handle, _ref(CChi2)]),
    "grav_result_json": (c_int, [_handle, _handle, _out, _err]),
    "grav_result_parse": (c_int, [c_char_p, c_size_t, _out, _err]),
    "grav_result_load": (c_int, [c_char_p, _out, _err]),
    "grav_result_experiment": (c_void_p, [_handle]),
    "grav_result_spec": (None, [_handle, _ref(CRunSpec)]),
    "grav_pool_spec_init": (None, [_ref(CPoolSpec)]),
    "grav_pool_create": (c_int, [_ref(CPoolSpec), _out, _err]),
    "grav_pool_destroy": (None, [_handle]),
    "grav_pool_threads": (c_uint, [_handle]),
    "grav_batch_create": (c_int, [_handle, _out, _err]),
    "grav_batch_destroy": (None, [_handle]),
    "grav_batch_submit": (c_int, [_handle, _ref(CTaskSpec), _ref(c_uint64), _err]),
    "grav_batch_take": (c_int, [_handle, c_double, _ref(CDone)]),
    "grav_batch_cancel": (c_bool, [_handle, c_uint64]),
    "grav_preset_at": (_ref(CPreset), [c_size_t]),
    "grav_preset_named": (_ref(CPreset), [c_char_p]),
    "grav_replay": (
        c_int,
        [_handle, c_int, c_int, c_uint32, c_uint64, c_uint64, _ref(c_uint8), *_counts, *_counts, _err],
    ),
    "grav_replay_scores": (c_int, [_handle, c_int, c_uint64, c_uint64, _ref(CDraw), _err]),
    "grav_cpu": (None, [_ref(CCpu)]),
    "grav_gpu_count": (c_int, [_ref(c_int), _err]),
    "grav_gpu": (c_int, [c_int, _ref(CGpu), _err]),
    "grav_file_write": (c_int, [c_char_p, c_char_p, _err]),
}


def _find() -> str:
    """The library: as GRAVELER_LIBRARY says, or beside this package, or by the system's loader."""
    named = os.environ.get("GRAVELER_LIBRARY")
    if named:
        return named
    bundled = Path(__file__).with_name("libgraveler.so")
    return str(bundled) if bundled.exists() else SONAME


def _minor(version: str) -> List[str]:
    return version.split(".")[:2]


def _load() -> ctypes.CDLL:
    path = _find()
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(
            f"the graveler library cannot be loaded ({error}): install the package with pip, "
            "or set GRAVELER_LIBRARY to libgraveler.so"
        ) from error
    try:
        for name, (returns, arguments) in PROTOTYPES.items():
            function = getattr(library, name)
            function.restype = returns
            function.argtypes = arguments
    except AttributeError as error:
        raise ImportError(f"{path} is not a graveler library of version {HEADER_VERSION}: {error}") from error
    version = library.grav_version().decode()
    if _minor(version) != _minor(HEADER_VERSION):
        raise ImportError(f"{path} is version {version} of graveler; this package needs {HEADER_VERSION}")
    return library


lib = _load()
_libc = ctypes.CDLL(None)
_libc.free.argtypes = [c_void_p]
_libc.free.restype = None


class Handle:
    """An object of the library's, destroyed with the last that refers to it."""

    __slots__ = ("pointer", "_destroy")

    def __init__(self, pointer: int, destroy: Callable[[int], None]) -> None:
        self.pointer = pointer
        self._destroy = destroy

    def __del__(self) -> None:
        self._destroy(self.pointer)


def check(status: int, err: CError) -> None:
    """Raises what a status other than GRAV_OK stands for."""
    if status:
        raise error_of(status, err.message.decode("utf-8", "replace"))


def make(create: Callable[..., int], destroy: Callable[[int], None], *arguments: Any) -> Handle:
    """Calls ``create(*arguments, &out, &err)`` and owns what it made."""
    out, err = c_void_p(), CError()
    check(create(*arguments, ctypes.byref(out), ctypes.byref(err)), err)
    assert out.value
    return Handle(out.value, destroy)


def text_of(create: Callable[..., int], *arguments: Any) -> str:
    """Calls ``create(*arguments, &text, &err)`` and gives the text back."""
    out, err = c_void_p(), CError()
    check(create(*arguments, ctypes.byref(out), ctypes.byref(err)), err)
    assert out.value
    try:
        return ctypes.string_at(out.value).decode()
    finally:
        _libc.free(out.value)


def names_of(name_of: Callable[[int], Any]) -> List[str]:
    """The names of an enumeration, in its order."""
    names: List[str] = []
    while True:
        name = name_of(len(names))
        if name is None:
            return names
        names.append(name.decode())


STATISTICS = names_of(lib.grav_statistic_name)
METHODS = names_of(lib.grav_method_name)
ENGINES = names_of(lib.grav_engine_name)
KEEPS = names_of(lib.grav_keep_name)
BACKENDS = names_of(lib.grav_backend_name)
ISAS = names_of(lib.grav_isa_name)
