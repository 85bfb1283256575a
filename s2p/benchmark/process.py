"""The parent's end of a timed process: starts it, asks it, ends it; nothing waits for ever."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from s2p.errors import S2PError

PATIENCE = 900.0  # seconds that one task may take

_ROOT = Path(__file__).resolve().parent.parent.parent


class TimedProcess:
    """A process of `s2p.benchmark.child`.

    Args:
        about: its configuration.
        cache: folder for converted networks.
        check: called several times a second while it works; raises to stop.

    Attributes:
        ready: seconds from its start until it could paint.
        networks: what it loaded.
    """

    def __init__(self, about: dict[str, Any], *, cache: Path, check: Callable[[], None]) -> None:
        self._check = check
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 closed by `stop`
        # The settings of a person would change what is compared; the place of their weights is part of it.
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("S2P_") or name == "S2P_WEIGHTS"}
        path = os.pathsep.join(filter(None, [str(_ROOT), environment.get("PYTHONPATH")]))
        environment |= {"S2P_CACHE": str(cache), "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONPATH": path}
        started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "s2p.benchmark.child", json.dumps(about)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._errors, env=environment, text=True, encoding="utf-8",
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            self.networks: list[dict[str, Any]] = self._answer()["networks"]
        except BaseException:
            self.stop()
            raise
        self.ready = time.perf_counter() - started

    def do(self, task: str, number: int) -> dict[str, Any]:
        """Has one task done and returns what was measured."""
        self._send({"task": task, "number": number})
        return self._answer()

    def end(self) -> dict[str, Any]:
        """Lets it finish and returns its last words: its peak memory."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        answer = self._answer()
        self._process.wait(timeout=60)
        return answer

    def stop(self) -> None:
        """Ends it, whatever it does; safe to call twice."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None and not stream.closed:
                try:
                    stream.close()
                except OSError:  # what was left to write has nobody to read it
                    continue

    def __enter__(self) -> TimedProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError:
            raise self._lost() from None

    def _answer(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self._check()
            try:
                line = self._lines.get(timeout=0.2)
            except queue.Empty:
                continue
            if not line:
                raise self._lost()
            return json.loads(line)
        raise S2PError(f"A timed process did not answer within {PATIENCE:.0f} s. Leave its configuration out.")

    def _listen(self) -> None:
        assert self._process.stdout is not None
        try:
            for line in self._process.stdout:
                self._lines.put(line)
        except (OSError, ValueError):  # closed by `stop`
            return
        finally:
            self._lines.put("")  # the end

    def _lost(self) -> S2PError:
        self._process.wait(timeout=60)
        self._errors.seek(0)
        words = [line.strip() for line in self._errors.read().splitlines() if line.strip()]
        return S2PError(f"A timed process ended by itself: {(words or ['without a word'])[-1][:300]}")
