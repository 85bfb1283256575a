"""What the first two networks make of the training pictures: the guesses that the painters must learn to live with.

A degraded copy of the truth is a kinder guess than a real composition. A painter that only saw the kind ones believes a
wrong composition more than the hints beside it.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from s2p.config import Settings
from s2p.image import fit64
from s2p.pipelines.runner import NetworkRunner
from s2p.pipelines.style2paints import stages
from s2p.progress import NullReporter
from s2p.train import simulate
from s2p.train.art import Art
from s2p.train.decoded import SHORT_EDGE, alone

_NAMES = ("baby", "girder", "tail")


class Compositions:
    """One composition for every picture, painted once by the installed `baby`, `girder` and `tail` and then kept.

    They lie beside the decoded pictures, `uint8[H // 2, W // 2, 3]` RGB one after another, and are painted anew, in
    place of the old ones, when other networks are installed. An interrupted run goes on where it stopped.

    Args:
        art: the pictures.
        seed: of line styles and hints (none for three in ten, at most eight).
    """

    def __init__(self, art: Art, *, seed: int = 0) -> None:
        self._offsets, offset = [], 0
        for _, _, height, width in art.index:
            self._offsets.append((offset, height // 2, width // 2))
            offset += (height // 2) * (width // 2) * 3
        path = self.file(art, seed=seed)
        if not _is_whole(path, offset):
            with alone(path):  # another training that begins now finds them painted
                if not _is_whole(path, offset):
                    _paint(art, path, seed, self._offsets)
        self._pixels = np.memmap(path, np.uint8, "r")

    @staticmethod
    def file(art: Art, *, seed: int = 0) -> Path:
        """Where the compositions of these pictures by the installed networks lie, or will lie."""
        return art.folder / f"compositions-{_identity()}-{seed}.raw"

    @staticmethod
    @lru_cache(maxsize=1)
    def available() -> bool:
        """Whether the networks that compose are trained; what random ones paint teaches nothing."""
        from s2p.weights import find

        return all(find(name).trained for name in _NAMES)

    def __getitem__(self, i: int) -> np.ndarray:
        """`uint8[H // 2, W // 2, 3]`, RGB; a view."""
        offset, height, width = self._offsets[i]
        return self._pixels[offset : offset + height * width * 3].reshape(height, width, 3)


def _is_whole(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _identity() -> str:
    from s2p.weights import find

    return "-".join(find(name).sha256[:8] or "random" for name in _NAMES)


def _paint(art: Art, path: Path, seed: int, offsets: list[tuple[int, int, int]]) -> None:
    from s2p.weights import load_networks

    call = NetworkRunner(load_networks(Settings(backend="tensorflow")), NullReporter())
    partial, marker = path.with_suffix(".partial"), path.with_suffix(".json")
    done = json.loads(marker.read_text()) if marker.is_file() and partial.is_file() else 0
    with open(partial, "r+b" if done else "wb") as file:
        file.truncate(offsets[done][0])
        file.seek(offsets[done][0])
        rest = range(done, len(art))
        for i in tqdm(rest, initial=done, total=len(art), desc="composing", unit="picture", disable=None):
            random = np.random.default_rng([seed, 991, i])
            composed = _compose(call, art.color(i), art.lines(i), random)
            _, height, width = offsets[i]
            file.write(cv2.resize(composed, (width, height), interpolation=cv2.INTER_AREA).tobytes())
            if (i + 1) % 50 == 0 and i + 1 < len(art):
                file.flush()
                marker.write_text(json.dumps(i + 1))
    os.replace(partial, path)  # not of `s2p.files`: what was painted before a stop is gone on from
    marker.unlink(missing_ok=True)
    _remove_others(path, seed)


def _remove_others(path: Path, seed: int) -> None:
    """Deletes what networks painted that are no longer installed: large, and never read again."""
    for other in path.parent.glob(f"compositions-*-{seed}.raw"):
        if other != path:
            with suppress(OSError):  # a run on Windows may still read it
                other.unlink()


def _compose(call: NetworkRunner, color: np.ndarray, flavours: np.ndarray, random: np.random.Generator) -> np.ndarray:
    lines = fit64(simulate.draw_lines(flavours, color, random), SHORT_EDGE // 16)
    count = simulate.hint_count(random, most=8)
    color = cv2.resize(color, lines.shape[::-1], interpolation=cv2.INTER_AREA)
    points = simulate.place_hints(color, lines, count, random, attentive=bool(random.random() < 0.5))
    hints = simulate.hints_at(points, kind="draft")
    draft = stages.draft(call, stages.draft_lines(lines), hints, walls=stages.draft_walls(lines))
    return stages.compose(call, draft, stages.composition_lines(lines))
