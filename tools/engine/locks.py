"""File locks: they vanish with the process that holds them, so a kill leaves nothing to repair."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.steps import EngineError, say

# Windows has no such locks, and no engine of ours; its tests read which versions the engine has at least.
with suppress(ImportError):
    import fcntl

POLL = 0.1  # seconds between two attempts


class Lock:
    """An flock(2) on one file, shared or exclusive."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = -1
        self.open()

    def open(self) -> None:
        """Open the file, and create it if need be."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # NOFOLLOW: the machine-wide lock lies in a folder that everybody may write to.
        self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def share(self) -> None:
        """Hold it together with other sharers; an exclusive hold of ours becomes a shared one."""
        fcntl.flock(self.fd, fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        """Hold it exclusively if nobody else holds it; a shared hold of ours is lost if somebody does."""
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if self.path.exists() and os.path.samestat(os.fstat(self.fd), self.path.stat()):
            return True
        # `clean` removed the file while we waited: others would lock the new one.
        self.close()
        self.open()
        return self.try_exclusive()

    def wait_exclusive(self, limit: float, waiting_for: Callable[[], str]) -> None:
        """Hold it exclusively, after at most `limit` seconds; says once what it waits for.

        Raises:
            EngineError: somebody else still holds it after `limit` seconds.
        """
        deadline = time.monotonic() + limit
        patience = time.monotonic() + 1
        told = False
        while not self.try_exclusive():
            now = time.monotonic()
            if now > deadline:
                raise EngineError(f"gave up after {limit:.0f} s of waiting for {waiting_for()}")
            if not told and now > patience:
                say(f"waiting for {waiting_for()}")
                told = True
            time.sleep(POLL)

    def read(self) -> str:
        """The note that the holder left in the file, or an empty string."""
        return os.pread(self.fd, 4096, 0).decode(errors="replace").strip()

    def write(self, note: str) -> None:
        """Leave a note for those who wait."""
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, note.encode(), 0)

    def close(self) -> None:
        """Release it (unless a child inherited it: then it is held until that child ends)."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


@contextmanager
def exclusive(path: Path, waiting_for: str, limit: float) -> Iterator[None]:
    """Hold the lock in `path` exclusively during the body; waits at most `limit` seconds for it."""
    lock = Lock(path)
    try:
        lock.wait_exclusive(limit, lambda: waiting_for)
        yield
    finally:
        lock.close()
