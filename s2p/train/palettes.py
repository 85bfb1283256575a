"""The colours that a network chooses among: found once for a run, and kept with its weights ever after.

A palette's order carries its meaning: the network's third answer speaks of its third colour. So weights that are
trained on, in the same run or in another one, keep the palette that they were trained for, whatever pictures come in.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from s2p.colors import rgb_of_yuv, yuv
from s2p.errors import InputError
from s2p.files import written_whole
from s2p.reach import lab_of
from s2p.weight_files import palette_in

_FILE = "palette.npy"


def kept_palette(run: Path | None, start: str) -> np.ndarray | None:
    """The palette that a run keeps, or that of the weights that it starts from; None for a run that begins anew.

    Returns: `float32[K, 3]`, in the space of its network: Lab / 100 for `reach`, YUV / 255 for the others.
    """
    if run is not None and (run / _FILE).is_file():
        return np.load(run / _FILE)
    if not start:
        return None
    try:
        return palette_in(start)
    except KeyError:  # as `model.save_weights` writes it, and with it some of our own earlier runs
        beside = Path(start).with_name(_FILE)
        if not beside.is_file():
            raise InputError(f"{start} does not name its palette, and no {_FILE} lies beside it.") from None
        return np.load(beside)


def keep_palette(run: Path | None, palette: np.ndarray) -> None:
    """Writes a run's palette into its folder."""
    if run is not None and not (run / _FILE).is_file():
        with written_whole(run / _FILE) as temporary, temporary.open("wb") as file:
            np.save(file, palette)


def palette_of(
    art: Any, count: int, *, seed: int, own: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Palette `float32[K, 3]` (YUV / 255) and the weight of each of its colours, mean 1 over the pictures' pixels.

    Args:
        art: the pictures.
        count: int. Colours of the palette.
        seed: of the sampling.
        own: a palette that is only weighed.
    """
    random = np.random.default_rng([seed, 77])
    pixels = []
    for i in random.permutation(len(art))[:800]:
        flat = art.color(int(i)).reshape(-1, 3)
        pixels.append(flat[random.integers(len(flat), size=120)])
    values = yuv(np.concatenate(pixels)[..., ::-1]) / 255.0
    centres = _centres(values, count, random, seed) if own is None else own
    taken = nearest(centres, values)
    share = np.bincount(taken, minlength=len(centres)) / len(taken)
    rarity = np.sqrt(1.0 / (0.5 * share + 0.5 / len(centres)))
    return centres.astype(np.float32), (rarity / (rarity * share).sum()).astype(np.float32)


def lab_palette(palette: np.ndarray) -> np.ndarray:
    """A palette of `palette_of` in Lab / 100."""
    return lab_of(rgb_of_yuv(palette * np.float32(255.0)))


def nearest(palette: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Numbers of the colours of a palette, `float32[K, 3]`, that are nearest to values of its space; `int[...]`."""
    return ((palette**2).sum(-1) - 2.0 * values @ palette.T).argmin(-1)


def _centres(values: np.ndarray, count: int, random: np.random.Generator, seed: int) -> np.ndarray:
    cells = np.round(values * 16).astype(int)
    _, inverse, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    keep = random.random(len(values)) < np.minimum(1.0, 12.0 / counts[inverse.ravel()])
    some = values[keep].astype(np.float32)
    if len(some) < count:  # of pictures of hardly a colour
        some = np.resize(some, (count, 3)) + random.normal(0.0, 1e-3, (count, 3)).astype(np.float32)
    cv2.setRNGSeed(seed)
    _, _, centres = cv2.kmeans(
        some, count, None,  # type: ignore[call-overload]
        (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 60, 1e-4), 3, cv2.KMEANS_PP_CENTERS,
    )
    return centres
