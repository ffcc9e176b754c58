"""The structures, enumerations and functions of _native.py, held against the header by a compiler."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Dict, List

import pytest

from graveler import _errors, _native

HEADER = Path(__file__).resolve().parents[2] / "include" / "graveler.h"
NAMES = {
    "grav_statistic": _native.STATISTICS,
    "grav_method": _native.METHODS,
    "grav_engine": _native.ENGINES,
    "grav_keep": _native.KEEPS,
    "grav_backend": _native.BACKENDS,
    "grav_isa": _native.ISAS,
}
CONSTANTS = {
    "GRAV_ROLLS_MAX": _native.ROLLS_MAX,
    "GRAV_SCORE_MAX": _native.SCORE_MAX,
    "GRAV_SESSIONS_END": _native.SESSIONS_END,
    "GRAV_THREADS_MAX": _native.THREADS_MAX,
    "GRAV_DIGEST_SIZE": _native.DIGEST_SIZE,
    "GRAV_TAKEN": _native.TAKEN,
    "GRAV_NOT_YET": _native.NOT_YET,
    "GRAV_NONE": _native.NONE,
}


def _expected() -> Dict[str, int]:
    """C expressions, and what they are by _native.py."""
    expected = dict(CONSTANTS)
    for name, structure in _native.STRUCTURES.items():
        expected[f"sizeof({name})"] = _native.ctypes.sizeof(structure)
        for field in structure._fields_:
            about = getattr(structure, field[0])
            expected[f"offsetof({name}, {field[0]})"] = about.offset
            expected[f"sizeof((({name} *)0)->{field[0]})"] = about.size
    for enum, names in NAMES.items():
        for value, word in enumerate(names):
            expected[f"{enum.upper()}_{word.upper()}"] = value
    for status, error in _errors.ERRORS.items():
        word = re.sub("Error$", "", error.__name__).upper()
        expected[f"GRAV_ERROR_{word}"] = status
    return expected


def _compile(source: str, program: Path) -> None:
    compiler = os.environ.get("GRAVELER_CC") or shutil.which("cc") or shutil.which("gcc")
    if not compiler or not HEADER.exists():
        pytest.skip("THE STRUCTURES ARE NOT COMPARED: no C compiler or no header")
    words = [compiler, "-std=c11", f"-I{HEADER.parent}", "-x", "c", "-", "-o", str(program)]
    subprocess.run(words, input=source.encode(), check=True)


def test_layouts_are_those_of_the_header(tmp_path: Path) -> None:
    expected = _expected()
    lines = "".join(f'  printf("%llu\\n", (unsigned long long)({what}));\n' for what in expected)
    _compile(f"#include <graveler.h>\n#include <stdio.h>\nint main(void) {{\n{lines}}}\n", tmp_path / "abi")
    told = subprocess.run([str(tmp_path / "abi")], stdout=subprocess.PIPE, check=True).stdout.split()
    assert dict(zip(expected, map(int, told))) == expected
    assert len(told) == len(expected) > 150


def _fields_in_header(name: str) -> List[str]:
    """The members of a structure, as they stand in the header, in their order."""
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
    found = re.search(r"typedef struct %s \{(.*?)\n\} %s;" % (name, name), text, re.S)
    assert found, name
    members = []
    for declaration in found.group(1).split(";"):
        function = re.search(r"\(\*(\w+)\)", declaration)
        if function:
            members.append(function.group(1))
        elif declaration.strip():
            members += re.findall(r"(\w+)(?:\[[^,]*\])?(?=\s*(?:,|$))", declaration.strip())
    return members


@pytest.mark.skipif(not HEADER.exists(), reason="no header")
@pytest.mark.parametrize("name", _native.STRUCTURES)
def test_no_member_is_missing(name: str) -> None:
    assert [field[0] for field in _native.STRUCTURES[name]._fields_] == _fields_in_header(name)


@pytest.mark.skipif(not HEADER.exists(), reason="no header")
def test_functions_have_as_many_arguments() -> None:
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
    for name, (_, arguments) in _native.PROTOTYPES.items():
        found = re.search(r"\b%s\(([^;]*)\);" % name, text)
        assert found, f"{name} is not in the header"
        count = 0 if found.group(1) == "void" else found.group(1).count(",") + 1
        assert len(arguments) == count, name


@pytest.mark.skipif(not HEADER.exists(), reason="no header")
def test_version_is_that_of_the_header() -> None:
    assert f'#define GRAV_VERSION "{_native.HEADER_VERSION}"' in HEADER.read_text()
    assert _native.SONAME.endswith(".so." + ".".join(_native.HEADER_VERSION.split(".")[:2]))


def _import(library: str) -> "subprocess.CompletedProcess[bytes]":
    import sys

    environment = {**os.environ, "GRAVELER_LIBRARY": library}
    return subprocess.run(
        [sys.executable, "-c", "import graveler"], env=environment, stderr=subprocess.PIPE, check=False
    )


def test_a_library_that_is_not_there_is_told() -> None:
    done = _import("/nowhere/libgraveler.so")
    assert done.returncode == 1
    assert b"ImportError" in done.stderr and b"/nowhere/libgraveler.so" in done.stderr


def test_another_library_is_refused() -> None:
    done = _import("libc.so.6")
    assert done.returncode == 1 and b"libc.so.6 is not a graveler library" in done.stderr


def test_another_version_is_refused(tmp_path: Path) -> None:
    symbols = "".join(f"int {name}(void) {{ return 0; }}\n" for name in _native.PROTOTYPES if name != "grav_version")
    source = symbols + 'const char *grav_version(void) { return "0.2.7"; }\n'
    compiler = os.environ.get("GRAVELER_CC") or shutil.which("cc")
    if not compiler:
        pytest.skip("NOT TESTED: no C compiler")
    other = tmp_path / "other.so"
    words = [compiler, "-w", "-shared", "-fPIC", "-x", "c", "-", "-o", str(other)]
    subprocess.run(words, input=source.encode(), check=True)
    done = _import(str(other))
    assert done.returncode == 1 and b"is version 0.2.7 of graveler" in done.stderr
