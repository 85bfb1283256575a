"""The brush in the page: a hint's region is widened and narrowed by mouse and keys, undone, kept, and painted."""

from __future__ import annotations

import json

import pytest

from tests import client_hands as hand
from tests.client_browser import PHONE, chromium, page, server, shared, studio, watched_studio

__all__ = ["chromium", "page", "server", "shared", "studio"]  # fixtures
pytestmark = pytest.mark.browser
SERVER = {"painter": "flats"}  # fills as our own networks do
INSIDE, OUTSIDE = (0.5, 0.5), (0.1, 0.3)  # of the ring of `client_hands.drawing`
PAINTED = "store.shownDoc() === doc && !session.preview && !session.job"  # the hand rests
GREEN, WHITE = (0x20, 0xA0, 0x40), (255, 255, 255)


@pytest.fixture
def brushing(studio):
    """A drawing with one hint inside its ring, which is chosen."""
    hand.until(studio, "(await import('/js/pointing.js')).hasRegions()")
    hand.choose_color(studio, "#20a040")
    hand.click(studio, *INSIDE)
    hand.click(studio, *INSIDE)
    studio.wait_for_selector("#hint-widen:visible")
    return studio


def strokes(page) -> list[tuple[bool, int]]:
    """What the brush of the first hint does, and over how many places."""
    return [(one["adds"], len(one["path"])) for one in hand.doc(page)["hints"][0].get("brush", [])]


def test_a_region_is_widened_and_narrowed_painted_and_undone(brushing):
    hand.paint(brushing)
    assert hand.shows(brushing, 0.4, 0.6, GREEN) and hand.shows(brushing, *OUTSIDE, WHITE)
    hand.click(brushing, *INSIDE)
    brushing.locator("#hint-widen").click()
    assert brushing.locator("#hint-widen").get_attribute("aria-pressed") == "true"
    assert brushing.locator("#canvas").get_attribute("data-cursor") == "brush"
    hand.drag(brushing, OUTSIDE, (0.1, 0.6))
    assert [adds for adds, _ in strokes(brushing)] == [True] and len(hand.hints(brushing)) == 1
    hand.until(brushing, PAINTED)
    assert hand.shows(brushing, 0.1, 0.45, GREEN), "it was painted by itself"

    brushing.keyboard.press("9")
    assert brushing.locator("#hint-narrow").get_attribute("aria-pressed") == "true"
    hand.drag(brushing, (0.35, 0.6), (0.45, 0.6))
    hand.until(brushing, PAINTED)
    brushing.keyboard.press("Escape")
    brushing.keyboard.press("Escape")
    brushing.mouse.move(5, 5)
    assert hand.shows(brushing, 0.4, 0.6, WHITE) and hand.shows(brushing, 0.4, 0.5, GREEN)
    assert [adds for adds, _ in strokes(brushing)] == [True, False]

    brushing.keyboard.press("z")
    assert [adds for adds, _ in strokes(brushing)] == [True]
    brushing.keyboard.press("y")
    brushing.reload()
    brushing.wait_for_selector("[data-screen=studio]")
    hand.until(brushing, "session.results.length")
    assert [adds for adds, _ in strokes(brushing)] == [True, False]


def test_undo_keeps_the_brush_in_the_hand_and_escape_lays_it_down(brushing):
    brushing.locator("#hint-widen").click()
    hand.drag(brushing, OUTSIDE, (0.1, 0.6))
    hand.drag(brushing, (0.2, 0.1), (0.4, 0.1))
    brushing.keyboard.press("z")
    assert len(strokes(brushing)) == 1
    hand.drag(brushing, (0.2, 0.1), (0.4, 0.1))
    assert len(strokes(brushing)) == 2, "the hand brushes on"
    brushing.mouse.move(*hand.at(brushing, 0.1, 0.2))
    brushing.mouse.down()
    brushing.mouse.move(*hand.at(brushing, 0.1, 0.4), steps=3)
    brushing.keyboard.press("Escape")
    brushing.mouse.up()
    assert len(strokes(brushing)) == 2, "one that was begun is taken back"
    brushing.keyboard.press("Escape")
    assert brushing.locator("#hint-tools").is_visible(), "the hint is still chosen"
    hand.click(brushing, *OUTSIDE)
    assert len(hand.hints(brushing)) == 2, "the hand places hints again"


def test_the_keys_alone_brush(brushing):
    brushing.locator("#canvas").focus()
    brushing.keyboard.press("]")
    brushing.keyboard.press("8")
    for _ in range(3):
        brushing.keyboard.press("ArrowUp")
    brushing.keyboard.press("Enter")
    assert strokes(brushing) == [(True, 1)]
    (x, y), = hand.doc(brushing)["hints"][0]["brush"][0]["path"]
    assert x == pytest.approx(0.5, abs=0.01) and y < 0.49
    brushing.keyboard.press("Escape")
    brushing.keyboard.press("Escape")
    brushing.keyboard.press("8")
    assert hand.says(brushing, "Select a hint first")


def test_regions_show_what_the_brush_did_and_a_click_there_means_its_hint(brushing):
    brushing.locator("#hint-widen").click()
    hand.drag(brushing, OUTSIDE, (0.1, 0.6))
    brushing.keyboard.press("9")
    hand.drag(brushing, (0.35, 0.6), (0.45, 0.6))
    brushing.keyboard.press("3")
    brushing.keyboard.press("Escape")
    brushing.keyboard.press("Escape")
    brushing.keyboard.press("h")
    brushing.mouse.move(5, 5)
    assert hand.shows(brushing, 0.1, 0.45, GREEN) and hand.shows(brushing, 0.4, 0.6, WHITE)
    assert hand.shows(brushing, 0.4, 0.5, GREEN)
    hand.tool(brushing, "part")
    hand.choose_color(brushing, "#2060d0")
    hand.click(brushing, 0.1, 0.45)
    assert [hint[2] for hint in hand.hints(brushing)] == ["#2060d0"], "no hint was made there"
    assert len(strokes(brushing)) == 2


def test_strokes_leave_with_the_hints_and_come_back(brushing):
    brushing.locator("#hint-widen").click()
    hand.drag(brushing, OUTSIDE, (0.1, 0.6))
    kept = hand.doc(brushing)["hints"]
    brushing.locator("#open-hints").click()
    with brushing.expect_download() as download:
        brushing.locator("[data-save-hints=s2p]").click()
    text = download.value.path().read_text()
    brushing.locator("#open-hints").click()
    brushing.locator("#clear-hints").click()
    assert hand.hints(brushing) == []
    brushing.locator("#hints-file").set_input_files(hand.file("hints.json", text.encode(), "application/json"))
    hand.until(brushing, "doc.hints.length === 1")
    assert hand.doc(brushing)["hints"] == kept
    data = json.loads(text)
    data["hints"][0]["brush"][0]["width"] = -1
    broken = hand.file("hints.json", json.dumps(data).encode(), "application/json")
    brushing.locator("#hints-file").set_input_files(broken)
    assert hand.says(brushing, "its brush must be", is_error=True)


PURE = """async () => {
  const [b, h] = [await import('/js/brush.js'), await import('/js/hints.js')];
  const stroke = (adds, ...path) => ({ adds, width: 0.1, path });
  const [one, other] = [h.makeHint(0.2, 0.2, '#ff0000'), h.makeHint(0.8, 0.8, '#0000ff')];
  const wide = b.withStroke([one, other], 1, stroke(true, [0.5, 0.5]));
  const over = b.withStroke(wide.hints, 0, stroke(true, [0.5, 0.5]));
  const size = { width: 200, height: 100 };
  const owner = (hints) => hints[b.ownerAt(hints, { x: 0.5, y: 0.52 }, size)]?.color;
  const long = b.makeStroke(Array.from({ length: 3000 }, (_, i) => ({ x: i / 2999, y: 2 })), 9, true);
  const mine = b.withStroke([one], 0, stroke(false, [0.1, 0.1])).hints;
  const theirs = b.withStroke([one, other], 0, stroke(true, [0.9, 0.9])).hints;
  const merged = h.mergeHints(mine, theirs);
  const seen = new Set();
  b.eachUnder(stroke(true, [0.25, 0.5], [0.75, 0.5]), size, (x, y) => seen.add(y * 200 + x));
  let full = { hints: [one] };
  for (let i = 0; i < 300 && full; i++) full = b.withStroke(full.hints, 0, stroke(true, [0.5, 0.5]));
  return [owner(wide.hints), owner(over.hints), over.index, long.path.length <= 512, long.path.at(-1), long.width,
    merged.map((hint) => (hint.brush ?? []).length), seen.size, full, h.isHeld(mine[0], [one])];
}"""


def test_strokes_are_counted_ordered_and_merged(page):
    owner, over, index, is_short, end, width, merged, pixels, full, is_held = page.evaluate(PURE)
    assert (owner, over, index) == ("#0000ff", "#ff0000", 1), "what is added last lies on top"
    assert is_short and end == [1, 1] and width == 0.5
    assert merged == [2, 0], "two tabs keep the strokes of both"
    assert abs(pixels - 1078) < 40, "a band of 100 x 10 px with round ends"
    assert full is None and not is_held


def test_a_finger_brushes_on_a_phone_and_the_tools_stay_in_sight(chromium, server):
    with watched_studio(chromium, server.url, **PHONE) as phone:
        hand.until(phone, "(await import('/js/pointing.js')).hasRegions()")
        phone.touchscreen.tap(*hand.at(phone, *INSIDE))
        phone.touchscreen.tap(*hand.at(phone, *INSIDE))
        phone.locator("#hint-widen").tap()
        phone.touchscreen.tap(*hand.at(phone, *OUTSIDE))
        assert strokes(phone) == [(True, 1)]
        box = phone.locator("#hint-tools").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_a_hint_cannot_hold_and_what_v3_does_not_know_is_said(brushing):
    brushing.evaluate("""async () => {
      const store = await import('/js/store.js');
      const one = {adds: true, width: 0.01, path: [[0.5, 0.5]]};
      store.commit({hints: [{...store.doc().hints[0], brush: Array(256).fill(one)}]});
    }""")
    brushing.locator("#canvas").focus()
    brushing.keyboard.press("]")
    brushing.keyboard.press("8")
    brushing.keyboard.press("Enter")
    assert hand.says(brushing, "This hint has as many brush strokes as one can have", is_error=True)
    assert len(strokes(brushing)) == 256
    brushing.locator("#open-hints").click()
    with brushing.expect_download():
        brushing.locator("[data-save-hints=v3]").click()
    assert hand.says(brushing, "V3's files know no brush strokes")
