"""Runs, held against the program, exact fractions and NumPy."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import pytest

import graveler

QUESTIONS: List[Dict[str, Any]] = [
    {"sessions": 100_000, "seed": 42},
    {"sessions": 5000, "seed": 1, "first": 10**12, "rolls": 20, "chance": "3/10", "target": 12},
    {"sessions": 5000, "seed": 2**64 - 1, "rolls": 10, "die": "1..6", "target": 58},
    {"sessions": 5000, "seed": 7, "statistic": "streak"},
    {"sessions": 5000, "seed": 7, "method": "scores", "preset": "dream-rods"},
    {"sessions": 5000, "seed": 7, "engine": "fast", "keep": "max"},
    {"sessions": 5000, "engine": "gen3", "calls_per_roll": 2, "chance": "1/100"},
]


def options_of(question: Dict[str, Any]) -> List[str]:
    return [f"--{name.replace('_', '-')}={value}" for name, value in question.items()]


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_answers_are_those_of_the_program(question: Dict[str, Any], cli: Any) -> None:
    told = cli("run", *options_of(question))
    result = graveler.run(**question)
    assert result.digest == told["result"]["digest"]
    assert result.sessions == told["result"]["sessions"] == question["sessions"]
    assert result.complete is told["complete"] is True
    best = told["result"]["max"]
    assert (result.max_score, result.max_session) == (best["score"], best["session"])
    assert [list(pair) for pair in result.ranges] == told["run"]["ranges"]
    assert (result.method, result.engine) == (told["run"]["method"], told["run"]["engine"])
    assert result.seed == int(told["run"]["seed"], 16)
    if result.keep == "max":
        assert result.histogram is None and result.scores is None and result.mean is None
        assert result.min_score is result.sd is result.quartiles is result.hits is None
        return
    assert result.histogram is not None and result.scores is not None and result.quartiles
    assert np.trim_zeros(result.histogram).tolist() == told["result"]["histogram"]["counts"]
    assert result.scores[int(result.histogram.nonzero()[0][0])] == told["result"]["histogram"]["first"]
    assert len(result.scores) == len(result.histogram)
    assert result.min_score == told["result"]["min"]["score"]
    assert result.hits == told["result"]["hits"]
    assert list(result.quartiles) == list(told["result"]["quantiles"].values())
    chi2 = result.chi2()
    if chi2:
        assert told["law"]["chi2"] == {"value": chi2.value, "dof": chi2.dof, "p": chi2.p}
    else:
        assert "chi2" not in told["law"]


def test_figures_follow_from_the_histogram() -> None:
    result = graveler.run(sessions=100_000, seed=3, target=65)
    assert result.histogram is not None and result.scores is not None
    scores = np.repeat(np.asarray(result.scores), result.histogram.astype(np.int64))
    assert len(scores) == result.sessions == 100_000
    assert result.mean == pytest.approx(scores.mean(), rel=1e-14)
    assert result.sd == pytest.approx(scores.std(), rel=1e-12)
    assert (result.min_score, result.max_score) == (scores.min(), scores.max())
    assert result.hits == np.count_nonzero(scores >= 65) > 0
    assert result.quartiles == tuple(np.quantile(scores, [0.25, 0.5, 0.75], method="inverted_cdf"))


def test_the_histogram_is_the_librarys_memory_and_outlives_the_result() -> None:
    result = graveler.run(sessions=100_000, seed=3)
    counts = result.histogram
    assert counts is not None and counts.dtype == np.uint64 and not counts.flags.owndata
    assert counts is result.histogram
    with pytest.raises(ValueError):
        counts[0] = 1
    del result
    for seed in range(20):  # would take the memory over, if it were free
        graveler.run(sessions=1000, seed=seed)
    assert counts.sum() == 100_000


def test_where_it_plays_does_not_matter() -> None:
    want = graveler.run(sessions=200_000, seed=9)
    for keywords in ({"threads": 1}, {"isa": "portable", "backend": "cpu"}, {"double_check": True}):
        assert graveler.run(sessions=200_000, seed=9, **keywords) == want  # type: ignore[arg-type]
    assert hash(want) == hash(graveler.run(sessions=200_000, seed=9))
    assert graveler.run(sessions=200_000, seed=10) != want
    assert want.workers[0].sessions == 200_000 and want.workers[0].text.startswith("CPU")
    assert want.timing.wall_s >= want.timing.play_s > 0


def test_until_target_ends_at_the_first(cli: Any) -> None:
    result = graveler.run(sessions=10**6, seed=1, target=85, until_target=True)
    assert result.max_score is not None and result.max_score >= 85
    assert result.ranges == ((0, result.max_session + 1 if result.max_session is not None else 0),)
    told = cli("run", "--sessions=1e6", "--seed=1", "--target=85", "--until-target")
    assert result.digest == told["result"]["digest"]


def test_all_of_gen3_may_be_asked_for() -> None:
    result = graveler.run(sessions="all", engine="gen3", rolls=1, max_time=0.2)
    assert 0 < result.sessions <= 2**32


# ---- Files, merging, pickling --------------------------------------------------------------------


def test_results_are_saved_loaded_and_understood_by_the_program(tmp_path: Path, program: str) -> None:
    result = graveler.run(sessions=1000, seed=42)
    path = tmp_path / "résultat.json"
    result.save(path)
    assert graveler.Result.load(path) == result
    assert graveler.Result.parse(result.json()) == result
    subprocess.run([program, "verify", str(path), "--full"], check=True, stdout=subprocess.DEVNULL)
    path.write_bytes(path.read_bytes().replace(b'"score": 81', b'"score": 82'))
    with pytest.raises(graveler.MismatchError):
        graveler.Result.load(path)
    with pytest.raises(graveler.Error, match="nowhere.json"):
        graveler.Result.load(tmp_path / "nowhere.json")
    with pytest.raises(graveler.Error, match="nowhere"):
        result.save(tmp_path / "nowhere" / "a.json")
    with pytest.raises(graveler.InvalidError):
        graveler.Result.parse("{}")


def test_results_merge() -> None:
    whole = graveler.run(sessions=1000, seed=42)
    parts = [graveler.run(sessions=250, seed=42, first=first) for first in (500, 0, 750, 250)]
    assert sum(parts) == graveler.merge(parts) == whole
    assert parts[0].merge(parts[1]).ranges == ((0, 250), (500, 750))
    assert parts[0] + parts[2] == graveler.run(sessions=500, seed=42, first=500)
    with pytest.raises(graveler.InvalidError):
        parts[0].merge(parts[0])
    with pytest.raises(graveler.InvalidError):
        parts[0].merge(graveler.run(sessions=1, seed=43))
    with pytest.raises(graveler.InvalidError):
        graveler.merge([])
    with pytest.raises(TypeError):
        parts[0] + 1


def test_results_travel() -> None:
    result = graveler.run(sessions=1000, seed=42)
    there = pickle.loads(pickle.dumps(result))
    assert there == result and there.histogram.tolist() == result.histogram.tolist()  # type: ignore[union-attr]


# ---- Progress and interrupts ---------------------------------------------------------------------


def test_a_function_is_told_and_may_stop_the_run() -> None:
    seen: List[graveler.Progress] = []

    def tell(progress: graveler.Progress) -> None:
        seen.append(progress)
        if progress.played:
            raise graveler.Stop

    result = graveler.run(sessions=1e13, seed=1, progress=tell)
    assert not result.complete and 0 < result.sessions < 1e13
    assert seen[-1].played > 0 and seen[-1].sessions == 10**13 and seen[-1].max_score is not None


def test_an_error_of_the_function_is_raised() -> None:
    def tell(progress: graveler.Progress) -> None:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        graveler.run(sessions=1e13, seed=1, progress=tell)


def test_a_bar_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    result = graveler.run(sessions=1e13, seed=1, max_time=0.5, progress=True)
    told = capsys.readouterr().err
    assert "session/s" in told and f"highest {result.max_score}"[:9] in told and "/10.0T" in told


def test_a_run_ends_in_time() -> None:
    result = graveler.run(sessions=1e13, seed=1, max_time=0.2)
    assert not result.complete and result.sessions > 0
    assert result.ranges[0][0] == 0


def test_other_threads_go_on_while_it_plays() -> None:
    started, ended = threading.Event(), threading.Event()

    def tell(progress: graveler.Progress) -> None:
        started.set()
        if ended.is_set():
            raise graveler.Stop

    counter = 0

    def count() -> None:
        nonlocal counter
        started.wait()
        for counter in range(1000):
            time.sleep(0)
        ended.set()

    thread = threading.Thread(target=count)
    thread.start()
    graveler.run(sessions=1e14, seed=1, progress=tell)
    thread.join()
    assert counter == 999


INTERRUPTED = """
import sys, graveler
def tell(progress):
    if progress.played:
        print("playing", flush=True)
try:
    graveler.run(sessions=1e14, seed=5, checkpoint=sys.argv[1], progress=tell)
except KeyboardInterrupt as interrupt:
    result = interrupt.result
    print("interrupted", result.sessions, result.complete, result.digest, flush=True)
import signal
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""


def test_ctrl_c_ends_a_run_with_what_was_played(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.json"
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None and child.stdout.readline() == "playing\n"
    os.kill(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    words = out.split("interrupted ")[1].split()
    saved = graveler.Result.load(path)
    assert words == [str(saved.sessions), "False", saved.digest] and saved.sessions > 0
    assert "ignored" not in err, err
    # It goes on from there, with the same seed.
    more = graveler.run(sessions=1e14, checkpoint=path, max_time=0.1)
    assert more.seed == 5 and more.sessions >= saved.sessions


def test_ctrl_c_unhandled_ends_the_program() -> None:
    code = "import graveler\ngraveler.run(sessions=1e14, seed=5, progress=lambda p: print(flush=True))"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "\n"
    os.kill(child.pid, signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode != 0 and "graveler._errors.Interrupted" in err


def test_a_handler_of_ones_own_is_left_alone() -> None:
    seen: List[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:

        def tell(progress: graveler.Progress) -> None:
            if seen:
                raise graveler.Stop
            os.kill(os.getpid(), signal.SIGINT)

        assert not graveler.run(sessions=1e14, seed=1, progress=tell).complete
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen


# ---- Errors --------------------------------------------------------------------------------------


def test_no_gpu_is_a_device_error() -> None:
    if graveler.devices().gpus:
        pytest.skip("there is a GPU")
    with pytest.raises(graveler.DeviceError):
        graveler.run(sessions=1, seed=1, backend="cuda")
    with pytest.warns(graveler.GravelerWarning, match="no usable GPU"):
        graveler.run(sessions=1, seed=1)


def test_a_run_whose_checkpoint_fails_has_its_result(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    def tell(progress: graveler.Progress) -> None:
        if progress.played:
            shutil.rmtree(folder)
            raise graveler.Stop

    with pytest.raises(graveler.FileError) as caught, pytest.warns(graveler.GravelerWarning):
        graveler.run(sessions=1e14, seed=42, checkpoint=folder / "a", progress=tell)
    assert caught.value.result is not None and caught.value.result.sessions > 0
    assert isinstance(caught.value, OSError)


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    graveler.run(sessions=10, seed=1, checkpoint=path)
    with pytest.raises(graveler.InvalidError):
        graveler.run(sessions=10, seed=2, checkpoint=path)


# ---- Replays and more ----------------------------------------------------------------------------


def test_replays_are_those_of_the_run() -> None:
    result = graveler.run(sessions=3000, seed=42)
    assert result.max_session == 413
    again = graveler.replay(seed=42, session=413)
    assert again.score == result.max_score == 81
    assert again.faces is not None and again.values is not None
    assert (again.faces == 0).sum() == again.values.sum() == 81 and again.words == 12
    dice = graveler.replay(seed=42, session=413, rolls=10, die="1..6")
    assert dice.values is not None and dice.values.tolist() == [2, 2, 6, 5, 5, 4, 3, 3, 2, 1]


def test_replays_of_draws() -> None:
    again = graveler.replay(seed=42, session=5, rolls=3, chance="1/4", method="scores")  # docs/formats.md
    assert again.draw is not None and again.faces is None and again.score == 0
    assert again.draw.u == (0x2051E913 << 32) + 0xFDD21D94
    assert (again.draw.at_least, again.draw.below) == (0, 0x6C00000000000000)
    best = graveler.replay(seed=42, session=1972, rolls=3, method="scores")
    assert best.score == 3 and best.draw is not None and best.draw.below == 1 << 64


@pytest.mark.parametrize(
    "keywords", [{}, {"seed": 1, "engine": "gen3"}, {"seed": 1, "method": "x"}, {"seed": 1, "session": 2**63}]
)
def test_replays_refuse(keywords: Any) -> None:
    with pytest.raises(graveler.InvalidError):
        graveler.replay(**{"session": 1, **keywords})


def test_presets_are_those_of_the_program(program: str) -> None:
    listed = subprocess.run([program, "presets"], stdout=subprocess.PIPE, check=True, text=True).stdout
    presets = graveler.presets()
    assert list(presets)[0] == "founding" and len(presets) >= 7
    assert all(name in listed and preset.question in listed for name, preset in presets.items())
    assert presets["million"].keep == "max" and presets["million"].experiment.die == "0..10"
    assert presets["founding"].experiment == graveler.run(sessions=1, seed=1).experiment


def test_devices(cli: Any) -> None:
    found = graveler.devices()
    assert found.cpu.isa in ("portable", "avx2", "avx512") and found.cpu.threads == len(os.sched_getaffinity(0))
    assert bool(found.gpus) == (found.no_gpu is None)


def test_version(program: str) -> None:
    told = subprocess.run([program, "--version"], stdout=subprocess.PIPE, check=True, text=True).stdout
    assert told == f"graveler {graveler.version} (commit {graveler.commit})\n"
