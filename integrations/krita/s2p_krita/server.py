"""Speaks to an s2p server: a drawing and hints go there, a painting in layers comes back. Knows no Krita.

Everything here waits for the network, so it runs in a thread of its own.
"""

from __future__ import annotations

import http.client
import io
import json
import queue
import secrets
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from .dabs import Dab
from .errors import Cancelled, PluginError

DEFAULT = "http://127.0.0.1:8232"
_SECONDS, _LONG = 60, 900  # for an answer; for one that large pages take
_PAUSE = 0.15  # seconds between two looks at a job
_PIECE = 1 << 16  # bytes of a drawing between two looks at whether it is still wanted
_STAGES = {"prepare": "Looking at the drawing", "draft": "Looking at the drawing", "compose": "Choosing colours",
           "paint": "Painting", "finish": "Finishing"}


Answer = TypeVar("Answer")


class Painting(NamedTuple):
    """A finished painting.

    Attributes:
        layers: an OpenRaster file.
        notes: sentences about it that the artist should read.
    """

    layers: bytes
    notes: list[str]


def tidy(address: str) -> str:
    """The address of a server as it is used: with its scheme, without a slash at the end.

    Raises:
        PluginError: it is no address.
    """
    address = address.strip().rstrip("/")
    address = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(address)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of a port that is none
        is_one = False
    if not is_one or any(letter.isspace() for letter in address):
        raise PluginError(f"The address of a server looks like {DEFAULT}. Received: {address!r}.")
    return address


class _Pieces:
    """A body that stops being sent when it is cancelled: the server gets no whole drawing, and keeps none."""

    def __init__(self, body: bytes, cancelled: threading.Event) -> None:
        self._file, self._cancelled = io.BytesIO(body), cancelled

    def read(self, size: int = -1) -> bytes:
        if self._cancelled.is_set():
            raise Cancelled
        return self._file.read(_PIECE if size < 0 else size)


class Server:
    """A server at an address.

    Args:
        address: such as `http://127.0.0.1:8232`.
        cancelled: set from anywhere to stop `paint`.
        tell: is told what happens, and which share of it is done, in [0, 1].
    """

    def __init__(
        self, address: str, *, cancelled: threading.Event | None = None,
        tell: Callable[[str, float], None] = lambda words, share: None,
    ) -> None:
        self.address, self._tell = tidy(address), tell
        self._cancelled = cancelled or threading.Event()
        # A proxy of the network knows nothing of this computer.
        host = urlsplit(self.address).hostname or ""
        is_near = host in ("localhost", "::1") or host.startswith("127.")
        handlers = [urllib.request.ProxyHandler({})] if is_near else []
        self._opener = urllib.request.build_opener(*handlers)

    def paint(
        self, drawing: bytes, hints: Sequence[Dab], *, words: Sequence[str] = (), background: str = "white"
    ) -> Painting:
        """Paints a drawing.

        Args:
            drawing: a PNG file.
            hints: where which colours are wanted; without any the server chooses.
            words: such as `red dress`, for what no hint reaches.
            background: `white`, or `none` for a ground that stays transparent where nobody coloured it.

        Raises:
            PluginError: no server is there, or it cannot paint this; the sentence says why.
            Cancelled: it was cancelled, and the server has stopped.
        """
        self._tell("Asking the server", 0.0)
        self._check()
        self._tell("Sending the drawing", 0.0)
        room = self._waited(
            lambda: self._ask("POST", "/api/v1/rooms", *_form(drawing), seconds=_LONG),
            lambda late: self._try_to_delete(f"/api/v1/rooms/{late['room']}"),
        )
        try:
            asked: dict[str, Any] = {"hints": [{"x": one.x, "y": one.y, "color": one.color} for one in hints]}
            if words:
                asked["style2paints"] = {"tags": list(words)}
            body = json.dumps(asked).encode()
            job = self._ask("POST", f"/api/v1/rooms/{room['room']}/jobs", body, "application/json")
            result = self._ended(job)["result"]
            self._tell("Fetching the layers", 0.98)
            self._stop_if_cancelled()
            file = f"/api/v1/rooms/{room['room']}/results/{result['id']}.ora?background={background}"
            return Painting(self._waited(lambda: self._send("GET", file, seconds=_LONG)), _notes(result))
        finally:  # the drawing does not stay there
            self._try_to_delete(f"/api/v1/rooms/{room['room']}")

    def _check(self) -> None:
        """Raises `PluginError` where there is no s2p server, or one that cannot paint."""
        status = self._ask("GET", "/api/v1/status")
        if "worker" not in status:
            raise self._foreign()
        if status.get("problem") and not status.get("ready"):
            raise PluginError(f"The server cannot paint: {status['problem']}")

    def _ended(self, job: dict[str, Any]) -> dict[str, Any]:
        """Waits for the end of a job; the job then."""
        address = f"/api/v1/jobs/{job['job']}"
        try:
            while job["state"] not in ("done", "failed", "cancelled"):
                self._tell(_said(job), 0.95 * float(job.get("fraction") or 0.0))
                self._stop_if_cancelled(_PAUSE)
                job = self._ask("GET", address)
        except Cancelled:
            self._try_to_delete(address)
            raise
        if job["state"] == "done":
            return job
        raise PluginError((job.get("error") or {}).get("message") or "The server has cancelled the painting.")

    def _stop_if_cancelled(self, seconds: float = 0.0) -> None:
        if self._cancelled.wait(seconds):
            raise Cancelled

    def _try_to_delete(self, path: str) -> None:
        """What cannot be deleted now, the server clears away in its time."""
        try:
            self._send("DELETE", path)
        except PluginError:
            return

    def _waited(self, work: Callable[[], Answer], put_away: Callable[[Answer], None] = lambda late: None) -> Answer:
        """What work in a thread of its own gives; on a cancel it is no longer waited for, and put away if it comes."""
        answers: queue.SimpleQueue[Answer | PluginError | Cancelled] = queue.SimpleQueue()

        def run() -> None:
            try:
                answer = work()
            except (PluginError, Cancelled) as error:
                answers.put(error)
                return
            answers.put(answer)
            if self._cancelled.is_set():
                put_away(answer)

        threading.Thread(target=run, daemon=True).start()
        while True:
            self._stop_if_cancelled()
            try:
                answer = answers.get(timeout=_PAUSE)
            except queue.Empty:
                continue
            if isinstance(answer, (PluginError, Cancelled)):
                raise answer
            if self._cancelled.is_set():
                put_away(answer)
                raise Cancelled
            return answer

    def _ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "", *, seconds: float = _SECONDS
    ) -> dict[str, Any]:
        """The JSON object that a request is answered with."""
        try:
            data = json.loads(self._send(method, path, body, kind, seconds=seconds))
        except ValueError:
            raise self._foreign() from None
        if not isinstance(data, dict):
            raise self._foreign()
        return data

    def _send(
        self, method: str, path: str, body: bytes | None = None, kind: str = "", *, seconds: float = _SECONDS
    ) -> bytes:
        headers = {"Content-Type": kind} if kind else {}
        data: Any = body
        if body is not None and len(body) > _PIECE:
            headers["Content-Length"], data = str(len(body)), _Pieces(body, self._cancelled)
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with self._opener.open(request, timeout=seconds) as reply:
                return reply.read()
        except urllib.error.HTTPError as error:
            with error:
                raise self._refusal(error) from None
        except urllib.error.URLError as error:
            raise self._absent(error.reason) from error
        except (OSError, http.client.HTTPException) as error:  # in the middle of an answer
            raise self._absent(error) from error

    def _refusal(self, error: urllib.error.HTTPError) -> PluginError:
        try:
            return PluginError(json.loads(error.read(100_000))["error"]["message"])
        except (ValueError, KeyError, TypeError, OSError):
            return self._foreign()

    def _absent(self, reason: Any) -> PluginError:
        if isinstance(reason, TimeoutError) or "timed out" in str(reason):  # socket.timeout, before Python 3.10
            return PluginError(f"The server at {self.address} takes too long to answer. Try again.")
        if isinstance(reason, (ConnectionResetError, BrokenPipeError, http.client.HTTPException)):
            return PluginError(f"The server at {self.address} has stopped answering. If it still runs, try again.")
        return PluginError(
            f"No s2p server answers at {self.address}. Start it (s2p serve, or python server/server.py in its folder), "
            "or correct the address above."
        )

    def _foreign(self) -> PluginError:
        return PluginError(f"What answers at {self.address} is no s2p server. Correct the address above.")


def _form(drawing: bytes) -> tuple[bytes, str]:
    """A form with one file, and its media type."""
    boundary = f"s2p-{secrets.token_hex(16)}"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="krita.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    body = head.encode() + drawing + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def _said(job: dict[str, Any]) -> str:
    if job["state"] == "queued":
        place = job.get("position") or 0
        return f"Waiting, place {place} in the line" if place > 1 else "Waiting for the painter"
    words, left = _STAGES.get(job.get("stage") or "", "Painting"), job.get("seconds_left")
    return f"{words}, {left:.0f} s left" if left and left >= 1 else words


def _notes(result: dict[str, Any]) -> list[str]:
    """What the artist should know of a painting."""
    notes = []
    if result.get("untrained"):
        notes.append(f"UNTRAINED networks took part: {', '.join(result['untrained'])}.")
    if result.get("unfound"):
        notes.append(f"Not to be seen in the drawing: {', '.join(result['unfound'])}.")
    return notes
