"""Where a hint lies: shares of the picture, or its pixels when that is said; anything beside it is refused."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from server_cases import drawing, finished, new_room, start_job
from test_filling import painter

from s2p import cli
from s2p.errors import HintError
from s2p.schema import Hint, Hints, options_from_v3
from tests.flat_cases import RED
from tests.flat_cases import drawing as framed

SERVER = {"painter": "tests.server_fakes:filling"}
BESIDE = [(-0.1, 0.5), (0.5, 1.2), (350, 500), (math.nan, 0.5), (0.5, math.inf)]


@pytest.mark.parametrize("x, y", BESIDE)
def test_places_beside_the_picture_are_refused_everywhere(x, y):
    entry = {"x": x, "y": y, "color": "#ff0000"}
    for make in (lambda: Hint(**entry), lambda: Hint.parse(f"{x},{y},#ff0000"),
                 lambda: Hints.from_data({"hints": [entry]}), lambda: Hints.loads(json.dumps([entry]))):
        with pytest.raises(HintError, match="from 0 to 1") as refused:
            make()
        assert "350px,500px" in str(refused.value)


NUMBERS = [True, "0.5", "nan", None, [0.5], 10**400]


@pytest.mark.parametrize("x", NUMBERS)
def test_what_is_no_number_is_no_place(x):
    entry = {"x": x, "y": 0.5, "color": "#ff0000"}
    makes = [lambda: Hint(**entry), lambda: Hints.from_data({"hints": [entry]}),
             lambda: Hints.loads(json.dumps([entry])), lambda: Hint(**entry | {"unit": "px"}),
             lambda: Hints.from_data([[x, 0.5, 255, 0, 0, 2]])]
    for make in makes:
        with pytest.raises(HintError, match="350px,500px"):
            make()
    assert Hint(x=np.float32(0.5), y=np.int64(1), color="#ff0000").x == 0.5
    for text in ("true,0.5,#f00", "nanpx,5px,#f00", "1e400px,5px,#f00", "-3px,5px,#f00"):
        with pytest.raises(HintError, match="px"):
            Hint.parse(text)


@pytest.mark.parametrize("x, y", BESIDE)
def test_a_file_of_v3_is_no_exception(x, y):
    for data in ([[x, y, 255, 0, 0, 2]], {"points": [[x, y, 255, 0, 0, 2]], "method": "colorization"}):
        with pytest.raises(HintError, match="350px,500px"):
            Hints.loads(json.dumps(data))


def test_what_is_no_list_is_said():
    with pytest.raises(HintError, match="a list of Hint"):
        Hints(5)  # pyright: ignore[reportArgumentType]


def test_what_arithmetic_brings_over_the_edge_is_no_mistake():
    assert Hint(x=1.0000000002, y=-1e-12, color="#ff0000").x == pytest.approx(1.0)


def test_pixels_become_shares_of_the_picture():
    hints = Hints([Hint.parse("350px,500px,#ff0000"), Hint(x=0.25, y=0.5, color="#00ff00")]).on((1000, 700))
    assert [(hint.x, hint.y) for hint in hints] == [(350.5 / 700, 500.5 / 1000), (0.25, 0.5)]
    assert all(hint.unit == "share" for hint in hints)
    data = {"unit": "px", "hints": [{"x": 699, "y": 999, "color": "#ff0000"}]}
    assert int(Hints.from_data(data).on((1000, 700))[0].x * 700) == 699
    one = Hints.from_data({"hints": [{"x": 10, "y": 10, "unit": "px", "color": "#ff0000"}]})
    assert one[0].unit == "px" and "unit" not in one.on((20, 20)).to_data()["hints"][0]
    with pytest.raises(HintError, match=r"Hint 1 lies at 701, 500 px, beside the picture of 700 x 1000 px"):
        Hints([Hint.parse("701px,500px,#ff0000")]).on((1000, 700))
    with pytest.raises(HintError, match="both"):
        Hint.parse("350px,0.5,#ff0000")


def test_pixels_and_shares_give_the_same_painting():
    page = framed(900)
    one = painter().colorize(page, hints=Hints([Hint.parse("270px,450px,#c81e28")]))
    other = painter().colorize(page, hints=Hints([Hint(x=270.5 / 900, y=450.5 / 900, color="#c81e28")]))
    assert (one.image == other.image).all() and one.image[450, 270].tolist() == list(RED)
    third = painter().paint(page, hints=Hints([Hint.parse("270px,450px,#c81e28")]), output_size="original")
    assert (third.image == one.image).all()


def test_v3s_clients_may_drag_a_point_over_the_edge():
    _, hints, _ = options_from_v3({"points": [[1.2, -0.3, 255, 0, 0, 2]]})
    assert (hints[0].x, hints[0].y) == (1.0, 1.0)


def test_the_command_line_refuses_before_anything_is_loaded(tmp_path, capsys):
    from s2p.image import save_image

    save_image(np.full((40, 40), 255, np.uint8), tmp_path / "in.png")
    words = ["colorize", str(tmp_path / "in.png"), "-o", str(tmp_path / "out.png")]
    files = {"own": '{"hints": [{"x": 350, "y": 5, "color": "#ff0000"}]}', "v3": "[[1.2, 0.5, 255, 0, 0, 2]]",
             "nan": '{"hints": [{"x": NaN, "y": 0.5, "color": "#ff0000"}]}'}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    for more in (["--hint", "350,500,#ff0000"], ["--hint", "nan,0.5,#ff0000"],
                 *(["--hints", str(tmp_path / name)] for name in files)):
        assert cli.main([*words, *more]) == 2
        assert "350px,500px" in capsys.readouterr().err and not (tmp_path / "out.png").exists()


def test_the_server_takes_pixels_of_the_upload_and_refuses_the_rest(app):
    room = new_room(app, drawing(size=(48, 40)))
    for x in ("9", "NaN", "Infinity", '"0.5"', "true"):
        body = f'{{"hints": [{{"x": {x}, "y": 0.5, "color": "#ff0000"}}]}}'
        told = app.post(f"/api/v1/rooms/{room}/jobs", body, content_type="application/json", status=400)
        assert "350px,500px" in told.json["error"]["message"], told.text
    hint = {"x": 23.5, "y": 19.5, "color": "#20a040"}
    for asked in ({"hints": [hint | {"unit": "px"}]}, {"hints": [hint], "unit": "px"}):
        job = finished(app, start_job(app, room, **asked)["job"])
        stored = app.get(job["result"]["hints"]).json["hints"]
        assert stored == [{"x": 0.5, "y": 0.5, "color": "#20a040", "kind": "exact"}]
