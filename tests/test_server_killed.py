"""kill -9, of every process, before and after every file that it puts into place: nothing is lost or half written.

`tests/killing` does the killing, from inside. The default run has one moment, `pytest -m slow` all.
"""

from __future__ import annotations

import io
import json
import os
import re
import time
from itertools import count
from pathlib import Path

import pytest
from PIL import Image
from server_cases import FORM, data_url, drawing, options_v3
from server_fakes import ENDLESS
from server_running import Running, wait_for, wait_ready

from server.rests import clear_parts, clear_rests
from server.rooms import MARK
from server.store import Store

HERE = Path(__file__).resolve().parent
MULTIPART = "multipart/form-data; boundary=x"
ROLES = ("http", "painting", "pictures", "strokes")
PART = re.compile(r"\.s2p-[0-9a-f]{16}.*")  # of a file that was not finished
JOBS = ({}, {"model": "strokes", "strokes": {"max_strokes": 10}}, {"kind": "lines"}, {"kind": "choices"})

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="SIGKILL is not everywhere")


class Killed:
    """A server whose processes kill themselves when they are told to, and what people had in it before."""

    def __init__(self, base: Path) -> None:
        self.base, self.orders = base, base.parent / "orders.txt"
        self.server = self._started()
        wait_ready(self.server)
        self.kept = self.life()
        self.before = {path: path.read_bytes() for path in self.files(self.kept)}

    def _started(self) -> Running:
        environment = {"PYTHONPATH": str(HERE / "killing"), "KILLED_WHILE_WRITING": str(self.orders)}
        return Running(self.base, "--port", "0", painter="tests.server_fakes:stroking", environment=environment)

    def files(self, room: str) -> list[Path]:
        return [path for path in (self.base / "game" / "rooms" / room).rglob("*") if path.is_file()]

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> tuple[int, bytes]:
        """An answer; whoever gets none finds the server started again."""
        status, answer = self.server.ask(method, path, body, kind)
        if status == 0:
            assert self.server.process.wait(30) == -9
            self.server.stop()
            self.server = self._started()
        elif status >= 400:
            assert_sentence(answer)
        return status, answer

    def life(self) -> str:
        """Uploads, paints, exports, publishes and deletes, whatever is answered; returns the room that stays."""
        head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        status, answer = self.ask("POST", "/api/v1/rooms", head + drawing() + b"\r\n--x--\r\n", MULTIPART)
        room = json.loads(answer)["room"] if status == 201 else "none"
        for asked in JOBS:
            status, answer = self.ask("POST", f"/api/v1/rooms/{room}/jobs", json.dumps(asked).encode())
            job = json.loads(answer) if status == 202 else {}
            while job.get("state") in ("queued", "running"):
                time.sleep(0.02)
                status, answer = self.ask("GET", f"/api/v1/jobs/{job['job']}")
                job = json.loads(answer) if status == 200 else {}
            if job.get("state") == "failed":
                assert job["error"]["message"].endswith(".")
            if job.get("state") == "done" and job["kind"] == "paint":
                for ending in ("psd", "jpg", "webp"):
                    self.ask("GET", f"/api/v1/rooms/{room}/results/{job['result']['id']}.{ending}")
        form = f"room={room}&step=x&reference=none&options={options_v3()}".encode()
        status, answer = self.ask("POST", "/request_result", form, FORM)
        if status == 200:
            step = answer.decode().rpartition("_")[2]
            self.ask("POST", "/save_as_sample", f"room={room}&step={step}".encode(), FORM)
        sketch = data_url(drawing(50)).replace("+", "%2B").encode()
        form = b"room=new&step=new&method=rendering&sketch=" + sketch
        status, answer = self.ask("POST", "/upload_sketch", form, FORM)
        if status == 200:
            self.ask("DELETE", f"/api/v1/rooms/{answer.decode().partition('_')[0]}")
        return room

    def round(self, role: str, number: int, moment: str) -> bool:
        """One life with a death in it; False where that many files are not put into place any more."""
        self.orders.write_text(f"{role} {number} {moment}")
        self.life()
        was_killed = not self.orders.exists()
        self.orders.unlink(missing_ok=True)
        wait_for(lambda: json.loads(self.server.get("/api/v1/status"))["ready"], "the painter is not ready again")
        self.judge()
        return was_killed

    def judge(self) -> None:
        """What people had is as it was, and whatever else lies there is whole and opens."""
        for path, data in self.before.items():
            assert path.read_bytes() == data, path
        for path in self.base.rglob("*"):
            if path.is_file() and not PART.fullmatch(path.name):
                assert_whole(path)
        for name in json.loads(self.server.post("/get_sample_list", {})):
            sample = self.base / "game" / "samples" / name
            assert {"sketch.original.jpg", "result.sample.jpg", "options.sample.json"} <= set(os.listdir(sample))
        for folder in (self.base / "game" / "rooms").iterdir():
            status, answer = self.ask("GET", f"/api/v1/rooms/{folder.name}")
            assert status == 200, (folder, answer)
            for result in json.loads(answer)["results"]:
                for ending in ("png", "jpg", "psd"):
                    status, answer = self.ask("GET", f"/api/v1/rooms/{folder.name}/results/{result['id']}.{ending}")
                    assert status == 200, (folder, result, answer)
                assert self.ask("GET", result["hints"])[0] == 200
            if folder.name != self.kept:
                assert self.ask("DELETE", f"/api/v1/rooms/{folder.name}")[0] == 200

    def restart(self) -> None:
        self.server.stop()
        self.server = self._started()


def assert_sentence(answer: bytes) -> None:
    text = answer.decode()
    text = json.loads(text)["error"]["message"] if text.startswith("{") else text
    assert text.endswith(".") and "\n" not in text, text


def assert_whole(path: Path) -> None:
    if path.suffix in (".jpg", ".png", ".webp"):
        Image.open(io.BytesIO(path.read_bytes())).load()
    elif path.suffix == ".json":
        json.loads(path.read_bytes())


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    found = Killed(tmp_path_factory.mktemp("killed") / "base")
    yield found
    found.server.stop()


def test_a_server_that_is_killed_while_it_writes_loses_nothing(killed):
    assert killed.round("http", 3, "before")


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_a_process_may_be_killed_at_any_file(killed, role):
    """Before the first, after the second, before the third, ..."""
    rounds = next(number for number in count(1) if not killed.round(role, number, ("after", "before")[number % 2])) - 1
    print(f"{role}: {rounds} kills")
    assert rounds >= 3


@pytest.mark.slow
def test_a_server_that_is_killed_while_it_paints_says_so_at_its_next_start(killed):
    asked = {"hints": [{"x": 0.5, "y": 0.5, "color": ENDLESS, "kind": "draft"}]}
    job = json.loads(killed.ask("POST", f"/api/v1/rooms/{killed.kept}/jobs", json.dumps(asked).encode())[1])["job"]
    wait_for(lambda: json.loads(killed.server.get(f"/api/v1/jobs/{job}"))["stage"] == "draft", "it is not painted")
    killed.server.process.kill()
    assert killed.ask("GET", f"/api/v1/jobs/{job}")[0] == 0
    assert killed.ask("GET", f"/api/v1/jobs/{job}")[0] == 404
    wait_ready(killed.server)
    left = {path.name for path in set(killed.files(killed.kept)) - set(killed.before)}
    assert not [name for name in left if name.startswith(("options.", "draft.", ".draft."))], left
    killed.judge()


@pytest.mark.slow
def test_after_the_next_start_nothing_of_it_is_left(killed):
    killed.round("painting", 2, "before")  # whose part of a file is there until then
    killed.restart()
    assert [path.name for path in (killed.base / "game" / "rooms").iterdir()] == [killed.kept]
    assert not [path for path in killed.base.rglob(".s2p-*") if PART.fullmatch(path.name)]


def test_what_was_not_finished_goes_and_what_v3_left_stays(tmp_path):
    store = Store(tmp_path)
    store.create_folders()
    (mine, step), (empty, _) = store.new_room(), store.new_room()
    old = store.rooms_folder / "Apr19H22M03S00R696"
    old.mkdir()
    empty.file(MARK).unlink()
    part = f".s2p-{16 * 'a'}"
    rests = [mine.file(f"{part}.part"), mine.file(f"{part}-result.x.psd"), tmp_path / f"{part}.part",
             store.results_folder / f"{part}.part", store.samples_folder / f"{part}-x" / "sketch.original.jpg",
             mine.file(f"options.{step}.json"), mine.file(f".draft.{step}.png")]
    stays = [mine.file("options.Y.json"), mine.file("result.Y.jpg"), old / "options.X.json", mine.file(".upload")]
    for path in (*rests, *stays):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    store.lock()
    clear_parts(store)
    assert all(path.exists() for path in rests), "somebody may be writing them"
    clear_rests(store)
    store.unlock()
    assert not [path for path in rests if path.exists()]
    assert all(path.is_file() for path in (*stays, mine.file(MARK)))
    assert not empty.folder.exists()
