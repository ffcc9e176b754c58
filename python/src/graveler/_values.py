"""What people write in Python, as the text and the numbers that the library reads.

The library reads chances and weights exactly, and so this module hands them over exactly: fractions
and decimals as they are, a float as Python prints it, so that ``0.1`` is one tenth and not the
binary number next to it.
"""

from __future__ import annotations

import ctypes
import numbers
import operator
import os
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Iterable, Mapping, Optional, Sequence, SupportsIndex, Tuple, Union

from ._errors import InvalidError, error_of
from ._native import CDecimal, CError, lib

#: A chance or a weight: ``"1/4"``, ``"25%"``, ``Fraction(1, 4)``, ``Decimal("0.25")``, ``0.25``, ``1``.
Chance = Union[str, int, float, Fraction, Decimal]
#: A die as the command line has it, or its values, or (value, weight) pairs, or weights by value.
Die = Union[str, Mapping[int, Chance], Iterable[Union[int, Tuple[int, Chance]]]]
#: A whole number: also ``1e9`` and ``"2^30"``.
Count = Union[str, float, SupportsIndex]
#: Seconds, or ``"10m"``, or a timedelta.
Duration = Union[str, float, timedelta]
Path = Union[str, "os.PathLike[str]"]


def encode(name: str, text: str) -> bytes:
    """Text for the library, which has no place for a zero in it."""
    if "\0" in text:
        raise InvalidError(f"{name}: there is a zero character in it")
    return text.encode("utf-8", "surrogateescape")


def chance_text(name: str, value: Chance) -> str:
    """A chance or weight as the library reads it, without loss.

    >>> chance_text("chance", 0.1), chance_text("chance", Fraction(1, 3))
    ('0.1', '1/3')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        raise InvalidError(f"{name}: {value!r} is no number: write 1/4, 0.25 or 25%")
    if isinstance(value, numbers.Rational):
        return f"{value.numerator}/{value.denominator}" if value.denominator != 1 else str(value.numerator)
    if isinstance(value, float):
        return float.__repr__(value)
    # Decimals, and NumPy's floats of other sizes, which print as shortly as Python's.
    if isinstance(value, (Decimal, numbers.Real)):
        return str(value).lower().replace("e+", "e")
    raise InvalidError(f"{name}: {value!r} is no number: write 1/4, 0.25 or 25%")


def _face(face: Any) -> str:
    try:
        value, weight = face if isinstance(face, Sequence) else (face, None)
        value = operator.index(value)
    except (TypeError, ValueError):
        raise InvalidError(f"die: {face!r} is no face: write a value or (value, weight)") from None
    return str(value) if weight is None else f"{value}x{chance_text('die', weight)}"


def die_text(die: Die) -> str:
    """A die as the library reads it.

    >>> die_text([1, 2, (6, "1/3")]), die_text({1: 1, 0: 3}), die_text(range(1, 7))
    ('1,2,6x1/3', '1x1,0x3', '1,2,3,4,5,6')
    """
    if isinstance(die, str):
        return die
    try:
        faces = list(die.items() if isinstance(die, Mapping) else die)
    except TypeError:
        raise InvalidError(f"die: {die!r} is no die: write 1..6, or a list of faces") from None
    return ",".join(_face(face) for face in faces)


def count(name: str, value: Count, least: int, most: int) -> int:
    """A whole number from least to most.

    >>> count("sessions", 1e9, 1, 2**63), count("sessions", "2^30", 1, 2**63)
    (1000000000, 1073741824)
    """
    text = value
    if not isinstance(value, str):
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        try:
            whole = operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            raise InvalidError(f"{name}: {value!r} is no whole number") from None
        if least <= whole <= most:
            return whole
        text = str(whole)
    out, err = ctypes.c_uint64(), CError()
    status = lib.grav_parse_count(encode(name, str(text)), least, most, ctypes.byref(out), ctypes.byref(err))
    if status:
        raise error_of(status, f"{name}: {err.message.decode('utf-8', 'replace')}")
    return out.value


def seconds(name: str, value: Duration, least: float) -> float:
    """A time in seconds.

    >>> seconds("max_time", "1.5h", 0), seconds("max_time", timedelta(minutes=1), 0)
    (5400.0, 60.0)
    """
    if isinstance(value, timedelta):
        value = value.total_seconds()
    text = value if isinstance(value, str) else str(value)
    out, err = ctypes.c_double(), CError()
    status = lib.grav_parse_duration(encode(name, text), least, ctypes.byref(out), ctypes.byref(err))
    if status:
        raise error_of(status, f"{name}: {err.message.decode('utf-8', 'replace')}")
    return out.value


def choice(name: str, value: str, names: Sequence[str]) -> int:
    """The place of a name in an enumeration."""
    try:
        return names.index(value)
    except ValueError:
        raise InvalidError(f"{name}: {value!r} is unknown: it is one of {', '.join(names)}") from None


def path_bytes(name: str, path: Path) -> bytes:
    """A path for the library."""
    raw = os.fsencode(path)
    if b"\0" in raw:
        raise InvalidError(f"{name}: there is a zero character in it")
    return raw


def decimal_of(number: CDecimal) -> Decimal:
    """A number of the library's, of whatever magnitude: to the digits of a double."""
    if number.mantissa == 0:
        return Decimal(number.value)  # 0 or infinity
    return Decimal(f"{number.mantissa!r}e{number.exponent}")


def text(raw: Optional[bytes]) -> str:
    """Text of the library's."""
    return raw.decode("utf-8", "replace") if raw else ""
