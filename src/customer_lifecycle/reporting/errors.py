"""What stops a report, with the exit code that says so. The codes are those of the other commands."""

from __future__ import annotations

WRONG_USAGE, NO_PUBLICATION, NOT_WRITTEN = 2, 3, 4
NOT_INSTALLED = 69  # EX_UNAVAILABLE of sysexits.h


class ReportError(Exception):
    """A report that cannot be made: the message says why and what to do, `code` is the exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code
