"""Words for colours in the page: typed with completion, taken from groups, taken back, painted, saved with hints."""

from __future__ import annotations

import json

import pytest

from tests import client_hands as hand
from tests.client_browser import chromium, page, server, shared, studio, watched_studio

__all__ = ["chromium", "page", "server", "shared", "studio"]  # fixtures
pytestmark = pytest.mark.browser


def choose(studio) -> None:
    studio.locator("#model").select_option("tag2pix")
    studio.locator("#tags").wait_for()


def tags(studio) -> list[str]:
    return hand.doc(studio)["tags"]


def test_words_are_typed_completed_exchanged_and_painted(studio):
    studio.locator("#model").select_option("auto-painter")
    studio.locator("#tags").wait_for(state="hidden")
    choose(studio)
    assert not studio.locator("#model-untrained").is_visible(), "it has learned"
    field = studio.get_by_role("combobox", name="Colours by words")
    field.type("red dr")
    studio.locator("#tag-list li").first.wait_for()
    assert studio.locator("#tag-list li").all_inner_texts() == ["red dress"]
    field.press("Enter")
    field.type("hair")
    field.press("ArrowDown")
    field.press("Enter")
    assert tags(studio) == ["red_dress", "brown_hair"]
    field.type("golden hair")
    field.press("Enter")
    hand.until(studio, "document.querySelectorAll('#tag-chosen li').length === 2")
    studio.wait_for_function("() => document.querySelector('#tag-chosen').innerText.includes('blonde hair')")
    assert tags(studio) == ["red_dress", "blonde_hair"], "one colour of hair, the one chosen last"
    hand.paint(studio)
    assert hand.shows(studio, 0.3, 0.3, (0xC8, 0x3C, 0x3C))
    studio.get_by_role("button", name="Remove red dress").click()
    assert tags(studio) == ["blonde_hair"]
    studio.get_by_role("button", name="Undo").first.click()
    assert tags(studio) == ["red_dress", "blonde_hair"]


def test_words_that_nobody_knows_are_named_with_what_there_is(chromium, server):
    with watched_studio(chromium, server.url, allowed="Failed to load resource") as studio:
        choose(studio)
        field = studio.get_by_role("combobox", name="Colours by words")
        field.type("golden zebra,")
        studio.locator("#tag-words:not([hidden])").wait_for()
        assert "no tag for 'golden zebra'" in studio.locator("#tag-words").inner_text()
        field.press("Escape")
        assert studio.locator("#tag-words").is_hidden() and field.input_value() == "" and tags(studio) == []
        field.type("red d")
        field.press("Enter")
        studio.locator("#tag-groups summary").click()
        studio.locator("[data-tag=pink_hair]").click()


def test_words_are_taken_from_groups_and_live_in_hint_files(studio):
    choose(studio)
    studio.locator("#tag-groups summary").click()
    studio.locator("[data-tag=blue_hair]").click()
    studio.locator("[data-tag=pink_hair]").click()
    studio.locator("[data-tag=white_shirt]").click()
    assert tags(studio) == ["pink_hair", "white_shirt"]
    assert studio.locator("[data-tag=pink_hair]").get_attribute("aria-pressed") == "true"
    text = studio.evaluate("""async () => (await import('/js/hints.js')).writeHintFile('s2p',
        (await import('/js/store.js')).doc())""")
    assert json.loads(text)["tags"] == ["pink_hair", "white_shirt"]
    studio.locator("[data-tag=pink_hair]").click()
    assert tags(studio) == ["white_shirt"]
    studio.locator("#hints-file").set_input_files(hand.file("a.json", text.encode(), "application/json"))
    hand.until(studio, "document.querySelectorAll('#tag-chosen li').length === 2")
    studio.reload()
    choose_again = studio.locator("#tag-chosen li")
    choose_again.first.wait_for()
    assert choose_again.count() == 2, "and they are there after a refresh"


def test_words_that_nothing_was_taken_for_look_so_after_a_painting(studio):
    field = studio.get_by_role("combobox", name="Colours by words")
    field.type("red dr")
    studio.locator("#tag-list li").first.wait_for()
    field.press("Enter")
    assert studio.locator(".tag").count() == 1 and studio.locator(".tag.missed").count() == 0
    hand.paint(studio)  # this server's painter finds nothing that words mean
    studio.locator(".tag.missed").wait_for()
    assert "taken for: red dress" in studio.locator(".tag.missed").get_attribute("title")


def test_three_variants_keep_what_is_said_and_differ_in_the_rest(studio):
    choose(studio)
    field = studio.get_by_role("combobox", name="Colours by words")
    field.type("red dress")
    studio.locator("#tag-list li").first.wait_for()
    field.press("Enter")
    before = studio.locator("#results li").count()
    studio.get_by_role("button", name="Three variants").click()
    studio.wait_for_function("n => document.querySelectorAll('#results li').length === n + 3", arg=before)
    assert hand.says(studio, "Three variants are among the results. A click on one takes its words.")
    assert tags(studio) == ["red_dress"], "the artist's words are as they were"
    made = studio.evaluate("""async () => (await import('/js/store.js')).session.results.slice(-3)
        .map((result) => result.tag2pix.tags)""")
    assert len({tuple(some) for some in made}) == 3
    for some in made:
        assert "red_dress" in some and len(some) == 4
        assert {name.rpartition("_")[2] for name in some} == {"dress", "hair", "eyes", "legwear"}
    studio.locator("#results button").nth(before).click()
    studio.wait_for_function("() => document.querySelectorAll('#tag-chosen li').length === 4")
    assert sorted(tags(studio)) == sorted(made[0])
    studio.get_by_role("button", name="Undo").first.click()
    assert tags(studio) == ["red_dress"]


def test_painters_that_fill_show_choices_of_their_own_and_each_offers_the_words_it_reads(studio):
    assert studio.locator("#tag-variants").is_hidden()
    studio.locator("#tag-groups summary").click()
    studio.locator("[data-tag=green_shirt]").wait_for()
    choose(studio)
    studio.locator("#tag-variants").wait_for()
    assert studio.locator("[data-tag=green_shirt]").count() == 0, "Tag2Pix has learned no such word"
    assert studio.locator("[data-tag=red_shirt]").count() == 1
