"""How well hints are followed on one drawing in the many states in which people bring drawings.

    python benchmarks/drawings.py FOLDER [--out FOLDER]

The folder holds pictures of one size and shape, among them `clean_ink.png`, and `hints.json`. Paints every picture with
all hints and the settings that everybody starts with, and prints how far each hint's region is from its hint in Delta
E (CIE76): the middle of the region in the painting, with its shadows and lines, and in brackets nine tenths of it in
the colours under them. Regions are those of `clean_ink.png`, without their borders. A picture in which nothing is
drawn has to give what a white page gives: its row shows how far it is from that. Fails where anything is further off
than 15.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from s2p.config import Settings
from s2p.image import load_image, save_image
from s2p.pipelines.request import Request, run
from s2p.schema import Hint, Hints

FAR = 15.0  # Delta E


def region(clean: np.ndarray, hint: Hint) -> np.ndarray:
    """The region of a hint, `bool[H, W]`: the one that is nearest to it."""
    ink = cv2.erode(np.atleast_3d(clean).min(-1), np.ones((5, 5), np.uint8))
    _, parts = cv2.connectedComponents((ink > 200).astype(np.uint8), connectivity=4)
    rows, columns = np.nonzero(parts)
    height, width = parts.shape
    nearest = np.hypot(rows + 0.5 - hint.y * height, columns + 0.5 - hint.x * width).argmin()
    return parts == parts[rows[nearest], columns[nearest]]


def far(image: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Delta E of every pixel, `float32[H, W]`, of `uint8[H, W, 3]`, RGB, twice."""
    one, two = (cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2Lab) for picture in (image, other))
    return np.linalg.norm(one - two, axis=-1)


def row(image: np.ndarray, hints: Hints, masks: list[np.ndarray]) -> tuple[np.ndarray, list[tuple[float, float]], str]:
    """The painting, and how far every hint's region is from its hint: the middle as painted, and most of it, flat."""
    request = Request(image, hints=hints)
    result = run("style2paints", request)
    if "blank" in result.corrected:
        white = run("style2paints", replace(request, image=np.full_like(image, 255)))
        away = far(result.image, white.image)
        return result.image, [(float(np.median(away)), float(np.percentile(away, 90)))], "blank"
    flat = run("style2paints", replace(request, settings=Settings(shading=0.0))).colors
    painted, flat = (
        cv2.resize(one, masks[0].shape[::-1], interpolation=cv2.INTER_AREA)
        for one in (result.image, result.image if flat is None else flat)
    )
    found = []
    for hint, mask in zip(hints, masks, strict=True):
        color = np.broadcast_to(np.array(hint.rgb, np.uint8), painted.shape)
        found.append((float(np.median(far(painted, color)[mask])), float(np.percentile(far(flat, color)[mask], 90))))
    return result.image, found, ", ".join(result.corrected)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, help="where the paintings go")
    words = parser.parse_args()
    hints = Hints.loads((words.folder / "hints.json").read_bytes())
    clean, worst = load_image(words.folder / "clean_ink.png"), 0.0
    masks = [region(clean, hint) for hint in hints]
    for path in sorted(words.folder.iterdir()):
        if path.suffix == ".json":
            continue
        image, found, corrected = row(load_image(path), hints, masks)
        if words.out:
            words.out.mkdir(parents=True, exist_ok=True)
            save_image(image, words.out / f"{path.stem}.png")
        worst = max(worst, *(max(pair) for pair in found))
        cells = " ".join(f"{middle:5.1f} ({most:4.1f})" for middle, most in found)
        print(f"{path.name:26s}{cells}  {corrected}", flush=True)
    return int(worst > FAR)


if __name__ == "__main__":
    sys.exit(main())
