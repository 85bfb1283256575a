"""Many pictures on the command line: which files they are, several under way at once, what is said in which order."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from s2p.cli import batch
from s2p.cli.batch import BatchBar, OnePicture
from s2p.cli.files import Task, plan
from s2p.errors import CancelledError, InputError, OutputError

WRITABLE = (".png", ".webp", ".psd")
PATIENCE = 60.0  # seconds; what is waited for takes milliseconds where nothing else runs


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


# Many at once ---------------------------------------------------------------------------------------------------------


def test_pictures_overlap_and_their_lines_stay_in_order(monkeypatch, capsys):
    monkeypatch.setattr(batch, "jobs_for", lambda count: 2)
    tasks = [Task(Path(f"{number}.png"), None) for number in range(7)]
    meeting, under_way, most = threading.Barrier(2, timeout=PATIENCE), [], []
    overtaken = threading.Event()

    def work(task, report):
        under_way.append(task.name)
        most.append(len(under_way))
        if task.name in ("0.png", "1.png"):
            meeting.wait()  # nobody passes alone
        if task.name == "2.png":
            assert overtaken.wait(PATIENCE)
        under_way.remove(task.name)
        if task.name == "3.png":
            overtaken.set()
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
    given, started, awaited = [], [], threading.Event()

    class Pool(ThreadPoolExecutor):
        """Counts what it is given, and notices when the first answer is waited for."""

        def submit(self, *words):
            given.append(words)
            future = super().submit(*words)
            answer = future.result
            future.result = lambda: awaited.set() or answer()
            return future

    def work(task, report):
        started.append(task.name)
        if task.name == "0.png":
            assert awaited.wait(PATIENCE)  # from now on nothing is given out before this picture is finished
            assert len(started) <= len(given) <= 4
        return {}

    monkeypatch.setattr(batch, "jobs_for", lambda count: 2)
    monkeypatch.setattr(batch, "ThreadPoolExecutor", Pool)

    tasks = [Task(Path(f"{number}.png"), None) for number in range(30)]
    assert batch.run_all(tasks, work, weights={"a": 1.0}, done="painted") == 0
    assert len(started) == 30


def test_stopping_reaches_the_pictures_under_way(monkeypatch, capsys):
    monkeypatch.setattr(batch, "jobs_for", lambda count: 2)
    ended, another = [], threading.Event()

    def work(task, report):
        if task.name == "0.png":
            assert another.wait(PATIENCE)
            raise KeyboardInterrupt
        another.set()
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
    bar = BatchBar({"prepare": 1.0, "paint": 3.0}, 2)
    first, second = OnePicture(bar, 1), OnePicture(bar, 2)
    seen = [bar.fraction]
    for step in (lambda: first.stage("prepare"), lambda: second.stage("paint"), lambda: first.update(1.0),
                 lambda: second.update(0.5), first.end, second.end):
        step()
        seen.append(bar.fraction)
    assert seen == sorted(seen) and seen[0] == 0.0 and seen[-1] == pytest.approx(1.0)
    bar.close()


@pytest.mark.parametrize("quiet", [None, False, True])
def test_where_there_is_no_terminal_a_line_tells_how_far_it_is_now_and_then(quiet, monkeypatch, capsys):
    clock = iter(range(0, 10_000, 5))
    monkeypatch.setattr("s2p.progress.time.monotonic", lambda: float(next(clock)))

    def work(task, report):
        report.stage("search")
        for step in range(20):
            report.update(step / 20)
        return {}

    assert batch.run_all([Task(Path("a.png"), None)], work, weights={"search": 1.0}, done="painted", quiet=quiet) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("search ")]
    assert not told if quiet else 2 <= len(told) <= 10


def test_many_pictures_share_the_cores(monkeypatch):
    monkeypatch.setattr(batch.os, "cpu_count", lambda: 8)
    assert [(batch.jobs_for(count), batch.threads_for(count)) for count in (1, 2, 100)] == [(1, 0), (2, 4), (4, 2)]
    monkeypatch.setattr(batch.os, "cpu_count", lambda: None)
    assert batch.jobs_for(5) == 1


def test_a_picture_that_fails_takes_no_folder_from_another(tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "jobs_for", lambda count: 2)
    begun, other, failed = (threading.Event() for _ in range(3))
    made = batch._made

    def made_in_order(folder):
        assert folder.name == "out" or begun.wait(PATIENCE)
        return made(folder)

    def work(task, report):
        if task.name == "bad.png":
            begun.set()
            assert other.wait(PATIENCE)
            failed.set()
            raise InputError("It is broken.")
        other.set()
        assert failed.wait(PATIENCE)
        time.sleep(0.05)
        task.target.write_text("painted")
        return {}

    monkeypatch.setattr(batch, "_made", made_in_order)
    new = tmp_path / "new"
    tasks = [Task(Path("bad.png"), new / "out" / "bad.png"), Task(Path("a.png"), new / "a.png")]
    assert batch.run_all(tasks, work, weights={"paint": 1.0}, done="painted") == InputError.exit_code
    assert [path.name for path in new.rglob("*")] == ["a.png"], "nor is an empty folder left"
