"""Painting by words, from the pipeline to every door: Python, command line and server."""

from __future__ import annotations

import json

import numpy as np
import pytest

from s2p import systems
from s2p.errors import InputError
from s2p.image import load_image
from s2p.parts import NAMES
from s2p.pipelines.request import Request
from s2p.pipelines.tag2pix import TagPainter
from s2p.schema import Hint, Hints, Options
from s2p.tags import TagOptions, unfound_sentence, vector


class FakeSeeing:
    name, encoding, trained, identity = "semantic", "points", False, "seeing"
    inputs, outputs = ((None, None, None, 1),), ((None, None, None, 512),)

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, ink):
        self.calls += 1
        assert ink.dtype == np.float32 and ink.shape[0] == 1 and 0 <= ink.min() <= ink.max() <= 1
        return [np.zeros((1, ink.shape[1] // 8, ink.shape[2] // 8, 512), np.float32)]


class FakeParts:
    """Takes every place for one part of the drawing."""

    name, encoding, identity = "parts", "points", "parts"
    inputs, outputs = ((None, None, None, 1),), ((None, None, None, len(NAMES)),)

    def __init__(self, part: str = "paper", *, trained: bool = True) -> None:
        self.part, self.trained, self.calls = part, trained, 0

    def __call__(self, ink):
        self.calls += 1
        logits = np.full((1, ink.shape[1] // 4, ink.shape[2] // 4, len(NAMES)), -9.0, np.float32)
        logits[..., NAMES.index(self.part)] = 9.0
        return [logits]


class FakePainting:
    """Paints everything as red as its tags are many, at half size, or at the paper's one size."""

    name, encoding, trained, identity = "tag2pix", "points", True, "painting"

    def __init__(self, square: int | None = None) -> None:
        self.calls, self.square = 0, square
        self.told, self.channels = (8, 512) if square else (4, len(NAMES))
        self.inputs = ((None, square, square, 1), (None, None, None, self.channels), (None, 115))

    def __call__(self, ink, seen, tags):
        self.calls += 1
        assert tags.shape == (1, 115)
        assert seen.shape == (1, ink.shape[1] // self.told, ink.shape[2] // self.told, self.channels)
        assert ink.shape[1] % 64 == ink.shape[2] % 64 == 0
        scale = 1 if self.square else 2
        painted = np.full((1, ink.shape[1] // scale, ink.shape[2] // scale, 3), -1.0, np.float32)
        painted[..., 0] += 0.5 * tags.sum()
        return [painted]


def painter(square: int | None = None) -> TagPainter:
    told = {"semantic": FakeSeeing()} if square else {"parts": FakeParts(trained=False)}
    return TagPainter({**told, "tag2pix": FakePainting(square)})


def page(height: int, width: int) -> np.ndarray:
    """Two halves with a black line between them."""
    drawing = np.full((height, width), 255, np.uint8)
    drawing[:, width // 2 : width // 2 + max(width // 60, 1)] = 0
    return drawing


def asked(drawing: np.ndarray, *tags: str, **more) -> Request:
    return Request(drawing, own=TagOptions(tags=tags) if tags else None, options=Options(), **more)


@pytest.mark.parametrize("square", [None, 256])
@pytest.mark.parametrize("shape", [(120, 90), (301, 700), (64, 64), (600, 200)])
def test_every_size_and_aspect_comes_back_as_it_was(shape, square):
    result = painter(square).run(asked(page(*shape), "blue hair", "red dress"))
    assert result.image.shape == (*shape, 3) and result.untrained == (("semantic",) if square else ("parts",))
    assert np.abs(result.colors[shape[0] // 2, shape[1] // 5].astype(int) - (128, 0, 0)).max() <= 2


def test_the_painted_size_has_a_short_edge_of_512():
    result = painter().run(asked(page(900, 1200), "blue hair", output_size="painted"))
    assert min(result.image.shape[:2]) == 512


def test_no_tag_is_a_wish_too_and_more_tags_are_another_painting():
    ours = painter()
    colors = [ours.run(asked(page(128, 128), *tags)).colors[60, 20, 0] for tags in ((), ("black hat",),
                                                                                     ("black hat", "blush"))]
    assert colors[0] < colors[1] < colors[2]
    assert ours.networks["parts"].calls == 2, "what a drawing shows, also in the mirror, does not depend on its tags"
    ours.run(asked(page(128, 128), "black hat"))
    assert ours.networks["tag2pix"].calls == 3, "a painting is kept"


def test_points_win_where_they_lie_and_nowhere_else():
    hints = Hints([Hint(x=0.25, y=0.5, color="#20a040")])
    result = painter().run(asked(page(256, 256), "blue hair", "red dress", hints=hints))
    assert result.colors[128, 64].tolist() == [0x20, 0xA0, 0x40]
    assert np.abs(result.colors[128, 200].astype(int) - (128, 0, 0)).max() <= 2


def test_two_points_in_one_region_share_it():
    hints = Hints([Hint(x=0.25, y=0.1, color="#20a040"), Hint(x=0.25, y=0.9, color="#a02040")])
    colors = painter().run(asked(page(256, 256), "red dress", hints=hints)).colors
    assert colors[26, 64].tolist() == [0x20, 0xA0, 0x40] and colors[230, 64].tolist() == [0xA0, 0x20, 0x40]


@pytest.mark.parametrize(("part", "unfound"), [
    ("hair", ("red_dress", "blue_eyes")), ("cloth", ("blue_eyes", "blonde_hair")),
    ("iris", ("red_dress", "blonde_hair")), ("paper", ("red_dress", "blue_eyes", "blonde_hair")),
])  # fmt: skip
def test_words_for_what_is_not_in_the_drawing_are_named(part, unfound):
    ours = TagPainter({"tag2pix": FakePainting(), "parts": FakeParts(part)})
    found = ours.run(asked(page(128, 128), "golden hair", "blue eyes", "red dress", "black hat", "white background"))
    assert found.unfound == unfound and found.untrained == ()
    assert unfound_sentence(found.unfound).startswith("Nothing in the drawing was taken for: ")


def test_tags_of_python_are_those_of_the_systems_that_read_words():
    from s2p.pipelines.request import run

    for name in systems.names():
        if "tags" not in systems.system_of(name).uses:
            with pytest.raises(InputError, match="belong to style2paints, tag2pix"):
                run(name, asked(page(64, 64), "red dress"))


def test_the_network_itself_is_told_the_order_of_the_vocabulary():
    assert sum(vector(TagOptions(tags=("blue hair", "red_dress")).tags)) == 2


# Doors ----------------------------------------------------------------------------------------------------------------


def test_the_command_line_paints_by_words_and_says_what_is_untrained(tmp_path, capsys):
    from s2p import samples
    from s2p.cli import main

    picture, out = str(samples.sketch_path("girl")), tmp_path / "girl.png"
    words = ["colorize", picture, "-o", str(out), "--model", "tag2pix"]
    assert main([*words, "--tags", "blue hair, red dres"]) == 2
    assert "no tag for 'red dres'" in capsys.readouterr().err and not out.exists()
    assert main([*words[:-1], "auto-painter", "--tags", "blue hair"]) == 2
    assert "no use of --tags. They belong to style2paints, tag2pix" in capsys.readouterr().err
    assert main([*words, "--tags", "blue hair, red dress", "--output-size", "painted", "--json"]) == 0
    told = capsys.readouterr()
    assert load_image(out).ndim == 3
    untrained = json.loads(told.out)["untrained"]
    assert ("UNTRAINED" in told.err) == bool(untrained) and set(untrained) <= {"tag2pix"}


def test_the_command_line_lists_and_searches_the_words(capsys):
    from s2p.cli import main

    assert main(["tags"]) == 0
    assert "dress: white dress, black dress" in capsys.readouterr().out
    assert main(["tags", "blo", "hair", "--json"]) == 0
    assert [tag["name"] for tag in json.loads(capsys.readouterr().out)] == ["blonde_hair"]
    assert main(["tags", "xyz"]) != 0


def test_the_server_takes_words_keeps_them_and_gives_them_back(tmp_path):
    from server_cases import described_job, drawing, finished, new_room, pixels, running, start_job

    with running(tmp_path) as (_, app):
        listed = app.get("/api/v1/tags").json
        assert {"name": "blonde_hair", "title": "blonde hair", "group": "hair", "color": "#e9c46a",
                "single": True, "learned": True} in listed and not any("panties" in tag["name"] for tag in listed)
        assert [tag["name"] for tag in app.get("/api/v1/tags?words=golden+hair").json] == ["blonde_hair"]
        told = app.get("/api/v1/tags?words=golden+hiar", status=400).json["error"]["message"]
        assert told.startswith("There is no tag for 'golden hiar'")
        assert "tag2pix" in described_job(app, "tag2pix")
        room = new_room(app, drawing(size=(60, 40)))
        own = {"tags": ["golden hair", "red_dress"]}
        result = finished(app, start_job(app, room, model="tag2pix", tag2pix=own)["job"])["result"]
        assert result["tag2pix"] == {"tags": ["red_dress", "blonde_hair"]}
        assert pixels(app.get(result["exports"]["png"]).body)[5, 5].tolist() == [0xC8, 0x3C, 0x3C]
        assert app.get(result["hints"]).json["tags"] == ["red_dress", "blonde_hair"]
        for wrong, sentence in (
            ({"model": "tag2pix", "tag2pix": {"tags": ["red hair", "blue hair"]}}, "A picture can have one tag for"),
            ({"model": "tag2pix", "tag2pix": {"tags": ["zzzz"]}}, "There is no tag for 'zzzz'"),
            ({"model": "tag2pix", "tag2pix": {"tags": "red hair"}}, "tag2pix.tags must be a list. Received: "),
            ({"model": "auto-painter", "tag2pix": own}, "Auto-painter makes no use of tag2pix."),
            ({"model": "tag2pix", "zoom": 1.0}, "Tag2Pix makes no use of zoom."),
        ):
            told = app.post_json(f"/api/v1/rooms/{room}/jobs", wrong, status=400).json["error"]["message"]
            assert told.startswith(sentence), told
