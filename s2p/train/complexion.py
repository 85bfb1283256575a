"""Skin has the colour of the face: what is bare and what is clothed in coloured pictures whose parts nobody knows.

A teacher (`s2p.train.teacher`) is as unsure of a bare arm as whoever learns from it, but it knows faces. Around each of
them, as far as its figure may reach, what has the face's colour is skin, what is nearly of it is not known, and what is
of another colour and taken for cloth is cloth. Where no face is sure, nothing is said of skin and cloth at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from s2p.parts import NAMES
from s2p.reach import lab_of
from s2p.train.decoded import UNKNOWN_PART
from s2p.train.pages import FIRST_CLOTH

SCALE = 2  # px of the picture in one of what is looked at
_NUMBER = {name: number for number, name in enumerate(NAMES)}
_FEATURES = [_NUMBER[name] for name in ("brow", "eye white", "iris", "mouth")]
_OTHERS = [_NUMBER[name] for name in ("ground", "sky", "hair", "creature", "thing")]
_INK = 170  # darkest gray of paper
# Complexions, in degrees of hue, and in Lab for chroma and lightness.
_HUES, _CHROMA, _LIGHTNESS = (15.0, 85.0), (7.0, 58.0), (18.0, 97.0)
_FACE, _SEEN, _HAIRY = 0.55, 0.4, 0.5  # chances from which on skin, features and hair make a face
_SMALLEST, _PIECE = 60, 12  # px: a face, and a piece of skin
_OWN, _NEARLY, _LIGHT = 8.0, 15.0, 0.55  # differences of colour up to which it is the face's; what lightness counts
_ABOVE, _BELOW, _BESIDE = 3.2, 7.0, 3.5  # faces' widths that a figure reaches
_LARGER, _TAKEN, _CLOTH = 4.5, 0.55, 0.5  # times the face; chance of other things; chance of cloth


@dataclass(frozen=True)
class _Face:
    area: int
    color: np.ndarray
    x: float
    y: float


def bare_and_clothed(named: np.ndarray, chances: np.ndarray, color: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Corrects where somebody is bare and where they are clothed.

    Args:
        named: `uint8[H, W]`, numbers of the parts as `s2p.train.art.Art.parts`, all cloth as one.
        chances: `float32[h, w, len(NAMES)]`, of the same picture at any size.
        color, lines: `uint8[H, W, 3]`, RGB, and `uint8[H, W]`, 255 = paper.

    Returns: `uint8[H, W]`.
    """
    high, wide = named.shape
    height, width = -(-high // SCALE), -(-wide // SCALE)
    small = cv2.resize(color, (width, height), interpolation=cv2.INTER_AREA)
    lab = lab_of(cv2.bilateralFilter(small, 7, 30, 5)) * np.float32(100.0)
    is_paper = cv2.resize(lines, (width, height), interpolation=cv2.INTER_AREA) >= _INK
    chances = cv2.resize(np.ascontiguousarray(chances), (width, height), interpolation=cv2.INTER_LINEAR)
    is_flesh = _is_flesh(lab) & is_paper
    skin, doubt, near = np.zeros((3, height, width), bool)
    for face in _faces(chances, lab, is_flesh):
        own, nearly, around = _of_face(face, chances, lab, is_flesh, is_paper)
        skin, doubt, near = skin | own, doubt | nearly, near | around
    found = named[::SCALE, ::SCALE].copy()
    found[np.isin(found, (_NUMBER["skin"], FIRST_CLOTH)) | (doubt & ~skin)] = UNKNOWN_PART
    found[skin] = _NUMBER["skin"]
    is_cloth = near & ~skin & ~doubt & (found == UNKNOWN_PART) & (chances[..., _NUMBER["cloth"]] > _CLOTH)
    found[is_cloth] = FIRST_CLOTH
    return found.repeat(SCALE, 0).repeat(SCALE, 1)[:high, :wide]


def _is_flesh(lab: np.ndarray) -> np.ndarray:
    hue, chroma = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])), np.hypot(lab[..., 1], lab[..., 2])
    pairs = ((hue, _HUES), (chroma, _CHROMA), (lab[..., 0], _LIGHTNESS))
    return np.logical_and.reduce([(values > low) & (values < high) for values, (low, high) in pairs])


def _faces(chances: np.ndarray, lab: np.ndarray, is_flesh: np.ndarray) -> list[_Face]:
    """Pieces of skin with features in them and hair around them."""
    features, hair = chances[..., _FEATURES].sum(-1) > _SEEN, chances[..., _NUMBER["hair"]] > _HAIRY
    likely = ((chances[..., _NUMBER["skin"]] > _FACE) & is_flesh).astype(np.uint8)
    count, pieces, boxes, _ = cv2.connectedComponentsWithStats(likely, connectivity=4)
    found = []
    for number in range(1, count):
        left, top, wide, high, area = (int(value) for value in boxes[number])
        pad = max(wide, high) // 3 + 2
        window = np.s_[max(top - pad, 0) : top + high + pad, max(left - pad, 0) : left + wide + pad]
        if area < _SMALLEST or features[window].sum() < 0.008 * area + 2 or hair[window].sum() <= 0.1 * area:
            continue
        box = np.s_[top : top + high, left : left + wide]
        color = np.median(lab[box][pieces[box] == number], 0)
        found.append(_Face(area, color, left + wide / 2, top + high / 2))
    return found


def _of_face(
    face: _Face, chances: np.ndarray, lab: np.ndarray, is_flesh: np.ndarray, is_paper: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What of a face's figure is skin, what may be, and where the figure is; `bool[h, w]` each."""
    height, width = is_flesh.shape
    size = max(float(np.sqrt(face.area)), 8.0)
    around = np.zeros((height, width), bool)
    around[
        max(int(face.y - _ABOVE * size), 0) : int(face.y + _BELOW * size),
        max(int(face.x - _BESIDE * size), 0) : int(face.x + _BESIDE * size),
    ] = True
    off = np.linalg.norm((lab - face.color) * np.array((_LIGHT, 1.0, 1.0), np.float32), axis=-1)
    alike = ((off < _OWN) & is_flesh & around).astype(np.uint8)
    count, pieces, boxes, _ = cv2.connectedComponentsWithStats(alike, connectivity=4)
    left, top, wide, high, areas = boxes.T
    edges = (left <= 1).astype(int) + (top <= 1) + (left + wide >= width - 1) + (top + high >= height - 1)
    others = np.bincount(pieces.ravel(), chances[..., _OTHERS].sum(-1).ravel(), count) / areas
    is_piece = (areas >= _PIECE) & (np.arange(count) > 0)
    is_doubtful = (areas > _LARGER * face.area) | (edges >= 2) | (others > _TAKEN)
    doubt = (is_piece & is_doubtful)[pieces] | ((off < _NEARLY) & is_paper & around)
    return (is_piece & ~is_doubtful)[pieces], doubt, around
