"""Drawings as people bring them, painted by our own networks: every hint fills its region."""

from __future__ import annotations

import numpy as np
import pytest

from s2p.config import Settings
from s2p.intake import take_in
from tests import brought as drawn
from tests.intake_cases import STATES, figure, painted, painter


def test_clean_ink_is_painted_well():
    result = painted(figure())
    assert result.corrected == () and drawn.worst(result.image)[1] < 5


@pytest.mark.parametrize("name", STATES)
def test_every_hint_fills_its_region(name):
    make, found = STATES[name]
    result = painted(make())
    assert result.corrected == found
    assert drawn.worst(result.image)[1] < 15, drawn.worst(result.image)


def test_without_the_look_the_same_drawings_fail():
    """What the corrections are measured against; else the tests above would prove nothing."""
    for name in ("faint pencil", "white on gray", "squared paper", "white ink in alpha", "areas with gaps"):
        result = painted(STATES[name][0](), intake="off")
        assert result.corrected == () and drawn.worst(result.image)[1] > 20, name


def test_areas_keep_their_colour_where_no_hint_lies():
    page = drawn.painted(figure(), {"dress": (220, 60, 90), "house": (60, 150, 70)})
    plain = painter().colorize(page, hints=drawn.HINTS.of("draft"), settings=Settings(zoom=0.25, shading=0.0))
    mask = drawn.regions()
    for name, color in (("dress", (220, 60, 90)), ("house", (60, 150, 70))):
        assert np.abs(np.median(plain.image[mask[name]], axis=0) - color).max() <= 3, name
    choice = painter().choices(page[..., 0], taken=take_in(page), seeds=range(1))[0]
    height, width = page.shape[:2]
    assert not any(mask["dress"][int(hint.y * height), int(hint.x * width)] for hint in choice)


def test_what_was_inverted_is_painted_like_clean_ink():
    clean, inverted = painted(figure()), painted(255 - figure())
    assert inverted.corrected == ("inverted",) and (inverted.image == clean.image).all()
    told = painted(255 - figure(), intake="off", invert="yes")
    assert (told.image == clean.image).all()
    kept = painted(255 - figure(), invert="no")
    assert "inverted" not in kept.corrected


def test_a_blank_page_with_noise_gives_what_a_blank_page_gives():
    noisy = 255 - np.random.default_rng(0).integers(0, 2, drawn.SIZE, dtype=np.uint8)
    assert take_in(noisy).found == ("blank",)
    assert (painted(noisy).colors == painted(np.full(drawn.SIZE, 255, np.uint8)).colors).all()


def test_a_second_painting_does_not_look_again(monkeypatch):
    page = STATES["gray ruling"][0]()
    first = painted(page)
    monkeypatch.setattr("s2p.pipelines.painter_base.take_in", lambda *_, **__: pytest.fail("looked again"))
    assert (painted(page).image == first.image).all()
    with pytest.raises(pytest.fail.Exception):
        painted(page, invert="no")
