"""From a folder to shards: the whole way, restarts, and folders full of trouble."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from preprocess_art import drawing, fill_folder

from preprocess import __main__, faces, records
from preprocess.plan import Picture, Plan, plan_shards, split_of
from preprocess.quality import colored_share, decide, survey
from preprocess.run import prepare
from s2p.errors import CancelledError, ConfigError, InputError, WeightsMissingError
from s2p.image import encode_image, save_image
from s2p.progress import NullReporter

SMALL = {"short_edge": 96, "min_edge": 64, "per_shard": 5, "eval_share": 0.3}


def plan_of(art: Path, out: Path, **changes) -> Plan:
    return Plan(str(art), str(out), **{**SMALL, **changes})


def hashes(out: Path) -> dict[str, str]:
    """Content of everything that a run is there for; `state` is its memory and may differ."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir()) if path.is_file()
    }


def report_of(out: Path) -> dict[str, dict]:
    return {line["key"]: line for line in map(json.loads, (out / "report.jsonl").read_text().splitlines())}


@pytest.fixture
def art(tmp_path) -> Path:
    folder = tmp_path / "art"
    fill_folder(folder, 14)
    return folder


def test_a_folder_becomes_shards_with_index_report_and_contact_sheet(art, tmp_path):
    out = tmp_path / "out"
    (art / "notes.txt").write_text("not a picture")
    summary = prepare(plan_of(art, out))
    assert summary.statuses == {"kept": 14, "ignored": 1} and sum(summary.counts.values()) == 14
    index = json.loads((out / "index.json").read_text())
    for entries in index["shards"].values():
        for file in (file for entry in entries for file in entry["files"].values()):
            data = (out / file["name"]).read_bytes()
            assert (len(data), hashlib.sha256(data).hexdigest()) == (file["bytes"], file["sha256"])
    examples = [*records.read_hdf5(str(out), "train"), *records.read_hdf5(str(out), "eval")]
    assert {example["key"] for example in examples} == {line["key"] for line in report_of(out).values()} - {"notes.txt"}
    for example in examples:
        assert min(example["color"].shape[:2]) == 96 and example["lines"].shape == (*example["color"].shape[:2], 3)
        assert np.median(example["lines"]) > 200 and example["lines"].min() < 100
    assert Image.open(out / "contact.png").size[0] > 300


def test_the_same_bytes_come_out_in_one_process_and_in_two(art, tmp_path):
    prepare(plan_of(art, tmp_path / "one"))
    prepare(plan_of(art, tmp_path / "two"), executor="local:2")
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")


def test_finished_shards_are_kept_and_missing_ones_made_again(art, tmp_path):
    out = tmp_path / "out"
    first = prepare(plan_of(art, out))
    before = hashes(out)
    victim = sorted(out.glob("train-*.h5"))[0]
    victim.unlink()
    again = prepare(plan_of(art, out))
    assert (first.kept_shards, again.kept_shards) == (0, first.shards - 1)
    assert hashes(out) == before
    other = prepare(plan_of(art, out, flavours=("hard",)))
    assert other.kept_shards == 0 and hashes(out) != before, "other settings: nothing may be left of the old ones"
    assert len(list(out.glob("train-*.h5"))) == len(list(out.glob("train-*.tfrecord")))


def test_a_picture_that_was_taken_out_is_gone_from_the_shards(art, tmp_path):
    out = tmp_path / "out"
    prepare(plan_of(art, out, eval_share=0.0, per_shard=1))
    for path in sorted(art.rglob("*.*"))[:9]:
        path.unlink()
    prepare(plan_of(art, out, eval_share=0.0, per_shard=1))
    names = {file["name"] for e in records.read_index(str(out))["shards"]["train"] for file in e["files"].values()}
    assert {path.name for path in out.iterdir() if path.suffix in (".h5", ".tfrecord")} == names
    assert len(list(records.read_hdf5(str(out)))) == 5


KILLED_IN_A_SHARD = """
import os, signal, sys
from pathlib import Path
from preprocess import __main__

rename = os.replace

def rename_or_die(source, target):
    target = Path(target)
    if target.suffix == ".tfrecord" and list(target.parent.glob("state/t*.json")):
        os.kill(os.getpid(), signal.SIGKILL)  # one shard is finished, half of another one is there
    rename(source, target)

os.replace = rename_or_die
sys.exit(__main__.main(sys.argv[1:]))
"""


def test_a_run_that_was_killed_ends_with_the_same_bytes(tmp_path):
    art, out = tmp_path / "art", tmp_path / "out"
    fill_folder(art, 40)
    command = [sys.executable, "-c", KILLED_IN_A_SHARD, str(art), str(out), "--executor", "local", "--per-shard", "2",
               "--size", "96", "--min-edge", "64"]  # fmt: skip
    process = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.DEVNULL)
    assert process.returncode == -signal.SIGKILL and list(out.rglob("*.part")), "it was killed while it wrote"
    assert not (out / "index.json").exists(), "it was killed before the end"
    (out / ".s2p-0123.part").write_bytes(b"half a file")
    finished = len(list((out / "state").glob("t*.json")))
    plan = Plan(str(art), str(out), per_shard=2, short_edge=96, min_edge=64)
    summary = prepare(plan)
    assert summary.kept_shards >= finished > 0
    prepare(Plan(str(art), str(tmp_path / "whole"), per_shard=2, short_edge=96, min_edge=64))
    assert hashes(out) == hashes(tmp_path / "whole")


def test_stopping_between_tasks_raises_and_leaves_only_whole_files(art, tmp_path):
    class Stopper(NullReporter):
        asked = 0

        def check(self):
            self.asked += 1
            self.cancelled = self.asked > 6
            super().check()

    with pytest.raises(CancelledError):
        prepare(plan_of(art, tmp_path / "out", per_shard=1), report=Stopper())
    assert not list((tmp_path / "out").rglob("*.part"))
    assert prepare(plan_of(art, tmp_path / "out", per_shard=1)).statuses == {"kept": 14}


def test_workers_in_another_folder_find_what_was_named_from_here(art, tmp_path, monkeypatch):
    from preprocess import run as running
    from preprocess import seeded
    from preprocess.synthetic.source import Source, write_drawings

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for module in (running, seeded):
        given = module.run_missing

        def from_elsewhere(*asked, given=given, **more) -> None:
            monkeypatch.chdir(elsewhere)
            given(*asked, **more)
            monkeypatch.chdir(tmp_path)

        monkeypatch.setattr(module, "run_missing", from_elsewhere)
    monkeypatch.chdir(tmp_path)
    assert prepare(plan_of(Path(art.name), Path("out"))).statuses["kept"] == 14
    write_drawings(Source("drawn", 1, size=64, per_shard=1))
    assert (tmp_path / "out" / "index.json").is_file() and (tmp_path / "drawn" / "index.json").is_file()
    assert not list(elsewhere.iterdir())


def test_a_dry_run_writes_nothing(art, tmp_path):
    summary = prepare(plan_of(art, tmp_path / "out"), dry_run=True)
    assert not (tmp_path / "out").exists()
    real = prepare(plan_of(art, tmp_path / "out"))
    assert (summary.statuses, summary.counts, summary.shards) == (real.statuses, real.counts, real.shards)


def test_copies_grayscale_and_near_duplicates_are_dropped_with_a_reason(tmp_path):
    art, out = tmp_path / "art", tmp_path / "out"
    art.mkdir()
    picture = drawing(5)
    save_image(picture, art / "original.png")
    (art / "copy.png").write_bytes((art / "original.png").read_bytes())
    save_image(picture[::2, ::2], art / "smaller.png")
    save_image(picture, art / "again.jpg", quality=60)
    save_image(np.ascontiguousarray(picture[..., [2, 0, 1]]), art / "other colours.png")
    save_image(picture.mean(axis=2).astype(np.uint8), art / "gray.png")
    save_image(np.full((200, 200, 3), (250, 240, 230), np.uint8), art / "empty.png")
    save_image(drawing(6), art / "different.png")
    prepare(plan_of(art, out))
    report = report_of(out)
    kept = {key for key, line in report.items() if line["status"] == "kept"}
    assert "different.png" in kept and "other colours.png" in kept, "the same lines in other colours are worth keeping"
    assert len(kept & {"original.png", "copy.png", "again.jpg", "smaller.png"}) == 1 and len(kept) == 3
    assert report["gray.png"]["reason"] == "grayscale" and report["empty.png"]["reason"] == "almost empty"
    assert report["smaller.png"]["reason"].startswith(("nearly the same", "too small"))
    assert report["original.png"]["reason"] == "same bytes as copy.png" or "nearly" in report["original.png"]["reason"]
    everything = prepare(plan_of(art, tmp_path / "all", steps=("lines", "records")))
    assert everything.statuses["kept"] >= 6


def test_near_duplicates_do_not_depend_on_the_order(tmp_path):
    pictures = [encode_image(drawing(n // 2, height=100 + n % 2, width=140), "png") for n in range(8)]
    entries = [survey(f"{n}.png", data) for n, data in enumerate(pictures)]
    plan = plan_of(tmp_path / "a", tmp_path / "b")
    assert decide(plan, entries) == decide(plan, entries[::-1])
    assert len(decide(plan, entries)) == 4


def test_a_hue_is_color_and_gray_is_not():
    assert colored_share(np.full((8, 8, 3), (200, 120, 60), np.uint8)) == 1.0
    assert colored_share(np.full((8, 8, 3), (200, 190, 185), np.uint8)) == 0.0


def test_split_and_shards_follow_the_content():
    shares = [split_of(hashlib.sha256(bytes([n % 256, n // 256])).hexdigest(), 0.1) for n in range(3000)]
    assert 0.08 < shares.count("eval") / 3000 < 0.12
    plan = Plan("a", "b", per_shard=50)
    pictures = [Picture(f"{n}.png", hashlib.sha256(str(n).encode()).hexdigest()) for n in range(1190)]
    before = {task.name: task.fingerprint for task in plan_shards(plan, pictures)}
    assert before == {task.name: task.fingerprint for task in plan_shards(plan, pictures[::-1])}
    more = [*pictures, Picture("new.png", hashlib.sha256(b"new").hexdigest())]
    after = {task.name: task.fingerprint for task in plan_shards(plan, more)}
    assert sum(before.get(name) != fingerprint for name, fingerprint in after.items()) == 1


def test_tags_sizes_and_reviewed_faces_reach_the_records(tmp_path):
    art, out = tmp_path / "art", tmp_path / "out"
    art.mkdir()
    boxed = np.zeros((512, 512, 3), np.uint8)
    boxed[52:460] = drawing(1, height=408, width=512)
    save_image(boxed, art / "12.png")
    save_image(drawing(2, height=300, width=300), art / "cover.png")
    (tmp_path / "tags.txt").write_text("12 470575 429 5\n99 1\n")
    (tmp_path / "resolutions.txt").write_text("12 1000 800\n")
    sha256 = hashlib.sha256((art / "12.png").read_bytes()).hexdigest()
    review = tmp_path / "review"
    face = faces.Face("12.png", sha256, 0.25, 0.25, 0.5, 0.5, "-12.png")
    faces.write_positions(review, [face])
    save_image(drawing(3), review / "-12.png")
    more = {"tags": str(tmp_path / "tags.txt"), "resolutions": str(tmp_path / "resolutions.txt"), "eval_share": 0.0,
            "faces": str(review), "add_faces": True, "short_edge": 512}  # fmt: skip
    prepare(plan_of(art, out, **more))
    found = {example["key"]: example for example in records.read_hdf5(str(out))}
    assert set(found) == {"12.png", "12.png#face", "cover.png"}
    assert found["12.png"]["color"].shape == (407, 512, 3), "the bars are gone"
    assert found["12.png"]["tags"].tolist() == [5, 429, 470575]
    assert found["12.png#face"]["tags"].tolist() == [470575], "a skirt is not in the face"
    assert np.allclose(found["12.png"]["face"], 0.25 + np.array([0, 0, 0.25, 0.25]))
    assert found["cover.png"]["face"].tolist() == [-1, -1, -1, -1]
    (review / "-12.png").unlink()
    prepare(plan_of(art, out, **more))
    found = {example["key"]: example for example in records.read_hdf5(str(out))}
    assert set(found) == {"12.png", "cover.png"} and found["12.png"]["face"].tolist() == [-1, -1, -1, -1]


def test_wrong_settings_are_refused_before_anything_is_read(tmp_path, monkeypatch):
    for changes in ({"steps": ("paint",)}, {"flavours": ()}, {"flavours": ("xdog",) * 2}, {"short_edge": 5},
                    {"color_format": "gif"}, {"eval_share": 2.0}, {"flavours": tuple("abcde")},
                    {"upscale_by": "magic"}, {"output": str(tmp_path / "a")}):  # fmt: skip
        with pytest.raises(ConfigError):
            Plan(**{"source": str(tmp_path / "a"), "output": str(tmp_path / "b"), **changes})
    monkeypatch.setattr("preprocess.run.load_extractor", lambda: None)
    with pytest.raises(WeightsMissingError, match="line_extractor"):
        prepare(plan_of(tmp_path / "a", tmp_path / "b", flavours=("extracted",)))
    with pytest.raises(InputError, match="not a folder"):
        prepare(plan_of(tmp_path / "nowhere", tmp_path / "b"))
    with pytest.raises(ConfigError, match="executor"):
        prepare(plan_of(tmp_path, tmp_path / "b"), executor="cloud")


def test_the_command_line_ends_with_codes_and_sentences(art, tmp_path, capsys):
    out = str(tmp_path / "out")
    assert __main__.main([str(art), out, "--executor", "local", "--size", "64", "--min-edge", "64", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["statuses"] == {"kept": 14}
    assert __main__.main([str(art), out, "--executor", "local", "--size", "64", "--min-edge", "64", "--dry-run"]) == 0
    assert "Nothing was written" in capsys.readouterr().out
    assert __main__.main([str(tmp_path / "no"), out]) == 2
    assert "is not a folder; a folder of pictures is needed" in capsys.readouterr().err
    assert __main__.main([str(art), out, "--steps", "dance"]) == 2
    assert __main__.main(["prepare", "--nonsense"]) == 2
    assert __main__.main(["--help"]) == 0


def test_single_steps_write_pictures_and_survive_bad_ones(art, tmp_path, capsys):
    (art / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    lines = tmp_path / "lines"
    assert __main__.main(["lines", str(art), "-o", str(lines), "--flavour", "hard", "--thickness", "1.5"]) == 0
    assert len(list(lines.rglob("*.png"))) == 14 and "broken.png" in capsys.readouterr().err
    assert __main__.main(["letterbox", str(art / "a" / "1.png"), "-o", str(tmp_path / "square")]) == 0
    assert Image.open(tmp_path / "square" / "1.png").size == (192, 192)
    large = ["upscale", str(art / "a"), "-o", str(tmp_path / "large"), "--size", "200", "--no-network"]
    assert __main__.main(large) == 0
    assert Image.open(tmp_path / "large" / "1.png").size == (240, 200)
    assert __main__.main(["lines", str(art), "-o", str(lines), "--flavour", "nope"]) == 2
    assert __main__.main(["faces", str(art), str(tmp_path / "review")]) == 0
    assert (tmp_path / "review" / "positions.jsonl").exists()


def test_files_by_url_give_the_same_bytes(art, tmp_path):
    pytest.importorskip("fsspec")
    prepare(plan_of(art, tmp_path / "local"))
    prepare(Plan(art.as_uri(), (tmp_path / "url").as_uri(), **SMALL))
    assert hashes(tmp_path / "local") == hashes(tmp_path / "url")
    found = list(records.read_hdf5((tmp_path / "url").as_uri()))
    assert found and not [p for p in os.listdir(tmp_path / "url") if p.endswith(".part")]


def test_every_file_that_is_left_out_is_named_with_its_reason(art, tmp_path, capsys):
    (art / "sub").mkdir()
    (art / "sub" / "cut.png").write_bytes(next(art.rglob("1.png")).read_bytes()[:60])
    (art / "notes.txt").write_text("no picture")
    (art / "twice.png").write_bytes(next(art.rglob("1.png")).read_bytes())
    asked = [str(art), str(tmp_path / "out"), "--executor", "local", "--size", "64", "--min-edge", "64"]
    assert __main__.main([*asked, "--json"]) == 0
    left = json.loads(capsys.readouterr().out)["left_out"]
    assert [line["status"] for line in left] == ["broken", "dropped", *["ignored"] * (len(left) - 2)]
    assert left[0]["key"] == "sub/cut.png" and "damaged" in left[0]["reason"] and "same bytes" in left[1]["reason"]
    for more in ([], ["--dry-run"]):  # also where all was done before
        assert __main__.main([*asked, *more]) == 0
        told = capsys.readouterr().out
        assert all(f"{line['status']:7}  {line['key']}: " in told for line in left)
