"""Somebody who has just arrived, and somebody who hears the page."""

from __future__ import annotations

import pytest

from tests import client_hands as hand
from tests.client_browser import PHONE, chromium, page, server, shared, watched_page, watched_studio

__all__ = ["chromium", "page", "server", "shared"]  # fixtures
pytestmark = pytest.mark.browser


def test_three_sentences_go_as_they_are_done_and_do_not_come_back(chromium, server):
    with watched_studio(chromium, server.url) as page:
        words = page.locator("#coach-words")
        assert words.inner_text().startswith("1/3 Choose a colour")
        hand.click(page, 0.5, 0.5)
        assert words.inner_text().startswith("2/3 A few colours")
        hand.paint(page)
        page.wait_for_selector("#coach:visible")
        assert words.inner_text().startswith("3/3 Compare")
        hand.paint(page)
        assert page.locator("#coach").is_hidden()
        page.locator("#home").click()
        hand.open_drawing(page)
        assert page.locator("#coach").is_hidden()


def test_the_tour_is_skipped_and_covers_no_drawing(chromium, server):
    for options in ({}, PHONE):
        with watched_studio(chromium, server.url, **options) as page:
            coach = page.locator("#coach").bounding_box()
            assert coach["y"] >= hand.at(page, 0.5, 1.0)[1] - 1, "it lies below the drawing"
            page.locator("#coach-skip").click()
            assert page.locator("#coach").is_hidden()
            page.reload()
            page.wait_for_selector("[data-screen=studio]")
            assert page.locator("#coach").is_hidden()


def test_colours_have_names(page):
    names = page.evaluate("""async (colors) => {
      const m = await import('/js/color_names.js');
      return colors.map(m.spoken);
    }""", ["#ffffff", "#000000", "#c02010", "#102040", "#a0c8f0", "#8f583c", "#fbd0b4", "#7e9f5e", "#808080"])
    assert [name.split(",")[0] for name in names] == [
        "white", "black", "red", "dark blue", "light blue", "brown", "light beige", "green", "gray"]
    assert names[2] == "red, #c02010"


def test_everything_new_is_reached_by_the_tab_key_and_has_a_name(chromium, server):
    with watched_page(chromium, server.url) as page:
        page.locator("#file").set_input_files([hand.file(f"{n}.png", hand.drawing((60, 80))) for n in range(2)])
        page.wait_for_selector("[data-screen=studio]")
        hand.until(page, "document.querySelectorAll('#page-list li').length === 2 && !session.pagesTask")
        hand.until(page, "session.status.worker !== 'starting'")
        wanted = {"palette-select", "palette-more", "paint-all", "open-pages", "coach-skip"}
        seen = {}
        for _ in range(90):
            page.keyboard.press("Tab")
            name, words = page.evaluate("""() => {
              const node = document.activeElement;
              return [node.id, node.getAttribute('aria-label') || node.innerText || node.labels?.[0]?.innerText || ''];
            }""")
            seen[name] = words.strip()
            if wanted <= set(seen):
                break
        assert wanted <= set(seen)
        assert all(seen[name] for name in wanted)
        nameless = page.evaluate("""() => [...document.querySelectorAll('button, input, select, [role=slider], canvas')]
          .filter((node) => node.type !== 'file' && !node.matches('[type=radio]'))
          .filter((node) => !(node.getAttribute('aria-label') || node.textContent?.trim() || node.labels?.length
            || document.getElementById(node.getAttribute('aria-labelledby'))?.textContent.trim()))
          .map((node) => node.outerHTML)""")
        assert nameless == [], "also what is not shown at the moment"
