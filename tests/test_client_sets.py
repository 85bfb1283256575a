"""Sets of one's own weights on the page: shown where there are some, asked for, and back with a result."""

from __future__ import annotations

import json
import os

import pytest

from tests import client_hands as hand
from tests.client_browser import chromium, server_of, watched_studio

__all__ = ["chromium"]  # a fixture
pytestmark = pytest.mark.browser


def test_a_set_is_chosen_and_comes_back_with_its_result(chromium, tmp_path, monkeypatch):
    if os.name != "posix" or os.uname().sysname != "Linux":
        pytest.skip("The folder of a person's data is named by a variable on Linux alone.")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    place = tmp_path / "s2p" / "sets" / "my-ink"
    place.mkdir(parents=True)
    (place / "colors.json").write_text(json.dumps({"drawings": [{"cloth": ["#14a096"]}]}))
    (tmp_path / "server").mkdir()
    with server_of(tmp_path / "server") as server, watched_studio(chromium, server.url) as page:
        choice = page.locator("#weights-set")
        hand.until(page, "!document.querySelector('#weights-set-setting').hidden")
        assert choice.locator("option").all_inner_texts() == ["Standard", "my-ink"]
        choice.select_option("my-ink")
        assert hand.doc(page)["weightsSet"] == "my-ink"
        hand.paint(page)
        asked = page.evaluate("async () => (await import('/js/store.js')).session.results.at(-1).weights_set")
        assert asked == "my-ink"
        choice.select_option("")
        page.locator("#results li button").first.click()
        hand.until(page, "document.querySelector('#weights-set').value === 'my-ink'")
