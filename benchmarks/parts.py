"""How often the network of parts knows skin and cloth in pictures that it never saw.

    python benchmarks/parts.py PICTURES... --teacher TEACHER.weights.h5 [--weights parts.weights.h5 ...]

What a picture shows is named by a teacher that sees its colours (`s2p train parts --set sees_color=true`), skin and
cloth by the colour of its faces (`s2p/train/complexion.py`); pictures without a sure face are left out. Lines are drawn
by XDoG.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np

from s2p import weights
from s2p.config import Settings
from s2p.image import load_image
from s2p.models.parts import parts_network
from s2p.parts import CELL, NAMES, name_parts
from s2p.train.pages import FIRST_CLOTH
from s2p.train.teacher import name_picture
from s2p.xdog import xdog

EDGE, LONGEST = 512, 832  # px, short edge, and what is looked at


def asked_of(model: keras.Model) -> Any:
    """A model as `s2p.runtime.Network`, as far as naming parts goes."""
    return lambda ink: [model.predict_on_batch(ink)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="+", type=Path)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--weights", nargs="*", type=Path, default=[])
    asked = parser.parse_args()
    teacher = parts_network(sees_color=True)
    weights.read_weights(teacher, asked.teacher)
    networks = {str(path): parts_network() for path in asked.weights}
    for path, network in networks.items():
        weights.read_weights(network, Path(path))
    networks["shipped"] = weights.load_model(weights.find("parts", Settings()))
    counts = {name: np.zeros(5) for name in networks}
    skin, faces = NAMES.index("skin"), 0
    for path in asked.pictures:
        color = load_image(str(path))
        scale = EDGE / min(color.shape[:2])
        color = cv2.resize(color, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[:LONGEST, :LONGEST]
        lines = xdog(np.ascontiguousarray(color))
        named = name_picture(teacher.predict_on_batch, color, lines)
        if not (named == skin).any():
            continue
        faces += 1
        shape = (lines.shape[0] // CELL, lines.shape[1] // CELL)
        truth = named[CELL // 2 :: CELL, CELL // 2 :: CELL][: shape[0], : shape[1]]
        for name, network in networks.items():
            found = name_parts(asked_of(network), lines, shape).argmax(-1)
            is_skin, is_cloth = truth == skin, truth == FIRST_CLOTH
            counts[name] += (
                (found[is_skin] == skin).sum(), is_skin.sum(), (found[is_cloth] == NAMES.index("cloth")).sum(),
                is_cloth.sum(), (found[(truth < FIRST_CLOTH) | is_cloth] == skin).sum(),
            )  # fmt: skip
    print(f"{faces} pictures with a face")
    for name, (right, all_skin, clothed, all_cloth, called) in counts.items():
        print(f"{name}: skin {right / all_skin:.3f}, cloth {clothed / all_cloth:.3f}; of what it calls skin "
              f"{right / called:.3f} is")


if __name__ == "__main__":
    main()
