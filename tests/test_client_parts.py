"""Parts of a filled drawing in the page: recoloured by a click, swept over, locked and let go."""

from __future__ import annotations

import pytest

from tests import client_hands as hand
from tests.client_browser import chromium, fresh, server

__all__ = ["chromium", "fresh", "server"]  # fixtures
pytestmark = pytest.mark.browser
SERVER = {"painter": "filling"}
INSIDE, OUTSIDE = (0.5, 0.5), (0.05, 0.05)  # of the ring of `client_hands.drawing`


@pytest.fixture
def studio(fresh):
    """A drawing that was painted once, with one hint inside its ring."""
    hand.until(fresh, "(await import('/js/pointing.js')).hasRegions()")
    hand.choose_color(fresh, "#20a040")
    hand.click(fresh, *INSIDE)
    hand.paint(fresh)
    return fresh


def colors(page) -> list[str]:
    return [hint[2] for hint in hand.hints(page)]


def test_a_click_recolours_a_part_and_it_is_painted(studio):
    hand.tool(studio, "part")
    hand.choose_color(studio, "#2060d0")
    hand.click(studio, 0.4, 0.62)
    assert hand.hints(studio) == [(*INSIDE, "#2060d0", "exact")], "its hint took the colour where it was"
    studio.wait_for_function("() => document.querySelectorAll('#results li').length === 2")
    studio.wait_for_selector("#paint:visible")
    assert hand.shows(studio, 0.5, 0.3, (0x20, 0x60, 0xD0))
    hand.click(studio, *OUTSIDE)
    assert colors(studio) == ["#2060d0", "#2060d0"], "where there was none, one was made"
    studio.keyboard.press("z")
    studio.keyboard.press("z")
    assert colors(studio) == ["#20a040"]


def test_sweeping_over_parts_is_one_step(studio):
    hand.tool(studio, "part")
    hand.choose_color(studio, "#c02010")
    hand.drag(studio, INSIDE, OUTSIDE)
    assert colors(studio) == ["#c02010", "#c02010"]
    studio.keyboard.press("z")
    assert colors(studio) == ["#20a040"]


def test_a_locked_part_stays_as_it_is(studio):
    studio.keyboard.press("7")
    hand.click(studio, *OUTSIDE)
    hand.until(studio, "doc.locked.length === 1")
    assert hand.is_near(bytes.fromhex(colors(studio)[1][1:]), (0x20, 0xA0, 0x40), 3), "in the colour that it had"
    kept = hand.hints(studio)[1]
    hand.choose_color(studio, "#c02010")
    for tool in ("part", "exact"):
        hand.tool(studio, tool)
        hand.click(studio, 0.1, 0.9)
        assert hand.says(studio, "This part is locked.")
        assert len(hand.hints(studio)) == 2
    hand.tool(studio, "erase")
    hand.drag(studio, (0.02, 0.05), (0.5, 0.5))
    hand.drag(studio, (0.4, 0.5), (0.6, 0.5))
    assert hand.hints(studio) == [kept], "the eraser goes around it"
    studio.keyboard.press("f")
    hand.until(studio, "doc.suggested.length > 0 && !session.job")
    assert kept in hand.hints(studio)
    studio.locator("#open-hints").click()
    studio.get_by_text("Erase all hints").click()
    assert hand.hints(studio) == [kept]
    studio.reload()
    hand.until(studio, "doc.locked.length === 1 && (await import('/js/pointing.js')).hasRegions()")
    studio.locator("#canvas").focus()
    hand.tool(studio, "lock")
    hand.click(studio, *OUTSIDE)
    hand.until(studio, "doc.locked.length === 0")
    assert hand.hints(studio) == [kept], "its hint is an ordinary one again"


def test_the_keyboards_cross_recolours_and_locks(studio):
    studio.locator("#canvas").focus()
    studio.keyboard.press("6")
    hand.choose_color(studio, "#2060d0")
    studio.locator("#canvas").focus()
    studio.keyboard.press("Enter")
    assert colors(studio) == ["#2060d0"]
    studio.keyboard.press("7")
    studio.keyboard.press("Enter")
    hand.until(studio, "doc.locked.length === 1")
