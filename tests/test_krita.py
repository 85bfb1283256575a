"""The plug-in for Krita: its parts by themselves, on a real server, and all of it in a Krita where there is one."""

from __future__ import annotations

import ast
import http.server
import io
import json
import socket
import sys
import threading
import time
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import krita_running
import numpy as np
import pytest
import test_filling
from PIL import Image
from s2p_krita import layers, names, server
from s2p_krita.dabs import Dab
from s2p_krita.errors import Cancelled, PluginError
from server_fakes import GATE
from server_running import Running, wait_ready

from s2p.export import Layer, encode_ora

FOLDER = krita_running.FOLDER
# Names and layers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("listed", "lines", "hints"), [
    (["hints", "Lineart", "Background"], 1, 0), (["colour", "figure/ink 2", "sketch"], 1, None),
    (["sketch", "paper"], 0, None), (["Hint dabs", "Layer 1"], 1, 0), (["線画", "ヒント"], 0, 1), ([], None, None),
    (["hints on lines"], None, 0),
])
def test_layers_are_guessed_by_their_names(listed: list[str], lines: int | None, hints: int | None):
    assert (names.lines_among(listed), names.hints_among(listed)) == (lines, hints)


def painting(*, lines: str = "normal") -> bytes:
    flat = np.full((6, 8, 3), 90, np.uint8)
    made = [Layer("draft", flat), Layer("colours", flat), Layer("shade", flat, blend="multiply"),
            Layer("light", flat, blend="screen"), Layer("lines", flat[..., 0], blend=lines, visible=lines == "normal")]
    return encode_ora(made)


def test_layers_of_a_painting_are_read_and_chosen():
    found = layers.read(painting(), 8, 6)
    assert [(one.name, one.blend, one.is_visible) for one in found] == [
        ("draft", "normal", True), ("colours", "normal", True), ("shade", "multiply", True), ("light", "screen", True),
        ("lines", "normal", True)]
    assert Image.open(io.BytesIO(found[1].png)).size == (8, 6)
    assert [one.name for one in layers.wanted(found)] == ["flats", "shade", "light"]
    assert [one.name for one in layers.wanted(layers.read(painting(lines="multiply"), 8, 6))] == ["painting"]


def test_files_that_are_no_painting_are_refused():
    whole = painting()
    for damaged in (b"", b"text", whole[:300], whole[: len(whole) // 2]):
        with pytest.raises(PluginError, match="no painting in layers"):
            layers.read(damaged, 8, 6)
    with pytest.raises(PluginError, match="8 x 6 pixels, and the document 9 x 6"):
        layers.read(whole, 9, 6)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stack.xml", '<image w="8" h="6"><stack><layer name="colours" src="a"/></stack></image>')
        archive.writestr("a", bytes(2_000_000))
    with pytest.raises(PluginError, match="no painting in layers"):
        layers.read(bomb.getvalue(), 8, 6)
    with pytest.raises(PluginError, match="no painting in layers"):
        layers.wanted([])


# The server -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def flats(tmp_path_factory):
    """A server that fills line art, on networks that answer at once."""
    with Running(tmp_path_factory.mktemp("krita") / "base", "--port", "0", painter="tests.server_fakes:flats") as found:
        yield found


@pytest.fixture
def dead() -> str:
    """An address where nobody answers."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


def ink(size: int = 256) -> np.ndarray:
    """The drawing of the tests of filling as ink on nothing, RGBA."""
    drawing = test_filling.drawing(size)
    return np.dstack([*[np.zeros_like(drawing)] * 3, 255 - drawing])


def png(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def rooms(server: Running) -> list[Path]:
    return list((server.base / "game" / "rooms").iterdir())


def hexed(color: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


HINTS = [Dab(0.3, 0.5, "#c83c3c", 9), Dab(0.7, 0.5, "#3c64c8", 9)]


def test_a_painting_comes_in_layers_and_leaves_no_room(flats: Running):
    told: list[tuple[str, float]] = []
    painter = server.Server(f"127.0.0.1:{flats.port}/", tell=lambda words, share: told.append((words, share)))
    result = painter.paint(png(ink()), HINTS)
    read = layers.wanted(layers.read(result.layers, 256, 256))
    assert read[0].name == "flats" and result.notes == []
    colors = np.asarray(Image.open(io.BytesIO(read[0].png)).convert("RGB"))
    assert hexed(colors[128, 77]) == "#c83c3c" and hexed(colors[128, 179]) == "#3c64c8"
    assert told[0][0] == "Asking the server" and told[-1][0] == "Fetching the layers"
    assert all(0 <= share <= 1 for _, share in told)
    assert not rooms(flats)
    assert json.loads(flats.get("/api/v1/status"))["painted"] >= 1


def test_the_ground_can_stay_transparent(flats: Running):
    result = server.Server(flats.url("")).paint(png(ink()), HINTS, background="none")
    assert Image.open(io.BytesIO(layers.wanted(layers.read(result.layers, 256, 256))[0].png)).mode == "RGBA"


def test_what_the_server_refuses_is_said_in_its_words(flats: Running):
    with pytest.raises(PluginError, match="saucer"):
        server.Server(flats.url("")).paint(png(ink()), [], words=["flying saucer"])
    with pytest.raises(PluginError, match="picture"):
        server.Server(flats.url("")).paint(b"text", [])


def test_a_server_that_is_not_there_or_none_is_said(dead: str):
    with pytest.raises(PluginError, match=f"No s2p server answers at {dead}. Start it"):
        server.Server(dead).paint(png(ink()), [])

    class Other(http.server.BaseHTTPRequestHandler):
        answers = iter([(200, b"<html>"), (200, b"[]"), (200, b"{}"), (404, b"nothing")])

        def do_GET(self):
            status, body = next(self.answers)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        for _ in range(4):
            with pytest.raises(PluginError, match="is no s2p server"):
                server.Server(f"http://127.0.0.1:{other.server_port}").paint(png(ink()), [])
        with pytest.raises(PluginError, match="has stopped answering"):  # its handler fails
            server.Server(f"http://127.0.0.1:{other.server_port}").paint(png(ink()), [])
        other.shutdown()


def test_a_painting_is_cancelled_while_it_waits(tmp_path: Path):
    gate = tmp_path / "gate"
    cancelled = threading.Event()
    told = []

    def tell(words: str, share: float) -> None:
        told.append(words)
        if words.startswith("Waiting"):
            cancelled.set()

    painter, environment = "tests.server_fakes:waiting", {GATE: str(gate)}
    with Running(tmp_path / "base", "--port", "0", painter=painter, environment=environment) as one:
        with pytest.raises(Cancelled):
            server.Server(one.url(""), cancelled=cancelled, tell=tell).paint(png(ink()), HINTS)
        gate.touch()
        wait_ready(one)
        assert json.loads(one.get("/api/v1/status"))["queued"] == 0
    assert told[-1] == "Waiting for the painter"


def test_an_upload_is_cancelled_in_the_middle():
    """On a line so slow that the drawing would never be there."""
    cancelled, began = threading.Event(), time.monotonic()
    noise = np.random.default_rng(0).integers(0, 255, (900, 900, 4), np.uint8)
    with socket.create_server(("127.0.0.1", 0)) as slow:
        def serve():
            one, _ = slow.accept()  # asks how the server is
            one.recv(4096)
            one.sendall(b'HTTP/1.0 200 OK\r\n\r\n{"worker": "ready"}')
            one.close()
            one, _ = slow.accept()
            one.recv(4096)  # and no more
            cancelled.set()
            time.sleep(2)
            one.close()

        threading.Thread(target=serve, daemon=True).start()
        with pytest.raises(Cancelled):
            server.Server(f"http://127.0.0.1:{slow.getsockname()[1]}", cancelled=cancelled).paint(png(noise), [])
    assert time.monotonic() - began < 20


def test_a_drawing_that_is_there_although_it_was_cancelled_is_deleted(flats: Running):
    cancelled, is_made = threading.Event(), threading.Event()

    class Late(server.Server):
        def _send(self, method, path, *words, **options):
            answer = super()._send(method, path, *words, **options)
            if (method, path) == ("POST", "/api/v1/rooms"):
                cancelled.set()
                is_made.wait(60)
            return answer

    with pytest.raises(Cancelled):
        Late(flats.url(""), cancelled=cancelled).paint(png(ink()), HINTS)
    assert len(rooms(flats)) == 1
    is_made.set()
    deadline = time.monotonic() + 60
    while rooms(flats) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not rooms(flats)


def test_a_file_that_takes_long_is_no_longer_waited_for(flats: Running):
    cancelled, is_over = threading.Event(), threading.Event()

    class Slow(server.Server):
        def _send(self, method, path, *words, **options):
            if ".ora" in path:
                cancelled.set()
                is_over.wait(60)
            return super()._send(method, path, *words, **options)

    began = time.monotonic()
    try:
        with pytest.raises(Cancelled):
            Slow(flats.url(""), cancelled=cancelled).paint(png(ink()), HINTS)
        assert time.monotonic() - began < 50 and not rooms(flats)
    finally:
        is_over.set()


@pytest.mark.parametrize(("written", "used"), [
    ("127.0.0.1:8232", "http://127.0.0.1:8232"), (" http://art.example/paint/ ", "http://art.example/paint"),
    ("https://[::1]:90", "https://[::1]:90"), ("", None), ("file:///etc/passwd", None), ("http://a:b", None),
    ("http://two words", None), ("ftp://art.example", None),
])
def test_addresses(written: str, used: str | None):
    if used is not None:
        assert server.tidy(written) == used
        return
    with pytest.raises(PluginError, match="address of a server looks like"):
        server.tidy(written)


def test_the_usual_address_is_that_of_a_server_here(root: Path):
    text = (root / "server" / "server.py").read_text(encoding="utf-8")  # to import it changes the whole process
    assert f"\nPORT = {urlsplit(server.DEFAULT).port}\n" in text


# The file -------------------------------------------------------------------------------------------------------------


def test_one_file_holds_the_plugin(tmp_path: Path):
    first, second = (krita_running.packer().pack(tmp_path / name) for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == second.read_bytes()
    held = zipfile.ZipFile(first).namelist()
    assert held[0] == "s2p_krita/" and {"s2p_krita.desktop", "s2p_krita/Manual.html"} <= set(held)
    assert {name for name in held if name.endswith(".py")} == {
        f"s2p_krita/{path.name}" for path in (FOLDER / "s2p_krita").glob("*.py")}
    assert "X-KDE-Library=s2p_krita" in (FOLDER / "s2p_krita.desktop").read_text(encoding="utf-8").splitlines()


def test_it_needs_only_what_comes_with_krita():
    knowing = {"docker", "document", "painter", "__init__"}
    for path in sorted((FOLDER / "s2p_krita").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 350
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                continue
            targets = [node.module] if isinstance(node, ast.ImportFrom) else [
                alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for target in targets:
                top = target.split(".")[0]
                assert top in sys.stdlib_module_names or (top in ("krita", "PyQt5") and path.stem in knowing), path


# Krita ----------------------------------------------------------------------------------------------------------------

GROUP = [["flats", "normal", True], ["shade", "multiply", True], ["light", "screen", True]]


@pytest.mark.slow
@pytest.mark.skipif(bool(krita_running.lacking()), reason=krita_running.lacking())
def test_krita_paints_with_it(tmp_path: Path, flats: Running, dead: str):
    Image.fromarray(ink()).save(tmp_path / "ink.png")
    wait_ready(flats)
    hints = [[77, 128, 6, "#c83c3c"], [179, 128, 6, "#3c64c8"]]
    base = tmp_path / "krita"
    base.mkdir(mode=0o700)
    seen = krita_running.run(base, address=flats.url("/"), dead=dead, drawing=str(tmp_path / "ink.png"), hints=hints)
    assert not seen["fault"] and "faults" not in seen, seen
    # what is missing is said
    assert seen["no document"] == "Open a drawing first."
    assert "is empty" in seen["no lines"] and "too transparent" in seen["faint"]
    assert "looks like http" in seen["no address"]
    assert seen["no server"].startswith(f"No s2p server answers at {dead}. Start it")
    assert "deep" in seen["deep group"] and "no longer there" in seen["layer gone"]
    assert "was removed" in seen["lines removed"] and "was closed" in seen["closed"]
    # the painting lies under the lines, which are what they were
    assert seen["chosen"] == ["ink", "hints"]
    assert seen["painted"].startswith("Painted with 2 hints, in ") and seen["lines are untouched"]
    painted = [one[0] for one in seen["tree"]]
    assert painted == ["Background", "s2p", "ink", "hints"]
    group = seen["tree"][1]
    assert group[1:3] == ["normal", True] and [one for one in GROUP if one in group[3]] == group[3]
    assert seen["colors"] == ["#c83c3c", "#3c64c8"]
    assert [one[0] for one in seen["undone"]] == ["Background", "ink", "hints"], "one step of undo takes all of it"
    assert seen["redone"] == seen["tree"]
    assert seen["seconds until the window answers"] < 2
    # the next one takes its place, but not that of what somebody painted on
    assert [one[0] for one in seen["painted again"]] == painted and seen["another group"]
    assert seen["shade is as faint"] == 100
    assert [[one[0], one[2]] for one in seen["painted on"]] == [
        ["Background", True], ["s2p, kept", False], ["s2p", True], ["ink", True], ["hints", True]]
    assert seen["cancelled"] == "Cancelled." and seen["after the cancel"] == [True, False, seen["painted on"]]
    # a scan on white paper, in a document of 16 bits
    scanned = [one[:2] for one in seen["scan tree"]]
    assert scanned == [["Background", "normal"], ["s2p", "multiply"], ["hints", "normal"]]
    assert seen["scan colors"] == seen["colors"]
