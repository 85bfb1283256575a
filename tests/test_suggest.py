"""Suggested colours: one for every large region without a hint, likely ones, each knowing those before."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from fake_networks import fake_networks

from s2p.config import Settings
from s2p.errors import CancelledError, WeightsMissingError
from s2p.pipelines.request import Request, forget
from s2p.pipelines.style2paints.painter import Painter
from s2p.progress import FractionReporter, NullReporter
from s2p.propagate import open_regions
from s2p.schema import Hint, Hints
from s2p.systems import system_of

SMALL = Settings(zoom=0.25, denoise="off")
# Red, green, blue and gray as YUV / 255, V3's way (red is what the first formula calls its third channel).
RGB = np.array([[200, 40, 40], [40, 180, 60], [50, 60, 200], [128, 128, 128]], np.uint8)


def _palette() -> np.ndarray:
    from s2p.colors import yuv

    return yuv(RGB[None, :, ::-1])[0] / np.float32(255.0)


class Choice:
    """A draft network that finds colours likely by a rule on its input, `[H, W, 4]`."""

    encoding = "propagated"

    def __init__(self, rule) -> None:
        self.rule, self.seen = rule, []

    def __call__(self, tensor: np.ndarray) -> list[np.ndarray]:
        self.seen.append(tensor[0])
        logits = np.zeros((*tensor.shape[1:3], len(RGB) + 4), np.float32)
        self.rule(tensor[0], logits)
        return [logits[None], tensor[..., :3]]


def subject(rule) -> tuple[Painter, Choice]:
    choice = Choice(rule)
    return Painter(fake_networks(), settings=SMALL, choice=lambda: (choice, _palette())), choice  # pyright: ignore


def rooms() -> np.ndarray:
    """A page of four rooms, a large one and three smaller ones at its right, with doors left open."""
    page = np.full((512, 512), 255, np.uint8)
    page[:, 318:324] = 0
    page[170:176, 320:] = 0
    page[340:346, 320:] = 0
    page[80:92, 318:324] = 255  # a door, narrower than the rooms
    return page


def nearest(hint: Hint) -> int:
    return int(np.abs(RGB.astype(int) - hint.rgb).sum(1).argmin())


def test_a_gap_in_a_line_does_not_join_two_regions():
    walls = cv2.resize(rooms(), (128, 128), interpolation=cv2.INTER_AREA)
    regions, depth = open_regions(walls)
    places = [regions[64, 30], regions[20, 110], regions[64, 110], regions[110, 110]]
    assert len(set(places)) == 4 and 0 not in places
    assert regions[64, 80] == 0 and depth[64, 80] == 0, "ink belongs to nobody"
    assert open_regions(np.zeros((20, 30), np.uint8))[0].max() == 0
    assert open_regions(np.full((20, 30), 255, np.uint8))[0].min() == 1


def test_every_large_region_gets_a_likely_colour():
    def rule(tensor, logits):
        half = logits.shape[1] * 5 // 8
        logits[:, :half, 0], logits[:, half:, 1] = 6.0, 6.0

    hints = list(subject(rule)[0].suggest(rooms()))
    assert len(hints) == 4 and {hint.kind for hint in hints} == {"exact"}
    assert [nearest(hint) for hint in hints] == [0 if hint.x < 0.62 else 1 for hint in hints]
    assert hints[0].x < 0.62, "the largest first"
    assert all(0.05 < hint.x < 0.95 and 0.05 < hint.y < 0.95 for hint in hints), "not at the page's edge"
    assert all(abs(np.array(hint.rgb) - RGB[nearest(hint)]).max() <= 2 for hint in hints)


def test_a_region_with_a_hint_of_the_artist_is_left_alone():
    mine = Hints([Hint(x=0.2, y=0.5, color="#123456", kind="draft"), Hint(x=0.9, y=0.1, color="#654321")])
    painter, choice = subject(lambda tensor, logits: None)
    hints = list(painter.suggest(rooms(), hints=mine))
    assert len(hints) == 2 and all(hint.x > 0.62 and hint.y > 0.33 for hint in hints)
    assert (choice.seen[0][..., 1] > -400).any(), "both kinds of the artist's hints are known to the network"


def test_a_colour_is_drawn_knowing_those_before():
    def rule(tensor, logits):
        logits[..., 2 if (tensor[..., 1] > -400).any() else 0] = 8.0

    hints = list(subject(rule)[0].suggest(rooms()))
    assert [nearest(hint) for hint in hints] == [0, 2, 2, 2]


def test_a_seed_decides():
    painter, _ = subject(lambda tensor, logits: None)
    colors = [[hint.color for hint in painter.suggest(rooms(), seed=seed)] for seed in (5, 5, *range(12))]
    assert colors[0] == colors[1] and len({tuple(one) for one in colors}) > 5


def test_what_is_likely_everywhere_counts_less():
    def rule(tensor, logits):
        logits[..., 3] = 3.0  # beige fog
        logits[:44, -50:, 0] = 3.0

    painter, _ = subject(rule)
    elsewhere = Hints([Hint(x=x, y=y, color="#808080") for x, y in ((0.2, 0.5), (0.9, 0.5), (0.9, 0.9))])
    drawn = [nearest(hint) for seed in range(100) for hint in painter.suggest(rooms(), hints=elsewhere, seed=seed)]
    assert len(drawn) == 100
    assert drawn.count(0) > 1.4 * drawn.count(3)


@pytest.mark.parametrize("shape", [(1, 1), (12, 400), (512, 512)])
def test_odd_drawings_get_no_more_than_they_have_room_for(shape):
    painter, _ = subject(lambda tensor, logits: None)
    assert len(painter.suggest(np.full(shape, 255, np.uint8))) <= 1
    assert len(painter.suggest(np.zeros(shape, np.uint8))) == 0


def test_it_can_be_cancelled():
    class Impatient(NullReporter):
        asked = 0

        def check(self) -> None:
            self.asked += 1
            if self.asked == 3:
                raise CancelledError("enough")

    painter, choice = subject(lambda tensor, logits: None)
    with pytest.raises(CancelledError):
        painter.suggest(rooms(), report=Impatient())
    assert len(choice.seen) <= 2


def test_without_our_draft_network_it_says_so(tmp_path, monkeypatch):
    from s2p import weights

    with pytest.raises(WeightsMissingError, match="suggests colours"):
        Painter(fake_networks(), settings=SMALL).suggest(rooms())
    (tmp_path / "baby.net").write_bytes(b"a user's")
    monkeypatch.setenv("S2P_WEIGHTS", str(tmp_path))
    with pytest.raises(WeightsMissingError, match="own draft network"):
        weights.load_choice(SMALL)


def test_our_network_colours_the_sample():
    from s2p import samples, weights
    from s2p.image import load_image
    from s2p.pipelines import choose
    from s2p.pipelines.style2paints import load

    if not weights.find("baby").trained:
        pytest.skip("no weights of ours are there")
    settings = Settings(zoom=0.5, denoise="off")
    choice, palette = weights.load_choice(settings)
    assert len(palette) == 64 and choice.encoding == "propagated"
    painter, drawing = load(settings), load_image(samples.sketch_path("girl"))
    hints = list(painter.suggest(painter.prepare(drawing).sketches["colorization"], seed=1))
    assert 5 < len(hints) <= choose.MOST and len({hint.color for hint in hints}) > 2
    image = painter.colorize(drawing, hints=Hints(hints)).image
    height, width = image.shape[:2]
    at = [image[int(hint.y * height), int(hint.x * width)].astype(int) for hint in hints]
    assert np.mean([np.abs(color - hint.rgb).max() < 40 for color, hint in zip(at, hints)]) > 0.8, "they are painted"


def test_the_command_line_paints_what_is_suggested(tmp_path, monkeypatch, capsys):
    from s2p import cli
    from s2p.image import save_image
    from s2p.pipelines import style2paints

    seen: list[tuple[Hints, int]] = []
    given: list[Hints] = []

    class Watched(Painter):
        def suggest(self, sketch_gray, *, hints=None, seed=0, settings=None, taken=None, words=(), report=None):
            seen.append((hints, seed))
            return Hints([Hint(x=0.7, y=0.7, color="#00ff00")])

        def _job(self, report, sketch_gray, *, hints, **others):
            given.append(hints)
            return super()._job(report, sketch_gray, hints=hints, **others)

    monkeypatch.setattr(style2paints, "load", lambda settings=None: Watched(fake_networks(), settings=SMALL))
    forget()
    save_image(np.repeat(rooms()[..., None], 3, -1), tmp_path / "a.png")
    words = ["colorize", str(tmp_path / "a.png"), "-o", str(tmp_path / "b.png"), "--zoom", "0.25"]
    try:
        assert cli.main([*words, "--hint", "0.1,0.1,#ff0000", "--suggest", "7"]) == 0
        assert cli.main(words) == 0
    finally:
        forget()
    ((own, seed),) = seen
    assert [hint.color for hint in own] == ["#ff0000"] and seed == 7
    assert [[hint.color for hint in hints] for hints in given] == [["#ff0000", "#00ff00"], []]


def test_both_doors_suggest_for_a_system_that_has_another_suggest_for_it(tmp_path, monkeypatch):
    from s2p import cli
    from s2p.image import save_image
    from s2p.pipelines import auto_painter, style2paints

    given: list[Hints] = []

    class Watched(Painter):
        def suggest(self, sketch_gray, *, hints=None, seed=0, settings=None, taken=None, words=(), report=None):
            return Hints([Hint(x=0.7, y=0.7, color=f"#0000{seed:02x}")])

    class Painted:
        networks: dict = {}  # noqa: RUF012

        def run(self, request, report=None):
            given.append(request.hints)
            return Painter(fake_networks(), settings=SMALL).run(request, report)

    monkeypatch.setattr(style2paints, "load", lambda settings=None: Watched(fake_networks(), settings=SMALL))
    monkeypatch.setattr(auto_painter, "load", lambda settings=None: Painted())
    forget()
    save_image(np.repeat(rooms()[..., None], 3, -1), tmp_path / "a.png")
    words = ["colorize", str(tmp_path / "a.png"), "-o", str(tmp_path / "b.png"), "--hint", "0.1,0.1,#ff0000"]
    try:
        assert cli.main([*words, "--model", "auto-painter", "--suggest", "7"]) == 0
    finally:
        forget()
    assert [[hint.color for hint in hints] for hints in given] == [["#ff0000", "#000007"]]


class _Steps(FractionReporter):
    """Notes how far it was at every change, and the stages."""

    def __init__(self) -> None:
        super().__init__(system_of("style2paints").stages)
        self.fractions: list[float] = []
        self.stages: list[str] = []

    def stage(self, name: str) -> None:
        self.stages.append(name)
        super().stage(name)

    def changed(self) -> None:
        self.fractions.append(self.fraction)


def test_progress_never_runs_backwards_and_nothing_is_prepared_twice():
    class Suggesting(Painter):
        def suggest(self, sketch_gray, *, hints=None, seed=0, settings=None, taken=None, words=(), report=None):
            report.stage("draft")
            report.update(1.0)
            return Hints([Hint(x=0.7, y=0.7, color="#00ff00")])

    report = _Steps()
    request = Request(np.repeat(rooms()[..., None], 3, -1), settings=SMALL, suggest=7)
    Suggesting(fake_networks(), settings=SMALL).run(request, report)
    assert report.fractions == sorted(report.fractions)
    assert report.stages.count("prepare") == 1 and report.stages.count("draft") == 2
