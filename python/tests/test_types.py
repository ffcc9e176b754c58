"""The type hints, by mypy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1]


def test_mypy_has_nothing_to_say(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="THE TYPE HINTS ARE NOT CHECKED: mypy is not here")
    words = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path), "--config-file", "pyproject.toml"]
    done = subprocess.run(words, cwd=FOLDER, stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stdout
