"""Metadata of all dumps, Tag2Pix's rules, and the vocabulary."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import tarfile

import pytest

from preprocess.metadata import MAX_LINE
from preprocess.tags import (
    LINE_ART,
    Post,
    Rules,
    extract,
    ids_of,
    judge,
    number_of,
    parse_post,
    read_resolutions,
    read_tags,
)  # fmt: skip
from s2p.errors import InputError
from s2p.tags import vocabulary

GOOD = ("1girl", "blonde_hair", "blue_eyes", "simple_background", "smile", "white_shirt")


def post(*names: str, number: int = 7, width: int = 800, height: int = 900) -> Post:
    return Post(number, width, height, ids_of(names))


def line_2018(number: int, names=GOOD, *, width=800, height=900, category="0") -> str:
    ids = vocabulary().ids
    tags = [{"id": str(ids[name]), "name": name, "category": category} for name in names]
    return json.dumps({"id": str(number), "image_width": str(width), "image_height": str(height), "tags": tags})


def test_vocabulary_has_the_lengths_and_groups_of_the_spec():
    words = vocabulary()
    assert (len(words.cit), len(words.cvt), len(set(words.cit) | set(words.cvt))) == (370, 115, 485)
    sizes = {name: len(ids) for name, ids in words.groups.items()}
    assert sizes == {
        "cit/body_lower": 43, "cit/body_upper": 91, "cit/body_whole": 72, "cit/face": 53, "cit/hair": 71,
        "cit/object": 40, "cvt/body_lower": 25, "cvt/body_upper": 17, "cvt/body_whole": 21, "cvt/face": 15,
        "cvt/hair": 24, "cvt/background": 13,
    }  # fmt: skip
    assert (len(words.hair_ids), len(words.eye_ids), len(words.face_ids)) == (15, 12, 156)
    cit, cvt = words.vectors(ids_of(("blue_eyes", "skirt")))
    assert (sum(cit), sum(cvt)) == (1, 1) and cit[0] == 1 and cvt[words.cvt.index(words.ids["blue_eyes"])] == 1


def test_the_same_picture_reads_the_same_from_every_dump():
    expected = post(*GOOD)
    old = json.loads(line_2018(7))
    named = {"id": 7, "image_width": 800, "image_height": 900, "tags": list(GOOD)}
    objects = {**named, "tags": [{"name": name, "category": 0} for name in GOOD]}
    text = {"id": 7, "image_width": 800, "image_height": 900, "tag_string_general": " ".join(GOOD)}
    for shape in (old, named, objects, text):
        assert parse_post(shape) == expected


def test_names_of_later_years_and_other_categories():
    later = {"id": 1, "image_width": 9, "image_height": 9, "tags": ["red_necktie", "black_thighhighs", "not_a_tag"]}
    assert parse_post(later) == Post(1, 9, 9, ids_of(("red_neckwear", "black_legwear")), unknown=1)
    assert parse_post(json.loads(line_2018(1, category="4"))).tags == frozenset()


@pytest.mark.parametrize("broken", [[], {}, {"id": "x", "image_width": 1, "image_height": 1}, "text", None,
                                    {"id": 1, "image_width": 0, "image_height": 1, "tags": []},
                                    {"id": 1, "image_width": 9, "image_height": 9, "tags": 5}])  # fmt: skip
def test_malformed_records_are_refused_with_a_sentence(broken):
    with pytest.raises(InputError):
        parse_post(broken)


@pytest.mark.parametrize(
    "candidate,expected",
    [
        (post(*GOOD), ""),
        (post(*GOOD, width=511, height=511), "smaller than 512 px"),
        (post(*GOOD, width=384, height=512), "too wide or too tall"),  # exactly 3/4: the limit is strict
        (post(*GOOD, width=400, height=512), ""),
        (post(*GOOD, "comic"), "blacklisted tag"),
        (post("1girl", "sketch", "white_background"), LINE_ART),
        (post("greyscale", "white_background", "blue_eyes"), "greyscale, sketch or monochrome"),
        (post(*GOOD, "monochrome"), "greyscale, sketch or monochrome"),
        (post("1girl", "blonde_hair", "blue_eyes"), "no simple background"),
        (post("blonde_hair", "blue_eyes", "simple_background"), "no person"),
        (post(*GOOD, "1boy"), "more than one person"),
        (post(*GOOD, "red_hair"), "more than one hair colour"),
        (post("1boy", "red_hair", "simple_background"), "no eye colour"),
    ],
)
def test_rules(candidate, expected):
    assert judge(candidate) == expected


def test_other_rules_than_tag2pix():
    anything = Rules(is_portrait=False)
    assert judge(post("smile"), anything) == ""
    wanted = Rules(is_portrait=False, whitelist=ids_of(("skirt",)))
    assert judge(post("smile"), wanted) == "no whitelisted tag" and judge(post("skirt"), wanted) == ""
    with pytest.raises(InputError, match="vocabulary"):
        ids_of(("no_such_tag",))


def test_archives_are_streamed_and_damage_is_told(tmp_path):
    first = "\n".join([line_2018(1), "{broken", line_2018(2, GOOD[1:]), "", line_2018(1), "[" * 5000]).encode()
    with tarfile.open(tmp_path / "dump.tar.xz", "w:xz") as archive:
        for name, data in (("metadata/2018-a.json", first), ("metadata/2018-b.json", line_2018(3).encode())):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    (tmp_path / "more.json.gz").write_bytes(gzip.compress(line_2018(4, ("sketch", "white_background")).encode()))
    whole = lzma.compress("\n".join(line_2018(number) for number in range(50, 400)).encode())
    (tmp_path / "torn.json.xz").write_bytes(whole[: len(whole) // 2])
    out = tmp_path / "out"
    counts = extract([str(tmp_path / name) for name in ("dump.tar.xz", "more.json.gz", "torn.json.xz")], str(out))
    assert counts["kept"] >= 2 and counts[LINE_ART] == 1 and counts["no person"] == 1 and counts["listed twice"] == 1
    assert counts["malformed line: not JSON"] == 2
    assert any(reason.startswith("damaged file torn.json.xz") for reason in counts)
    tags = read_tags(str(out / "tags.txt"), {1, 3})
    assert tags == {1: tuple(sorted(ids_of(GOOD))), 3: tuple(sorted(ids_of(GOOD)))}
    assert read_resolutions(str(out / "resolutions.txt"), {1, 4}) == {1: (800, 900), 4: (800, 900)}
    assert (out / "line_art.txt").read_text() == "4\n"
    table = (out / "dropped.tsv").read_text().splitlines()
    assert table[0] == "reason\tcount\texamples" and "no person\t1\t2" in table


def test_a_giant_line_does_not_fill_the_memory(tmp_path):
    (tmp_path / "20.json").write_bytes(b"x" * (2 * MAX_LINE + 5) + b"\n" + line_2018(9).encode())
    counts = extract([str(tmp_path / "20.json")], str(tmp_path / "out"))
    assert counts == {"malformed line: longer than 4 MiB": 1, "kept": 1}


def test_records_without_a_picture_are_dropped(tmp_path):
    (tmp_path / "20.json").write_text(line_2018(5) + "\n" + line_2018(6))
    (tmp_path / "images" / "0006").mkdir(parents=True)
    (tmp_path / "images" / "0006" / "6.jpg").write_bytes(b"x")
    counts = extract([str(tmp_path / "20.json")], str(tmp_path / "out"), images=str(tmp_path / "images"))
    assert counts == {"kept": 1, "no picture file": 1}
    with pytest.raises(InputError, match="not a metadata file"):
        extract([str(tmp_path / "missing.json")], str(tmp_path / "out"))


def test_numbers_of_file_names():
    assert number_of("0123/4123.jpg") == 4123
    assert number_of("cover.jpg") is None and number_of("\u0663.png") is None and number_of("-12.png") is None
