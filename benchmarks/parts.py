"""How often the network of parts is right about pictures that it never saw, whose regions somebody has named.

    python benchmarks/parts.py PICTURES --named VIEWS [--weights parts.weights.h5 ...]

`s2p prepare regions PICTURES VIEWS` numbers regions, `VIEWS/names.txt` says what they show (`preprocess/naming.py`).
Lines are drawn by XDoG; `--drawn` takes pictures that are line art as they are. Printed for every part: how much of it
is found, and how much of what is called so is.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # else `preprocess` is the file beside this one

from preprocess.naming import named_parts, read_names
from s2p import weights
from s2p.config import Settings
from s2p.image import flatten_alpha, load_image
from s2p.models.parts import parts_network
from s2p.parts import CELL, NAMES, name_parts
from s2p.train.pages import cell_parts
from s2p.xdog import xdog

EDGE, SMALL = 512, ("brow", "eye white", "iris", "mouth")  # px, short edge; parts that regions are too coarse for


def asked_of(model: keras.Model) -> Any:
    """A model as `s2p.runtime.Network`, as far as naming parts goes."""
    return lambda ink: [model.predict_on_batch(ink)]


def drawing_of(path: Path, *, is_drawn: bool) -> np.ndarray:
    """Line art, `uint8[H, W]`, the short edge `EDGE`."""
    color = flatten_alpha(load_image(str(path)))
    scale = EDGE / min(color.shape[:2])
    color = cv2.resize(color, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(color, cv2.COLOR_RGB2GRAY) if is_drawn else xdog(color)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--named", required=True)
    parser.add_argument("--weights", nargs="*", type=Path, default=[])
    parser.add_argument("--drawn", action="store_true")
    asked = parser.parse_args()
    networks = {str(path): parts_network() for path in asked.weights}
    for path, network in networks.items():
        weights.read_weights(network, Path(path))
    networks["in use"] = weights.load_model(weights.find("parts", Settings()))
    counts = {name: np.zeros((len(NAMES), len(NAMES)), int) for name in networks}
    right: dict[str, list[float]] = {name: [] for name in networks}
    paths = {path.stem: path for path in asked.pictures.iterdir()}
    for key, named in read_names(asked.named).items():
        if not named or key not in paths:
            continue
        lines = drawing_of(paths[key], is_drawn=asked.drawn)
        shape = (lines.shape[0] // CELL, lines.shape[1] // CELL)
        labels = named_parts(asked.named, key, named, lines.shape)
        truth = cell_parts(labels[: shape[0] * CELL, : shape[1] * CELL], shape, CELL) - 1
        known = truth >= 0
        for name, network in networks.items():
            found = name_parts(asked_of(network), lines, shape).argmax(-1)
            np.add.at(counts[name], (truth[known], found[known]), 1)
            right[name].append(float((found[known] == truth[known]).mean()))
    for name, table in counts.items():
        print(f"{name}: {len(right[name])} pictures, right at {np.mean(right[name]):.1%} of their cells")
        for part in (part for part in NAMES if part not in SMALL):
            k = NAMES.index(part)
            if table[k].any():
                print(f"  {part:9} found {table[k, k] / table[k].sum():6.1%}, "
                      f"of what is called so {table[k, k] / max(table[:, k].sum(), 1):6.1%} is")


if __name__ == "__main__":
    main()
