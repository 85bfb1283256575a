"""A worker's process as its lane sees it: tasks go in as JSON lines, and what it says comes out as JSON lines."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gevent
from gevent import subprocess

from .bodies import off_the_loop

log = logging.getLogger(__name__)

WORKER = Path(__file__).resolve().parent / "worker.py"
_SEND_SECONDS = 10.0


class WorkerProcess:
    """One process, from its start to its end; whether there is another one after it is not decided here.

    Args:
        name: for the log.
        arguments: of its command line.
        folder: working directory.
        hear: is called with this process and what it says, one object after the other, and None for its end.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self, name: str, arguments: list[str], *, folder: Path, hear: Callable[[WorkerProcess, dict | None], None]
    ) -> None:
        self._name, self._hear = name, hear
        self._process: Any = subprocess.Popen(
            [sys.executable, str(WORKER), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=str(folder)
        )
        gevent.spawn(self._read)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stdout(self) -> Any:
        """The pipe that it talks through."""
        return self._process.stdout

    def send(self, task: dict[str, Any]) -> bool:
        """Gives it a task; False where it takes none, which is its end."""
        try:
            line = off_the_loop(lambda: (json.dumps(task) + "\n").encode())  # thousands of hints take a while
            with gevent.Timeout(_SEND_SECONDS):
                self._process.stdin.write(line)
                self._process.stdin.flush()
        except (OSError, ValueError, gevent.Timeout) as error:
            log.warning("%s: the worker takes no tasks (%s)", self._name, type(error).__name__)
            return False
        return True

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        """Kills it, whatever it does, and closes its pipe."""
        for action in (self._process.kill, self._process.stdin.close):
            try:
                action()
            except OSError as error:
                log.debug("%s: while ending the worker: %s", self._name, error)

    def _read(self) -> None:
        """Passes its lines on. Its end is a message of its own: lost, whatever was being done."""
        try:
            for line in self._process.stdout:
                try:
                    self._hear(self, dict(json.loads(line)))
                except (ValueError, TypeError):
                    log.warning("%s: a line from the worker is not JSON", self._name)
        except (OSError, ValueError) as error:
            log.debug("%s: the worker's pipe ended (%s)", self._name, error)
        finally:
            self._process.stdout.close()
        self._hear(self, None)
        self._process.wait()
