"""Brushes over the regions of hints: read, counted, kept, and laid over what hints fill; no other picture changes."""

from __future__ import annotations

import numpy as np
import pytest

from s2p.brush import MAX_PATH, MAX_PLACES, MAX_STROKES, BrushStroke
from s2p.errors import HintError
from s2p.pipelines.brushing import covered
from s2p.schema import Hint, Hints, PackedHints
from tests.flat_cases import BLUE, RED, at, drawing
from tests.server_cases import drawing as small_drawing
from tests.server_cases import finished, new_room, start_job
from tests.test_filling import painter

ACROSS = ((0.4, 0.5), (0.6, 0.5))  # over the wall between the two rooms of the drawing
WHITE = [255, 255, 255]


def hint(x: float, color: tuple[int, int, int], *strokes: BrushStroke) -> Hint:
    return Hint(x=x, y=0.7, color="#{:02x}{:02x}{:02x}".format(*color), brush=strokes)


def stroke(*path: tuple[float, float], adds: bool = True, width: float = 0.1) -> BrushStroke:
    return BrushStroke(adds=adds, width=width, path=path)


def colors(*hints: Hint) -> np.ndarray:
    found = painter().colorize(drawing(600), hints=Hints(hints)).colors
    assert found is not None
    return found


def test_what_is_added_has_the_hints_colour_wherever_it_lies():
    found = colors(hint(0.3, RED, stroke(*ACROSS)), hint(0.7, BLUE))
    assert at(found, 0.58, 0.5) == list(RED) and at(found, 0.58, 0.42) == list(BLUE)
    ground = colors(hint(0.3, RED, stroke((0.05, 0.05))))
    assert at(ground, 0.05, 0.05) == list(RED) and at(ground, 0.05, 0.12) == WHITE


def test_what_is_taken_is_as_without_the_hint_and_nobody_elses():
    bare = colors(hint(0.3, RED, stroke(*ACROSS, adds=False)), hint(0.7, BLUE))
    assert at(bare, 0.42, 0.5) == WHITE and at(bare, 0.42, 0.42) == list(RED)
    assert at(bare, 0.58, 0.5) == list(BLUE), "its own colour alone"
    shared = colors(hint(0.3, RED, stroke((0.3, 0.3), adds=False)), Hint(x=0.45, y=0.2, color="#283cc8"))
    assert at(shared, 0.3, 0.3) == list(BLUE), "another hint of the region goes on there"


def test_the_last_stroke_wins_and_all_else_stays_bit_for_bit():
    plain = colors(hint(0.3, RED), hint(0.7, BLUE))
    taken_back = colors(hint(0.3, RED, stroke(*ACROSS), stroke(*ACROSS, adds=False, width=0.12)), hint(0.7, BLUE))
    cover = whole(stroke(*ACROSS, width=0.14), plain.shape)
    is_free = (cover == 0) & (drawing(600) > 200)  # nobody sees colour under ink
    assert at(taken_back, 0.58, 0.5) == list(BLUE) and at(taken_back, 0.42, 0.5) == WHITE
    assert (plain[is_free] == taken_back[is_free]).all()


def whole(one: BrushStroke, shape: tuple[int, ...]) -> np.ndarray:
    """What a stroke covers of a whole picture."""
    cover, place = covered(one, shape)
    found = np.zeros(shape[:2], np.float32)
    found[place] = cover
    return found


def test_a_stroke_is_round_and_at_least_a_pixel_wide():
    mask = whole(stroke((0.5, 0.5), width=0.2), (100, 200))
    assert abs(mask.sum() - np.pi * 100) < 60 and mask[50, 100] == 1.0 and not mask[36, 86]
    assert ((mask > 0) & (mask < 1)).any(), "its edge is soft"
    assert whole(stroke((0.5025, 0.505), width=0.001), (100, 200))[50, 100] > 0.5
    line = whole(stroke((0.1, 0.5), (0.9, 0.5), width=0.1), (100, 200))
    assert (line[47:53, 20:180] == 1.0).all() and not line[:43].any()


def test_brushes_are_kept_in_files_and_in_little_room_and_not_by_v3():
    hints = Hints([hint(0.3, RED), hint(0.7, BLUE, stroke(*ACROSS), stroke((0.1, 0.2), adds=False))])
    assert Hints.loads(hints.dumps()) == hints
    assert PackedHints.from_text(hints.packed().to_text()) == hints.packed()
    assert Hints.from_data({"hints": hints.packed().to_data()}) == hints
    assert ["brush" in one for one in hints.to_data()["hints"]] == [False, True]
    assert hints.to_v3() == Hints([hint(0.3, RED), hint(0.7, BLUE)]).to_v3()
    data = {"unit": "px", "hints": [{"x": 9, "y": 9, "color": "#fff", "brush": [{"width": 10, "path": [[99, 49]]}]}]}
    (told,) = Hints.from_data(data).on((100, 200))
    assert told.brush == (stroke((0.4975, 0.495)),) and told.unit == "share"


@pytest.mark.parametrize("brush, said", [
    (5, f"at most {MAX_STROKES} strokes"), ([{"width": 0.1, "path": [[0, 0]]}] * 257, f"at most {MAX_STROKES} strokes"),
    ([{"width": 0.1, "path": []}], f"1 to {MAX_PATH} places"), ([{"width": 0.1, "path": [[0, 0]] * 600}], "places"),
    ([{"width": 0.1, "path": [[0, "a"]]}], "two numbers"), ([{"width": 0.1, "path": [[0, 1.2]]}], "from 0 to 1"),
    ([{"width": 0.6, "path": [[0, 0]]}], "0.5 short edges"), ([{"width": 0, "path": [[0, 0]]}], "a number above 0"),
    ([{"width": 0.1, "path": [[float("nan"), 0]]}], "from 0 to 1"), ([{"path": [[0, 0]]}], "width"),
    ([{"width": 0.1, "path": [[0, 0]], "adds": 2}], "adds"),
    ([{"width": 0.1, "path": [[0, 0]] * 500}] * 17, f"at most {MAX_PLACES} places"),
])
def test_what_is_no_brush_is_refused_in_words(brush, said):
    with pytest.raises(HintError, match=said):
        Hints.from_data({"hints": [{"x": 0.5, "y": 0.5, "color": "#fff", "brush": brush}]})


def test_what_would_take_ages_is_counted_before_it_is_built():
    def asked(count: int, strokes: int, *, adds: bool) -> dict:
        brush = [{"adds": adds, "width": 0.01, "path": [[0.5, 0.5]]}] * strokes
        return {"hints": [{"x": 0.5, "y": 0.5, "color": "#fff", "brush": brush}] * count}

    assert len(Hints.from_data(asked(2, 256, adds=True))) == 2
    with pytest.raises(HintError, match="at most 512 brush strokes"):
        Hints.from_data(asked(3, 256, adds=True))
    beside = {"unit": "px", "hints": [{"x": 9, "y": 9, "color": "#fff", "brush": [{"width": 10, "path": [[999, 49]]}]}]}
    with pytest.raises(HintError, match="outside the picture of 200x100 px"):
        Hints.from_data(beside).on((100, 200))


def test_the_server_takes_brushes_counts_them_and_gives_them_back(app):
    room = new_room(app, small_drawing())
    asked = {"x": 0.5, "y": 0.5, "color": "#ffffff", "kind": "exact",
             "brush": [{"adds": False, "width": 0.05, "path": [[0.25, 0.5], [0.75, 0.5]]}]}
    job = finished(app, start_job(app, room, hints=[asked])["job"])
    assert app.get(job["result"]["hints"]).json["hints"] == [asked]
    assert len(app.get(job["result"]["hints"] + "?format=v3").json[0]) == 6
    most = {**asked, "brush": [{"width": 0.05, "path": [[0.1234, 0.5678]] * 512}] * 16}
    start_job(app, room, hints=[most])
    reply = app.post_json(f"/api/v1/rooms/{room}/jobs", {"hints": [most, asked]}, status=400)
    assert "8192 places" in reply.json["error"]["message"]
