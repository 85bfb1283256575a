"""A palette's order carries its meaning: it stays with the weights, whatever pictures come in later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from s2p import reach
from s2p.train.palettes import keep_palette, kept_palette
from s2p.train.recipes.baby import Baby
from s2p.train.recipes.reach import Reach
from s2p.weight_files import palette_in

WEIGHTS = Path(__file__).resolve().parents[1] / "weights"


class Colorful:
    """Pictures of one colour each."""

    def __init__(self, seed: int) -> None:
        self._colors = np.random.default_rng(seed).integers(0, 256, (200, 3)).astype(np.uint8)

    def __len__(self) -> int:
        return len(self._colors)

    def color(self, i: int) -> np.ndarray:
        return np.broadcast_to(self._colors[i], (8, 8, 3))


def recipe(kind: type, seed: int, run: Path | None = None, **settings):
    made = kind(data=Path("art"), **settings)
    made._art, made.run = Colorful(seed), run
    return made


@pytest.mark.parametrize("kind", [Reach, Baby])
def test_a_run_that_goes_on_with_other_pictures_keeps_its_palette(kind, tmp_path):
    first = recipe(kind, 1, tmp_path).palette
    assert not np.allclose(recipe(kind, 2).palette, first), "other pictures have other colours"
    assert np.array_equal(recipe(kind, 2, tmp_path).palette, first)


@pytest.mark.parametrize("kind", [Reach, Baby])
def test_what_begins_from_weights_has_their_palette(kind, tmp_path):
    file = next(WEIGHTS.glob(f"{kind(data=Path('art')).name}-*.weights.h5"))
    assert np.allclose(recipe(kind, 1, tmp_path, start=str(file)).palette, palette_in(file))
    assert np.allclose(kept_palette(tmp_path, ""), palette_in(file)), "the run remembers it"


def test_a_palette_is_written_once(tmp_path):
    keep_palette(tmp_path, np.zeros((2, 3), np.float32))
    keep_palette(tmp_path, np.ones((2, 3), np.float32))
    assert kept_palette(tmp_path, "").tolist() == np.zeros((2, 3)).tolist()


def test_the_shipped_palette_knows_paper():
    """Once it did not: it had stayed that of the pictures with which the training began."""
    assert reach.is_paper(palette_in(next(WEIGHTS.glob("reach-*.weights.h5")))).any()
