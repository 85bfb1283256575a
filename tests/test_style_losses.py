"""The report on what should look at style, and the features that it compares."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.style_losses import compared, distance, kept
from s2p.train.style_features import open_features


@pytest.fixture(scope="module")
def pictures() -> dict[str, np.ndarray]:
    """A painting of stripes, one of dots, and two photographs of soft colours, `float32[64, 64, 3]`."""
    y, x = np.mgrid[:64, :64].astype(np.float32)
    stripes, dots = (x // 3) % 2, ((x % 9 - 4) ** 2 + (y % 9 - 4) ** 2 < 9) * 1.0
    return {
        "stripes": np.stack([stripes, stripes / 4, stripes / 4], -1).astype(np.float32),
        "dots": np.stack([dots / 5, dots / 3, dots], -1).astype(np.float32),
        "hill": np.stack([x / 64, y / 64, 1 - x / 90], -1).astype(np.float32),
        "sun": np.stack([np.exp(-((x - 30) ** 2 + (y - 20) ** 2) / 300)] * 3, -1).astype(np.float32) * 0.8 + 0.1,
    }


def test_the_statistic_knows_a_painting_by_its_patches(pictures):
    stripes, dots, hill = (pictures[name] for name in ("stripes", "dots", "hill"))
    assert distance(stripes, stripes) == 0
    assert distance(stripes[:, :30], stripes[:, 30:]) < 0.2 * distance(stripes, hill)
    assert distance(stripes, dots) > 0.5 * distance(stripes, hill), "another painting is no nearer for being one"
    assert distance(stripes, stripes[:, ::-1]) < 0.2 * distance(stripes, hill) < distance(stripes, 1 - stripes)
    assert kept(hill, hill) == pytest.approx(1) and kept(pictures["sun"], pictures["sun"][..., ::-1] ** 2) > 0.7
    assert abs(kept(pictures["sun"], dots)) < 0.5


def test_features_made_by_hand_and_our_own_look_at_several_scales():
    filters, reader = open_features("filters"), open_features("reader")
    even = [np.asarray(one) for one in filters.network(np.full((1, 48, 64, 3), 0.5, np.float32))]
    assert [one.shape[1:3] for one in even] == [(48, 64), (24, 32), (12, 16), (6, 8)]
    assert np.abs(even[0][:, 8:-8, 8:-8, 3:]).max() < 1e-6 < even[0][:, 8:-8, 8:-8, :3].min(), "edges, and colours"
    seen = reader.network(np.random.default_rng(0).random((1, 64, 96, 3), np.float32))
    assert len(seen) == 4 and seen[0].shape[1:3] == (16, 24) and "SHA-256" in reader.name
    assert not filters.network.trainable_variables and not reader.network.trainable_variables


@pytest.mark.slow
def test_losses_are_compared_and_every_one_measures_the_others(pictures, tmp_path):
    for name, picture in pictures.items():
        Image.fromarray((picture * 255).astype(np.uint8)).save(tmp_path / f"{name}.png")

    def files(*names: str) -> list[Path]:
        return [tmp_path / f"{name}.png" for name in names]

    lines = list(compared(["filters", "random"], files("stripes", "dots"), files("hill"), files("hill", "sun"),
                          steps=25, edge=32, sheet=str(tmp_path / "sheet.png")))
    rows = {line.split()[0]: line.split()[1:] for line in lines if line.strip()}
    assert {"filters", "random", "photographs"} <= rows.keys() and "2 pairs, 32 px, 25 steps" in lines[0]
    first = next(i for i, line in enumerate(lines) if line.startswith("filters"))
    assert float(lines[first].split()[1]) < 0.9, "patches come nearer under a loss that knows no patches"
    own, others = (float(rows[name][0]) for name in ("filters", "random"))
    assert own < 0.6 and own < others, "a loss falls under itself, and further than under another one"
    assert len(rows["filters"]) == len(rows["random"]) == 2
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (2 * 32, 4 * 32)
