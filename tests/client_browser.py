"""What the tests of the browser client share: a real server with a fake painter, real browsers, and pages in them.

Every page is watched: a request to a foreign host, an error in a script or an unexpected error in the console fails
the test it happened in.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest

from tests import client_hands as hand
from tests.client_hands import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
CLIENT = ROOT / "server" / "client"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


# Firefox asks for nothing by itself: no updates, no lists, no experiments, no first page.
PREFERENCES = dict.fromkeys((
    "app.normandy.enabled", "browser.safebrowsing.downloads.enabled", "browser.safebrowsing.malware.enabled",
    "browser.safebrowsing.phishing.enabled", "datareporting.policy.dataSubmissionEnabled", "extensions.update.enabled",
    "network.captive-portal-service.enabled", "network.connectivity-service.enabled", "toolkit.telemetry.enabled",
), False) | {"app.update.disabledForTesting": True, "services.settings.server": "data:,"}


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return _found("S2P_CHROMIUM", names)


def find_firefox() -> str | None:
    return _found("S2P_FIREFOX", ("firefox-esr", "firefox"))


def _found(variable: str, names: Sequence[str]) -> str | None:
    return os.environ.get(variable) or next(filter(None, map(shutil.which, names)), None)


def _give_up(message: str) -> NoReturn:
    """Leaves out the tests on a person's computer, and fails them where all has to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


class Server:
    """`python server/server.py` with a fake painter; can be stopped and started again at the same port.

    Args:
        painter: `module:function`, or the name of a function of `tests.server_fakes`.
        program: the words after `python`.
    """

    def __init__(self, base: Path, painter: str, program: Sequence[str]) -> None:
        self.base, self.program = base, program
        self.painter = painter if ":" in painter else f"tests.server_fakes:{painter}"
        self.port = 0
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/"

    def start(self) -> None:
        command = [sys.executable, *self.program, "--port", str(self.port), "--base", str(self.base),
                   "--painter", self.painter]
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


@contextmanager
def server_of(
    base: Path, painter: str = "painter", *, program: Sequence[str] = ("server/server.py",), ini: str = ""
) -> Iterator[Server]:
    """A running server, see `Server`; `ini` is its configuration."""
    if ini:
        (base / "config.ini").write_text(ini)
    running = Server(base, painter, program)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A module says in `SERVER` what `server_of` is given."""
    with server_of(tmp_path_factory.mktemp("server"), **getattr(request.module, "SERVER", {})) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    executable = find_chromium()
    if executable is None:
        _give_up("No Chromium was found on PATH or in $S2P_CHROMIUM.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Firefox saves; Playwright hears of what comes from the server alone, not of what was made in the page."""
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def firefox(downloads: Path) -> Iterator[Any]:
    """The system's own Firefox, by WebDriver BiDi."""
    executable = find_firefox()
    if executable is None:
        _give_up("No Firefox was found on PATH or in $S2P_FIREFOX.")
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            browser = playwright.firefox.launch(
                channel="moz-firefox", executable_path=executable, firefox_user_prefs=PREFERENCES,
                downloads_path=downloads,
            )
            browser.new_context().close()
        except Error as error:
            _give_up(f"Playwright cannot steer {executable}; 1.58 to 1.64 can: {error}")
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


@contextmanager
def watched_studio(browser: Any, address: str, **options: Any) -> Iterator[Any]:
    """A `watched_page` with a drawing of 300 x 400 open in the studio."""
    with watched_page(browser, address, **options) as page:
        hand.open_drawing(page)
        yield page


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
  for (const list of document.querySelectorAll('#strokes select')) {
    list.selectedIndex = Math.max(0, [...list.options].findIndex((option) => option.defaultSelected));
  }
  delete document.documentElement.dataset.theme;
  document.activeElement.blur();
  localStorage.clear();
  dispatchEvent(new StorageEvent('storage', {key: 's2p.chapters'})); // what modules have read of it is forgotten, too
  if (i18n.currentLanguage() !== 'en') await i18n.setLanguage('en');
  const look = {palette: null, showHints: true, split: 0.5, view: 'sketch', live: true, expert: false};
  store.setSession({tool: 'exact', color: '#f1bb98', recent: [], ...look}, 'screen');
}"""


@pytest.fixture
def studio(page: Any) -> Any:
    """A page with a drawing of 300 x 400 open in the studio."""
    hand.open_drawing(page)
    return page


@pytest.fixture
def fresh(chromium: Any, server: Server) -> Iterator[Any]:
    """As `studio`, in a profile of its own: for what begins by itself and must not go on in the next test."""
    with watched_studio(chromium, server.url) as page:
        yield page
