"""The type hints, by mypy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1]


def test_mypy_has_nothing_to_say(tmp_path: Path) -> None:
    # Earlier ones know less of NumPy.
    pytest.importorskip("mypy.version", minversion="1.8", reason="THE TYPE HINTS ARE NOT CHECKED: no mypy 1.8")
    words = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path), "--config-file", "pyproject.toml"]
    done = subprocess.run(words, cwd=FOLDER, stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stdout
