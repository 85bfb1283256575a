"""Painters of our own fill line art: what the six networks did for it is no longer asked."""

from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np
import pytest

from s2p import reach
from s2p.config import Settings
from s2p.errors import ConfigError, TooLargeError
from s2p.intake import Taken
from s2p.parts import CELL, NAMES
from s2p.pipelines.filling import filler_of
from s2p.pipelines.runner import NetworkRunner
from s2p.pipelines.style2paints.painter import Painter
from s2p.progress import NullReporter
from s2p.schema import Hint, Hints, Options
from tests.fake_networks import fake_networks
from tests.flat_cases import BLUE, RED, Plain, drawing


class Known(Plain):
    name, encoding, trained, identity = "reach", "points", True, "reach"

    def __init__(self, calls: list[str], **changes) -> None:
        super().__init__(**changes)
        self.calls = calls

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        self.calls.append("reach")
        return super().__call__(*inputs)


class Namer:
    """Takes everything for cloth."""

    name, encoding, trained, identity = "parts", "points", True, "parts"

    def __init__(self, calls: list[str]) -> None:
        self.calls = calls

    def __call__(self, ink: np.ndarray) -> list[np.ndarray]:
        self.calls.append("parts")
        logits = np.zeros((1, ink.shape[1] // CELL, ink.shape[2] // CELL, len(NAMES)), np.float32)
        logits[..., NAMES.index("cloth")] = 6.0
        return [logits]


def painter(calls: list[str] | None = None, shading: float = 0.0, **changes) -> Painter:
    calls = [] if calls is None else calls
    palette = reach.lab_of(np.random.default_rng(0).integers(60, 200, (reach.PALETTE, 3), dtype=np.uint8))
    networks = {**fake_networks(calls), "reach": Known(calls, **changes), "parts": Namer(calls)}
    return Painter(networks, settings=Settings(zoom=0.25, shading=shading), palette=lambda: palette)


def hints(*places: tuple[float, float, tuple[int, int, int]]) -> Hints:
    return Hints([Hint(x=x, y=y, color="#{:02x}{:02x}{:02x}".format(*rgb)) for x, y, rgb in places])


def test_line_art_is_filled_at_its_own_size_by_our_own_networks():
    calls: list[str] = []
    result = painter(calls).colorize(drawing(900), hints=hints((0.3, 0.5, RED), (0.7, 0.5, BLUE)))
    assert sorted(set(calls)) == ["parts", "reach"] and result.untrained == ()
    assert result.image.shape == (900, 900, 3) and result.colors is not None and result.colors.shape == (900, 900, 3)
    assert result.image[450, 270].tolist() == list(RED) and result.image[450, 630].tolist() == list(BLUE)
    assert result.image[450, 30].tolist() == [255, 255, 255], "nobody coloured the ground"
    assert result.image[450, 449:452].max() < 60, "the line is drawn"


def test_what_is_shown_is_known_by_tones_too_although_they_bound_no_colour():
    seen: list[np.ndarray] = []

    class Watched(Namer):
        def __call__(self, ink: np.ndarray) -> list[np.ndarray]:
            seen.append(ink)
            return super().__call__(ink)

    plain, toned = drawing(600), drawing(600)
    toned[200:400, 320:420] = np.minimum(toned[200:400, 320:420], 120)
    for walls in (plain, plain[::2, ::2]):
        seen.clear()
        asked = painter()
        asked.networks["parts"] = cast(Any, Watched([]))
        call = NetworkRunner(asked.networks, NullReporter())
        taken = Taken(np.repeat(toned[..., None], 3, -1), toned, np.ascontiguousarray(walls))
        filler = filler_of(asked, call, plain, lambda: np.zeros((reach.PALETTE, 3), np.float32), taken=taken)
        page, _ = filler.seen()
        assert page.lines[180:330, 285:350].min() > 250, "tones bound no colour"
        assert len(seen) == 4, "two sizes, each also in the mirror"
        for number, ink in enumerate(seen):
            high, wide = ink.shape[1:3]
            as_drawn = ink[:, :, ::-1] if number % 2 else ink
            assert as_drawn[0, high // 2, int(0.6 * wide), 0] > 0.3


def test_what_words_mean_is_remembered_for_what_is_shown():
    class Dark(Namer):
        """Takes a drawing with dark tones for hair."""

        def __call__(self, ink: np.ndarray) -> list[np.ndarray]:
            (logits,) = super().__call__(ink)
            logits[..., NAMES.index("hair")] = 12.0 if (ink > 0.3).mean() > 0.05 else 0.0
            return [logits]

    asked, plain = painter(), drawing(600)
    asked.networks["parts"] = cast(Any, Dark([]))
    toned = plain.copy()
    toned[200:400, 320:420] = np.minimum(toned[200:400, 320:420], 120)
    unfound = []
    for shown in (plain, toned):
        taken = Taken(np.repeat(shown[..., None], 3, -1), shown, plain)
        filler = filler_of(
            asked, NetworkRunner(asked.networks, NullReporter()), plain, lambda: np.zeros((0, 3), np.float32),
            taken=taken, words=("blue_hair",),
        )
        unfound.append(filler.unfound())
    assert unfound == [("blue_hair",), ()]


@pytest.mark.parametrize("zoom", [0.25, 0.5, 1.0])
def test_the_zoom_changes_no_colour(zoom):
    result = painter().colorize(drawing(900), hints=hints((0.3, 0.5, RED)), settings=Settings(zoom=zoom))
    same = painter().colorize(drawing(900), hints=hints((0.3, 0.5, RED)), settings=Settings(zoom=0.6))
    assert (result.image == same.image).all()


def test_draft_hints_and_exact_hints_fill_alike():
    exact = Hints([Hint(x=0.3, y=0.5, color="#c81e28")])
    draft = Hints([Hint(x=0.3, y=0.5, color="#c81e28", kind="draft")])
    one, other = (painter().colorize(drawing(), hints=some).image for some in (exact, draft))
    assert (one == other).all()


def test_without_hints_the_first_painting_has_colours():
    result = painter(palette=0.0).colorize(drawing())
    assert result.colors is not None and np.ptp(result.colors.astype(int), axis=-1).max() > 20


def test_choices_differ_and_the_artists_room_is_kept():
    paint = painter(palette=0.0)
    found = paint.choices(drawing(), hints=hints((0.3, 0.5, RED)), seeds=range(4))
    assert len(found) == 4 and len({tuple(h.color for h in one) for one in found}) > 1
    assert not any(1 / 6 < hint.x < 1 / 2 and 1 / 6 < hint.y < 5 / 6 for one in found for hint in one)
    assert len(paint.suggest(drawing(), hints=Hints(), seed=3)) == 3
    rooms = hints((0.3, 0.5, RED), (0.7, 0.5, BLUE), (0.1, 0.1, RED))
    button = cv2.circle(drawing(), (240, 200), 14, 0, 3)
    assert len(paint.choices(button, hints=rooms, seeds=range(4))) == 1, "for a button nobody has to choose"


def test_one_more_hint_looks_again_and_the_same_hints_do_not():
    calls: list[str] = []
    paint = painter(calls)
    some = hints((0.3, 0.5, RED))
    first = paint.colorize(drawing(), hints=some)
    again = paint.colorize(drawing(), hints=some)
    assert calls.count("reach") == 1 and (first.image == again.image).all()
    looked = calls.count("parts")
    paint.colorize(drawing(), hints=hints((0.3, 0.5, RED), (0.7, 0.5, BLUE)))
    assert calls.count("reach") == 2 and calls.count("parts") == looked > 0, "hints do not change what is drawn"


def test_tones_go_to_the_six_with_a_reference_or_without():
    page = cv2.GaussianBlur(drawing(), (31, 31), 0)
    for more in ({"options": Options(method="rendering")},
                 {"options": Options(method="rendering", mix=0.5), "reference": np.full((64, 64, 3), 90, np.uint8)}):
        calls: list[str] = []
        painter(calls).colorize(page, **cast(dict[str, Any], more))
        assert "reach" not in calls and "reader" in calls


def test_a_preview_shows_the_filled_picture():
    shown = painter().preview(drawing(), hints=hints((0.3, 0.5, RED)))
    assert shown.shape == (256, 256, 3) and np.abs(shown[128, 77].astype(int) - RED).max() < 8


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 1), (2, 3, 4), (40, 30, 1), (200, 40, 3), (40, 30, 3)])
@pytest.mark.parametrize("some", [Hints(), Hints([Hint(x=0.5, y=0.5, color="#c81e28")])])
def test_tiny_gray_and_transparent_pictures_are_filled(shape, some):
    for value in (0, 128, 255):
        result = painter(palette=0.0).colorize(np.full(shape, value, np.uint8), hints=some)
        assert result.image.shape == (*shape[:2], 3)


def test_strips_are_refused_before_they_are_enlarged():
    with pytest.raises(TooLargeError, match="too long and thin"):
        painter().colorize(np.zeros((40, 3000, 3), np.uint8), settings=Settings(zoom=1.0))


def test_shade_is_a_layer_of_its_own_that_can_be_turned_down():
    some, images = hints((0.3, 0.5, RED)), []
    for strength in (0.0, 0.4, 0.8):
        result = painter(shading=strength).colorize(drawing(900), hints=some)
        assert result.colors is not None
        assert (result.colors[450, 270] == RED).all(), "the flat colour stays as it was asked for"
        images.append(result.image[160:740, 160:440].astype(int))
    flat, half, full = (image.sum(-1) for image in images)
    assert (full < flat - 30).mean() > 0.03 and (full > flat + 10).mean() > 0.03, "dark and lit sides"
    is_one = (half > flat) == (full > flat)  # where light meets shadow their sum turns
    assert (np.abs(half - flat) <= np.abs(full - flat) + 3)[is_one].mean() > 0.99 and is_one.mean() > 0.9
    assert (np.abs(full - flat) <= 3).mean() > 0.1, "most is as it was asked for, or between"
    assert result.draft is None and result.composition is None and list(result.previews) == ["flats"]
    assert [(name, layer.blend) for name, layer in result.layers.items()] == [
        ("colours", "normal"), ("shade", "multiply"), ("light", "screen"), ("lines", "normal")]
    from s2p.export import flatten

    together = flatten(list(result.layers.values())).astype(int)
    assert np.abs(together - result.image).max() <= 2, "the layers together are the picture"
    assert painter(shading=0.0).colorize(drawing(900), hints=some).shading is None


@pytest.mark.parametrize("wrong", [-0.1, 1.2, float("nan"), "x", True, None])
def test_a_shadow_is_as_strong_as_a_number_from_0_to_1(wrong):
    with pytest.raises(ConfigError, match="shading must be between 0 and 1"):
        Settings(shading=wrong)
