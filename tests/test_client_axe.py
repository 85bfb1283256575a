"""Whether people who hear the page, see little or use no mouse can work with it: axe-core on every screen and dialog.

axe-core is by Deque, under the MPL 2.0; nothing of it is part of this project.
"""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests import client_hands as hand
from tests.client_browser import PHONE, chromium, server, watched_page
from tests.server_fakes import ENDLESS, STYLES

__all__ = ["chromium", "server"]  # fixtures
pytestmark = pytest.mark.browser
SERVER = {"painter": "everything"}

# All rules in the light, and in the dark what depends on it. Nothing moves while it is looked at.
RULES = """async (part) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*, *::before, *::after { animation: none !important; transition: none !important }");
  document.adoptedStyleSheets = [sheet];
  const told = [];
  for (const theme of ["light", "dark"]) {
    document.documentElement.dataset.theme = theme;
    const wanted = theme === "light" ? { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }
      : { type: "rule", values: ["color-contrast"] };
    const { violations } = await axe.run(part, { runOnly: wanted, resultTypes: ["violations"] });
    for (const { id, help, nodes } of violations) {
      const where = nodes.map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`);
      told.push(`${theme}, ${id}: ${help} ${where.join("; ")}`);
    }
  }
  delete document.documentElement.dataset.theme;
  return told;
}"""


class Reader:
    """Looks at a page in the states in which it is brought, and tells at the end what was wrong in which."""

    def __init__(self, page: Any) -> None:
        self.page, self.found = page, {}
        page.evaluate(AXE_SCRIPT)

    def looks(self, state: str, part: str = "html") -> None:
        violations = self.page.evaluate(RULES, part)
        if violations:
            self.found[state] = violations

    def opens(self, state: str, opener: str, thing: str) -> None:
        """Looks at what a button opens, and closes it by the keyboard."""
        self.page.locator(opener).click()
        self.page.locator(thing).wait_for()
        self.looks(state, thing)
        self.page.keyboard.press("Escape")
        self.page.locator(thing).wait_for(state="hidden")

    def judges(self) -> None:
        told = "\n".join(f"{state}: {one}" for state, violations in self.found.items() for one in violations)
        assert not told, told


def open_styles(page: Any) -> None:
    """Has the page know two styles, whatever is installed."""
    told = {"styles": list(STYLES), "tile": 8, "thumbnails": None}
    page.route("**/api/v1/styles", lambda route: route.fulfill(json=told))
    page.evaluate("""async () => {
      const { session, notify } = await import("./js/store.js");
      session.status.models.find(({ name }) => name === "stylizer").trained = true;
      notify("status");
    }""")


def test_no_screen_and_no_dialog_shuts_anybody_out(chromium, server):
    with watched_page(chromium, server.url) as page:
        reader = Reader(page)
        page.locator("#sample-list li").first.wait_for()
        reader.looks("start")
        hand.open_drawing(page)
        hand.until(page, "(await import('/js/pointing.js')).hasRegions()")
        reader.looks("studio")
        hand.click(page, 0.5, 0.5)
        hand.click(page, 0.5, 0.5)
        page.locator("#expert-switch").check()
        page.evaluate("async () => (await import('/js/notices.js')).note('Saved.')")
        reader.looks("a hint is chosen, and something is said")
        page.keyboard.press("8")
        reader.looks("its region is widened", "#stage")
        hand.paint(page)
        hand.until(page, "session.choices && !session.isChoosing && session.choices.items.length === 6")
        reader.looks("choices")
        page.keyboard.press("5")
        page.locator("#split").wait_for()
        reader.looks("comparing", "#stage")
        reader.opens("hints", "#open-hints", "#hints-menu")
        reader.opens("save", "#open-save", "#save-menu")
        reader.opens("palettes", "#palette-more", "#palette-menu")
        reader.opens("help", "#help", "#shortcuts")
        reader.opens("a sketch", "#make-sketch", "#sketch")
        reader.opens("strokes", "#open-strokes", "#strokes")
        open_styles(page)
        page.locator("#open-styles").click()
        page.locator(".style-tile").nth(1).click()
        reader.looks("styles", "#styles")
        page.keyboard.press("Escape")
        page.locator("#model").select_option("tag2pix")
        page.get_by_role("combobox", name="Colours by words").type("red")
        page.locator("#tag-list li").first.wait_for()
        reader.looks("words", "#tags")
        page.keyboard.press("Enter")
        reader.looks("a word is chosen", "#tags")
        page.locator("#model").select_option("style2paints")
        page.keyboard.press("2")
        hand.tool(page, "draft")
        hand.choose_color(page, ENDLESS)
        page.get_by_role("radio", name="Shaded").check()
        hand.click(page, 0.3, 0.3)
        page.locator("#paint").click()
        page.locator("#cancel").wait_for()
        reader.looks("painting", "#dock")
        page.keyboard.press("Escape")
        page.wait_for_selector("#paint:visible")
        page.locator("#home").click()
        reader.looks("start, with drawings to go on with")
        reader.judges()


def test_nor_does_a_chapter_on_a_phone(chromium, server):
    with watched_page(chromium, server.url, **PHONE) as page:
        reader = Reader(page)
        reader.looks("start")
        page.locator("#file").set_input_files([hand.file(f"{n}.png", hand.drawing((60, 80))) for n in range(2)])
        page.wait_for_selector("[data-screen=studio]")
        hand.until(page, "document.querySelectorAll('#page-list li').length === 2 && !session.pagesTask")
        reader.looks("pages")
        reader.opens("the menu of pages", "#open-pages", "#pages-menu")
        page.locator("#open-sheet").click()
        reader.looks("settings", "#panel")
        reader.judges()


FOCUSED = "document.activeElement.closest('[id]').id"
REACHABLE = """() => [...document.querySelectorAll("button, input, select, a[href], summary, [tabindex]")]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.disabled && node.tabIndex >= 0
    && !node.matches("[type=radio]:not(:checked)") && !node.closest(":disabled"))
  .map((node) => node.id || node.dataset.tool || node.dataset.color || node.outerHTML)"""
REACHED = """() => {
  const node = document.activeElement;
  return node.id || node.dataset.tool || node.dataset.color || node.outerHTML;
}"""


def test_what_is_seen_in_the_studio_is_reached_and_worked_by_keys(chromium, server):
    with watched_page(chromium, server.url) as page:
        hand.open_drawing(page)
        hand.click(page, 0.5, 0.5)
        hand.paint(page)
        hand.until(page, "session.choices && !session.isChoosing && session.choices.items.length === 6")
        page.keyboard.press("5")
        page.locator("#split").wait_for()
        wanted, seen = set(page.evaluate(REACHABLE)), set()
        for _ in range(2 * len(wanted)):
            page.keyboard.press("Tab")
            seen.add(page.evaluate(REACHED))
            if wanted <= seen:
                break
        assert not wanted - seen

        split = page.locator("#split")
        split.focus()
        page.keyboard.press("ArrowRight")
        assert split.get_attribute("aria-valuenow") == "52"
        page.keyboard.press("Home")
        assert split.get_attribute("aria-valuenow") == "0"
        page.locator("#square").focus()
        before = page.locator("#hex").input_value()
        page.keyboard.press("ArrowLeft")
        assert page.locator("#hex").input_value() != before
        for key, menu, opener in (("s", "#save-menu", "open-save"), ("l", "#hints-menu", "open-hints")):
            page.locator(f"#{opener}").focus()
            page.keyboard.press(key)
            page.locator(menu).wait_for()
            page.keyboard.press("Tab")
            assert page.evaluate(f"document.activeElement.closest('{menu}') !== null"), "its first entry comes next"
            page.keyboard.press("Escape")
            page.locator(menu).wait_for(state="hidden")
            assert page.evaluate(FOCUSED) == opener, "the focus is back where it was"
        page.locator("#theme").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.documentElement.dataset.theme")
        page.locator(".choice").nth(1).focus()
        page.keyboard.press("Enter")
        hand.until(page, "session.results.length === 2 && !session.job")
