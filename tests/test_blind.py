"""The blind look (`benchmarks/blind.py`): no picture says whose it is, and every answer counts once."""

from __future__ import annotations

import json

import numpy as np
import pytest
from painter_cases import painter

from benchmarks.blind import HEIGHT, count, paint, pair_up
from s2p.errors import InputError
from s2p.evaluation.scenes import draw
from s2p.image import load_image, save_image


@pytest.fixture
def paintings(tmp_path):
    """Folders with the same drawings, painted red and painted green."""
    before, now = tmp_path / "before", tmp_path / "now"
    for folder, color in ((before, (255, 0, 0)), (now, (0, 255, 0))):
        folder.mkdir()
        for number in range(1, 9):
            for name in (f"{number:02}.png", f"{number:02}-hints.png"):
                save_image(np.full((40, 60, 3), color, np.uint8), folder / name)
    return before, now


def test_pairs_are_laid_out_by_chance_and_the_key_says_how(paintings, tmp_path):
    before, now = paintings
    sides = pair_up(before, now, tmp_path / "pairs")
    assert sides == json.loads((tmp_path / "pairs.json").read_text()) and set(sides.values()) == {"A", "B"}
    assert sorted(path.stem for path in (tmp_path / "pairs").iterdir()) == sorted(sides)
    for name, side in sides.items():
        picture = load_image(tmp_path / "pairs" / f"{name}.png")
        left, right = picture[HEIGHT // 2, 100], picture[HEIGHT // 2, HEIGHT * 60 // 40 + 100]
        assert (left if side == "A" else right)[1] == 255 and (right if side == "A" else left)[0] == 255
    assert sorted(sides.values()) == ["A"] * 4 + ["B"] * 4, "who always says A is right in half of them"
    assert len({json.dumps(pair_up(before, now, tmp_path / "other", seed=seed)) for seed in range(4)}) > 1
    with pytest.raises(InputError, match="itself"):
        pair_up(now, now, tmp_path / "none")
    with pytest.raises(InputError, match="no paintings"):
        pair_up(before, tmp_path, tmp_path / "none")


def test_answers_are_counted_and_one_is_wanted_for_every_pair():
    sides = {"01": "A", "02": "B", "03": "A"}
    assert count(sides, "01: a, cleaner\n- 02: A stains, unlike B\n**03** A\n") == (2, ["02"])
    for wrong in ("01: A\n02: B\n", "01: A\n02: B\n03: A\n03: B\n", "01: A\n02: B\n03: C\n"):
        with pytest.raises(InputError, match=r"for 03\."):
            count(sides, wrong)


def test_drawings_and_their_hints_are_painted(tmp_path):
    (tmp_path / "art").mkdir()
    for number in range(3):
        save_image(draw(number)[0], tmp_path / "art" / f"{number}.png")
    assert paint([tmp_path / "art"], tmp_path / "now", painter(), each=2) == 2
    names = {path.name for path in (tmp_path / "now").iterdir()}
    assert names == {"01.png", "02.png", "01-hints.png", "02-hints.png"}
    dots = load_image(tmp_path / "now" / "01-hints.png").astype(int)
    assert (np.ptp(dots, axis=-1) > 40).sum() > 50, "hints have colours"
