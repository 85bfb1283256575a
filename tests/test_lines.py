"""Line extraction: graphs, the ink that is lifted off, the wrapper for pictures, the judge and the recipe."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest

from s2p import cli, weights, xdog
from s2p.errors import InputError, LegacyModelError, WeightsMissingError
from s2p.evaluation import evaluate_lines, lines_table
from s2p.evaluation.line_judge import ink_f_score
from s2p.image import save_image
from s2p.ink import hollow, separate_ink
from s2p.pipelines import lines as drawing
from s2p.train import coloring_book


def outlined(seed: int = 0, size: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """A flat drawing with black outlines and those outlines alone."""
    random = np.random.default_rng(seed)
    color, ink = np.full((size, size, 3), 245, np.uint8), np.full((size, size), 255, np.uint8)
    for _ in range(7):
        centre, radius = random.integers(40, size - 40, 2).tolist(), int(random.integers(15, 40))
        fill = random.integers(160, 256, 3).tolist()
        for picture, inside, pen in ((color, fill, (12, 12, 12)), (ink, 255, 0)):
            cv2.circle(picture, centre, radius, inside, -1)
            cv2.circle(picture, centre, radius, pen, 3, cv2.LINE_AA)
    return color, ink


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of our own weights."""
    place = tmp_path / "weights"
    place.mkdir()
    monkeypatch.setattr(weights, "folder", lambda: place)
    monkeypatch.setattr(weights, "user_folder", lambda: tmp_path / "user" / "weights")
    return place


# Graphs ---------------------------------------------------------------------------------------------------------------


def test_ours_is_small_and_takes_every_multiple_of_sixteen():
    from s2p.models.line_extractor import MULTIPLE, line_extractor

    model = line_extractor()
    assert model.count_params() <= 300_000
    for height, width in ((MULTIPLE, 3 * MULTIPLE), (64, 32)):
        ink = np.array(model(np.random.default_rng(0).random((2, height, width, 3), np.float32)))
        assert ink.shape == (2, height, width, 1) and ink.min() >= 0 and ink.max() <= 1


def test_the_official_graph_is_that_of_sketchkeras():
    from s2p.models.line_extractor import line_extractor

    model = line_extractor(variant="official")
    trained = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    assert trained == 18_637_601  # as measured on the public port, which does not count running means
    assert tuple(model.compute_output_shape((1, 64, 96, 1))) == (1, 64, 96, 1)


def test_mirrored_padding_is_saved_with_the_graph(tmp_path):
    import keras

    from s2p.models.line_extractor import ReflectPadding2D

    inputs = keras.Input((None, None, 1))
    model = keras.Model(inputs, ReflectPadding2D(((1, 2), (0, 1)))(inputs))
    picture = np.arange(12, dtype=np.float32).reshape(1, 3, 4, 1)
    expected = np.pad(picture, ((0, 0), (1, 2), (0, 1), (0, 0)), mode="reflect")
    model.save(tmp_path / "pad.keras")
    for one in (model, keras.saving.load_model(tmp_path / "pad.keras")):
        assert np.array_equal(np.array(one(picture)), expected)


def test_a_file_of_sketchkeras_has_its_slot():
    import keras

    from s2p import legacy

    one, three = keras.Input((512, 512, 1)), keras.Input((512, 512, 3))
    legacy.check_slot(keras.Model(one, keras.layers.Conv2D(1, 3, padding="same")(one)), "line_extractor")
    with pytest.raises(LegacyModelError, match="1 channel and the size"):
        legacy.check_slot(keras.Model(one, keras.layers.Conv2D(3, 3, padding="same")(one)), "line_extractor")
    with pytest.raises(LegacyModelError, match="1 channel"):
        legacy.check_slot(keras.Model(three, keras.layers.Conv2D(1, 3, padding="same")(three)), "line_extractor")


# Ink ------------------------------------------------------------------------------------------------------------------


def test_ink_is_lifted_off_an_outlined_picture():
    color, truth = outlined()
    ink = separate_ink(color)
    assert ink is not None
    assert ink_f_score(ink, truth)[0] > 0.99


@pytest.mark.parametrize("kind", ["no outlines", "dark painting", "blank", "coloured outlines"])
def test_what_has_no_separable_ink_is_refused(kind):
    color, truth = outlined()
    if kind == "no outlines":
        color = cv2.medianBlur(color, 15)
    elif kind == "dark painting":
        color = (color * 0.4).astype(np.uint8)
    elif kind == "blank":
        color[:] = 250
    else:
        color[truth < 128] = (140, 40, 160)
    assert separate_ink(color) is None


def test_filled_shapes_become_outlines_and_lines_stay():
    page = np.full((128, 128), 255, np.uint8)
    cv2.circle(page, (40, 64), 30, 0, -1)
    cv2.line(page, (90, 5), (90, 120), 0, 4)
    result = hollow(page)
    assert result[64, 40] == 255 and result[64, 11] < 60, "the disk is open, its rim is ink"
    assert np.array_equal(result[:, 80:], page[:, 80:]), "a pen stroke is no shape"


# Pictures -------------------------------------------------------------------------------------------------------------


class Dark:
    """A network that inks what is dark; keeps the shapes that it saw."""

    name, encoding, trained = "line_extractor", "points", True

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def __call__(self, picture: np.ndarray) -> list[np.ndarray]:
        self.seen.append(picture.shape)
        return [(picture.mean(-1, keepdims=True) < 0.4).astype(np.float32)]


@pytest.mark.parametrize("shape", [(1, 1), (1, 70), (37, 52), (300, 1200), (1700, 1600)])
def test_pictures_of_any_size_give_lines_of_that_size(shape):
    network = Dark()
    picture = np.full((*shape, 3), 220, np.uint8)
    picture[shape[0] // 2 :] = 10
    lines = drawing.LineExtractor(network, channels=3)(picture)
    assert lines.shape == shape and lines.dtype == np.uint8
    assert lines[-1, -1] == 0 and (shape[0] == 1 or lines[0, 0] == 255)
    assert all(height % 16 == 0 and width % 16 == 0 for _, height, width, _ in network.seen)


def test_sketchkeras_sees_the_relief_of_one_channel_at_a_time():
    class Relief(Dark):
        def __call__(self, picture: np.ndarray) -> list[np.ndarray]:
            assert picture.shape[-1] == 1 and picture.max() <= 1.0 and picture.max() > 0
            return super().__call__(picture + 100)  # draws nothing

    network = Relief()
    color, _ = outlined()
    lines = drawing.LineExtractor(network, channels=1)(color)
    assert (lines == 255).all() and lines.shape == color.shape[:2] and len(network.seen) == 3
    assert (drawing.LineExtractor(network, channels=1)(np.full((64, 64, 3), 9, np.uint8)) == 255).all()


def test_without_weights_the_sentence_says_what_to_do(folder, tmp_path, capsys):
    assert drawing.load_extractor() is None
    with pytest.raises(WeightsMissingError, match="s2p weights add"):
        drawing.draw_lines(np.zeros((8, 8, 3), np.uint8), "learned")
    save_image(np.full((20, 20, 3), 200, np.uint8), tmp_path / "a.png")
    code = cli.main(["lines", str(tmp_path / "a.png"), "-o", str(tmp_path / "b.png"), "--method", "learned"])
    assert code == WeightsMissingError.exit_code and "line_extractor" in capsys.readouterr().err


def test_an_unknown_way_of_drawing_is_refused():
    with pytest.raises(InputError, match="charcoal"):
        drawing.draw_lines(np.zeros((8, 8, 3), np.uint8), "charcoal")


def test_published_weights_are_found_by_every_door(folder, tmp_path):
    import keras

    from preprocess.lines import load_extractor
    from s2p.models.line_extractor import line_extractor

    keras.utils.set_random_seed(3)
    weights.publish(line_extractor(), network="line_extractor", encoding="points", card="# it\n")
    color, _ = outlined(size=96)
    expected = drawing.draw_lines(color, "learned")
    extractor = load_extractor()
    assert extractor is not None and np.abs(extractor(color).astype(int) - expected).max() <= 1
    save_image(color, tmp_path / "a.png")
    assert cli.main(["lines", str(tmp_path / "a.png"), "-o", str(tmp_path / "b.png"), "--method", "learned"]) == 0
    assert np.abs(cv2.imread(str(tmp_path / "b.png"), cv2.IMREAD_GRAYSCALE).astype(int) - expected).max() <= 1


# The judge ------------------------------------------------------------------------------------------------------------


def test_the_score_forgives_two_pixels_and_no_more():
    page = np.full((40, 40), 255, np.uint8)
    page[:, 20] = 0
    assert ink_f_score(np.roll(page, 2, axis=1), page)[0] == 1.0
    assert ink_f_score(np.roll(page, 3, axis=1), page)[0] == 0.0
    blank = np.full_like(page, 255)
    assert ink_f_score(blank, blank)[0] == 1.0 and ink_f_score(blank, page)[0] == 0.0
    both = np.minimum(page, np.roll(page, 10, axis=1))
    assert ink_f_score(both, page)[1:] == (0.5, 1.0), "half of the ink is wrong, all true ink is found"


def test_the_judge_ranks_the_truth_above_xdog_above_nothing(tmp_path, capsys):
    for i in range(3):
        color, ink = outlined(i)
        save_image(color, tmp_path / f"{i}.png")
        if i == 2:  # an artist's drawing beside the picture is the truth, whatever the picture's ink
            (tmp_path / "lines").mkdir()
            save_image(ink, tmp_path / "lines" / "2.png")
    save_image(np.full((200, 200, 3), 128, np.uint8), tmp_path / "gray.png")
    drawers = {
        "truth": lambda image: separate_ink(image), "xdog": xdog.SOFT,
        "nothing": lambda image: np.full(image.shape[:2], 255, np.uint8),
    }
    result = evaluate_lines(tmp_path, drawers=drawers, json=tmp_path / "r.json", sheet=tmp_path / "r.png")
    means = {name: result["summary"][name] for name in drawers}
    for figure in ("ssim", "f_score", "f_best"):
        values = [means[name][figure]["mean"] for name in drawers]
        assert values[0] > values[1] - 0.002 and values[1] > values[2] + 0.01, (figure, values)
    assert [picture["truth"] for picture in result["pictures"]] == ["ink", "ink", "own"]
    assert [one["name"] for one in result["left_out"]] == ["gray.png"]
    assert json.loads((tmp_path / "r.json").read_text())["summary"]["xdog"]["ssim"]["count"] == 3
    assert cv2.imread(str(tmp_path / "r.png")).shape[0] > 3 * 256
    assert "XDoG stands alone" in lines_table(result)


def test_the_judge_says_when_no_truth_is_known(tmp_path):
    save_image(np.full((200, 200, 3), 128, np.uint8), tmp_path / "gray.png")
    with pytest.raises(InputError, match="No picture has known lines"):
        evaluate_lines(tmp_path, drawers={})


def test_lines_are_judged_from_the_command_line(folder, tmp_path, capsys):
    assert cli.main(["evaluate", "--lines", "--limit", "2", "--json", str(tmp_path / "r.json")]) == 0
    shown = capsys.readouterr().out
    assert "xdog_soft" in shown and "2 drawn by the program" in shown and "no weights" in shown
    assert json.loads((tmp_path / "r.json").read_text())["summary"]["xdog"]["f_score"]["mean"] > 0.5


# Training pairs -------------------------------------------------------------------------------------------------------


def test_a_coloring_book_page_keeps_its_lines_and_its_seed():
    _, ink = outlined(3)
    palette = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    pages = [coloring_book.color_in(ink, palette, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert np.array_equal(pages[0], pages[1]) and not np.array_equal(pages[0], pages[2])
    contrasts = []
    for seed in range(12):
        page = coloring_book.color_in(ink, palette, np.random.default_rng(seed)).astype(np.float32)
        relief = np.abs(page - cv2.GaussianBlur(page, (0, 0), 3)).mean(-1)
        contrasts.append(relief[ink < 64].mean() / relief[cv2.erode(ink, np.ones((9, 9))) == 255].mean())
        worn = coloring_book.wear(page.astype(np.uint8), np.random.default_rng(seed))
        assert worn.shape == page.shape and worn.dtype == np.uint8
    assert np.median(contrasts) > 2, "where the drawing has ink, the picture has a line"


def test_the_recipe_learns_lines_and_its_weights_are_released(folder, tmp_path):
    from s2p.train.decoded import Writer
    from s2p.train.loop import train
    from s2p.train.recipes import configure
    from s2p.train.release import candidate, publish

    (tmp_path / "drawings").mkdir()
    for name in ("art", "pairs"):
        with Writer(tmp_path / name) as writer:
            for i in range(4):
                color, ink = outlined(i, size=512)
                writer.add(f"{i}.png", color, ink)
                save_image(ink, tmp_path / "drawings" / f"{i}.png")
    recipe = configure("line_extractor", data=tmp_path / "art", changes=[
        f"drawings={tmp_path / 'drawings'}", f"pairs={tmp_path / 'pairs'}", "crop=64", "batch_size=4", "epoch_steps=12",
        "epochs=4", "warmup=4", "ema=0.7", "keep_every=4",
    ])
    pictures, ink = recipe.batch(3, np.random.default_rng(1))
    assert pictures.shape == (4, 64, 80, 3) and ink.shape == (4, 64, 80, 1)
    assert pictures.min() >= 0 and pictures.max() <= 1 and ink.min() >= 0 and ink.max() <= 1
    again, _ = recipe.batch(3, np.random.default_rng(1))
    assert np.array_equal(pictures, again)
    train(recipe, tmp_path / "run")
    losses = [json.loads(line)["loss"] for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert min(losses[-2:]) < 0.8 * losses[0], losses
    path = publish(candidate(tmp_path / "run", "line_extractor", about="Outlined shapes."))
    card = path.with_name("line_extractor-turbo.md").read_text(encoding="utf-8")
    assert "ink lifted off" in card and str(tmp_path) not in card
    with h5py.File(path) as file:
        assert file["stem/kernel"].dtype == np.float16
    assert drawing.draw_lines(outlined(1)[0], "learned").shape == (256, 256)
