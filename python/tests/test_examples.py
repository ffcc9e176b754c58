"""The programs in examples/, run as a user would: parts played anywhere are the run as a whole."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import graveler

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def _run(name: str, *words: str) -> str:
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "RAY_AUTH_MODE": "disabled"}
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=300,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("package", ["ray", "dask.distributed"])
def test_ranges_on_a_cluster_are_the_run(package: str) -> None:
    try:
        found = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        found = None
    if found is None:
        pytest.skip(f"THE EXAMPLE IS NOT TESTED: {package} is not here")
    told = _run(package.split(".", maxsplit=1)[0] + "_ranges.py", "1e6")
    want = graveler.run(sessions=1e6, seed=42)
    assert told.splitlines() == [
        f"1,000,000 sessions: highest {want.max_score}, session {want.max_session:,}",
        f"digest {want.digest}",
    ]


def test_a_sweep_finds_what_runs_find() -> None:
    found = {}
    for line in _run("sweep.py").splitlines():
        chance, told = line.split(": ")
        found[chance.strip()] = int(told.split()[0].replace(",", "")) if "none" not in told else 0
    assert set(found) == {"1/5", "1/4", "3/10", "1/3", "2/5"}
    for chance in ("3/10", "1/3", "2/5"):
        sessions = found[chance]
        best = graveler.run(chance=chance, sessions=sessions, seed=1, keep="max").max_score
        assert best is not None and best >= 100
        if sessions > 1000:
            before = graveler.run(chance=chance, sessions=sessions // 10, seed=1, keep="max").max_score
            assert before is not None and before < 100
    assert found["1/5"] == found["1/4"] == 0
