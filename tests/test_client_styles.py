"""The window in which a picture is painted in the style of paintings: chosen, mixed, painted, shown; mouse and keys."""

from __future__ import annotations

import pytest

from s2p import style_shelf
from tests import client_hands as hand
from tests.client_browser import chromium, page, server, shared, studio
from tests.server_fakes import STYLES

__all__ = ["chromium", "page", "server", "shared", "studio"]  # fixtures
pytestmark = pytest.mark.browser
SERVER = {"painter": "styling"}
JOB = "session.results.at(-1).stylizer"


@pytest.fixture
def window(studio):
    """The window with two styles, whatever is installed."""
    told = {"styles": list(STYLES), "tile": style_shelf.TILE, "thumbnails": None}
    studio.route("**/api/v1/styles", lambda route: route.fulfill(json=told))
    studio.evaluate("""async () => {
      const { session, notify } = await import("./js/store.js");
      session.status.models.find(({ name }) => name === "stylizer").trained = true;
      notify("status");
    }""")
    studio.get_by_role("button", name="Paint it in a style").click()
    studio.get_by_role("dialog", name="Your picture in a style").wait_for()
    return studio


def paint(page) -> None:
    page.locator("#styles-start").click()
    page.locator("#styles-result").wait_for()
    assert page.locator("#styles-words").inner_text() == "It is painted."


def test_a_picture_is_painted_in_a_style_and_shown_on_the_canvas(window):
    tiles = window.locator(".style-tile")
    assert tiles.all_inner_texts() == ["Great wave", "Starry night"] and window.locator("#styles-pad").is_hidden()
    paint(window)
    assert window.locator("#styles-png").get_attribute("download") == "face-great-wave.png"
    window.get_by_role("button", name="Show on the canvas").click()
    window.locator("#styles").wait_for(state="hidden")
    hand.until(window, f"session.view === 'result' && {JOB}.styles['great-wave'] === 1")


def test_two_styles_are_mixed_by_mouse_and_by_keys(window):
    window.locator(".style-tile").nth(1).click()
    pad = window.locator("#styles-pad")
    box = pad.bounding_box()
    window.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 10)
    assert pad.get_attribute("aria-label").startswith("Mixture: Great wave 75 %")
    pad.focus()
    window.keyboard.press("ArrowRight")
    assert "Starry night 30 %" in window.locator("#styles-mixture").inner_text()
    window.locator("#styles-strength").fill("50")
    window.locator("#styles-lines").check()
    paint(window)
    hand.until(window, f"Math.abs({JOB}.styles['starry-night'] - 0.3) < 0.01 && {JOB}.strength === 0.5")
    window.locator(".style-tile").nth(0).click()
    assert pad.is_hidden(), "one style is left"


def test_the_pad_is_bilinear_and_its_shares_have_the_sum_one(studio):
    found = studio.evaluate("""async () => {
      const { shares, toggled, places } = await import("./js/mixing.js");
      const names = ["a", "b", "c", "d"];
      const three = names.slice(0, 3);
      return [shares(names, { x: 0.25, y: 0.5 }), shares(three, { x: 1, y: 1 }), shares(["a"], { x: 0.3, y: 0.1 }),
        toggled(["a"], "a"), toggled(names, "e"), places(4).length, shares(three, { x: 0.5, y: 0.5 })];
    }""")
    assert found[0] == {"a": 0.375, "b": 0.125, "c": 0.375, "d": 0.125}
    assert found[1] == {"a": 1} == found[2] and found[3] == ["a"] and found[4] == ["b", "c", "d", "e"] and found[5] == 4
    assert abs(sum(found[6].values()) - 1) < 1e-9


def test_it_is_not_offered_where_it_is_untrained(studio):
    studio.evaluate("""async () => {
      const { session, notify } = await import("./js/store.js");
      session.status.models.find(({ name }) => name === "stylizer").trained = false;
      notify("status");
    }""")
    assert studio.locator("#styles-group").is_hidden()
