"""What the tests share: the program to compare with, and names that docstrings' examples use."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any, Callable, Dict, Tuple

import pytest

import graveler

# They need packages of their own: tests/test_examples.py runs them.
collect_ignore = ["examples"]

Cli = Callable[..., Dict[str, Any]]


def pytest_configure(config: pytest.Config) -> None:
    # A machine without a GPU is told so by every run; all other warnings are errors.
    config.addinivalue_line("filterwarnings", "ignore:no usable GPU:graveler.GravelerWarning")


@pytest.fixture(autouse=True)
def _names_of_examples(doctest_namespace: Dict[str, Any]) -> None:
    doctest_namespace["graveler"] = graveler


@pytest.fixture(scope="session")
def program() -> str:
    """The program `graveler`."""
    found = os.environ.get("GRAVELER_PROGRAM") or shutil.which("graveler")
    if not found:
        pytest.skip("NO PROGRAM TO COMPARE WITH: set GRAVELER_PROGRAM to graveler")
    return found


@pytest.fixture(scope="session")
def cli(program: str) -> Cli:
    """Runs `graveler COMMAND ... --json` and gives back what it wrote."""

    def call(command: str, *options: str) -> Dict[str, Any]:
        words: Tuple[str, ...] = (program, command, *options, "--json")
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        found: Dict[str, Any] = json.loads(done.stdout)
        return found

    return call
