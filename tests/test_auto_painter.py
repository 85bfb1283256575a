"""The auto-painter: graphs, tensors, pipeline, pair folders, recipe."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from s2p import weights
from s2p.auto_painter_hints import BLOCK_RADIUS, auto_painter_tensors
from s2p.errors import CancelledError, ConfigError, InputError, S2PError, TooLargeError
from s2p.models import auto_painter
from s2p.pipelines.auto_painter import AutoPainter
from s2p.progress import NullReporter
from s2p.schema import Hint, Hints
from s2p.systems import system_of
from s2p.train.pairs import PairFolder

RED, BLUE = "#e01010", "#1020e0"


# Graphs ---------------------------------------------------------------------------------------------------------------


def test_official_generator_has_the_published_number_of_parameters():
    model = auto_painter.official()
    assert model.count_params() == 61_246_467
    assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == 61_234_691
    assert model.compute_output_shape((1, 512, 768, 3)) == (1, 512, 768, 3)
    assert auto_painter.official(channels=4).count_params() == 61_246_467 + 4 * 4 * 64


def test_turbo_stays_within_its_arithmetic_and_file():
    from s2p.flops import flops

    model = auto_painter.turbo()
    assert flops(model, [(1, 512, 512, 1), (1, 256, 256, 7), (1, 128, 128, 4)]) < 12e9
    assert model.count_params() * 2 < 12e6
    paths = [variable.path for variable in model.variables]
    assert len(paths) == len(set(paths))  # files know variables by their paths


@pytest.mark.parametrize("shape", [(64, 64), (128, 192)])
def test_turbo_paints_at_half_size_for_free_sizes(shape):
    sketch = np.full(shape, 255, np.uint8)
    sketch[:, 30:33] = 0
    painting = np.asarray(auto_painter.turbo()(auto_painter_tensors("propagated", sketch, [])))
    assert painting.shape == (1, shape[0] // 2, shape[1] // 2, 3) and np.isfinite(painting).all()


def test_the_published_draft_network_fits_into_the_painter():
    guesser = auto_painter.context()
    source = weights.find("baby")
    assert source.path is not None
    weights.read_weights(guesser, source.path)
    tensor = np.zeros((1, 32, 48, 4), "float32")
    tensor[..., 0], tensor[..., 1:] = 255, (-512, 128, 128)
    drafted = weights.load_model(source)(tensor)
    assert np.allclose(guesser(tensor)[1], drafted, atol=1e-3)


def test_an_untrained_turbo_painter_shows_sure_hints():
    sketch = np.full((64, 128), 255, np.uint8)
    sketch[:, 62:66] = 0
    tensors = auto_painter_tensors(
        "propagated", sketch, [Hint(x=0.2, y=0.5, color=RED), Hint(x=0.8, y=0.5, color=BLUE)]
    )
    painting = (np.asarray(auto_painter.turbo()(tensors))[0] + 1.0) * 127.5
    for column, wanted in ((12, (224, 16, 16)), (51, (16, 32, 224))):
        assert np.abs(painting[16, column] - wanted).max() < 25


# Tensors --------------------------------------------------------------------------------------------------------------


def test_hints_are_blocks_for_the_official_size():
    sketch = np.full((64, 64), 255, np.uint8)
    hint = Hint(x=0.5, y=0.5, color="#ffffff")
    (plain,) = auto_painter_tensors("blocks", sketch, [hint])
    (masked,) = auto_painter_tensors("masked", sketch, [hint])
    assert plain.shape == (1, 64, 64, 3) and masked.shape == (1, 64, 64, 4)
    assert plain.min() == 1.0  # a white block on white paper cannot be seen ...
    assert masked[..., 3].sum() == (2 * BLOCK_RADIUS + 1) ** 2  # ... but in its own plane
    (red,) = auto_painter_tensors("blocks", sketch, [Hint(x=0.5, y=0.5, color="#ff0000")])
    assert red[0, 32, 32].tolist() == [1.0, -1.0, -1.0]


def test_spread_hints_stop_at_lines_and_bare_ones_stay_where_they_are():
    sketch = np.full((64, 128), 255, np.uint8)
    sketch[:, 62:66] = 0
    hints = [Hint(x=0.2, y=0.5, color=RED), Hint(x=0.8, y=0.5, color=BLUE)]
    _, spread, draft = auto_painter_tensors("propagated", sketch, hints)
    assert (spread[0, :, :28, 0] > 0.8).all() and (spread[0, :, 36:, 2] > 0.8).all()
    assert draft.shape == (1, 16, 32, 4) and (draft[..., 1] > -300).all()
    _, bare, draft = auto_painter_tensors("points", sketch, hints)
    assert bare[..., 6].sum() == 2 * (BLOCK_RADIUS + 1) ** 2 and bare[0, 16, 12, 0] > 0.8
    assert 0 < (draft[..., 1] > -300).sum() < 30
    _, none, draft = auto_painter_tensors("propagated", sketch, [])
    assert not none.any() and (draft[..., 1] == -512).all()


def test_an_unknown_encoding_is_refused_in_a_sentence():
    with pytest.raises(S2PError, match="auto_painter"):
        auto_painter_tensors("runes", np.full((64, 64), 255, np.uint8), [])


# Pipeline -------------------------------------------------------------------------------------------------------------


class Echo:
    """Answers the hints that it was shown on gray, at half size (turbo) or full size (official)."""

    name, trained, identity = "auto_painter", True, "echo"

    def __init__(self, encoding: str = "points") -> None:
        self.encoding, self.calls = encoding, 0

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        self.calls += 1
        if len(inputs) == 1:
            return [inputs[0][..., :3]]
        hint = inputs[1]
        return [np.where(hint[..., 6:] > 0, hint[..., :3] * 2.0 - 1.0, 0.25).astype("float32")]


def _drawing(height: int, width: int) -> np.ndarray:
    page = np.full((height, width, 3), 255, np.uint8)
    cv2.rectangle(page, (width // 8, height // 8), (width // 2, height // 2), (20, 20, 20), 2)
    return page


@pytest.mark.parametrize("shape", [(512, 512), (768, 512), (300, 411), (40, 97), (600, 37), (1, 1)])
@pytest.mark.parametrize("encoding", ["points", "blocks"])
def test_every_size_and_aspect_comes_back(shape, encoding):
    painter = AutoPainter({"auto_painter": Echo(encoding)})
    page = _drawing(*shape)
    original = painter.colorize(page, output_size="original")
    assert original.image.shape == page.shape and original.lines.shape == shape
    network = painter.colorize(page, output_size="painted")
    assert min(network.image.shape[:2]) == 512
    assert network.untrained == () and list(network.timings) == list(system_of("auto-painter").stages)
    assert abs(network.image.shape[0] / network.image.shape[1] - shape[0] / shape[1]) < 0.05 * shape[0] / shape[1]


@pytest.mark.parametrize("encoding", ["points", "blocks"])
@pytest.mark.parametrize(("x", "y"), [(0.93, 0.9), (0.3, 0.75)])
def test_a_hint_stays_at_its_place_when_the_drawing_is_padded(encoding, x, y):
    result = AutoPainter({"auto_painter": Echo(encoding)}).colorize(
        np.full((530, 700, 3), 255, np.uint8), hints=Hints([Hint(x=x, y=y, color=RED)]), output_size="original"
    )
    is_red = (result.image[..., 0] > 180) & (result.image[..., 1] < 90)
    rows, columns = np.nonzero(is_red)
    assert abs(columns.mean() / 700 - x) < 0.01 and abs(rows.mean() / 530 - y) < 0.01


def test_ink_is_as_dark_as_it_was_drawn():
    page = _drawing(300, 411)
    result = AutoPainter({"auto_painter": Echo()}).colorize(page, output_size="original")
    assert (result.image[page[..., 0] == 20] <= 23).all()
    assert result.composition is None and (result.colors >= result.image).all()


def test_the_same_request_is_painted_once_and_another_hint_again():
    network = Echo()
    painter = AutoPainter({"auto_painter": network})
    page = _drawing(200, 200)
    first, again = painter.colorize(page), painter.colorize(page, output_size="painted")
    assert network.calls == 1 and first.image.shape != again.image.shape
    painter.colorize(page, hints=Hints([Hint(x=0.1, y=0.1, color=RED)]))
    assert network.calls == 2


def test_it_can_be_cancelled_and_names_its_stages():
    class Watching(NullReporter):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[str] = []

        def stage(self, name: str) -> None:
            super().stage(name)
            self.seen.append(name)
            self.cancelled = name == "paint"

    report, network = Watching(), Echo()
    with pytest.raises(CancelledError):
        AutoPainter({"auto_painter": network}).colorize(_drawing(64, 64), report=report)
    assert report.seen == ["prepare", "paint"] and network.calls == 0


def test_wrong_sizes_are_refused():
    painter = AutoPainter({"auto_painter": Echo()})
    with pytest.raises(InputError, match="output_size"):
        painter.colorize(_drawing(64, 64), output_size="huge")
    with pytest.raises(TooLargeError):
        painter.colorize(np.full((4, 30000, 3), 255, np.uint8))


def test_its_weights_are_found_like_the_others():
    assert "auto_painter" in [found.name for found in weights.find_all()]
    from s2p.config import Settings

    official = weights.find("auto_painter", Settings(variant="official"))
    assert (official.encoding, official.trained) == ("blocks", False)


# Pair folders and recipe ----------------------------------------------------------------------------------------------


def _pair(seed: int, size: int = 256) -> tuple[np.ndarray, np.ndarray]:
    """A drawing and its picture: houses whose walls are always yellow and whose roofs are always red."""
    random = np.random.default_rng(seed)
    color, lines = np.full((size, size, 3), (150, 200, 240), np.uint8), np.full((size, size, 3), 255, np.uint8)
    for _ in range(3):
        x, y = random.integers(20, size - 90, 2).tolist()
        w, h = random.integers(40, 80, 2).tolist()
        roof = np.array([[x - 8, y], [x + w + 8, y], [x + w // 2, y - 30]])
        for canvas, fills in ((color, ((240, 210, 90), (200, 50, 40))), (lines, ((255,) * 3, (255,) * 3))):
            cv2.rectangle(canvas, (x, y), (x + w, y + h), fills[0], -1)
            cv2.fillPoly(canvas, [roof], fills[1])
            cv2.rectangle(canvas, (x, y), (x + w, y + h), (0, 0, 0), 2)
            cv2.polylines(canvas, [roof], True, (0, 0, 0), 2)
    return lines, color


def _write_pairs(folder: Path, *, sketch: str, count: int = 6) -> Path:
    folder.mkdir()
    for i in range(count):
        drawing, color = _pair(i)
        both = [drawing, color] if sketch == "left" else [color, drawing]
        cv2.imwrite(str(folder / f"{i}.png"), np.concatenate(both, 1)[..., ::-1])
    return folder


def test_either_order_of_a_pair_gives_the_same_pictures(tmp_path):
    left = PairFolder(_write_pairs(tmp_path / "left", sketch="left"), sketch="left")
    right = PairFolder(_write_pairs(tmp_path / "right", sketch="right"), sketch="right")
    assert len(left) == len(right) == 6
    for i in range(6):
        assert np.array_equal(left.color(i), right.color(i)) and np.array_equal(left.lines(i), right.lines(i))
    assert left.color(0).shape == (512, 512, 3) and left.lines(0).shape == (512, 512, 1)


def test_swapped_pairs_and_odd_files_are_noticed(tmp_path):
    folder = _write_pairs(tmp_path / "pairs", sketch="right")
    with pytest.raises(InputError, match="pairs=right"):
        PairFolder(folder, sketch="left")
    with pytest.raises(InputError, match="left or on the right"):
        PairFolder(folder, sketch="above")
    with pytest.raises(InputError, match="no pairs"):
        PairFolder(tmp_path / "nothing", sketch="left")
    cv2.imwrite(str(folder / "0.png"), np.zeros((8, 9, 3), np.uint8))
    with pytest.raises(InputError, match="9 px"):
        PairFolder(folder, sketch="right")


def _recipe(folder: Path, **changes: object):
    from s2p.train.recipes.auto_painter import AutoPainter as Painter

    small = {"epoch_steps": 4, "epochs": 2, "batch_size": 2, "warmup": 2, "keep_every": 1, "ema": 0.5, "pairs": "left"}
    return Painter(data=str(folder), **{**small, **changes})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("variant", "encoding"), [("turbo", ""), ("turbo", "points"), ("official", "masked")])
def test_batches_of_both_variants_are_functions_of_seed_and_step(variant, encoding, tmp_path):
    recipe = _recipe(_write_pairs(tmp_path / "pairs", sketch="left"), variant=variant, encoding=encoding)
    inputs, target = recipe.batch(3, np.random.default_rng(3))
    again, _ = recipe.batch(3, np.random.default_rng(3))
    other, _ = recipe.batch(4, np.random.default_rng(4))
    listed = [list(one) if isinstance(one, tuple) else [one] for one in (inputs, again, other)]
    assert all(np.array_equal(a, b) for a, b in zip(listed[0], listed[1], strict=True))
    assert not np.array_equal(listed[0][0], listed[2][0])
    painting = target[-1] if variant == "turbo" else target
    assert painting.shape[1:] == ((128, 128, 3) if variant == "turbo" else (512, 512, 3))
    assert -1.0 <= painting.min() < painting.max() <= 1.0
    if variant == "official":
        assert inputs.shape == (2, 512, 512, 4)


def test_wrong_words_for_the_recipe_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="encoding"):
        _recipe(tmp_path, encoding="blocks")
    with pytest.raises(ConfigError, match="variant"):
        _recipe(tmp_path, variant="huge")
    with pytest.raises(ConfigError, match="stand alone"):
        _recipe(tmp_path, pairs="left", more=str(tmp_path))


def test_every_term_can_be_switched_off(tmp_path):
    folder = _write_pairs(tmp_path / "pairs", sketch="left", count=2)
    recipe = _recipe(folder, feature=0.0, variation=0.0, adversarial=0.0, guess=False)
    assert [term.name for term in recipe.terms() if term.weight] == ["pixel"]
    assert {term.name: term.weight for term in _recipe(folder, guess=False).terms()} == {
        "pixel": 50.0, "feature": 1e-4, "variation": 1e-3,
    }


@pytest.mark.slow
def test_a_pair_folder_is_learnt_within_two_minutes_and_resumes(tmp_path):
    from s2p.train.loop import train

    folder = _write_pairs(tmp_path / "pairs", sketch="left", count=8)
    settings = {
        "epoch_steps": 12, "epochs": 4, "batch_size": 4, "discriminator_share": 0.25, "rate": 2e-3, "warmup": 5,
        "start": str(weights.find("baby").path),
    }
    recipe = _recipe(folder, **settings)
    train(recipe, tmp_path / "run", stop_after=0.0)
    path = train(_recipe(folder, **settings), tmp_path / "run")
    lines = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4]
    assert lines[-1]["pixel"] < 0.7 * lines[0]["pixel"], lines
    assert "discriminator" not in lines[2] and "discriminator" in lines[3]
    network = auto_painter.build()
    weights.read_weights(network, path)
    lines_, wanted = _pair(0)
    small = cv2.resize(lines_[..., 0], (512, 512), interpolation=cv2.INTER_LINEAR)
    painted = (np.asarray(network(auto_painter_tensors("propagated", small, [])))[0] + 1.0) * 127.5
    error = np.abs(painted - wanted).mean()
    assert error < np.abs(lines_.astype(float) - wanted).mean() * 0.7
