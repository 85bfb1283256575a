"""Pages that are learned from: bent as no artist draws twice, picture, lines and parts alike."""

from __future__ import annotations

import cv2
import numpy as np

from s2p.train import pages
from s2p.train.pages import bent, page


class Balls:
    """One picture: red balls on white, outlined, whose parts say where the red is."""

    def __init__(self, edge: int = 512) -> None:
        self.painted = np.full((edge, edge, 3), 255, np.uint8)
        for x, y in ((120, 130), (380, 160), (250, 380)):
            cv2.circle(self.painted, (x, y), 70, (200, 20, 20), -1)
        red = (self.painted[..., 1] < 128).astype(np.uint8)
        self.named = red  # 1: skin
        edges = cv2.morphologyEx(red, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        self.drawn = np.where(edges > 0, 0, 255).astype(np.uint8)[..., None]

    def color(self, i: int) -> np.ndarray:
        return self.painted

    def lines(self, i: int) -> np.ndarray:
        return self.drawn

    def parts(self, i: int) -> np.ndarray:
        return self.named


def test_picture_and_parts_are_bent_alike(monkeypatch):
    monkeypatch.setattr(pages, "_BENT", 1.0)
    random, shapes = np.random.default_rng(0), set()
    for _ in range(6):
        color, lines, parts = page(Balls(), 0, (320, 256), random)
        assert color.shape == (320, 256, 3) and lines.shape == parts.shape == (320, 256)
        is_red = color[..., 1] < 128
        both = (is_red & (parts == 1)).sum() / max((is_red | (parts == 1)).sum(), 1)
        assert both > 0.96
        assert np.isin(np.asarray(parts), (0, 1)).all()  # numbers are not mixed
        shapes.add(int(is_red.sum()))
    assert len(shapes) == 6


def test_a_page_stays_mostly_in_sight_and_is_another_every_time():
    random = np.random.default_rng(1)
    for _ in range(8):
        columns, rows = bent((256, 320), random)
        assert columns.dtype == rows.dtype == np.float32 and columns.shape == (256, 320)
        inside = (columns > -1) & (columns < 320) & (rows > -1) & (rows < 256)
        assert inside.mean() > 0.6
        assert np.abs(columns - np.arange(320, dtype=np.float32)).max() > 2
