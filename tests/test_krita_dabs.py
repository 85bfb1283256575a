"""Dabs of colour on a layer of Krita become hints: found in its bytes, without Krita and without NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from s2p_krita import dabs as dabs_module
from s2p_krita.dabs import Dab, clear_share, dabs, is_even, is_faint
from s2p_krita.errors import PluginError

RED, BLUE, PINK = (220, 40, 40), (40, 80, 220), (240, 170, 190)


def canvas(*dots: tuple[float, float, float, tuple[int, int, int]], size=(120, 80), alpha: int = 255) -> bytes:
    """Round dabs with smooth edges, BGRA."""
    image = Image.new("RGBA", (4 * size[0], 4 * size[1]))
    for x, y, radius, color in dots:
        box = [4 * (x - radius), 4 * (y - radius), 4 * (x + radius), 4 * (y + radius)]
        layer = Image.new("RGBA", image.size)
        ImageDraw.Draw(layer).ellipse(box, fill=(*color, alpha))
        image.alpha_composite(layer)
    premultiplied = np.asarray(image, np.float64).reshape(size[1], 4, size[0], 4, 4)
    weight = premultiplied[..., 3:]
    mean = (premultiplied[..., :3] * weight).sum((1, 3)) / np.maximum(weight.sum((1, 3)), 1)
    pixels = np.concatenate([mean, weight.mean((1, 3))], -1)
    return np.rint(pixels[..., [2, 1, 0, 3]]).astype(np.uint8).tobytes()


def are_near(found: list[str], expected: list[str]) -> bool:
    """Whether colours are the same but for what smooth edges add."""
    one, other = ([[int(text[at : at + 2], 16) for at in (1, 3, 5)] for text in sorted(texts)]
                  for texts in (found, expected))
    return len(one) == len(other) and np.abs(np.array(one) - np.array(other)).max() <= 3


def hexed(color: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def test_a_dab_is_a_hint_in_its_middle_with_its_color():
    found = dabs(canvas((30, 20, 8, RED), (90, 60, 5, BLUE)), 120, 80)
    assert [dab.color for dab in found] == [hexed(RED), hexed(BLUE)]
    assert np.allclose([dab[:2] for dab in found], [(0.25, 0.25), (0.75, 0.75)], atol=0.01)
    assert found[0].size == pytest.approx(np.pi * 64, rel=0.1)


def test_dabs_that_touch_are_told_apart_by_their_colors():
    found = dabs(canvas((40, 40, 12, RED), (56, 40, 12, BLUE)), 120, 80)
    assert are_near([dab.color for dab in found], [hexed(RED), hexed(BLUE)]), "and no smooth edge between them"
    assert len(dabs(canvas((40, 40, 12, RED), (56, 40, 12, RED)), 120, 80)) == 1


def test_a_dab_on_a_dab_is_two():
    found = dabs(canvas((60, 40, 30, BLUE), (60, 40, 10, PINK)), 120, 80)
    assert are_near([dab.color for dab in found], [hexed(BLUE), hexed(PINK)])
    ring, dot = sorted(found, key=lambda dab: -dab.size)
    assert np.allclose(dot[:2], 0.5, atol=0.01)
    away = np.hypot((ring.x - 0.5) * 120, (ring.y - 0.5) * 80)
    assert 10 <= away <= 30, "the hint lies on the ring, and not in its hole"


def test_a_color_that_fades_is_one_dab():
    ramp = np.zeros((20, 200, 4), np.uint8)
    ramp[5:15, :, 3] = 255
    ramp[5:15, :, 2] = np.linspace(60, 255, 200).astype(np.uint8)
    (dab,) = dabs(ramp.tobytes(), 200, 20)
    assert dab.color in ("#9d0000", "#9e0000") and dab.size == 2000


@pytest.mark.parametrize(("place", "expected"), [((0, 0), (0.125, 0.25)), ((3, 1), (0.875, 0.75))])
def test_a_single_pixel_is_a_dab(place: tuple[int, int], expected: tuple[float, float]):
    pixels = np.zeros((2, 4, 4), np.uint8)
    pixels[place[1], place[0]] = (1, 2, 3, 255)
    assert dabs(pixels.tobytes(), 4, 2) == [Dab(*expected, "#030201", 1)]


def test_rows_do_not_run_into_each_other():
    pixels = np.zeros((2, 4, 4), np.uint8)
    pixels[0, 3] = pixels[1, 0] = 255  # neighbours in the bytes, not on the page
    assert len(dabs(pixels.tobytes(), 4, 2)) == 2
    pixels[1, 2] = 255  # by a corner
    assert sorted(dab.size for dab in dabs(pixels.tobytes(), 4, 2)) == [1, 2]


def test_blobs_are_those_of_a_slow_search():
    from skimage.measure import label

    rng = np.random.default_rng(3)
    for share in (0.2, 0.45, 0.6):
        mask = rng.random((40, 50)) < share
        pixels = np.zeros((40, 50, 4), np.uint8)
        pixels[mask] = (10, 20, 30, 255)
        sizes = np.bincount(label(mask, connectivity=2).ravel())[1:]
        assert sorted(dab.size for dab in dabs(pixels.tobytes(), 50, 40)) == sorted(sizes)


def test_what_is_no_hints_is_said(monkeypatch: pytest.MonkeyPatch):
    faint = canvas((30, 20, 8, RED), alpha=100)
    assert dabs(faint, 120, 80) == [] and is_faint(faint)
    assert not is_faint(canvas((30, 20, 8, RED))) and not is_faint(bytes(16))
    assert is_even(bytes(16)) and is_even(bytes([9, 9, 9, 255]) * 4) and not is_even(faint)
    assert clear_share(bytes(12) + bytes([1, 1, 1, 1])) == 0.75
    dotted = np.zeros((80, 120, 4), np.uint8)
    dotted[::2, ::2] = 255
    monkeypatch.setattr(dabs_module, "MOST_DABS", 100)
    with pytest.raises(PluginError, match="more than 100 dabs"):
        dabs(dotted.tobytes(), 120, 80)
    monkeypatch.setattr(dabs_module, "_MOST_RUNS", 50)
    with pytest.raises(PluginError, match="small dab"):
        dabs(dotted.tobytes(), 120, 80)


def test_as_many_dabs_as_the_server_takes_hints():
    from s2p.schema import MAX_HINTS

    assert dabs_module.MOST_DABS == MAX_HINTS
