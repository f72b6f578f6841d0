"""Files that must be whole whatever happens: locks, renames, copies, checksums, and logs that DuckDB would replay."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .publication import ExitCode, PublishError

if TYPE_CHECKING:
    import duckdb

SECONDS_BETWEEN_TRIES = 0.2
FICLONE = 0x40049409  # of Linux: a copy that shares its blocks until one of the two is written
# what DuckDB may leave beside a file, and replays over whatever file has the name then
LOGS = (".wal", ".wal.checkpoint", ".wal.recovery")
WRITE_BITS = 0o222
# what the name of a file begins with until it is whole
UNFINISHED = "unfinished-"


@contextmanager
def file_lock(file: Path, wait: float, what: str) -> Iterator[int]:
    """A lock that ends with the last process that holds it, however it ends.

    Takes: the file to lock, which is made and stays; the seconds to wait for it; what it protects, for the message.
    Gives: its descriptor, which a child that inherits it holds too. Raises where somebody else has it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise PublishError(
                        f"Another {what} is under way ({file} is locked); waited {wait:g} s for it.", ExitCode.LOCKED
                    ) from None
                time.sleep(SECONDS_BETWEEN_TRIES)
        yield descriptor
    finally:
        os.close(descriptor)


def wait_until_free(file: Path, wait: float, to_write: bool) -> None:
    """Waits until no other program has a DuckDB file open in a way that keeps this one out. Raises where one still has.

    Takes: the file, which need not be there; the seconds to wait; whether it is to be written, which readers prevent
    too.
    """
    deadline = time.monotonic() + wait
    while is_held(file, to_write):
        if time.monotonic() >= deadline:
            raise PublishError(f"Another program has {file} open; waited {wait:g} s for it.", ExitCode.LOCKED)
        time.sleep(SECONDS_BETWEEN_TRIES)


def is_held(file: Path, to_write: bool) -> bool:
    """Whether another program has a DuckDB file open to write, or, for one that is to be written, to read."""
    try:
        descriptor = os.open(file, os.O_RDWR if to_write else os.O_RDONLY)
    except OSError:
        # not there, or not to be opened: whoever opens it next says which
        return False
    try:
        # the lock that DuckDB itself takes; it ends with the descriptor
        fcntl.lockf(descriptor, (fcntl.LOCK_EX if to_write else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def raise_if_locked(error: duckdb.Error, file: Path) -> None:
    """Raises what to tell where DuckDB could not open a file because another program has it open."""
    if "Could not set lock" in str(error):
        raise PublishError(f"Another program has {file} open: {error}", ExitCode.LOCKED) from None


def logs_beside(file: Path) -> list[Path]:
    """The logs beside a DuckDB file that DuckDB would replay over it."""
    return [log for log in (file.with_name(file.name + ending) for ending in LOGS) if log.exists()]


def check_no_log(file: Path) -> None:
    """Raises where a log lies beside a published file: publishing leaves none, so it is not of what was published."""
    for log in logs_beside(file):
        raise PublishError(
            f"{log} is not the publisher's: some program has opened {file.name} to write, as root perhaps, and "
            "DuckDB would "
            "replay what it wrote over whatever is published there. Nothing was changed. Move that file away, and open "
            "publications read-only.",
            ExitCode.WRONG_USAGE,
        )


def check_own_log(file: Path) -> None:
    """Raises where the log beside the build's file is another user's: what a killed build of one's own leaves is
    replayed, what somebody else wrote is not."""
    with suppress(FileNotFoundError):
        owner = file.stat().st_uid
        for log in logs_beside(file):
            if log.stat().st_uid != owner:
                raise PublishError(
                    f"{log} belongs to another user than {file.name}: some program has opened the build's file to "
                    "write, "
                    "and DuckDB would replay what it wrote. Nothing was built or published. Move that file away.",
                    ExitCode.WRONG_USAGE,
                )


def rename_to_disk(source: Path, target: Path) -> None:
    """Renames a file, folder or link over another at once, both brought to disk: after a power cut too it is one or the
    other."""
    if not source.is_symlink() and source.is_file():
        sync(source)
    os.replace(source, target)
    sync(target.parent)


def write_to_disk(file: Path, content: str) -> None:
    """Writes a small file under another name first, so that it is there whole or not at all."""
    unfinished = file.with_name(UNFINISHED + file.name)
    unfinished.write_text(content, encoding="utf-8")
    rename_to_disk(unfinished, file)


def sync(path: Path) -> None:
    """Brings a file's content, or a folder's names, to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copy_file(source: Path, target: Path) -> None:
    """Copies a file: in no time where the file system shares blocks, and never as a second name of one file."""
    if sys.platform == "linux":
        with suppress(OSError), source.open("rb") as read, target.open("wb") as written:
            fcntl.ioctl(written.fileno(), FICLONE, read.fileno())
            return
    shutil.copyfile(source, target)


def protect(file: Path) -> None:
    """Takes the right to write from a file, and leaves all else to the umask."""
    file.chmod(file.stat().st_mode & 0o777 & ~WRITE_BITS)


def sha256_of(file: Path) -> str:
    """The checksum of a file's content."""
    found = hashlib.sha256()
    with file.open("rb") as content:
        while part := content.read(1 << 20):
            found.update(part)
    return found.hexdigest()


def name_of(*names: str) -> str:
    """A name in SQL, quoted."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def text(value: object) -> str:
    """A text in SQL, quoted."""
    return "'" + str(value).replace("'", "''") + "'"
