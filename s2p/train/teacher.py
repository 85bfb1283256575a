"""A teacher names what pictures by artists show, so that a network that sees only lines can learn from them.

Drawings made by program know their parts, pictures by artists do not. What is hard to tell from lines, a bare arm from
a sleeve, is easy with the colours in sight: it has the face's. So a network that sees colours learns from the drawings
by program, names the pictures, and what it is sure of is what the network for lines is taught (distillation with
privileged information, Lopez-Paz et al. 2016, arXiv:1511.03643). Of skin and cloth it is asked for faces alone: the
rest follows from their colour (`s2p.train.complexion`).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from s2p.files import written_whole
from s2p.parts import CELL, MULTIPLE, NAMES
from s2p.train.art import UNKNOWN_PART, Art, Mixture
from s2p.train.complexion import bare_and_clothed
from s2p.train.pages import FIRST_CLOTH, with_colors

_SURE = 0.55  # chance from which on a name is believed
_EDGES = (256, 384)  # px, short edges at which a picture is looked at, as it is and mirrored


def name_all(art: Art | Mixture, teacher: Path) -> None:
    """Names every picture of the folders of `art` that do not know their parts; done once for a teacher and a folder.

    Args:
        art: where the pictures are. What they show lies beside them in a file of the teacher's own.
        teacher: weight file of a network that was trained with `sees_color`.
    """
    folders = art.folders if isinstance(art, Mixture) else [art]
    mark = hashlib.sha256(teacher.read_bytes()).hexdigest()[:16]
    for folder in folders:
        if folder.knows_parts:
            continue
        path = folder.folder / f"parts-{mark}.raw"
        if not path.is_file():
            _name(folder, teacher, path)
        folder.take_parts(path)


def _name(art: Art, teacher: Path, path: Path) -> None:
    from s2p.models.parts import parts_network
    from s2p.weights import read_weights

    network = parts_network(sees_color=True)
    read_weights(network, teacher)
    with written_whole(path) as temporary, temporary.open("wb") as file:
        for i in tqdm(range(len(art)), desc="naming", unit="picture", disable=None):
            color, lines = art.color(i), np.ascontiguousarray(art.lines(i)[..., 0])
            named = name_picture(network.predict_on_batch, color, lines)
            file.write(named.tobytes())


def name_picture(network: object, color: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """What every pixel of a picture shows, as far as a teacher is sure.

    Args:
        network: takes and gives what `s2p.models.parts.parts_network` with colours does.
        color: `uint8[H, W, 3]`, RGB.
        lines: `uint8[H, W]`, 255 = paper, of the same picture.

    Returns: `uint8[H, W]`, numbers as `s2p.train.art.Art.parts`, all cloth as one.
    """
    height, width = lines.shape
    total = np.zeros((-(-height // CELL), -(-width // CELL), len(NAMES)), np.float32)
    for edge in _EDGES:
        scale = edge / min(height, width)
        size = tuple(max(round(length * scale / MULTIPLE), 1) * MULTIPLE for length in (width, height))
        drawn, painted = (cv2.resize(values, size, interpolation=cv2.INTER_AREA) for values in (lines, color))
        seen = with_colors(np.concatenate([drawn[..., None], painted], -1))
        logits = np.asarray(network(np.stack([seen, seen[:, ::-1]])), np.float32)  # type: ignore[operator]
        for answer in (logits[0], logits[1][:, ::-1]):
            chances = np.exp(answer - answer.max(-1, keepdims=True))
            chances = np.ascontiguousarray(chances / chances.sum(-1, keepdims=True))
            total += cv2.resize(chances, total.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    named = total.argmax(-1).astype(np.uint8)
    named = np.where(named == NAMES.index("cloth"), FIRST_CLOTH, named)
    named = np.where(total.max(-1) >= _SURE * 2 * len(_EDGES), named, UNKNOWN_PART).astype(np.uint8)
    named = np.ascontiguousarray(named.repeat(CELL, 0).repeat(CELL, 1)[:height, :width])
    return bare_and_clothed(named, total / (2 * len(_EDGES)), color, lines)
