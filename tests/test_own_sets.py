"""Sets of a person's own weights: made of some drawings, chosen by a name at every door."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import test_filling
from server_cases import drawing, new_room
from test_server_one_call import drawing as picture

from s2p import cli, own_sets, weights
from s2p.config import Settings
from s2p.errors import ConfigError, InputError, NotFoundError, WeightsError
from s2p.evaluation import scenes
from s2p.image import save_image
from s2p.pipelines.borrowing import Borrowed

TEAL = (20, 160, 150)


@pytest.fixture(autouse=True)
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the sets of somebody who has one, `teal`, whose clothes and ground are all of one colour."""
    monkeypatch.setattr(own_sets, "folder", lambda: tmp_path / "sets")
    place = tmp_path / "sets" / "teal"
    place.mkdir(parents=True)
    colors = own_sets.colors_data([{"cloth": np.array([TEAL], np.uint8), "ground": np.array([TEAL], np.uint8)}])
    (place / own_sets.COLORS).write_text(json.dumps(colors))
    return tmp_path / "sets"


def test_a_set_is_found_by_its_name(mine: Path):
    assert own_sets.names() == ["teal"] and own_sets.place_of("teal") == mine / "teal"
    assert [one["cloth"].tolist() for one in own_sets.colors_of("teal")] == [[list(TEAL)]]
    with pytest.raises(NotFoundError, match=r"'red'\. The sets are: teal"):
        weights.find("reach", Settings(weights_set="red"))
    usual, found = (weights.find("reach", Settings(weights_set=name)) for name in ("", "teal"))
    assert usual == found, "a set without a network of its own takes the usual one"
    for damaged in ('["#12"]', '["#12", "#34", "#56"]', '["#112233445566"]'):
        (mine / "teal" / own_sets.COLORS).write_text(f'{{"drawings": [{{"cloth": {damaged}}}]}}')
        with pytest.raises(WeightsError, match="is damaged"):
            own_sets.colors_of("teal")


@pytest.mark.parametrize("name", ["", "My", "a b", "../a", "a_b", "-a", "a" * 41])
def test_other_words_are_no_names(name):
    with pytest.raises(InputError, match="small letters"):
        own_sets.checked_name(name)
    if name:
        with pytest.raises(ConfigError, match="weights_set"):
            Settings(weights_set=name)


def test_its_colors_are_chosen_where_nobody_says_another():
    painter = test_filling.painter()
    usual = painter.colorize(test_filling.drawing(256)).image
    painter.closet = [Borrowed(colors) for colors in own_sets.colors_of("teal")]
    painter.closet[0].colors.update({name: np.array([TEAL], np.uint8) for name in ("skin", "hair", "thing", "sky")})
    image = painter.colorize(test_filling.drawing(256)).image
    is_teal = (np.abs(image.astype(int) - TEAL).max(-1) < 3).mean()
    assert is_teal > 0.1 > (np.abs(usual.astype(int) - TEAL).max(-1) < 3).mean()


def test_a_held_painter_keeps_its_set_and_others_have_none():
    import s2p

    with pytest.raises(InputError, match="A painter keeps its networks"):
        test_filling.painter().colorize(test_filling.drawing(64), weights_set="teal")
    with pytest.raises(InputError, match="Auto-painter makes no use of weights_set"):
        s2p.colorize(test_filling.drawing(64), model="auto-painter", weights_set="teal")


# Made of drawings ---------------------------------------------------------------------------------------------------


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    folder = tmp_path / "My Ink"
    folder.mkdir()
    for number in range(2):
        save_image(scenes.draw(number)[0], folder / f"{number}.png")
    (folder / "broken.png").write_bytes(b"nothing")
    return folder


def test_few_drawings_give_their_colors(mine: Path, drawings: Path, capsys):
    assert cli.main(["train", "finetune", "--style", str(drawings)]) == 0
    said = capsys.readouterr()
    assert Path(said.out.strip()) == mine / "my-ink" and own_sets.names() == ["my-ink", "teal"]
    assert "broken.png was left out" in said.err and "--weights-set my-ink" in said.err
    assert "From 8 drawings on" in said.err
    assert not weights.registry(mine / "my-ink") and len(own_sets.colors_of("my-ink")) == 2


@pytest.fixture(scope="module")
def network():
    """One that differs from the usual one."""
    made = weights.load_model(weights.find("reach"))
    made.trainable_variables[0].assign(made.trainable_variables[0] + 1.0)
    return made


@pytest.mark.parametrize(("after", "is_taken"), [(1.0, True), (3.0, False)])
def test_a_network_is_taken_only_if_it_has_become_better(
    mine: Path, drawings: Path, network, monkeypatch, after, is_taken
):
    from s2p.train import finetune

    def trained(recipe, shown, held, run, minutes):
        assert (shown / "index.json").is_file() and (held / "index.json").is_file() and minutes == 1.0
        return 2.0, after, network if after < 2.0 else None

    monkeypatch.setattr(finetune, "_trained", trained)
    monkeypatch.setattr(finetune, "LEAST", 2)
    made = finetune.finetune(drawings, "own", minutes=1.0)
    assert (made.has_network, made.before, made.after) == (is_taken, 2.0, after)
    found = weights.find("reach", Settings(weights_set="own"))
    assert (found.path == mine / "own" / "reach-turbo.weights.h5") is is_taken
    assert weights.find("reach", Settings()).path != found.path or not is_taken


def test_ink_and_paper_are_no_colors_of_clothes():
    from s2p.train.finetune import _painted

    black, white, red = (np.array([one], np.uint8) for one in ((9, 9, 9), (255, 255, 255), (200, 30, 30)))
    found = _painted({"cloth": np.concatenate([black, white, red]), "hair": black, "iris": black, "skin": white})
    assert {part: some.tolist() for part, some in found.items()} == {
        "cloth": red.tolist(), "hair": black.tolist(), "skin": white.tolist()}


def test_what_cannot_be_made_is_refused(tmp_path: Path, capsys):
    assert cli.main(["train", "finetune"]) == 2
    assert cli.main(["train", "finetune", "--style", str(tmp_path / "none")]) == 2
    assert cli.main(["train", "baby", "--style", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "s2p train finetune --style FOLDER --name NAME" in said and "folder of coloured pictures" in said


# The server ---------------------------------------------------------------------------------------------------------


def test_programs_choose_one_by_its_name(server, app):
    assert app.get("/api/v1/status").json["weights_sets"] == ["teal"]
    room = new_room(app, drawing())
    refused = app.post_json(f"/api/v1/rooms/{room}/jobs", {"weights_set": "red"}, status=404)
    assert "The sets are: teal" in refused.json["error"]["message"]
    strange = {"model": "auto-painter", "weights_set": "teal"}
    assert app.post_json(f"/api/v1/rooms/{room}/jobs", strange, status=400)
    answer = app.post("/api/v1/colorize", upload_files=[("file", "a.png", picture())],
                      params={"job": json.dumps({"weights_set": "teal"})})
    assert answer.content_type == "image/png"


def test_the_worker_keeps_a_painter_for_every_set():
    from server.painters import Painters

    painters = Painters(Settings(), "server_fakes:painter")
    usual, teal = painters.get(), painters.get(weights_set="teal")
    assert usual is painters.get() is painters.get(weights_set="") and usual is not teal
    assert painters.get(weights_set="teal") is teal
    assert painters.stage_weights("style2paints", weights_set="other").get("load")
    assert not painters.stage_weights("style2paints", weights_set="teal").get("load")
    assert painters.get("auto-painter", weights_set="teal") is painters.get("auto-painter")
