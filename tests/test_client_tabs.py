"""One drawing in two tabs, and banners that leave the drawing where it is."""

from __future__ import annotations

import pytest

from tests import client_hands as hand
from tests.client_browser import chromium, server, watched_studio

__all__ = ["chromium", "server"]  # fixtures
pytestmark = pytest.mark.browser


@pytest.fixture
def tabs(chromium, server):
    """A drawing with one hint, open in two tabs of one browser."""
    with watched_studio(chromium, server.url) as first:
        hand.click(first, 0.3, 0.3)
        kept = "(await import('/js/persist.js')).stateOf(session.room.room)"
        hand.until(first, f"{kept}?.history.present.hints.length === 1")
        second = first.context.new_page()
        second.goto(first.url)
        second.wait_for_selector("[data-screen=studio]")
        hand.until(second, "doc.hints.length === 1")
        yield first, second


def test_what_is_done_in_one_tab_is_seen_in_the_other(tabs):
    first, second = tabs
    hand.click(second, 0.7, 0.7)
    hand.until(first, "doc.hints.length === 2")
    hand.click(first, 0.3, 0.7)
    hand.until(second, "doc.hints.length === 3")
    assert second.locator("[data-name=tabs]").count() == 0
    second.locator("#undo").click()
    hand.until(first, "doc.hints.length === 2")


def test_where_both_have_changed_the_person_chooses(tabs):
    first, second = tabs
    before = first.locator("#canvas").bounding_box()
    # What the other tab writes while this one has something of its own that is not written yet.
    theirs = """async () => {
      const [store, persist] = [await import('/js/store.js'), await import('/js/persist.js')];
      const key = persist.PREFIX + 'drawing.' + store.session.room.room;
      const old = localStorage.getItem(key);
      const kept = JSON.parse(old);
      kept.history.present.hints.push({x: 0.9, y: 0.9, color: '#102030', kind: 'exact'});
      store.placeHint({x: 0.1, y: 0.9, color: '#405060', kind: 'exact'});
      dispatchEvent(new StorageEvent('storage', {key, oldValue: old, newValue: JSON.stringify(kept)}));
    }"""
    first.evaluate(theirs)
    banner = first.locator("[data-name=tabs]")
    assert "changed in another tab" in banner.inner_text()
    assert first.locator("#canvas").bounding_box() == before, "what is said does not move the drawing"
    banner.get_by_role("button", name="Keep both").click()
    assert [hint[2] for hint in hand.hints(first)][1:] == ["#405060", "#102030"]
    hand.until(second, "doc.hints.length === 3")
    assert banner.count() == 0


def test_what_the_other_tab_does_during_a_drag_is_not_lost(tabs):
    first, second = tabs
    first.mouse.move(*hand.at(first, 0.3, 0.3))
    first.mouse.down()
    first.mouse.move(*hand.at(first, 0.4, 0.4), steps=3)
    hand.click(second, 0.7, 0.7)
    hand.until(second, "doc.hints.length === 2")
    banner = first.locator("[data-name=tabs]")
    banner.wait_for()
    first.mouse.up()
    hand.until(second, "doc.hints.length === 1")  # it shows what the first one has
    first.wait_for_timeout(300)
    banner.get_by_role("button", name="Keep both").click()
    hand.until(second, "doc.hints.length >= 2")
    assert {(0.4, 0.4), (0.7, 0.7)} <= {(round(x, 1), round(y, 1)) for x, y, *_ in hand.hints(first)}
