"""The pictures of a pack (`s2p.train.borrowed.pack`) become a folder of decoded ones."""

from __future__ import annotations

import hashlib
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from s2p.errors import InputError
from s2p.train.decoded import Writer, alone
from s2p.train.encoded import decode_color
from s2p.xdog import XdogStyle, random_style

FORMAT = "s2p-packed-pictures"
COMPOSED = "composed-"  # before the number of a picture, in a shard


def unpack_pictures(folder: Path) -> Path:
    """Decodes the pictures of a pack and draws their lines, once; returns a folder for `Art`.

    Raises:
        InputError: a shard is damaged.
    """
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    target = folder / "decoded"
    if (target / "index.json").is_file():
        return target
    with alone(target):
        return target if (target / "index.json").is_file() else _unpack(folder, target, index)


def _unpack(folder: Path, target: Path, index: dict[str, Any]) -> Path:
    name = index.get("compositions") or ""
    is_composed = re.fullmatch(r"compositions-[a-z0-9-]+\.raw", name) is not None
    with (
        Writer(target) as writer, ThreadPoolExecutor(os.cpu_count() or 1) as pool,
        open(writer.folder / name if is_composed else os.devnull, "wb") as small,
    ):
        for shard in index["shards"]:
            path = folder / shard["file"]
            if hashlib.sha256(path.read_bytes()).hexdigest() != shard["sha256"]:
                raise InputError(f"{path.name} is damaged; bring the pack once more.")
            with h5py.File(path, "r") as file:
                items = [(str(key), np.asarray(data)) for key, data in file.items() if not key.startswith(COMPOSED)]
                tags = [np.asarray(file[key].attrs.get("tags", ())) for key, _ in items]
                smalls = [np.asarray(file[COMPOSED + key]) for key, _ in items if COMPOSED + key in file]
            for (name, color, lines), known in zip(pool.map(_unpacked, items), tags, strict=True):
                writer.add(name, color, lines, tags=known)
            for picture in pool.map(decode_color, smalls):
                small.write(picture.tobytes())
    return target


def draw_styles(color: np.ndarray, number: int) -> np.ndarray:
    """Line art of picture `number` in four styles, the same every time: `uint8[H, W, 4]`, 255 = paper."""
    generator = np.random.default_rng([41, number])
    soft = random_style(generator)
    styles = (
        XdogStyle(soft.sigma, soft.k, soft.gamma, soft.epsilon, soft.phi),
        XdogStyle(sigma=0.7, k=1.6, gamma=0.98, epsilon=-0.002, phi=120.0),
        XdogStyle(sigma=1.0, k=1.6, gamma=0.98, phi=60.0),
        XdogStyle(sigma=float(generator.uniform(0.6, 1.0)), k=1.6, gamma=0.97, epsilon=-0.01, hard=True),
    )
    return np.stack([style(color) for style in styles], -1)


def _unpacked(item: tuple[str, np.ndarray]) -> tuple[str, np.ndarray, np.ndarray]:
    name, data = item
    color = decode_color(data)
    return name, color, draw_styles(color, int(name))
