"""Vector drawings with known parts: what a shape shows is found by its group and colour, and lies where it is drawn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from preprocess import records
from preprocess.__main__ import main
from preprocess.synthetic.parts import FIRST_CLOTH, NUMBERS
from preprocess.vectors.collections import TABLES, DiceBear, OpenMoji, motive, open_collection
from preprocess.vectors.figure import Figure
from preprocess.vectors.pages import Sheet
from preprocess.vectors.source import Source, page_of_seed
from preprocess.vectors.svg import Picture, Placement, raster
from preprocess.vectors.table import PARTS, Table, table_from
from s2p.errors import ConfigError, InputError

pytest.importorskip("skia", exc_type=ImportError)  # which is raised where a library of the system is missing, too

SVG = "http://www.w3.org/2000/svg"
FACE = f"""<svg xmlns="{SVG}" viewBox="0 0 100 100">
  <g id="color"><rect x="20" y="70" width="60" height="30" fill="#00aa00"/></g>
  <g id="hair"><rect x="25" y="10" width="50" height="20" fill="#aa5500"/></g>
  <g id="skin"><rect x="30" y="30" width="40" height="40" fill="#ffcc99"/>
    <rect x="30" y="60" width="40" height="10" fill="#000000" fill-opacity="0.2"/></g>
  <g id="line"><rect x="30" y="30" width="40" height="40" fill="none" stroke="#000" stroke-width="2"/>
    <circle cx="40" cy="45" r="3"/></g>
</svg>"""
RULES = {
    "rules": [
        {"group": "^line$", "side": "fill", "most": 0.1, "rounded": True, "part": "iris", "inked": True},
        {"group": "^line$", "part": "ink"},
        {"group": "^hair$", "part": "hair"},
        {"group": "^skin$", "part": "skin"},
    ],
    "otherwise": "cloth",
}


def figure_of(text: str = FACE, table: dict | None = None, seed: int = 1) -> Figure:
    return Figure(Picture(text), table_from(table or RULES), np.random.default_rng(seed))


def page_with(figure: Figure, size: int = 200, seed: int = 4):
    """One figure that fills a white page; seed 4 gives plain white paper."""
    sheet = Sheet((size, size), np.random.default_rng(seed))
    left, top, wide, high = figure.picture.box
    sheet.add(figure, Placement(size / wide, size / 2, size / 2, (left + wide / 2, top + high / 2)))
    return sheet.finish()


# Reading --------------------------------------------------------------------------------------------------------------


def test_marks_know_what_groups_styles_and_sheets_say():
    picture = Picture(f"""<svg xmlns="{SVG}" viewBox="0 0 10 10"><style>.dark {{fill: #123456; opacity: .5}}</style>
      <defs><path d="M0 0h9v9z" fill="#ffffff"/></defs>
      <g id="outer" fill="#f00" opacity="0.5"><g id="inner"><path d="M0 0h9v9z" stroke="black"/></g></g>
      <path class="dark" d="M0 0h9v9z"/><path style="fill:rgb(1, 2, 3);stroke:none" d="M0 0h9v9z"/>
      <path display="none" d="M0 0h9v9z"/></svg>""")
    found = [(mark.side, mark.color, mark.groups, mark.opacity) for mark in picture.marks]
    assert found == [
        ("fill", "#ff0000", ("outer", "inner"), 0.5), ("stroke", "#000000", ("outer", "inner"), 0.5),
        ("fill", "#123456", (), 0.5), ("fill", "#010203", (), 1.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("no picture", "not an SVG"),
        ("<html/>", "not an SVG"),
        (f'<svg xmlns="{SVG}"><path d="M0 0h9"/></svg>', "viewBox"),
        (f'<svg xmlns="{SVG}" viewBox="0 0 9 9"><use href="#a"/></svg>', "use"),
        (f'<svg xmlns="{SVG}" viewBox="0 0 9 9"><text>a</text></svg>', "text"),
    ],
)
def test_what_cannot_be_labelled_is_refused_in_a_sentence(text, word):
    with pytest.raises(InputError, match=word):
        Picture(text)


def test_a_picture_is_drawn_where_it_is_placed():
    text = f'<svg xmlns="{SVG}" viewBox="0 0 10 10"><rect width="5" height="10" fill="#ff0000"/></svg>'
    drawn = raster(text, (0, 0, 10, 10), (40, 60), Placement(2, 30, 20, (5, 5)))
    assert drawn.shape == (40, 60, 4)
    assert tuple(drawn[20, 25]) == (255, 0, 0, 255) and drawn[20, 35, 3] == 0 and drawn[5, 25, 3] == 0
    mirrored = raster(text, (0, 0, 10, 10), (40, 60), Placement(2, 30, 20, (5, 5), mirrored=True))
    assert mirrored[20, 25, 3] == 0 and tuple(mirrored[20, 35]) == (255, 0, 0, 255)


def test_gradients_of_other_gradients_are_drawn():
    picture = Picture(f"""<svg xmlns="{SVG}" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">
      <linearGradient id="a"><stop offset="0" stop-color="#f00"/><stop offset="1" stop-color="#00f"/></linearGradient>
      <linearGradient id="b" xlink:href="#a"/><rect width="10" height="10" fill="url(#b)"/></svg>""")
    drawn = raster(picture.drawn(["keep"]), picture.box, (10, 10), Placement(1, 5, 5, (5, 5)))
    assert drawn[5, 0, 0] > 200 > 60 > drawn[5, 9, 0] and drawn[5, 9, 2] > 200


# Tables ---------------------------------------------------------------------------------------------------------------


def test_tables_are_checked():
    for wrong in (
        [], {"rules": [{"part": "nose"}]}, {"rules": [{"part": "skin", "colour": "#fff"}]},
        {"rules": [{"part": "skin", "group": "("}]}, {"rules": [], "lines": "none"},
    ):  # fmt: skip
        with pytest.raises(ConfigError):
            table_from(wrong)


def test_the_tables_of_the_house_are_whole():
    names = [path.stem for path in TABLES.glob("*.json")]
    assert {"openmoji", "twemoji", "mulberry", "dicebear-adventurer", "dicebear-notionists"} <= set(names)
    for path in TABLES.glob("*.json"):
        data = json.loads(path.read_text(encoding="utf-8"))
        for table in data.get("tables", {"": data}).values():
            extra = ("box", "leave_out", "chances")
            found = table_from({key: value for key, value in table.items() if key not in extra}, name=path.name)
            assert isinstance(found, Table) and {rule.part for rule in found.rules} <= set(PARTS)


# Figures on pages -----------------------------------------------------------------------------------------------------


def test_every_part_lies_where_it_is_drawn():
    page = page_with(figure_of())
    spots = {"paper": (5, 5), "hair": (40, 60), "skin": (110, 120), "iris": (90, 80), "shade on skin": (130, 100)}
    parts = {name: page.parts[spot] for name, spot in spots.items()}
    assert parts == {"paper": 0, "hair": 2, "skin": 1, "iris": 5, "shade on skin": NUMBERS["skin"]}
    assert page.parts[170, 100] == FIRST_CLOTH
    assert set(np.unique(page.parts)) == {0, 1, 2, 5, FIRST_CLOTH}, "no blended numbers at edges"
    assert page.lines[60, 100] < 60 and page.lines[90, 80] < 60, "outline and pupil are ink"
    assert page.lines[110, 120] == 255 and page.lines[40, 60] == 255, "paint is not"
    assert page.parts[60, 100] in (1, 2), "a line has the label of what is beside it"
    assert len(np.unique(page.regions[page.parts == 1])) == 1


def test_colours_are_new_but_agree_with_each_other():
    pages = [page_with(figure_of(seed=seed)) for seed in range(6)]
    skins = {tuple(page.painted[110, 120]) for page in pages}
    assert len(skins) > 3
    assert all(tuple(page.painted[110, 120]) == tuple(page.painted[66, 130]) for page in pages), "one skin a person"
    kept = figure_of(table={**RULES, "keeps": ["skin"]})
    assert tuple(page_with(kept).painted[110, 120]) == (0xFF, 0xCC, 0x99)


def test_borders_are_drawn_where_a_style_has_no_lines():
    text = FACE[: FACE.index('<g id="line">')] + "</svg>"
    assert page_with(figure_of(text)).lines.min() == 255
    page = page_with(figure_of(text, {**RULES, "lines": "borders"}))
    assert page.lines[100, 58:63].min() < 120 and page.lines[110, 120] > 250


def test_a_rule_holds_for_its_share_of_the_figures():
    table = {"rules": [{"group": "^hair$", "part": "thing", "chance": 0.5}, *RULES["rules"]], "otherwise": "cloth"}
    found = {int(page_with(figure_of(table=table, seed=seed)).parts[40, 60]) for seed in range(12)}
    assert found == {NUMBERS["hair"], NUMBERS["thing"]}


def test_broad_ink_is_no_line():
    text = f"""<svg xmlns="{SVG}" viewBox="0 0 100 100"><rect x="20" y="20" width="60" height="60" fill="#fff"/>
      <g id="line"><rect x="30" y="30" width="30" height="30"/><rect x="70" y="20" width="1" height="60"/></g></svg>"""
    for solid, number in (("unknown", records.UNKNOWN_PART), ("hair", NUMBERS["hair"])):
        rules = [{"group": "^line$", "part": "ink", "solid": solid}]
        page = page_with(figure_of(text, {"rules": rules, "otherwise": "skin"}))
        assert page.parts[90, 90] == number
        assert page.parts[100, 141] == NUMBERS["skin"] and page.lines[100, 141] < 60


# Collections ----------------------------------------------------------------------------------------------------------


def test_a_motive_is_the_same_in_every_skin_hair_and_sex():
    assert motive("color/svg/1F468-1F3FF-200D-1F33E.svg") == motive("1f469-200d-1f33e") == "1F9D1-1F33E"
    assert motive("1F9D1-1F3FF-200D-1F9B3") == motive("1F469.svg") != motive("1F467.svg")


def emoji_package(folder: Path) -> Path:
    (folder / "color/svg").mkdir(parents=True)
    (folder / "data").mkdir()
    rows = []
    for code, place in (
        ("1F468-200D-1F33E", "people-body/person-role"), ("1F468-1F3FF-200D-1F33E", "people-body/person-role"),
        ("1F469-200D-1F33E", "people-body/person-role"), ("1F98A", "animals-nature/animal-mammal"),
        ("1F600", "smileys-emotion/face-smiling"),
    ):  # fmt: skip
        (folder / f"color/svg/{code}.svg").write_text(FACE, encoding="utf-8")
        group, subgroup = place.split("/")
        rows.append({"hexcode": code, "group": group, "subgroups": subgroup})
    (folder / "data/openmoji.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder


def test_emoji_are_taken_once_and_those_for_judging_never(tmp_path):
    package = emoji_package(tmp_path / "package")
    everything = OpenMoji(package)
    random = np.random.default_rng(0)
    names = {everything.figure(number, random)[0] for number in range(3)}
    assert names == {"1F468-200D-1F33E.svg", "1F469-200D-1F33E.svg", "1F98A.svg"}
    kept = OpenMoji(package, ["color/svg/1F469-1F3FE-200D-1F33E.svg"])
    assert {kept.figure(kept.pick(random), random)[0] for _ in range(20)} == {"1F98A.svg"}


def test_a_style_composes_faces_of_its_components(tmp_path):
    def shape(fill, x, y, wide, high):
        box = {"x": str(x), "y": str(y), "width": str(wide), "height": str(high)}
        return {"name": "rect", "type": "element", "attributes": {**box, "fill": fill}}

    style = {
        "canvas": {"width": 762, "height": 762, "elements": [
            {"name": "head", "type": "component"}, {"name": "hair", "type": "component"}]},
        "attributes": {"fill": "none"},
        "components": {
            "head": {"variants": {"one": {"elements": [
                shape("black", 95, 95, 510, 510), shape({"type": "color", "name": "skin"}, 100, 100, 500, 500)]}}},
            "hair": {"variants": {name: {"elements": [shape({"type": "color", "name": "hair"}, 100, 100, 500, high)]}
                                  for name, high in (("short", 100), ("long", 300))}},
        },
    }  # fmt: skip
    file = tmp_path / "adventurer.json"
    file.write_text(json.dumps(style), encoding="utf-8")
    collection = open_collection(str(file))
    assert isinstance(collection, DiceBear)
    keys = set()
    for number in range(12):
        random = np.random.default_rng(number)
        key, picture, table = collection.figure(number, random)
        keys.add(key.rsplit("-", 1)[0])
        parts = page_with(Figure(picture, table, random)).parts
        assert {NUMBERS["skin"], NUMBERS["hair"]} <= set(np.unique(parts))
    assert keys == {"adventurer-hair.short-head.one", "adventurer-hair.long-head.one"}
    with pytest.raises(ConfigError, match="no table for the style"):
        (tmp_path / "other.json").write_text("{}", encoding="utf-8")
        open_collection(str(tmp_path / "other.json"))


# Shards ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_drawings(tmp_path) -> str:
    folder = tmp_path / "drawings"
    folder.mkdir()
    for name in ("anna", "ben"):
        (folder / f"{name}.svg").write_text(FACE, encoding="utf-8")
    (folder / "broken.svg").write_text("<svg", encoding="utf-8")
    (tmp_path / "table.json").write_text(json.dumps(RULES), encoding="utf-8")
    return f"{tmp_path / 'table.json'}={folder}"


def test_a_folder_with_a_table_becomes_shards_that_training_reads(tmp_path, own_drawings, capsys):
    from s2p.train.art import Art

    (tmp_path / "out.txt").write_text("ben.svg", encoding="utf-8")
    command = ["vectors", "6", str(tmp_path / "shards"), own_drawings, "--executor", "local", "--size", "96",
               "--eval-share", "0", "--leave-out", str(tmp_path / "out.txt")]  # fmt: skip
    assert main(command) == 0
    found = list(records.read_hdf5(str(tmp_path / "shards")))
    assert len(found) == 6 and not any("ben" in example["key"] for example in found)
    for example in found:
        assert example["lines"].shape == (*example["color"].shape[:2], 3)
        assert {NUMBERS["skin"], NUMBERS["hair"]} <= set(np.unique(example["parts"]))
        assert set(np.unique(example["parts"])) - {0, 1, 2, 5, 9, 10, 255} <= set(range(FIRST_CLOTH, 64))
    art = Art(tmp_path / "shards")
    assert len(art) == 6 and art.parts(0) is not None and min(art.color(0).shape[:2]) == 512
    before = {path.name: path.read_bytes() for path in (tmp_path / "shards").glob("train*")}
    assert main(command) == 0, "finished shards are kept"
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "shards").glob("train*")}
    capsys.readouterr()


def test_the_same_seed_gives_the_same_page(own_drawings, tmp_path):
    source = Source(str(tmp_path), 4, (own_drawings,), size=96)
    names, page = page_of_seed(source, 3)
    assert names == page_of_seed(source, 3)[0]
    for plane in ("painted", "lines", "regions", "parts"):
        assert np.array_equal(getattr(page, plane), getattr(page_of_seed(source, 3)[1], plane))
    assert not np.array_equal(page.painted, page_of_seed(source, 9)[1].painted)


def test_bad_commands_get_a_sentence(tmp_path, own_drawings, capsys):
    out = str(tmp_path / "shards")
    assert main(["vectors", "2", out, str(tmp_path)]) != 0
    assert main(["vectors", "2", out, own_drawings, "--shares", "1,2"]) != 0
    assert main(["vectors", "2", out, own_drawings, "--shares", "much"]) != 0
    assert main(["vectors", "2", out, own_drawings, "--leave-out", str(tmp_path / "none.txt")]) != 0
    said = capsys.readouterr().err
    assert "is no collection" in said and "share for each" in said and "such as 3,1,1" in said and "text file" in said
