"""The page in the folder of another site, behind a proxy: opened, painted, saved, and nothing asked for beside it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests import client_hands as hand
from tests import reverse_proxies
from tests.client_browser import chromium, server_of, watched_page

__all__ = ["chromium"]  # fixture
pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("proxy", "strips"), [
    (reverse_proxies.small, True), pytest.param(reverse_proxies.small, False, marks=pytest.mark.slow),
    *(pytest.param(reverse_proxies.nginx, strips, marks=pytest.mark.slow) for strips in (True, False)),
])
def test_a_drawing_is_painted_behind_a_proxy_in_a_folder(chromium, tmp_path, proxy, strips):
    port = reverse_proxies.free_port()
    address = f"http://localhost:{port}{reverse_proxies.FOLDER}"
    (tmp_path / "config.ini").write_text(f"[server]\npublic_url = {address}\ntrusted_proxies = 127.0.0.1\n")
    with server_of(tmp_path) as running, proxy(tmp_path, port, running.port, strips=strips), \
            watched_page(chromium, address) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(urlsplit(request.url).path))
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a sketch").click()
        chooser.value.set_files(hand.file("face.png", hand.drawing()))
        page.wait_for_selector("[data-screen=studio]")
        page.locator("#paint").click()
        page.wait_for_selector("#results li img")
        page.wait_for_function("() => document.querySelector('#results li img').naturalWidth > 0")
        link = page.locator("#save-links a[download$='.psd']")
        saved = link.evaluate("async (link) => (await fetch(link.href)).status")
        assert saved == 200
        page.reload()
        page.wait_for_selector("body:not([data-screen=loading])")
        assert all(path.startswith(reverse_proxies.FOLDER) for path in asked if not path.startswith("blob")), asked
        assert any(path.endswith("/events") for path in asked), "progress comes as a stream"
