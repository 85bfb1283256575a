"""What the tests of the browser client share: a real server with a fake painter, a real Chromium, and a person's hands.

Every page is watched: a request to a foreign host, an error in a script or an unexpected error in the console fails
the test it happened in.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "server" / "client"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]
PATIENCE = 60_000  # milliseconds; the page itself is much faster, the machine may not be


def find_chromium() -> str | None:
    named = os.environ.get("S2P_CHROMIUM")
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return named or next(filter(None, map(shutil.which, names)), None)


class Server:
    """`python server/server.py` with a fake painter; can be stopped and started again at the same port."""

    def __init__(self, base: Path, painter: str = "painter") -> None:
        self.base = base
        self.painter = painter
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/"

    def start(self) -> None:
        command = [sys.executable, "server/server.py", "--port", str(self.port), "--base", str(self.base),
                   "--painter", f"tests.server_fakes:{self.painter}"]
        with (self.base / "log.txt").open("a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        found = re.search(r":(\d+)/", self.process.stdout.readline())
        assert found, f"the server did not start: {(self.base / 'log.txt').read_text()}"
        self.port = int(found[1])

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    executable = find_chromium()
    if executable is None:
        message = "No Chromium was found on PATH or in $S2P_CHROMIUM."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


class Watch:
    """Notes requests to foreign hosts and errors of a page."""

    def __init__(self, page: Any, host: str) -> None:
        self.foreign: list[str] = []
        self.errors: list[str] = []
        self._host = host
        page.on("request", self._request)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))

    def _request(self, request: Any) -> None:
        if not request.url.startswith(("blob:", "data:")) and urlsplit(request.url).netloc != self._host:
            self.foreign.append(request.url)

    def clear(self) -> None:
        self.foreign.clear()
        self.errors.clear()

    def judge(self, allowed: str | None = None) -> None:
        foreign, errors = self.foreign[:], self.errors[:]
        self.clear()
        assert not foreign, f"requests to foreign hosts: {foreign}"
        unexpected = [error for error in errors if not (allowed and re.search(allowed, error))]
        assert not unexpected, f"errors in the page: {unexpected}"


@contextmanager
def watched_page(browser: Any, address: str, *, allowed: str | None = None, **options: Any) -> Iterator[Any]:
    """A page in a fresh profile. `allowed` is a pattern of console errors that the test provokes."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-US", **options})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    watch = Watch(page, urlsplit(address).netloc)
    page.goto(address)
    page.wait_for_selector("body:not([data-screen=loading])")
    yield page
    context.close()
    watch.judge(allowed)


@pytest.fixture(scope="module")
def shared(chromium: Any, server: Server) -> Iterator[tuple[Any, Watch]]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    watch = Watch(page, urlsplit(server.url).netloc)
    page.goto(server.url)
    page.wait_for_selector("body:not([data-screen=loading])")
    yield page, watch
    context.close()


@pytest.fixture
def page(shared: tuple[Any, Watch]) -> Iterator[Any]:
    """The first screen as a newcomer sees it. Tests share one page, because loading it takes longer than most tests."""
    page, watch = shared
    watch.clear()  # what other tests did to the server in the meantime
    page.evaluate(_AS_NEW)
    page.wait_for_selector("[data-screen=start]")
    yield page
    watch.judge()


_AS_NEW = """async () => {
  const store = await import('/js/store.js');
  const studio = await import('/js/studio.js');
  const i18n = await import('/js/i18n.js');
  if (store.session.job) await studio.cancel();
  studio.leave();
  document.querySelectorAll('.toast').forEach((toast) => toast.remove());
  document.querySelectorAll(':popover-open').forEach((menu) => menu.hidePopover());
  document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
  delete document.documentElement.dataset.theme;
  document.activeElement.blur();
  localStorage.clear();
  if (i18n.currentLanguage() !== 'en') await i18n.setLanguage('en');
  const look = {showHints: true, split: 0.5, view: 'sketch', live: true};
  store.setSession({tool: 'exact', color: '#f1bb98', recent: [], ...look}, 'screen');
}"""


@pytest.fixture
def studio(page: Any) -> Any:
    """A page with a drawing of 300 x 400 open in the studio."""
    open_drawing(page)
    return page


# Things a person does -------------------------------------------------------------------------------------------------


_DROP = """([selector, bytes, name, type]) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([new Uint8Array(bytes)], name, {type}));
  for (const step of ['dragenter', 'dragover', 'drop']) {
    const event = new DragEvent(step, {dataTransfer, bubbles: true, cancelable: true});
    document.querySelector(selector).dispatchEvent(event);
  }
}"""


def drop(page: Any, selector: str, data: bytes, name: str, kind: str) -> None:
    """Drops a file on an element, as the browser would report it."""
    page.evaluate(_DROP, [selector, list(data), name, kind])


def drawing(size: tuple[int, int] = (300, 400)) -> bytes:
    """A PNG: a face-like ring on paper, with a red seal at (0.9, 0.1) for the eyedropper."""
    width, height = size
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((width * 0.2, height * 0.2, width * 0.8, height * 0.8), outline="black", width=3)
    pen.rectangle((width * 0.85, height * 0.05, width * 0.95, height * 0.15), fill="#c02010")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def file(name: str, data: bytes, kind: str = "image/png") -> dict[str, Any]:
    return {"name": name, "mimeType": kind, "buffer": data}


def open_drawing(page: Any, size: tuple[int, int] = (300, 400)) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a sketch").click()
    chooser.value.set_files(file("face.png", drawing(size)))
    page.wait_for_selector("[data-screen=studio]")
    page.wait_for_function("() => document.querySelector('#canvas').dataset.hints === '0'")


def at(page: Any, x: float, y: float) -> tuple[float, float]:
    """Where the fraction (x, y) of the picture lies in the window."""
    box = page.locator("#canvas").bounding_box()
    place = page.evaluate("async p => (await import('/js/stage.js')).screenOf(p)", {"x": x, "y": y})
    return box["x"] + place["x"], box["y"] + place["y"]


def click(page: Any, x: float, y: float, **options: Any) -> None:
    page.mouse.click(*at(page, x, y), **options)


def drag(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    page.mouse.move(*at(page, *end), steps=6)
    page.mouse.up()


def until(page: Any, condition: str) -> None:
    """Waits until a condition on `session`, `doc` or `store` of the page holds."""
    look = f"""async () => {{
      const store = await import('/js/store.js');
      const [session, doc] = [store.session, store.doc()];
      return Boolean({condition});
    }}"""
    deadline = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(look):
        assert time.monotonic() < deadline, f"it did not come about: {condition}"
        page.wait_for_timeout(30)


def choose_color(page: Any, color: str) -> None:
    page.locator("#hex").fill(color)
    page.locator("#hex").press("Enter")


def tool(page: Any, name: str) -> None:
    page.locator(f"[data-tool={name}]").click()


def doc(page: Any) -> dict[str, Any]:
    return page.evaluate("async () => (await import('/js/store.js')).doc()")


def hints(page: Any) -> list[tuple[float, float, str, str]]:
    return [(round(h["x"], 2), round(h["y"], 2), h["color"], h["kind"]) for h in doc(page)["hints"]]


def shown_color(page: Any, x: float, y: float) -> tuple[int, int, int]:
    """The pixel of the canvas at a fraction of the picture."""
    box = page.locator("#canvas").bounding_box()
    left, top = at(page, x, y)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    clip = {"x": round(left), "y": round(top), "width": 1, "height": 1}
    assert box["x"] <= clip["x"] <= box["x"] + box["width"]
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB").getpixel((0, 0))


def is_near(color: tuple[int, int, int], wanted: tuple[int, int, int], tolerance: int = 12) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(color, wanted, strict=True))


def paint(page: Any) -> None:
    """Presses Paint and waits for one result more."""
    before = page.locator("#results li").count()
    page.locator("#paint").click()
    page.wait_for_function("n => document.querySelectorAll('#results li').length > n", arg=before)
    page.wait_for_selector("#paint:visible")
