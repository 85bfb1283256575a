"""Regions in the page: the map is read as the library divides the drawing, and a hand sees which region it means."""

from __future__ import annotations

import base64
import io

import cv2
import numpy as np
import pytest
from PIL import Image

from s2p.lineart import channel_minimum
from s2p.pipelines.looking import page_of
from s2p.regions import region_at
from tests import client_hands as hand
from tests.client_browser import chromium, fresh, server, server_of, watched_page, watched_studio

__all__ = ["chromium", "fresh", "server"]  # fixtures
pytestmark = pytest.mark.browser
SERVER = {"painter": "filling"}  # says that it fills line art
LINE = (0.2, 0.5)  # where the ring of `client_hands.drawing` has its left edge


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Paints as V3's files do."""
    with server_of(tmp_path_factory.mktemp("server"), "painter") as running:
        yield running


@pytest.fixture
def studio(fresh):
    wait_for_map(fresh)
    return fresh


def wait_for_map(page) -> None:
    hand.until(page, "(await import('/js/pointing.js')).hasRegions()")


def lit(page) -> str:
    """The number of the region that is lit, as the canvas tells."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.locator("#canvas").get_attribute("data-region")


def drawn(seed: int = 5) -> np.ndarray:
    """A page with rings, slivers between parallel lines, and specks."""
    random, page = np.random.default_rng(seed), np.full((700, 500), 255, np.uint8)
    for _ in range(14):
        x, y, r = random.integers(0, 500), random.integers(0, 700), random.integers(4, 160)
        cv2.circle(page, (int(x), int(y)), int(r), int(random.integers(0, 120)), int(random.integers(1, 5)))
    for offset in (0, 3, 7, 12):
        cv2.line(page, (20 + offset, 0), (420 + offset, 699), 0, 1)
    return page


def as_told(page) -> tuple[np.ndarray, dict]:
    """The map as RGBA, and what the server says beside it."""
    room = np.minimum(np.rint(page.regions.room * 256), 4095).astype(np.int32)
    both = np.concatenate([page.regions.labels, room])
    rgba = np.stack([both >> 16, both >> 8 & 255, both & 255, np.full_like(both, 255)], -1).astype(np.uint8)
    return rgba, {"width": page.inner[1], "height": page.inner[0], "count": page.regions.count,
                  "grounds": np.flatnonzero(page.regions.grounds).tolist()}


RUN = """async ({bytes, width, height, told, points}) => {
  const m = await import('/js/regions.js');
  const data = Uint8ClampedArray.from(atob(bytes), (c) => c.charCodeAt(0));
  const map = m.readRegions({data, width, height}, told);
  return points.map(([x, y]) => {
    const moved = m.snapPoint(map, {x, y});
    return [m.regionAt(map, {x, y}), moved.x, moved.y, m.regionAt(map, moved)];
  });
}"""


def asked(chromium, server, rgba, told, points) -> list[list[float]]:
    given = {"bytes": base64.b64encode(rgba.tobytes()).decode(), "width": rgba.shape[1], "height": rgba.shape[0],
             "told": told, "points": points}
    with watched_page(chromium, server.url) as page:
        return page.evaluate(RUN, given)


def test_a_point_means_the_same_region_in_the_page_and_in_the_library(chromium, server):
    page = page_of(drawn())
    points = [*np.random.default_rng(1).random((4000, 2)).tolist(), [0.0, 0.0], [1.0, 1.0], [1.0, 0.0]]
    share = np.array(page.inner[::-1]) / np.array(page.lines.shape[::-1])
    wanted = [region_at(page.regions, *(np.array(point) * share)) for point in points]
    found = asked(chromium, server, *as_told(page), points)
    assert [one[0] for one in found] == wanted
    assert len(set(wanted)) > 20, "the drawing is no easy one"
    moved = [(one, point) for one, point in zip(found, points) if one[1:3] != point]
    assert len(moved) > 100, "many points lie on lines"
    far = []
    for (region, x, y, after), (old_x, old_y) in moved:
        assert region == after, "a snapped point means what it meant"
        far.append(max(abs(x - old_x) * page.inner[1], abs(y - old_y) * page.inner[0]))
    assert max(far) <= 9.1 and np.mean(np.array(far) > 5.1) < 0.02, "it moves by a hair, on a broad line by two"


def test_on_broad_lines_page_and_library_mean_the_same_too(chromium, server):
    drawing = drawn()
    cv2.circle(drawing, (250, 350), 180, 0, 12)
    page = page_of(drawing)
    angles = np.random.default_rng(2).random(400) * 2 * np.pi
    radii = 180 + np.random.default_rng(3).uniform(-9, 9, 400)
    points = np.stack([(250 + radii * np.cos(angles)) / 500, (350 + radii * np.sin(angles)) / 700], -1).tolist()
    share = np.array(page.inner[::-1]) / np.array(page.lines.shape[::-1])
    wanted = [region_at(page.regions, *(np.array(point) * share)) for point in points]
    found = asked(chromium, server, *as_told(page), points)
    assert [one[0] for one in found] == wanted
    assert all(one[0] == one[3] for one in found)


def test_a_map_with_impossible_numbers_is_not_used(chromium, server):
    rgba, told = as_told(page_of(drawn()))
    with watched_page(chromium, server.url) as page:
        assert page.evaluate("""async ([width, height, told]) => {
          const m = await import('/js/regions.js');
          return m.readRegions({data: new Uint8ClampedArray(4 * width * height).fill(255), width, height}, told);
        }""", [rgba.shape[1], rgba.shape[0], told]) is None


def test_the_region_under_the_hand_lights_up_and_goes_out(studio):
    page = page_of(channel_minimum(np.asarray(Image.open(io.BytesIO(hand.drawing())).convert("RGB"))))
    hand.choose_color(studio, "#2060d0")
    before = hand.shown_color(studio, 0.5, 0.3)
    studio.mouse.move(*hand.at(studio, 0.5, 0.5))
    inside = lit(studio)
    assert inside == str(region_at(page.regions, 0.5, 0.5 * page.inner[0] / page.lines.shape[0]))
    shown = hand.shown_color(studio, 0.5, 0.3)
    assert shown != before and shown[2] > shown[0], "in the colour that it would get"
    studio.mouse.move(*hand.at(studio, 0.05, 0.05))
    assert lit(studio) not in ("", inside)
    hand.tool(studio, "erase")
    studio.mouse.move(*hand.at(studio, 0.5, 0.5))
    assert lit(studio) == ""


def test_a_dragged_hint_lights_up_its_region_and_dropping_ends_that(studio):
    hand.click(studio, 0.5, 0.5)
    studio.mouse.move(*hand.at(studio, 0.5, 0.5))
    inside = lit(studio)
    studio.mouse.down()
    studio.mouse.move(*hand.at(studio, 0.05, 0.05), steps=4)
    assert lit(studio) not in ("", inside)
    studio.mouse.up()
    assert lit(studio) == ""


def test_a_hint_dropped_on_a_line_moves_into_the_region_that_it_means(studio):
    hand.click(studio, *LINE)
    (hint,) = hand.doc(studio)["hints"]
    assert 0 < abs(hint["x"] - LINE[0]) < 0.02
    stays = studio.evaluate("""async (hint) => {
      const moved = (await import('/js/pointing.js')).snapped(hint);
      return moved.x === hint.x && moved.y === hint.y;
    }""", hint)
    assert stays, "there it means its own place"
    studio.locator("#undo").click()
    assert hand.hints(studio) == [], "placing and moving are one step"


def test_a_hint_in_the_open_stays_where_it_was_put(studio):
    hand.click(studio, 0.41, 0.37)
    (hint,) = hand.doc(studio)["hints"]
    assert (round(hint["x"], 2), round(hint["y"], 2)) == (0.41, 0.37)


def test_the_keyboards_cross_lights_up_its_region(studio):
    studio.locator("#canvas").focus()
    studio.keyboard.press("ArrowLeft")
    assert lit(studio) != ""
    studio.keyboard.press("Escape")
    assert lit(studio) == ""


def test_in_place_of_the_draft_stands_what_each_hint_fills(studio):
    assert studio.locator("#views input[value=draft] + span").inner_text() == "Regions"
    hand.choose_color(studio, "#20a040")
    hand.click(studio, 0.5, 0.5)
    hand.choose_color(studio, "#d08040")
    hand.click(studio, 0.05, 0.05)
    studio.get_by_role("radio", name="Regions").check()
    studio.keyboard.press("h")
    studio.mouse.move(5, 5)
    assert hand.shows(studio, 0.5, 0.3, (0x20, 0xA0, 0x40))
    assert hand.shows(studio, 0.03, 0.5, (0xD0, 0x80, 0x40))
    studio.locator("#undo").click()
    assert hand.shows(studio, 0.03, 0.5, (255, 255, 255)), "it follows every change at once"


def test_no_draft_is_offered_where_none_was_made(studio):
    draft = studio.locator("#views input[value=draft]")
    hand.paint(studio)
    assert draft.is_enabled(), "regions"
    studio.locator("#methods input[value=rendering]").check(force=True)
    assert draft.is_disabled() and studio.locator("#views input[value=result]").is_enabled()
    studio.locator("#canvas").focus()
    studio.keyboard.press("3")
    assert not draft.is_checked()
    hand.paint(studio)
    assert draft.is_enabled(), "the second painting has one"


def test_anchors_are_hidden_and_experts_get_them_back(studio):
    draft = studio.locator("[data-tool=draft]")
    hand.until(studio, "session.status.fills")
    assert draft.is_hidden()
    assert studio.locator("[data-tool=exact]").get_attribute("aria-label") == "Hint"
    studio.locator("#canvas").focus()
    studio.keyboard.press("a")
    assert hand.hints(studio) == [] and studio.evaluate(
        "async () => (await import('/js/store.js')).session.tool") == "exact"
    hand.click(studio, 0.5, 0.5)
    hand.click(studio, 0.5, 0.5)
    studio.wait_for_selector("#hint-tools:visible")
    assert studio.locator("#hint-kind").is_hidden()
    studio.keyboard.press("k")
    assert hand.hints(studio)[0][3] == "exact"
    studio.locator("#expert-switch").check()
    assert draft.is_visible() and studio.locator("#hint-kind").is_visible()
    hand.tool(studio, "draft")
    hand.click(studio, 0.05, 0.5)
    assert hand.hints(studio)[1][3] == "draft"
    studio.reload()
    studio.wait_for_selector("[data-tool=draft]:visible")
    studio.locator("#expert-switch").uncheck()
    assert draft.is_hidden()
    assert hand.hints(studio)[1][3] == "draft", "what was placed stays what it is"
    hand.paint(studio)


def test_shaded_pictures_are_painted_by_six_networks_and_have_anchors(studio):
    studio.get_by_role("radio", name="Shaded").check()
    studio.wait_for_selector("[data-tool=draft]:visible")
    assert studio.locator("#views input[value=draft] + span").inner_text() == "Draft"
    assert studio.locator("[data-tool=exact]").get_attribute("aria-label") == "Exact hint"
    studio.mouse.move(*hand.at(studio, 0.5, 0.5))
    assert lit(studio) == ""


def test_where_nothing_is_filled_the_page_is_as_before(chromium, plain):
    with watched_studio(chromium, plain.url) as page:
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        assert page.locator("[data-tool=draft]").is_visible()
        assert page.locator("#expert-setting").is_hidden()
        page.mouse.move(*hand.at(page, 0.5, 0.5))
        assert lit(page) == ""
        hand.click(page, *LINE)
        assert abs(hand.doc(page)["hints"][0]["x"] - LINE[0]) < 0.004, "nothing is snapped"
        hand.paint(page)
        page.wait_for_timeout(2500)
        assert page.locator("#choices").is_hidden()
        assert not [url for url in asked if "regions" in url]
