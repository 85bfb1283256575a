"""The command line around fake networks: files in, files out, sentences and exit codes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import numpy as np
import pytest
from fake_networks import fake_networks

from s2p import cli
from s2p.cli import judging, networks, painting
from s2p.cli.files import plan
from s2p.errors import InputError, OutputError
from s2p.image import encode_image, load_image, save_image
from s2p.pipelines import style2paints

WRITABLE = (".png", ".webp", ".psd")


def drawing(height: int = 60, width: int = 50) -> np.ndarray:
    page = np.full((height, width, 3), 255, np.uint8)
    page[height // 3, :] = page[:, width // 2] = 20
    return page


@pytest.fixture
def art(tmp_path: Path) -> Path:
    """A folder with two drawings, one of them below, and a broken file."""
    (tmp_path / "art" / "deep").mkdir(parents=True)
    save_image(drawing(), tmp_path / "art" / "a.png")
    save_image(drawing(70, 90), tmp_path / "art" / "deep" / "b.png")
    (tmp_path / "art" / "broken.png").write_text("not a picture")
    return tmp_path / "art"


@pytest.fixture
def paint(monkeypatch: pytest.MonkeyPatch):
    """Runs command lines with fake networks; `paint.calls` are the networks that ran."""
    calls: list[str] = []
    networks_ = {"trained": True}

    def load(settings=None):
        return style2paints.Painter(fake_networks(calls, trained=networks_["trained"]), settings=settings)

    monkeypatch.setattr(style2paints, "load", load)
    monkeypatch.setenv("S2P_ZOOM", "0.25")
    monkeypatch.setenv("S2P_DENOISE", "off")
    style2paints._painter.cache_clear()
    yield SimpleNamespace(run=lambda *words: cli.main([str(word) for word in words]), calls=calls, networks=networks_)
    style2paints._painter.cache_clear()


# Painting -------------------------------------------------------------------------------------------------------------


def test_a_drawing_becomes_a_painting_of_the_networks_size(paint, art):
    assert paint.run("colorize", art / "a.png", "-o", art / "out" / "a.webp") == 0
    assert load_image(art / "out" / "a.webp").shape[:2] == (240, 192)


def test_original_size_and_layers_are_written(paint, art, capsys):
    from psd_tools import PSDImage

    words = ["--output-size", "original", "--layers", "psd", "--json"]
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png", *words) == 0
    assert load_image(art / "x.png").shape[:2] == (60, 50)
    assert [layer.name for layer in PSDImage.open(art / "x.psd")][-1] == "lines"
    answer = json.loads(capsys.readouterr().out)
    assert (answer["width"], answer["height"], answer["output"]) == (50, 60, str(art / "x.png"))
    assert set(answer["seconds"]) == set(style2paints.STAGES)


def test_another_model_paints_when_it_is_named(paint, art, monkeypatch, capsys):
    from s2p.pipelines import auto_painter

    def network(*inputs: np.ndarray) -> list[np.ndarray]:
        return [np.where(inputs[1][..., 6:] > 0, inputs[1][..., :3] * 2 - 1, 1).astype("float32")]

    network.name, network.encoding, network.trained, network.identity = "auto_painter", "propagated", True, "x"
    painter = auto_painter.AutoPainter({"auto_painter": network})
    monkeypatch.setattr(auto_painter, "_painter", lambda settings: painter)
    words = ["--model", "auto-painter", "--hint", "0.1,0.1,#ff0000", "--output-size", "original", "--json"]
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png", *words) == 0
    assert load_image(art / "x.png")[5, 5].tolist() == [255, 0, 0]
    assert set(json.loads(capsys.readouterr().out)["seconds"]) == set(auto_painter.STAGES) and not paint.calls


def test_hints_of_files_and_options_reach_the_painting(paint, art):
    (art / "own.json").write_text(json.dumps({"hints": [{"x": 0.25, "y": 0.75, "color": "#ff0000"}]}))
    (art / "v3.json").write_text(json.dumps([[0.25, 0.25, 255, 0, 0, 2]]))  # V3 counts y from the bottom
    same = ["own.json", "v3.json"]
    pictures = []
    for name in same:
        assert paint.run("colorize", art / "a.png", "-o", art / "x.png", "--hints", art / name) == 0
        pictures.append(load_image(art / "x.png"))
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png", "--hint", "0.25,0.75,#ff0000") == 0
    pictures.append(load_image(art / "x.png"))
    assert all((picture == pictures[0]).all() for picture in pictures)
    red = pictures[0][180, 48].astype(int)
    assert red[0] > 200 and red[1:].max() < 60
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png") == 0
    assert (load_image(art / "x.png") != pictures[0]).any()


def test_a_folder_of_hints_belongs_to_the_pictures_by_name(paint, art, tmp_path):
    hints = tmp_path / "hints"
    hints.mkdir()
    (hints / "b.json").write_text(json.dumps({"hints": [{"x": 0.25, "y": 0.75, "color": "#ff0000"}]}))
    (art / "broken.png").unlink()
    assert paint.run("colorize", art, "-o", tmp_path / "plain") == 0
    assert paint.run("colorize", art, "-o", tmp_path / "hinted", "--hints", hints) == 0
    names = ("a.png", "deep/b.png")
    plain, hinted = ({name: load_image(tmp_path / place / name) for name in names} for place in ("plain", "hinted"))
    assert (plain["a.png"] == hinted["a.png"]).all()
    assert (plain["deep/b.png"] != hinted["deep/b.png"]).any()


def test_a_broken_picture_does_not_stop_a_folder(paint, art, capsys):
    assert paint.run("colorize", art, "-o", art / "out", "--json") == 2
    captured = capsys.readouterr()
    answers = [json.loads(line) for line in captured.out.splitlines()]
    assert [Path(answer["input"]).name for answer in answers] == ["a.png", "broken.png", "b.png"]
    assert [answer.get("error", {}).get("code") for answer in answers] == [None, "InputError", None]
    assert "2 painted, 1 failed, of 3." in captured.err and "broken.png" in captured.err
    assert sorted(path.name for path in (art / "out").rglob("*.png")) == ["a.png", "b.png"]


def test_existing_results_are_skipped_on_request_and_not_taken_for_drawings(paint, art, capsys):
    (art / "broken.png").unlink()
    assert paint.run("colorize", art, "-o", art / "out") == 0
    before = (art / "out" / "a.png").stat().st_mtime_ns
    paint.calls.clear()
    assert paint.run("colorize", art, "-o", art / "out", "--skip-existing") == 0
    assert not paint.calls and (art / "out" / "a.png").stat().st_mtime_ns == before
    assert "0 painted, 0 failed, 2 skipped, of 2." in capsys.readouterr().err


def test_pipes_carry_pictures(paint, monkeypatch, capsysbinary):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(encode_image(drawing(), "png"))))
    assert paint.run("colorize", "-") == 0
    assert load_image(capsysbinary.readouterr().out).shape[:2] == (240, 192)


def test_a_sample_is_painted_with_its_hints(paint, tmp_path, monkeypatch):
    from s2p import samples

    monkeypatch.chdir(tmp_path)
    name = samples.names()[0]
    assert paint.run("colorize", "--sample", name) == 0
    sampled = load_image(tmp_path / f"{name}.png")
    words = [samples.sketch_path(name), "-o", "again.png", "--hints", samples.hints_path(name)]
    assert paint.run("colorize", *words) == 0
    assert (load_image(tmp_path / "again.png") == sampled).all()
    assert paint.run("colorize", "--sample", "nobody") == 2


def test_untrained_networks_are_said_loudly_and_once(paint, art, capsys):
    (art / "broken.png").unlink()
    assert paint.run("colorize", art, "-o", art / "out") == 0
    assert "UNTRAINED" not in capsys.readouterr().err
    paint.networks["trained"] = False
    style2paints._painter.cache_clear()
    assert paint.run("colorize", art, "-o", art / "out") == 0
    assert capsys.readouterr().err.count("UNTRAINED: baby, girder, reader, head, neck") == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["a.png"], "-o FILE"),
        (["a.png", "-o", "x.png", "--hint", "0.5,0.5"], "x,y,#rrggbb"),
        (["a.png", "-o", "x.png", "--hint", "0.5,0.5,#12345"], "#77ee00"),
        (["a.png", "-o", "x.png", "--hints", "missing.json"], "missing.json"),
        (["a.png", "-o", "x.png", "--hints", "broken.png"], "not valid JSON"),
        (["a.png", "-o", "x.png", "--zoom", "9"], "between 0.25 and 2"),
        (["a.png", "-o", "x.png", "--mix", "0.5"], "--reference"),
        (["a.png", "-o", "x.png", "--mix", "5", "--reference", "a.png"], "--mix"),
        (["a.png", "-o", "x.png", "--method", "magic"], "magic"),
        (["a.png", "-o", "x.png", "--line-color", "blackish"], "blackish"),
        (["a.png", "-o", "x.png", "--layers", "x.txt"], "psd"),
        (["a.png", "-o", "x.png", "--model", "auto-painter", "--reference", "a.png"], "belong to style2paints"),
        (["a.png", "-o", "x.png", "--model", "manual-painter"], "manual-painter"),
        (["a.png", "-o", "-", "--json"], "standard output"),
        (["a.png", "-o", "a.png"], "overwritten"),
        (["none*.png", "-o", "out"], "none*.png"),
        (["a.png", "-o", "x.png", "--reference", "broken.png"], "broken.png"),
    ],
)
def test_a_mistake_costs_a_sentence_and_not_the_loading_of_networks(paint, art, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(art)
    monkeypatch.setattr(style2paints, "load", lambda settings: pytest.fail("networks were loaded"))
    before = sorted(art.rglob("*"))
    assert paint.run("colorize", *words) in (InputError.exit_code, OutputError.exit_code)
    assert sentence in capsys.readouterr().err
    assert sorted(art.rglob("*")) == before


def test_an_output_that_cannot_be_written_has_its_own_exit_code(paint, art, capsys):
    (art / "file").write_text("x")
    assert paint.run("colorize", art / "a.png", "-o", art / "file" / "a.png") == OutputError.exit_code == 5
    assert paint.run("colorize", art / "a.png", "-o", art / "x.xcf") == 5
    assert ".webp" in capsys.readouterr().err


def test_ctrl_c_stops_with_130_and_leaves_no_half_files(paint, art, monkeypatch, capsys):
    def interrupted(self, *inputs):
        raise KeyboardInterrupt

    monkeypatch.setattr("fake_networks.FakeNetwork.__call__", interrupted)
    assert paint.run("colorize", art, "-o", art / "out") == 130
    assert "Stopped." in capsys.readouterr().err
    assert not [path for path in (art / "out").rglob("*") if path.is_file()]


def test_an_unexpected_failure_is_a_sentence(paint, art, monkeypatch, capsys):
    monkeypatch.setattr("fake_networks.FakeNetwork.__call__", lambda self, *inputs: 1 / 0)
    assert paint.run("colorize", art / "a.png", "-o", art / "x.png") == 1
    error = capsys.readouterr().err
    assert "ZeroDivisionError" in error and "Traceback" not in error


# Which files ----------------------------------------------------------------------------------------------------------


def test_pictures_of_one_name_get_results_of_two(tmp_path):
    for name in ("a.png", "a.JPG", "b.png"):
        (tmp_path / name).touch()
    targets = [task.target for task in plan([str(tmp_path)], "out", writable=WRITABLE)]
    assert [str(target) for target in targets] == [str(Path("out") / n) for n in ("a.JPG.png", "a.png.png", "b.png")]


def test_patterns_are_found_when_the_shell_leaves_them(tmp_path):
    for name in ("a1.png", "a2.png", "b.png"):
        (tmp_path / name).touch()
    found = plan([str(tmp_path / "a*.png"), str(tmp_path / "a1.png")], "out", writable=WRITABLE)
    assert [task.source.name for task in found] == ["a1.png", "a2.png"]


def test_a_picture_with_signs_of_a_pattern_in_its_name_is_that_picture(tmp_path):
    (tmp_path / "[x].png").touch()
    (tmp_path / "x.png").touch()
    assert plan([str(tmp_path / "[x].png")], "out.png", writable=WRITABLE)[0].source == tmp_path / "[x].png"


def test_a_folder_painted_into_itself_is_refused_before_anything_is_overwritten(tmp_path):
    (tmp_path / "a.png").touch()
    with pytest.raises(InputError, match="overwritten"):
        plan([str(tmp_path)], str(tmp_path), writable=WRITABLE)
    assert plan([str(tmp_path)], str(tmp_path), writable=WRITABLE, suffix=".webp")


def test_one_file_cannot_hold_several_pictures(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).touch()
    with pytest.raises(OutputError, match="FOLDER"):
        plan([str(tmp_path)], "out.png", writable=WRITABLE)
    with pytest.raises(OutputError, match="one picture"):
        plan([str(tmp_path)], "-", writable=WRITABLE)
    with pytest.raises(InputError, match="beside"):
        plan(["-", "a.png"], "out", writable=WRITABLE)


# The other commands ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", get_args(painting.LineStyle))
def test_lines_are_drawn_from_a_picture(style, art, capsys):
    picture = np.full((40, 40, 3), (250, 220, 40), np.uint8)
    picture[10:30, 10:30] = (20, 40, 200)
    save_image(picture, art / "colour.png")
    assert cli.main(["lines", str(art / "colour.png"), "-o", str(art / "l.png"), "--style", style]) == 0
    lines = load_image(art / "l.png")[..., 0]
    assert lines[:5].min() > 200 and lines[8:12].min() < 150
    assert cli.main(["lines", str(art), "-o", str(art / "out"), "--style", style]) == 2
    assert "1 failed" in capsys.readouterr().err


def test_weights_are_listed_with_their_origin(capsys, tmp_path, monkeypatch):
    (tmp_path / "tail.net").write_bytes(b"anything")
    monkeypatch.setenv("S2P_WEIGHTS", str(tmp_path))
    assert cli.main(["weights", "list", "--json"]) == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert list(listed)[:6] == ["baby", "girder", "reader", "head", "neck", "tail"]
    assert {"auto_painter", "line_extractor"} <= set(listed)
    assert (listed["tail"]["origin"], listed["tail"]["path"]) == ("user", str(tmp_path / "tail.net"))
    assert cli.main(["weights", "list"]) == 0
    assert str(tmp_path / "tail.net") in capsys.readouterr().out


def test_weights_that_are_not_whole_give_exit_code_3(monkeypatch, capsys):
    from s2p import weights

    monkeypatch.setattr(weights, "verify", list)
    assert cli.main(["weights", "verify"]) == 0
    monkeypatch.setattr(weights, "verify", lambda: ["tail-turbo.weights.h5 is missing."])
    assert cli.main(["weights", "verify"]) == 3
    assert "is missing" in capsys.readouterr().out
    assert cli.main(["weights", "path"]) == 0
    assert capsys.readouterr().out.strip() == str(weights.folder())


def test_a_file_that_is_no_network_is_not_added(tmp_path, capsys):
    (tmp_path / "tail.net").write_bytes(b"anything")
    assert cli.main(["weights", "add", str(tmp_path / "tail.net"), "--network", "tail"]) == 3
    assert "tail.net" in capsys.readouterr().err
    assert cli.main(["weights", "add", str(tmp_path / "tail.net"), "--network", "foot"]) == 2


def test_train_reads_fields_and_refuses_unknown_ones(monkeypatch, capsys, tmp_path):
    from s2p.train import loop

    seen = {}

    def train(recipe, out, *, stop_after):
        seen.update(recipe=recipe, out=out, stop_after=stop_after)
        return Path(out) / "baby.weights.h5"

    monkeypatch.setattr(loop, "train", train)
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", os.environ.get("TF_ENABLE_ONEDNN_OPTS", "0"))
    words = ["train", "baby", "--data", str(tmp_path), "--out", str(tmp_path / "run")]
    assert cli.main([*words, "--set", "rate=3e-4", "--set", "epochs=7", "--minutes", "2"]) == 0
    recipe = seen["recipe"]
    assert (recipe.rate, recipe.epochs, recipe.data, seen["stop_after"]) == (3e-4, 7, str(tmp_path), 2.0)
    for change, sentence in (("speed=3", "speed=3"), ("epochs=many", "whole number"), ("epochs", "NAME=VALUE")):
        assert cli.main([*words, "--set", change]) == 2
        assert sentence in capsys.readouterr().err
    assert cli.main(["train", "nobody", "--data", "x", "--out", "y"]) == 2
    assert cli.main(["train", "baby"]) == 2
    capsys.readouterr()
    assert cli.main(["train", "list"]) == 0
    assert "baby" in capsys.readouterr().out.split()


def test_evaluate_prints_a_table_and_writes_its_figures(capsys, tmp_path):
    words = ["evaluate", "--model", "none", "--limit", "1", "--hints", "0,4", "--json", str(tmp_path / "e.json")]
    assert cli.main(words) == 0
    assert "geodesic" in capsys.readouterr().out
    assert json.loads((tmp_path / "e.json").read_text())["format"] == "s2p-evaluation"
    assert cli.main(["evaluate", "--hints", "some"]) == 2


def test_prepare_and_serve_pass_their_words_on(monkeypatch, root):
    import preprocess.__main__ as program

    seen = []
    monkeypatch.setattr(program, "main", lambda words: seen.append(words) or 0)
    for words in (["art", "out", "--size", "256"], ["--help"]):
        assert cli.main(["prepare", *words]) == 0
    assert seen == [["art", "out", "--size", "256"], ["prepare", "--help"]]
    monkeypatch.setattr(os, "name", "posix")
    monkeypatch.setattr(os, "execv", lambda program, words: seen.append(words) or sys.exit(0))
    with pytest.raises(SystemExit):
        cli.main(["serve", "--port", "0"])
    assert seen[-1] == [sys.executable, str(root / "server" / "server.py"), "--port", "0"]


# Promises -------------------------------------------------------------------------------------------------------------


def test_help_loads_nothing_heavy():
    """What makes `s2p --help` answer within half a second."""
    program = (
        "import sys; from s2p.cli import main\n"
        "heavy = {'tensorflow', 'keras', 'numpy', 'cv2', 'PIL', 'h5py', 'scipy', 'rich', 'tqdm', 'gevent'}\n"
        "assert main(['--help']) == 0\n"
        "assert not {*heavy, 'pydantic'} & set(sys.modules), {*heavy, 'pydantic'} & set(sys.modules)\n"
        "for words in (['colorize'], ['lines'], ['weights', 'add'], ['doctor'], ['evaluate'], ['train']):\n"
        "    assert main([*words, '--help']) == 0, words\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    for word in ("colorize", "--hints", "--style", "--network", "--flops", "--minutes"):
        assert word in done.stdout


def test_words_of_the_command_line_are_those_of_the_library():
    from s2p import config, schema, weights
    from s2p.evaluation import judge, pairs

    assert get_args(painting.Method) == schema.METHODS
    assert get_args(painting.OutputSize) == style2paints.OUTPUT_SIZES
    assert set(get_args(painting.Model)) == set(judge.MODELS) - {"none"}
    assert get_args(networks.NetworkName) == weights.NAMES == style2paints.NETWORKS
    assert get_args(networks.Size) == config.SIZES
    assert get_args(judging.Model) == judge.MODELS
    assert get_args(judging.Flavour) == pairs.FLAVOURS


def test_version_and_wrong_words(capsys):
    import s2p

    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"s2p {s2p.__version__}\n"
    assert cli.main(["colourise"]) == 2
    assert cli.main(["colorize", "--nonsense"]) == 2
    assert "--nonsense" in capsys.readouterr().err


# Many at once ---------------------------------------------------------------------------------------------------------


def test_pictures_overlap_and_their_lines_stay_in_order(monkeypatch, capsys):
    import threading
    import time

    from s2p.cli import batch
    from s2p.cli.files import Task

    monkeypatch.setattr(batch, "jobs_for", lambda count: 2)
    tasks = [Task(Path(f"{number}.png"), None) for number in range(7)]
    meeting, under_way, most = threading.Barrier(2, timeout=20), [], []

    def work(task, report):
        under_way.append(task.name)
        most.append(len(under_way))
        if task.name in ("0.png", "1.png"):
            meeting.wait()  # nobody passes alone
        time.sleep(0.02 if task.name == "2.png" else 0.0)
        under_way.remove(task.name)
        if task.name == "3.png":
            raise InputError("3 is broken.")
        return {"name": task.name}

    assert batch.run_all(tasks, work, weights={"a": 1.0}, done="painted", as_json=True) == InputError.exit_code
    captured = capsys.readouterr()
    answers = [json.loads(line) for line in captured.out.splitlines()]
    assert [answer["input"] for answer in answers] == [f"{number}.png" for number in range(7)]
    assert "error" in answers[3] and [answer.get("name") for answer in answers if "error" not in answer] == [
        f"{number}.png" for number in range(7) if number != 3
    ]
    assert max(most) == 2 and "6 painted, 1 failed, of 7." in captured.err


def test_only_a_few_pictures_are_ahead_of_the_slowest(monkeypatch):
    import threading

    from s2p.cli import batch
    from s2p.cli.files import Task

    monkeypatch.setattr(batch, "jobs_for", lambda count: 2)
    started, last = [], threading.Event()

    def work(task, report):
        started.append(task.name)
        if task.name == "0.png":
            last.wait(0.3)
            assert len(started) <= 4
        return {}

    tasks = [Task(Path(f"{number}.png"), None) for number in range(30)]
    assert batch.run_all(tasks, work, weights={"a": 1.0}, done="painted") == 0
    assert len(started) == 30


def test_stopping_reaches_the_pictures_under_way(monkeypatch, capsys):
    import time

    from s2p.cli import batch
    from s2p.cli.files import Task
    from s2p.errors import CancelledError

    monkeypatch.setattr(batch, "jobs_for", lambda count: 2)
    ended = []

    def work(task, report):
        if task.name == "0.png":
            time.sleep(0.05)
            raise KeyboardInterrupt
        try:
            while True:
                report.check()
                time.sleep(0.005)
        except CancelledError:
            ended.append(task.name)
            raise

    tasks = [Task(Path(f"{number}.png"), None) for number in range(5)]
    with pytest.raises(KeyboardInterrupt):
        batch.run_all(tasks, work, weights={"a": 1.0}, done="painted")
    assert "1.png" in ended and "0 painted, 0 failed, of 5." in capsys.readouterr().err


def test_the_bar_counts_all_pictures_under_way():
    from s2p.cli.batch import BatchBar, OnePicture

    bar = BatchBar({"prepare": 1.0, "paint": 3.0}, 2)
    first, second = OnePicture(bar, 1), OnePicture(bar, 2)
    seen = [bar.fraction]
    for step in (lambda: first.stage("prepare"), lambda: second.stage("paint"), lambda: first.update(1.0),
                 lambda: second.update(0.5), first.end, second.end):
        step()
        seen.append(bar.fraction)
    assert seen == sorted(seen) and seen[0] == 0.0 and seen[-1] == pytest.approx(1.0)
    bar.close()


def test_many_pictures_share_the_cores(monkeypatch):
    from s2p.cli import batch

    monkeypatch.setattr(batch.os, "cpu_count", lambda: 8)
    assert [(batch.jobs_for(count), batch.threads_for(count)) for count in (1, 2, 100)] == [(1, 0), (2, 4), (4, 2)]
    monkeypatch.setattr(batch.os, "cpu_count", lambda: None)
    assert batch.jobs_for(5) == 1
