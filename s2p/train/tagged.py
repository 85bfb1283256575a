"""Tagged pictures for training: which of them can be learned from, their vectors of tags, and how they are cut.

The rules are those of the paper of Tag2Pix: no picture with two colours of hair or of eyes, none without any colour
among its tags; cuts, turns and mirrors that leave the tags true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import cv2
import numpy as np

from s2p.errors import InputError
from s2p.models.tag2pix import THINGS
from s2p.parts import NAMES
from s2p.tags import GARMENTS, choices, vocabulary

_TRIES = 12
_ALIKE = 1.35  # how many times wider or taller than the shape a picture may be


class Tagged:
    """The pictures of an `Art` or `Mixture` whose tags are known.

    Args:
        art: where they lie.
        with_color: only those that also obey the rules for colours.

    Raises:
        InputError: there are none.
    """

    def __init__(self, art: Any, *, with_color: bool) -> None:
        self.art = art
        self._is_fit = np.array([is_fit(art.tags(i), with_color=with_color) for i in range(len(art))], bool)
        if not self._is_fit.any():
            raise InputError(
                "None of the training pictures has tags to learn from. Make some: s2p prepare synthetic N "
                "FOLDER, or prepare pictures with --tags."
            )
        self._numbers = np.flatnonzero(self._is_fit)

    def __len__(self) -> int:
        return len(self._numbers)

    def pick(self, shape: tuple[int, int], random: np.random.Generator) -> int:
        """Number of a picture that needs little cutting to fit a shape `(H, W)`; folders come in their shares."""
        found = int(self._numbers[random.integers(len(self._numbers))])
        for _ in range(_TRIES):
            i = self.art.pick(random)
            if not self._is_fit[i]:
                continue
            found = i
            height, width = self.art.color(i).shape[:2]
            ratio = (width / height) / (shape[1] / shape[0])
            if 1 / _ALIKE <= ratio <= _ALIKE:
                break
        return found

    def vectors(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """Tags without colour `float32[370]` and with one `float32[115]` of a picture, 1 where present."""
        return self.vectors_of(self.art.tags(i))

    @staticmethod
    def vectors_of(tags: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
        """The same of ids of tags."""
        cit, cvt = vocabulary().vectors(tags)
        return np.array(cit, np.float32), np.array(cvt, np.float32)


def things_of(parts: np.ndarray, garments: Mapping[str, int]) -> np.ndarray:
    """What every pixel shows, `int32[H, W]`: the number in `s2p.tags.THINGS` + 1, 0 where nobody knows."""
    known = len(NAMES) - 1  # but for cloth the names of parts have their numbers
    found = np.where(parts < known, parts.astype(np.int32) + 1, 0)
    for name, number in garments.items():
        group = choices()[name].group if name in choices() else ""
        if group in GARMENTS:
            found[parts == number] = THINGS.index(group) + 1
    return found


def is_fit(tags: tuple[int, ...], *, with_color: bool) -> bool:
    """Whether a picture with such tags (ids) can be learned from."""
    words, present = vocabulary(), set(tags)
    if not with_color:
        return bool(present & set(words.cit))
    if len(present & words.hair_ids) > 1 or len(present & words.eye_ids) > 1:
        return False
    return bool(present & set(words.cvt))


def cut(
    pictures: tuple[np.ndarray, ...], shape: tuple[int, int], random: np.random.Generator, *, turn: float = 10.0,
    numbers: int = 0,
) -> list[np.ndarray]:
    """Cuts pictures of one size alike, and brings them to a shape: mirrored and turned every second time.

    Args:
        pictures: `uint8[H, W(, C)]`.
        shape: `(height, width)` px.
        turn: degrees at most; the empty corners are cut off.
        numbers: how many of the last pictures hold numbers, which cannot be mixed.

    Returns: `uint8[*shape(, C)]` each.
    """
    height, width = pictures[0].shape[:2]
    is_mirrored = random.random() < 0.5
    angle = float(random.uniform(-turn, turn)) if random.random() < 0.5 else 0.0
    area, stretch = random.uniform(0.9, 1.0), float(np.exp(random.uniform(np.log(0.95), np.log(1.05))))
    radians = np.deg2rad(abs(angle))
    inner = area**0.5 / (np.cos(radians) + np.sin(radians))  # of what is left without the corners
    scale = min(height / shape[0], width / shape[1]) * inner
    half = np.array([shape[1] * scale * stretch**0.5, shape[0] * scale / stretch**0.5]) / 2
    spare = np.maximum(np.array([width, height]) * inner / 2 - half, 0.0)
    middle = np.array([width, height]) / 2 + random.uniform(-1, 1, 2) * spare
    # From a pixel of the result to one of the picture.
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    turned = np.array([[cos, -sin], [sin, cos]])
    step = turned @ np.diag(2 * half / np.array([shape[1], shape[0]])) @ np.diag([-1.0 if is_mirrored else 1.0, 1.0])
    offset = middle - step @ (np.array([shape[1], shape[0]]) / 2 - 0.5) - 0.5
    back = np.hstack([step, offset[:, None]])
    small = scale > 1.4  # OpenCV's warp does not average

    def taken(picture: np.ndarray, *, is_numbers: bool) -> np.ndarray:
        picture = cv2.blur(picture, (int(scale), int(scale))) if small and not is_numbers else picture
        how = (cv2.INTER_NEAREST if is_numbers else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(picture, back, shape[::-1], flags=how, borderMode=cv2.BORDER_REPLICATE)

    last = len(pictures) - numbers
    return [taken(np.ascontiguousarray(picture), is_numbers=k >= last) for k, picture in enumerate(pictures)]
