"""Training by words: tagged pictures from shards to batches, both recipes, two steps, faded lines, going on."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from preprocess.__main__ import main as prepare
from preprocess.synthetic.drawing import draw
from preprocess.synthetic.words import color_name
from s2p.color_words import USUAL
from s2p.errors import ConfigError, InputError
from s2p.evaluation.agreement import agrees
from s2p.parts import NAMES
from s2p.tags import THINGS, choices, vocabulary
from s2p.tensors import faded
from s2p.train.art import Art
from s2p.train.decoded import Writer
from s2p.train.rewording import reworded, with_usual_colors
from s2p.train.tagged import Tagged, cut, is_fit, things_of

SMALL = {"epoch_steps": 2, "epochs": 3, "batch_size": 2, "warmup": 1, "keep_every": 3, "ema": 0.5, "edge": 128}


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen drawings of our own, as training gets them."""
    folder = tmp_path_factory.mktemp("drawings")
    words = ["synthetic", "16", str(folder), "--size", "96", "--eval-share", "0", "--executor", "local"]
    assert prepare(words) == 0
    return folder


@pytest.fixture(scope="module")
def semantic(art: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from s2p.train.loop import train

    return train(recipe("semantic", art), tmp_path_factory.mktemp("semantic"))


def recipe(name: str, art: Path, **changes):
    from s2p.train.recipes import get

    return get(name)(data=str(art), **{**SMALL, **changes})


def lines_of(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


# Tags of drawings -----------------------------------------------------------------------------------------------------


def test_tags_say_the_colours_that_are_painted():
    """The hair's paint is the commonest flat colour where the parts say hair; and white ground is white."""
    checked = 0
    for seed in range(24):
        drawing = draw(seed, (128, 128), "portrait")
        hair = [tag[:-5] for tag in drawing.tags if vocabulary().ids[tag] in vocabulary().hair_ids]
        if hair:
            colors, counts = np.unique(drawing.flat[drawing.parts == 2], axis=0, return_counts=True)
            paint = tuple(int(value) for value in colors[counts.argmax()])
            checked += color_name(paint, kind="hair") == hair[0]
        ground = drawing.flat[drawing.parts == 0]
        if len(ground) > 2000 and not np.isin(drawing.parts, (9, 10)).any():
            red, green, blue = (int(value) for value in np.median(ground, axis=0))
            name = f"{color_name((red, green, blue), kind='ground')}_background"
            assert name in drawing.tags or name not in vocabulary().ids, seed
    assert checked >= 18, "of 24; patterns and fades may hide the rest"


def test_nothing_is_told_of_what_is_not_to_be_seen():
    for seed in range(12):
        bust = draw(seed, (96, 96), "portrait")
        shown = set(np.unique(bust.parts))
        assert not any(tag.endswith("_footwear") for tag in bust.tags) or max(shown) >= 16
        if 5 not in shown:
            assert not any(tag.endswith("_eyes") and tag != "closed_eyes" for tag in bust.tags)
        if 2 not in shown:
            assert not any(vocabulary().ids[tag] in vocabulary().hair_ids for tag in bust.tags)


def test_shards_bring_their_tags_to_training_also_to_folders_decoded_before(art):
    found = Art(art)
    numbers = [int(name[10:-4]) for name, *_ in found.index]
    first = draw(numbers[0], _size(found, 0))
    assert found.tags(0) == first.tag_ids or set(found.tags(0)) <= set(vocabulary().ids.values())
    assert any(found.tags(i) for i in range(len(found)))
    index = json.loads((art / "decoded" / "index.json").read_text())
    before = index.pop("tags")
    (art / "decoded" / "index.json").write_text(json.dumps(index))
    again = Art(art)
    assert [list(again.tags(i)) for i in range(len(again))] == before


def _size(art: Art, i: int) -> tuple[int, int]:
    height, width = art.color(i).shape[:2]
    return (96 * height // 512, 96 * width // 512)


# What is learned from -------------------------------------------------------------------------------------------------


def test_two_colours_of_hair_and_no_colour_at_all_are_left_out(tmp_path):
    ids = vocabulary().ids
    assert is_fit((ids["red_hair"], ids["blue_eyes"]), with_color=True)
    assert not is_fit((ids["red_hair"], ids["blue_hair"]), with_color=True)
    assert not is_fit((ids["red_eyes"], ids["blue_eyes"]), with_color=True)
    assert not is_fit((ids["skirt"],), with_color=True) and is_fit((ids["skirt"],), with_color=False)
    with Writer(tmp_path / "art") as writer:
        for i, tags in enumerate(([ids["red_hair"]], [])):
            picture = np.full((64, 64, 3), 90 * i, np.uint8)
            writer.add(f"{i}.png", picture, picture[..., :1], tags=tags)
    tagged = Tagged(Art(tmp_path / "art"), with_color=True)
    random = np.random.default_rng(0)
    assert len(tagged) == 1 and {tagged.pick((64, 64), random) for _ in range(9)} == {0}
    assert tagged.vectors(0)[1].sum() == 1 and tagged.vectors(0)[0].sum() == 0
    with pytest.raises(InputError, match="has tags to learn from"):
        Tagged(Art(tmp_path / "art"), with_color=False)


def test_pictures_are_cut_alike_and_keep_their_places():
    """A square in the middle stays there, in picture and numbers alike, and nothing from beyond the edge is seen."""
    picture, numbers = np.zeros((200, 300, 3), np.uint8), np.zeros((200, 300), np.uint8)
    picture[60:140, 100:200], numbers[60:140, 100:200] = (200, 100, 50), 7
    for seed in range(20):
        one, other = cut((picture, numbers), (96, 128), np.random.default_rng(seed), numbers=1)
        assert one.shape == (96, 128, 3) and set(np.unique(other)) <= {0, 7}
        assert one[48, 64].tolist() == [200, 100, 50] and other[48, 64] == 7
        assert np.abs((one[..., 0] > 100).astype(int) - (other == 7)).mean() < 0.02
        assert 0.1 < (other == 7).mean() < 0.6


def test_cutting_mirrors_every_second_time_and_turns_at_most_ten_degrees():
    ramp = np.tile(np.linspace(0, 255, 256, dtype=np.uint8), (256, 1))
    is_mirrored = [int(one[48, 90]) < int(one[48, 6]) for seed in range(40)
                   for one in cut((ramp,), (96, 96), np.random.default_rng(seed))]
    assert 8 <= sum(is_mirrored) <= 32
    slopes = []
    for seed in range(40):
        (one,) = cut((ramp,), (96, 96), np.random.default_rng(seed))
        down, along = np.gradient(one.astype(np.float32))
        slopes.append(abs(float(np.degrees(np.arctan2(down.mean(), abs(along.mean()))))))
    assert max(slopes) <= 10.6 and max(slopes) > 5 and min(slopes) < 0.5


def test_lines_fade_and_paper_stays_white():
    sketch = np.array([[0, 50, 255]], np.uint8)
    assert faded(sketch, 3.0).tolist() == [[0, 150, 255]] and faded(sketch, 1.0).tolist() == sketch.tolist()


# Recipes --------------------------------------------------------------------------------------------------------------


def test_the_semantic_network_is_published_without_its_answer(art, semantic):
    from s2p.models import build
    from s2p.weights import read_weights

    network = build("semantic")
    read_weights(network, semantic)
    history = lines_of(semantic.parent)
    assert len(history) == 3 and all(np.isfinite(list(line.values())).all() for line in history)
    assert (semantic.parent / "samples" / "00003.png").is_file()


def test_a_run_by_words_goes_on_as_if_it_had_never_stopped(art, tmp_path):
    from s2p.train.loop import train

    more = {"adversarial": 1.0, "two_step_epoch": 2, "brightness_epoch": 3}
    whole = train(recipe("tag2pix", art, **more), tmp_path / "whole")
    train(recipe("tag2pix", art, **more), tmp_path / "parts", stop_after=0.0)
    parts = train(recipe("tag2pix", art, **more), tmp_path / "parts")
    one, other = lines_of(tmp_path / "whole"), lines_of(tmp_path / "parts")
    assert len(one) == len(other) == 3
    for wanted, found in zip(one, other, strict=True):
        for name in ("loss", "pixel", "guide", "things", "cvt", "cit", "adversarial", "discriminator"):
            assert np.isfinite(wanted[name]) and np.isclose(wanted[name], found[name], rtol=2e-3), name
    assert one[1]["loss"] > one[1]["pixel"] * 1000 + one[1]["guide"] * 900 + 30 * (one[1]["cvt"] + one[1]["cit"])
    assert whole.name == parts.name == "tag2pix.weights.h5"
    from s2p.models import build
    from s2p.weights import read_weights

    read_weights(build("tag2pix"), whole)


def test_the_second_step_and_faded_lines_follow_from_the_number_of_the_epoch(art):
    ours = recipe("tag2pix", art, adversarial=1.0, two_step_epoch=2, brightness_epoch=3, forget=0.0)
    gan = ours.trainable(keras.optimizers.Adam(1e-4))
    shares = []
    for epoch in range(3):
        ours.begin(gan, epoch)
        shares.append(float(gan._share))
    assert shares == [0.0, 1.0, 1.0]
    plain = recipe("tag2pix", art, brightness_epoch=0, forget=0.0)
    for step, fades in ((3, False), (4, True), (5, True)):
        (ink, shown, told), (picture, guide, things, cit, cvt) = ours.batch(step, np.random.default_rng(step))
        assert ink.shape[0] == 2 and picture.shape == guide.shape and np.array_equal(told, cvt)
        assert cit.shape == (2, 370) and picture.shape[1] * 2 == ink.shape[1]
        assert shown.shape[1:] == (ink.shape[1] // 4, ink.shape[2] // 4, len(NAMES)) and shown.max() <= 1
        assert things.shape == shown.shape[:3] and 0 <= things.min() <= things.max() <= len(THINGS)
        other = plain.batch(step, np.random.default_rng(step))[0][0]
        assert (ink[0].sum() < 0.98 * other[0].sum()) == fades, step
    assert gan.optimizer.beta_1 == 0.5


def test_words_are_exchanged_and_what_they_name_has_their_colour():
    """Red hair becomes any other, its shadow stays a shadow; nothing else changes, and ink stays ink."""
    color, ink = np.full((64, 64, 3), 240, np.uint8), np.full((64, 64), 255, np.uint8)
    parts = np.zeros((64, 64), np.uint8)
    parts[16:48, 16:48], parts[:8], parts[56:] = 2, 16, 17
    color[16:48, 16:48], color[38:48, 16:48], color[:8], color[56:] = (200, 60, 60), (100, 30, 30), (60, 60, 200), 40
    ink[20, 16:48], color[20, 16:48], ink[56:] = 0, 0, 0  # what is spotted black has no colour to exchange
    names = ("red_hair", "blue_dress", "black_skirt", "smile")
    ids, seen = vocabulary().ids, set()
    for seed in range(40):
        garments = {"blue_dress": 16, "black_skirt": 17}
        tags, random = [ids[name] for name in names], np.random.default_rng(seed)
        found, now, worn = reworded(color, ink, parts, tags, garments, random)
        words = {name for name in choices() if name in ids and ids[name] in now}
        (hair,) = (name for name in words if name.endswith("_hair"))
        (dress,) = (name for name in words if name.endswith("_dress"))
        seen |= {hair, dress}
        assert worn == {dress: 16, "black_skirt": 17}
        assert ids["smile"] in now and "black_skirt" in words
        assert (found[56:] == 40).all() and (found[8:16] == 240).all()
        for row, word in ((24, hair), (4, dress)):
            assert agrees(tuple(int(v) for v in found[row, 24]), word)
        assert found[40, 24].mean() < 0.65 * found[24, 24].mean() and found[20, 24].mean() < 40
    assert len(seen) > 12 and (color[24, 24] == (200, 60, 60)).all()


def test_what_no_word_names_has_its_usual_colour():
    color, ink = np.full((64, 64, 3), (90, 140, 90), np.uint8), np.full((64, 64), 255, np.uint8)
    parts = np.zeros((64, 64), np.uint8)
    for row, part in enumerate((1, 2, 5, 16, 17, 18, 7)):  # skin, hair, irises, dress, shirt, what has no word, a hat
        parts[8 * row : 8 * row + 8], color[8 * row : 8 * row + 8] = part, (30 * row + 60, 200 - 20 * row, 80)
    worn, ids = {"red_dress": 16, "white_shirt": 17}, vocabulary().ids
    told = [ids["red_dress"], ids["green_hair"]]
    found = with_usual_colors(color, ink, parts, told, worn, has_plain_ground=True)
    rows = [tuple(int(v) for v in found[8 * row + 4, 4]) for row in range(8)]
    assert rows[0] == USUAL["skin"] and rows[2] == USUAL["eyes"] and rows[4] == USUAL["shirt"]
    assert rows[5] == USUAL["trousers"] and rows[7] == (255, 255, 255)
    for row in (1, 3, 6):  # what is named, and what has no usual colour
        assert (found[8 * row : 8 * row + 8] == color[8 * row : 8 * row + 8]).all(), row
    scenery = with_usual_colors(color, ink, parts, told, worn, has_plain_ground=False)
    assert (scenery[56:] == color[56:]).all() and (scenery[:56] == found[:56]).all()


def test_garments_are_told_apart_where_a_drawing_says_which_is_which(art):
    """What a record says of garments comes to training, also to folders that were decoded before it was read."""
    found = Art(art)
    known = [found.garments(i) for i in range(len(found))]
    i = next(i for i, garments in enumerate(known) if garments)
    parts = found.parts(i)
    named = things_of(parts, known[i])
    for name, number in known[i].items():
        assert (named[parts == number] == THINGS.index(choices()[name].group) + 1).all()
    assert (named[parts == 2] == THINGS.index("hair") + 1).all() and not named[parts == 255].any()
    index = json.loads((art / "decoded" / "index.json").read_text())
    index.pop("garments")
    (art / "decoded" / "index.json").write_text(json.dumps(index))
    assert [Art(art).garments(i) for i in range(len(found))] == known


def test_what_cannot_be_trained_is_said(art, tmp_path):
    with pytest.raises(ConfigError, match="multiple of 128"):
        recipe("tag2pix", art, edge=100)
    with pytest.raises(ConfigError, match="four whole numbers"):
        recipe("tag2pix", art, layers="1 2 3")
    with pytest.raises(InputError, match="no weights"):
        recipe("tag2pix", art, semantic="", variant="official").model()


def test_what_was_learned_is_judged_by_words_before_it_is_published(art, tmp_path, monkeypatch):
    from s2p import evaluation, weights
    from s2p.train.recipes import get

    assert get("tag2pix").judged(tmp_path, None, {"data": str(art)})[0].startswith("Not judged: ")  # none is held out
    share = {"mean": 0.75, "low": 0.5, "high": 0.9, "count": 8}
    agree = {"hair": share, "eyes": {"mean": None, "low": None, "high": None, "count": 0}}
    asked = []

    def evaluate_words(data, **more):
        asked.append((data, more["limit"], weights._PREFERRED.get()))
        return {"summary": {"systems": {"tag2pix": {"other": {"agree": agree}}}}}

    monkeypatch.setattr(evaluation, "evaluate_words", evaluate_words)
    monkeypatch.setattr(evaluation, "word_table", lambda _: "the table")
    table, sentence = get("tag2pix").judged(tmp_path, None, {"data": "DRAWINGS"})
    assert asked == [("DRAWINGS", 48, tmp_path / "release")] and table == "the table"
    assert "have that colour: hair 75 % of 8 (" in sentence


@pytest.mark.slow
def test_a_tiny_folder_is_learned_from_within_minutes_and_gone_on_with(art, tmp_path):
    """Sixteen drawings: errors fall, and what was stopped goes on to the end."""
    from s2p.train.loop import train

    more = {"epoch_steps": 25, "epochs": 4, "batch_size": 4, "warmup": 4, "keep_every": 9}
    train(recipe("tag2pix", art, **more), tmp_path / "tag2pix", stop_after=0.2)
    train(recipe("tag2pix", art, **more), tmp_path / "tag2pix")
    errors = [line["pixel"] for line in lines_of(tmp_path / "tag2pix")]
    assert len(errors) == 4 and errors[-1] < 0.8 * errors[0], errors


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tag2pix", "catall", "seadain"])
def test_the_paper_s_painters_take_a_step(art, kind):
    ours = recipe("tag2pix", art, variant="official", kind=kind, semantics=False, layers="1 1 1 1", norm=False)
    gan = ours.trainable(keras.optimizers.Adam(1e-4))
    ours.begin(gan, 20)
    (ink, told), targets = ours.batch(0, np.random.default_rng(0))
    found = gan.train_on_batch((ink, told), targets, return_dict=True)
    assert all(np.isfinite(float(value)) for value in found.values())
