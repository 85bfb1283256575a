"""Real disks that are full or may not be written, under a real server: sentences, nothing half written or lost."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from server_cases import FORM, data_url, drawing, options_v3
from server_running import Running, wait_for, wait_ready
from test_server_killed import assert_sentence, assert_whole

MULTIPART = "multipart/form-data; boundary=x"
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
PICTURE = HEAD + drawing(size=(300, 200)) + b"\r\n--x--\r\n"


class Disk:
    """A small disk of its own, at a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._mount("-t", "tmpfs", "-o", "size=4m,nr_inodes=9999", "tmpfs")

    def _mount(self, *words: str) -> None:
        try:
            subprocess.run(["mount", *words, str(self.folder)], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"no disk can be mounted here: {error}")

    def may_be_written(self, allowed: bool) -> None:
        """Lays a view of the disk over it that is for reading; the lock of a running server stays open below."""
        if allowed:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)
            return
        self._mount("--bind", str(self.folder))
        self._mount("-o", "remount,bind,ro")

    def fill(self) -> None:
        with (self.folder / "filling").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass

    def free(self) -> None:
        (self.folder / "filling").unlink()

    def remove(self) -> None:
        while os.path.ismount(self.folder):
            subprocess.run(["umount", "-l", str(self.folder)], check=True)


class Home:
    """A server on a small disk, and a room with a painting in it."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        (disk.folder / "config.ini").write_text("[storage]\nmin_free_megabytes = 0\n")
        self.room = self.step = ""
        self.server = Running(disk.folder, "--port", "0")
        wait_ready(self.server)

    def move_in(self) -> None:
        """Begins with nothing but a room with a painting."""
        for folder in (self.disk.folder / "game" / "rooms").iterdir():
            assert self.ask("DELETE", f"/api/v1/rooms/{folder.name}")[0] == 200
        self.room = json.loads(self.ask("POST", "/api/v1/rooms", PICTURE, MULTIPART)[1])["room"]
        self.step = self.paint()["result"]["id"]

    def ask(self, *words) -> tuple[int, bytes]:
        status, answer = self.server.ask(*words)
        if status >= 400:
            assert_sentence(answer)
            assert status < 500 or status in (503, 507), answer
        assert status, "the server is gone"
        return status, answer

    def paint(self) -> dict:
        job = json.loads(self.ask("POST", f"/api/v1/rooms/{self.room}/jobs", b"{}")[1])
        while job.get("state") in ("queued", "running"):
            time.sleep(0.05)
            job = json.loads(self.ask("GET", f"/api/v1/jobs/{job['job']}")[1])
        return job

    def writes(self) -> list[tuple[int, bytes]]:
        """Answers to everything that writes, deleting last."""
        v3 = f"room={self.room}&step=x&reference=none&options={options_v3()}".encode()
        new = b"room=new&step=new&method=rendering&sketch=" + data_url(drawing()).replace("+", "%2B").encode()
        return [
            self.ask("POST", "/api/v1/rooms", PICTURE, MULTIPART),
            self.ask("POST", f"/api/v1/rooms/{self.room}/references", PICTURE, MULTIPART),
            self.ask("GET", f"/api/v1/rooms/{self.room}/results/{self.step}.psd"),
            self.ask("GET", f"/api/v1/rooms/{self.room}/results/{self.step}.png?size=original"),
            self.ask("GET", f"/api/v1/rooms/{self.room}/regions"),
            self.ask("POST", "/upload_sketch", new, FORM), self.ask("POST", "/request_result", v3, FORM),
            self.ask("POST", "/save_as_sample", f"room={self.room}&step={self.step}".encode(), FORM),
            self.ask("POST", "/api/v1/samples/cat/rooms"),
        ]

    def reads(self) -> None:
        """Whatever is there can be looked at."""
        for path in ("/", "/api/v1/status", f"/api/v1/rooms/{self.room}", "/api/v1/samples", "/api/docs",
                     f"/api/v1/rooms/{self.room}/results/{self.step}.png",
                     f"/api/v1/rooms/{self.room}/results/{self.step}/hints", f"/rooms/{self.room}/sketch.original.jpg"):
            assert self.ask("GET", path)[0] == 200, path

    def is_whole(self) -> None:
        for path in (self.disk.folder / "game").rglob("*"):
            if path.is_file():
                assert not path.name.startswith(".s2p-"), path
                assert_whole(path)
        for folder in (self.disk.folder / "game" / "rooms").iterdir():
            assert self.ask("GET", f"/api/v1/rooms/{folder.name}")[0] == 200


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    disk = Disk(tmp_path_factory.mktemp("disks") / "disk")
    try:
        house = Home(disk)
        yield house
        house.server.stop()
    finally:
        disk.remove()


@pytest.fixture
def home(house):
    house.move_in()
    return house


def test_on_a_full_disk_everything_is_told_and_later_all_goes_on(home):
    home.disk.fill()
    home.reads()
    answers = home.writes()
    assert all(status in (200, 507) for status, _ in answers), answers
    assert sum(status == 507 for status, _ in answers) >= 6
    failed = home.paint()
    assert failed["state"] == "failed" and failed["error"]["message"].endswith(".")
    home.is_whole()
    home.disk.free()
    assert home.paint()["state"] == "done"
    assert all(status in (200, 201) for status, _ in home.writes())
    home.is_whole()


@pytest.mark.slow
def test_a_disk_that_fills_up_by_itself_loses_no_room(home):
    made = []
    for _ in range(200):
        status, answer = home.ask("POST", "/api/v1/rooms", PICTURE, MULTIPART)
        if status != 201:
            break
        made.append(json.loads(answer)["room"])
        home.room = made[-1]
        if home.paint()["state"] == "failed":
            break
    home.room = made[0]
    home.is_whole()
    for room in made[1:]:
        assert home.ask("DELETE", f"/api/v1/rooms/{room}")[0] == 200  # which frees the disk
    assert home.paint()["state"] == "done"


def test_on_a_read_only_disk_all_can_be_seen_and_nothing_is_called_done(home):
    home.disk.may_be_written(False)
    home.reads()
    answers = home.writes()
    assert all(status in (200, 507) for status, _ in answers), answers
    assert home.paint()["state"] == "failed"
    status, answer = home.ask("DELETE", f"/api/v1/rooms/{home.room}")
    assert status == 507 and b"read-only file system" in answer
    home.reads()
    home.disk.may_be_written(True)
    assert home.paint()["state"] == "done"
    assert home.ask("DELETE", f"/api/v1/rooms/{home.room}")[0] == 200


@pytest.mark.slow
def test_a_server_starts_on_a_read_only_disk(home):
    home.server.stop()
    home.disk.may_be_written(False)
    home.server = Running(home.disk.folder, "--port", "0")
    wait_ready(home.server)
    home.reads()
    assert home.paint()["state"] == "failed"
    wait_for(lambda: any("cannot be locked" in line for line in home.server.errors), "it is not said")
    assert not any("Traceback" in line for line in home.server.errors), "".join(home.server.errors)
    home.server.stop()
    home.disk.may_be_written(True)
    home.server = Running(home.disk.folder, "--port", "0")
