"""How words for colours are read: names, other words, groups, conflicts, and words that nobody knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from s2p.errors import InputError
from s2p.tags import GROUPS, MAX_TAGS, TagOptions, choices, read_tags, search, vector, vocabulary


@pytest.mark.parametrize(("words", "names"), [
    ("blonde hair, blue eyes, red dress", ("red_dress", "blue_eyes", "blonde_hair")),
    ("blonde_hair", ("blonde_hair",)),
    ("  Golden   HAIR ;violet eyes\ngray background", ("purple_eyes", "blonde_hair", "grey_background")),
    ("yellow hair, yellow eyes", ("yellow_eyes", "blonde_hair")),
    ("black socks, brown boots, red tie, white blouse", ("black_legwear", "brown_footwear", "white_shirt",
                                                        "red_neckwear")),
    ("black_thighhighs", ("black_legwear",)),
    ("red glasses, red-framed eyewear", ("red-framed_eyewear",)),
    ("light brown hair, tanned skin, blush, denim", ("denim", "dark_skin", "blush", "light_brown_hair")),
    ("turquoise dress, turquoise hair", ("aqua_hair", "aqua_dress")),
    ("", ()), (" , ,", ()), ([], ()), (["red dress", "red_dress"], ("red_dress",)),
])  # fmt: skip
def test_words_become_tags(words, names):
    assert read_tags(words) == names


@pytest.mark.parametrize(("words", "sentence"), [
    ("blond hair, brown hair", "one tag for its hair. Received: blonde hair, brown hair."),
    ("red eyes, blue eyes", "one tag for its eyes"), ("white background, blue backdrop", "one tag for its background"),
    ("chequered dress", "no tag for 'chequered dress'. Of dress there are: white dress, black dress, blue dress"),
    ("bleu hair", "no tag for 'bleu hair'. Of hair there are: .*blue hair"),
    ("blod hiar", "Do you mean .*blonde hair"), ("blue", "Do you mean blue"),
    ("zzzz qqqq", "Write a colour and a thing, such as blue hair"), ("dress", "Of dress there are"),
    (["red dress"] * (MAX_TAGS + 1), f"At most {MAX_TAGS} tags"), ("x" * 10_000, "no tag for 'x{60}'"),
])  # fmt: skip
def test_what_cannot_be_is_refused_with_what_there_is(words, sentence):
    with pytest.raises(InputError, match=sentence):
        read_tags(words)


def test_a_phrase_without_end_is_refused_unread(monkeypatch):
    monkeypatch.setattr("s2p.tags._parted", lambda _: pytest.fail("it would take hours"))
    with pytest.raises(InputError, match="no tag for 'red red "):
        read_tags(["red " * 100_000])


def test_every_tag_that_is_offered_reads_itself_and_the_others_keep_their_place():
    for tag in choices().values():
        assert read_tags(tag.name) == read_tags(tag.title) == read_tags(tag.title.upper()) == (tag.name,)
        assert tag.group in GROUPS and (tag.color == "" or len(tag.color) == 7)
    hidden = set(vocabulary().names) - set(choices())
    assert len(hidden) == 8 and len(vocabulary().names) == 115
    for name in hidden:
        with pytest.raises(InputError):
            read_tags(name)


def test_the_vector_has_the_order_of_the_vocabulary():
    names = ("red_dress", "blonde_hair")
    found = vector(names)
    assert len(found) == 115 and sum(found) == 2
    assert [vocabulary().names[i] for i, value in enumerate(found) if value] == list(names)
    ids = [vocabulary().ids[name] for name in names]
    assert vocabulary().vectors(ids)[1] == found


def test_the_vocabulary_is_that_of_the_paper():
    path = Path(__file__).resolve().parents[1] / ".." / "shared" / "data" / "tag2pix_tags.json"
    if not path.is_file():
        pytest.skip("the companion file of the specification is not here")
    data = json.loads(path.read_text(encoding="utf-8"))
    text = json.dumps(data)
    assert all(f'"{name}"' in text for name in vocabulary().names)


def test_search_finds_by_the_beginnings_of_words():
    assert [tag.title for tag in search("bl ha")] == ["blonde hair", "black hair", "blue hair", "black hat", "blue hat"]
    assert len(search("")) == 207 and search("xyz") == []
    assert [tag.title for tag in search("framed")] == ["red-framed eyewear", "black-framed eyewear"]


def test_options_keep_names_and_refuse_as_the_words_do():
    assert TagOptions(tags=("golden hair",)).tags == ("blonde_hair",)
    with pytest.raises(InputError, match="one tag for its hair"):
        TagOptions(tags=("red hair", "blue hair"))
