"""Pairs of a coloured picture and its line art, from any folder of pictures or from scenes drawn here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from s2p.errors import InputError, S2PError, WeightsMissingError
from s2p.evaluation import scenes
from s2p.image import flatten_alpha, load_image, max_resize, resize_to
from s2p.lineart import channel_minimum
from s2p.xdog import XdogStyle

FLAVOURS = ("xdog", "learned", "own")
LONGER_SIDE = 768
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif")
LINES_FOLDER, LINES_MARK = "lines", ".lines"
# Thin, firm lines with little dust, one of the styles that the networks are trained on.
STYLE = XdogStyle(sigma=1.0, k=1.6, gamma=0.98, epsilon=0.0, phi=60.0)

Extractor = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Pair:
    """A coloured picture and the drawing that a painter gets to see.

    Attributes:
        name: of the picture's file.
        image: `uint8[H, W, 3]`, RGB, longer side at most 768.
        lines: `uint8[H, W]`, 255 = paper.
    """

    name: str
    image: np.ndarray
    lines: np.ndarray


@dataclass(frozen=True)
class Source:
    """Where one picture comes from: a file, or (path None) the scene of that number."""

    name: str
    path: Path | None
    number: int = 0


def find_sources(
    data: Path | None, *, limit: int | None = None, own_lines: Path | None = None, only_drawn: bool = False
) -> list[Source]:
    """Names the pictures of an evaluation.

    Args:
        data: folder, searched with its subfolders; None for the scenes drawn by `scenes`.
        own_lines: folder of the artist's lines; what lies in it is no picture.
        only_drawn: whether pictures without the artist's own lines are left out.
        limit: int or None. That many pictures, spread evenly over the sorted names, so that one illustrator who comes
            first in the alphabet does not decide.

    Raises:
        InputError: no such folder, no picture in it (with lines, if those are needed), or a limit below 1.
    """
    if limit is not None and limit < 1:
        raise InputError(f"limit must be at least 1. Received: {limit}.")
    if data is None:
        found = [Source(f"scene_{number}", None, number) for number in range(scenes.COUNT)]
    else:
        data = Path(data)
        if not data.is_dir():
            raise InputError(f"The evaluation needs a folder of coloured pictures. Received: {str(data)!r}.")
        paths = sorted(path for path in data.rglob("*") if _is_picture(path, data))
        if own_lines is not None:
            paths = [path for path in paths if own_lines.resolve() not in path.resolve().parents]
        if only_drawn:
            paths = _drawn(paths, own_lines)
        found = [Source(path.relative_to(data).as_posix(), path) for path in paths]
    if not found:
        raise InputError(f"The folder {str(data)!r} holds no pictures ({', '.join(SUFFIXES)}).")
    if limit is None or limit >= len(found):
        return found
    return [found[index * len(found) // limit] for index in range(limit)]


def _drawn(paths: list[Path], own_lines: Path | None) -> list[Path]:
    drawn = [path for path in paths if find_companion(path, own_lines) is not None]
    if paths and not drawn:
        place = f"in {str(own_lines)!r}" if own_lines is not None else "beside it or in a folder named lines there"
        raise InputError(f"No picture has a drawing of its own {place}; the first one is {paths[0].name}.")
    return drawn


def load_pairs(
    sources: Sequence[Source], *, flavour: str, seed: int = 0, extractor: Extractor | None = None,
    own_lines: Path | None = None,
) -> Iterator[Pair | tuple[str, str]]:
    """Loads pairs one by one; a picture that cannot be used comes as `(name, reason)`.

    Args:
        sources: of `find_sources`.
        flavour: `xdog`; `learned` (lines by `extractor`); `own` (the artist's lines, `NAME.lines.png` or
            `lines/NAME.*` beside the picture).
        seed: of the drawn scenes.
        extractor: function from `uint8[H, W, 3]` RGB to `uint8[H, W]` lines.
        own_lines: folder where the artist's lines have the pictures' names, looked at before the usual places.

    Raises:
        InputError: unknown flavour.
        WeightsMissingError: `learned` without an extractor.
    """
    if flavour not in FLAVOURS:
        raise InputError(f"A sketch flavour must be one of {', '.join(FLAVOURS)}. Received: {flavour!r}.")
    if flavour == "learned" and extractor is None:
        raise WeightsMissingError(
            "The sketch flavour 'learned' needs the line extractor, and no weights were found for it. Use xdog or own."
        )
    for source in sources:
        try:
            yield _load(source, flavour, seed, extractor, own_lines)
        except S2PError as error:
            yield source.name, str(error)


def _load(
    source: Source, flavour: str, seed: int, extractor: Extractor | None, own_lines: Path | None
) -> Pair:
    if source.path is None:
        image, own = scenes.draw(source.number, seed=seed)
    else:
        image, own = flatten_alpha(load_image(source.path)), None
        if flavour == "own":
            own = channel_minimum(flatten_alpha(load_image(_companion(source.path, own_lines))))
    if max(image.shape[:2]) > LONGER_SIDE:
        image = max_resize(image, LONGER_SIDE)
    if min(image.shape[:2]) < 16:
        raise InputError(f"{source.name} is smaller than 16 pixels.")
    if flavour == "own":
        assert own is not None
        lines = own if own.shape == image.shape[:2] else resize_to(own, image.shape)
    elif flavour == "learned":
        assert extractor is not None
        lines = extractor(image)
    else:
        lines = STYLE(image)
    return Pair(source.name, np.ascontiguousarray(image), np.ascontiguousarray(lines))


def _is_picture(path: Path, root: Path) -> bool:
    parts = path.relative_to(root).parts
    if any(part.startswith(".") for part in parts) or path.suffix.lower() not in SUFFIXES:
        return False
    return LINES_FOLDER not in parts[:-1] and not path.stem.endswith(LINES_MARK) and path.is_file()


def find_companion(path: Path, own_lines: Path | None = None) -> Path | None:
    """The artist's drawing of a picture: `NAME.png` in `own_lines`, `NAME.lines.png` beside it, or `lines/NAME.png`.

    Any format of `SUFFIXES` will do.
    """
    stems = [path.with_name(path.stem + LINES_MARK), path.parent / LINES_FOLDER / path.stem]
    if own_lines is not None:
        stems.insert(0, own_lines / path.stem)
    candidates = (stem.with_name(stem.name + suffix) for stem in stems for suffix in SUFFIXES)
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _companion(path: Path, own_lines: Path | None) -> Path:
    found = find_companion(path, own_lines)
    if found is None:
        raise InputError(f"{path.name} has no drawing of its own ({path.stem}.lines.png or lines/{path.stem}.png).")
    return found
