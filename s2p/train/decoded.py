"""The folder of decoded pictures that training reads, as it is written; `s2p.train.art` says what is in it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from s2p.errors import InputError, OutputError
from s2p.files import written_whole

SHORT_EDGE, LONG_EDGE = 512, 832
UNKNOWN_PART = 255


class Writer:
    """Writes a folder of decoded pictures; it appears under its name only when it is whole.

    Use as a context manager; `add` takes one picture and its lines at a time.

    Attributes:
        folder: where it is written, once the context is entered; what else belongs to the pictures is written there.
    """

    folder: Path

    def __init__(self, target: Path) -> None:
        self._target, self._open = target, ExitStack()
        self._pictures: list[list[Any]] = []
        self._tags: list[list[int]] = []
        self._garments: list[dict[str, int]] = []
        self._offset, self._flavours = 0, 0

    def __enter__(self) -> Writer:
        self.folder = self._open.enter_context(written_whole(self._target, is_large=True))
        self.folder.mkdir(parents=True)
        names = ("color", "lines", "parts")
        self._files = {name: self._open.enter_context(open(self.folder / f"{name}.raw", "wb")) for name in names}  # noqa: SIM115
        self._knows_parts = False
        return self

    def add(
        self, name: str, color: np.ndarray, lines: np.ndarray, parts: np.ndarray | None = None,
        tags: Iterable[int] = (), garments: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        """Brings a picture to the working size and keeps it.

        Args:
            name: of the picture.
            color: `uint8[H, W, 3]`, RGB.
            lines: `uint8[H, W, L]` or `uint8[H, W]`, 255 = paper.
            parts: `uint8[H, W]`, see `Art.parts`.
            tags, garments: see `Art.tags` and `Art.garments`.
        """
        color, lines = fit(color), fit(lines)
        lines = lines[..., None] if lines.ndim == 2 else lines
        self._flavours = self._flavours or lines.shape[-1]
        if lines.shape[-1] != self._flavours or color.shape[:2] != lines.shape[:2]:
            raise InputError(f"{name}: all pictures must have {self._flavours} line flavours of their own size.")
        height, width = color.shape[:2]
        self._knows_parts |= parts is not None
        parts = np.full((height, width), UNKNOWN_PART, np.uint8) if parts is None else fit(parts, is_numbers=True)
        for file, values in zip(self._files.values(), (color, lines, parts)):
            file.write(values.tobytes())
        self._pictures.append([name, self._offset, height, width])
        self._tags.append([int(tag) for tag in tags])
        self._garments.append(dict(garments or {}))
        self._offset += height * width

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            self._open.callback(self._finish)  # called first
        self._open.__exit__(*error)

    def _finish(self) -> None:
        for file in self._files.values():
            file.close()
        if not self._knows_parts:
            (self.folder / "parts.raw").unlink()
        index = {"flavours": self._flavours, "pictures": self._pictures, "tags": self._tags,
                 "garments": self._garments}
        (self.folder / "index.json").write_text(json.dumps(index), encoding="utf-8")


@contextmanager
def alone(target: Path) -> Iterator[None]:
    """Keeps others from writing a folder meanwhile: they wait, however many trainings begin at once.

    The lock is the system's, so it goes with a process that is killed.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(target.with_name(f".s2p-lock-{target.name}"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"Another training is reading {target.parent}; this one waits for it.", file=sys.stderr, flush=True)
        lock.acquire()
    except OSError as error:
        raise OutputError(f"{target.parent} cannot be written: {(error.strerror or str(error)).lower()}.") from error
    try:
        yield
    finally:
        lock.release()


def fit(image: np.ndarray, *, is_numbers: bool = False) -> np.ndarray:
    """Resizes to a short edge of 512 and cuts the long one to 832; `is_numbers` for values that cannot be mixed."""
    height, width = image.shape[:2]
    scale = SHORT_EDGE / min(height, width)
    if scale != 1:
        size = (max(round(width * scale), SHORT_EDGE), max(round(height * scale), SHORT_EDGE))
        method = cv2.INTER_NEAREST if is_numbers else cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        image = cv2.resize(image, size, interpolation=method)
    left = max(image.shape[1] - LONG_EDGE, 0) // 2
    return np.ascontiguousarray(image[:LONG_EDGE, left : left + LONG_EDGE])
