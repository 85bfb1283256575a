"""Recipe of the line extractor."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import cv2
import keras
import numpy as np

from s2p import tensors
from s2p.errors import InputError
from s2p.ink import hollow, separate_ink
from s2p.nn.gradients import to_numpy
from s2p.nn.ink import INK_WEIGHT
from s2p.nn.losses import ink_entropy
from s2p.train import coloring_book
from s2p.train.art import Art
from s2p.train.recipe import Recipe

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass
class LineExtractor(Recipe):
    """Pictures to lines: `s2p train line_extractor --data ART --out OUT --set drawings=FOLDER --set pairs=SHARDS`.

    No lines are guessed by a filter; three sources have exact ones, in turn:

    - pictures of `data` with black outlines, whose ink is lifted off (`s2p.ink`),
    - line drawings (of the folder `drawings`, of such ink, or else XDoG's of `data`) coloured at random by
      `s2p.train.coloring_book` with colours of `data`,
    - pictures of `pairs` (same format as `data`), whose first line flavour is the truth, such as the drawings of
      `python -m preprocess synthetic`.

    The loss is a cross-entropy in which ink weighs more than paper, so that faint lines are drawn rather than dropped.
    """

    batch_size: int = 8
    epochs: int = 100
    rate: float = 2e-3
    crop: int = 160
    drawings: str = ""
    pairs: str = ""
    pairs_share: float = 0.35
    name: str = field(default="line_extractor", init=False)

    lines: ClassVar[str] = (
        "Lines were known exactly, never guessed by a filter: ink lifted off outlined pictures, and drawings coloured "
        "at random by program."
    )
    limits: ClassVar[str] = "Soft edges that nobody drew are faint or missing; wide black shapes become outlines."
    needs: ClassVar[tuple[str, ...]] = ("neck",)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._pairs: Art | None = None
        self._drawings: list[np.ndarray] | None = None
        self._inks: dict[int, np.ndarray | None] = {}

    def model(self) -> keras.Model:
        from s2p.models.line_extractor import line_extractor

        return line_extractor()

    def losses(self) -> Any:
        return ink_entropy(INK_WEIGHT)

    def gather(self, step: int, random: np.random.Generator) -> Any:
        shape = (self.crop, self.crop + 16 * (step % 2))
        samples = [self.sample(shape, random) for _ in range(self.batch_size)]
        return tuple(np.stack(part) for part in zip(*samples))

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        pictures, lines = gathered
        return tensors.light(pictures), tensors.ink(lines)

    def sample(self, shape: tuple[int, int], random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Picture `uint8[H, W, 3]` and its lines `uint8[H, W]`, 255 = paper."""
        if self.pairs and random.random() < self.pairs_share:
            self._pairs = self._pairs or Art(self.pairs)
            i = self._pairs.pick(random)
            picture, lines = _crop((self._pairs.color(i), self._pairs.lines(i)[..., 0]), shape, random)
        elif random.random() < 0.5:
            picture, lines = self._outlined(shape, random)
        else:
            picture, lines = self._colored(self._drawing(random), shape, random)
        turned = int(random.integers(4)) if shape[0] == shape[1] else 2 * int(random.integers(2))
        picture, lines = (np.rot90(a, turned) for a in (picture, lines))
        if random.random() < 0.5:
            picture, lines = picture[:, ::-1], lines[:, ::-1]
        if random.random() < 0.2:
            picture = picture[..., random.permutation(3)]
        picture = coloring_book.wear(np.ascontiguousarray(picture), random)
        return picture, hollow(np.ascontiguousarray(lines))

    def _outlined(self, shape: tuple[int, int], random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """A real picture with its own ink, or that ink over other colours where the pick has some; else a drawing."""
        for _ in range(8):
            i = self.art.pick(random)
            ink = self._ink(i)
            if ink is not None and random.random() < 0.6:
                picture, lines = _crop((self.art.color(i), ink), shape, random)
                return picture, lines
            if ink is not None:
                return self._colored(ink, shape, random)
        return self._colored(self._drawing(random), shape, random)

    def _colored(
        self, drawing: np.ndarray, shape: tuple[int, int], random: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        (lines,) = _crop((drawing,), shape, random)
        if random.random() < 0.3:  # a finer pen
            lines = cv2.dilate(lines, np.ones((2, 2), np.uint8))
        palette = self.art.color(self.art.pick(random))
        return coloring_book.color_in(lines, palette, random), lines

    def _drawing(self, random: np.random.Generator) -> np.ndarray:
        if self._drawings is None:
            self._drawings = _read_drawings(Path(self.drawings)) if self.drawings else []
        if not self._drawings:
            i = self.art.pick(random)
            flavours = self.art.lines(i)
            return flavours[..., int(random.integers(flavours.shape[-1]))]
        return self._drawings[int(random.integers(len(self._drawings)))]

    def _ink(self, i: int) -> np.ndarray | None:
        if i not in self._inks:
            self._inks[i] = separate_ink(np.ascontiguousarray(self.art.color(i)), hollowed=False)
        return self._inks[i]

    def sheet(self, model: keras.Model, path: Path) -> None:
        from s2p.train.sheets import write_sheet

        random = np.random.default_rng(7)
        rows = []
        for _ in range(12):
            picture, lines = self.sample((self.crop, self.crop), random)
            made = 255 * (1 - to_numpy(model(tensors.light(picture[None])))[0])
            drawings = (one.clip(0, 255).astype(np.uint8).repeat(3, -1) for one in (made, lines[..., None]))
            rows.append([picture, *drawings])
        write_sheet([[*a, *b] for a, b in zip(rows[::2], rows[1::2])], path)


def _crop(
    arrays: tuple[np.ndarray, ...], shape: tuple[int, int], random: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """The same piece of all pictures at a random scale of 0.5 to 1.3, scaled to `shape`."""
    height, width = arrays[0].shape[:2]
    scale = np.exp(random.uniform(np.log(0.5), np.log(1.3)))
    scale = max(scale, shape[0] / height, shape[1] / width)
    h, w = min(int(shape[0] / scale), height), min(int(shape[1] / scale), width)
    for _ in range(3):  # an empty corner teaches little
        y, x = int(random.integers(height - h + 1)), int(random.integers(width - w + 1))
        if arrays[-1][y : y + h, x : x + w].min() < 128:
            break
    return tuple(tensors.resized(a[y : y + h, x : x + w], shape) for a in arrays)


def _read_drawings(folder: Path) -> list[np.ndarray]:
    from s2p.image import flatten_alpha, load_image
    from s2p.lineart import channel_minimum

    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in _SUFFIXES)
    if not paths:
        raise InputError(f"{folder} holds no drawings ({', '.join(_SUFFIXES)}).")
    return [_full_range(channel_minimum(flatten_alpha(load_image(path)))) for path in paths]


def _full_range(drawing: np.ndarray) -> np.ndarray:
    """Paper to 255 and the darkest ink to 0, whatever the scanner made of them."""
    ink, paper = np.percentile(drawing, (0.3, 70))
    if paper - ink < 32:
        return np.full_like(drawing, 255)
    return np.clip((drawing.astype(np.float32) - ink) * 255.0 / (0.97 * paper - ink), 0, 255).astype(np.uint8)
