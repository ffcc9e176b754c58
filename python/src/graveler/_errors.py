"""What can go wrong, as exceptions."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Dict, Optional, Type

if TYPE_CHECKING:
    from ._result import Result


class Error(Exception):
    """Something went wrong; the message says what, and what would be right.

    Where a run failed after it had played something, ``result`` has what it played.
    """

    result: Optional[Result] = None


class InvalidError(Error, ValueError):
    """A value is refused; the message names it and what is allowed."""


class MemoryError(Error, builtins.MemoryError):  # noqa: A001
    """Memory could not be had."""


class FileError(Error, OSError):
    """A file could not be written or read."""


class DeviceError(Error, RuntimeError):
    """There is no usable device, or a device failed."""


class MismatchError(Error, RuntimeError):
    """A check found that an answer, or a file, is not what it should be."""


class Interrupted(KeyboardInterrupt):
    """Ctrl+C ended a run; ``result`` has what was played, and a checkpoint has it, too."""

    def __init__(self, result: Optional[Result] = None) -> None:
        super().__init__("the run was interrupted")
        self.result = result


class Stop(Exception):
    """For a progress function to raise: the run ends in order, with what was played so far."""


class GravelerWarning(UserWarning):
    """Something worth telling, such as that there is no GPU and the CPU plays."""


#: By grav_status.
ERRORS: Dict[int, Type[Error]] = {
    1: InvalidError,
    2: MemoryError,
    3: FileError,
    4: DeviceError,
    5: MismatchError,
}


def error_of(status: int, message: str) -> Error:
    """The exception that a status of the library stands for."""
    return ERRORS.get(status, Error)(message)
