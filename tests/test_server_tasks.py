"""What a worker does in a room, without the process around it: V3's file rules, the draft cache, the command line."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from server_cases import drawing
from server_fakes import FakePainter

from s2p.config import Settings
from s2p.errors import InputError, NotFoundError, OutputError
from s2p.progress import NullReporter
from s2p.schema import Hint, Hints
from server import cmdline, sample_rooms
from server.configuration import Configuration, Limits, load_limits
from server.counter import Counter
from server.picture_tasks import export, read_jpeg, write_jpeg
from server.rooms import UPLOAD, room_time
from server.sketch_tasks import prepare
from server.store import Store
from server.tasks import paint


class CountingPainter(FakePainter):
    """Remembers whether it was given a composition, and paints one that follows the draft hints."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[np.ndarray | None] = []

    def paint(self, sketch_gray, *, hints, composition=None, **others):
        self.given.append(composition)
        result = super().paint(sketch_gray, hints=hints, composition=composition, **others)
        for hint in hints.of("draft") if composition is None else ():
            result.composition[...] = hint.rgb
        return result


@pytest.fixture
def room(tmp_path):
    store = Store(tmp_path)
    store.create_folders()
    found, step = store.new_room()
    found.file(UPLOAD).write_bytes(drawing())
    return store, found, step


def task(room, **changes) -> dict:
    store, found, step = room
    base = {"folder": str(found.folder), "room": found.id, "step": step, "settings": asdict(Settings()), "v3": True,
            "results": str(store.results_folder), "max_pixels": 10_000_000, "job": "1",
            "options": {"method": "colorization", "mix": 0.0, "line_color": None}, "hints": []}
    made = {**base, **changes}
    return {**made, "hints": Hints.from_data({"hints": made["hints"]}).packed().to_text()}


def hint(color: str = "#102030", kind: str = "draft", x: float = 0.5) -> dict:
    return Hint(x=x, y=0.5, color=color, kind=kind).model_dump()


def test_a_hit_of_the_draft_cache_gives_the_stored_composition_once_more(room):
    painter = CountingPainter()
    found = room[1]
    paint(painter, task(room, hints=[hint()]), NullReporter())
    stored = (found.folder / "cache" / "composition_colorization.jpg").read_bytes()
    paint(painter, task(room, hints=[hint(), hint("#ff0000", "exact")]), NullReporter())
    assert painter.given[0] is None
    assert painter.given[1] is not None
    assert (found.folder / "cache" / "composition_colorization.jpg").read_bytes()[:2] == stored[:2] == b"\xff\xd8"
    assert json.loads((found.folder / "cache" / "last_hint_points.json").read_text()) == [[0.5, 0.5, 16, 32, 48, 0]]


def test_v3s_client_is_given_the_flat_colours_of_a_filled_drawing_for_a_composition(room):
    paint(FakePainter(fills=True), task(room, hints=[hint("#ff0000", "exact")]), NullReporter())
    composition = read_jpeg(room[1].folder / f"composition.{room[2]}.jpg")
    assert composition[0, 0, 0] > 200 and composition[0, 0, 1:].max() < 40


def test_a_filled_drawing_has_no_draft_in_our_own_rooms(room):
    mine = task(room, v3=False, output_size="original", record={"created": 0.0, "hints_count": 0})
    paint(FakePainter(fills=True), mine, NullReporter())
    assert (room[1].folder / f"result.{room[2]}.png").is_file()
    assert not [path.name for path in room[1].folder.iterdir() if "composition" in path.name or "draft" in path.name]
    sample = sample_rooms.save(room[0], room[1], room[2])
    shown = (sample / "composition.sample.jpg").read_bytes()
    assert shown == (sample / "result.sample.jpg").read_bytes(), "V3's client waits for it"


OTHER = {
    "points": {"hints": [hint("#102031")]},
    "order": {"hints": [hint(), hint(x=0.2)]},
    "outline": {"options": {"method": "colorization", "mix": 0.0, "line_color": "#ff0000"}},
    "zoom": {"settings": asdict(Settings(zoom=0.4))},
    "method": {"options": {"method": "rendering", "mix": 0.0, "line_color": None}},
}


@pytest.mark.parametrize("change", OTHER)
def test_whatever_changes_the_composition_misses_the_cache(room, change):
    painter = CountingPainter()
    paint(painter, task(room, hints=[hint()]), NullReporter())
    paint(painter, task(room, **{"hints": [hint()], **OTHER[change]}), NullReporter())
    assert painter.given == [None, None]


def test_another_sketch_or_another_network_misses_the_cache(room):
    painter = CountingPainter()
    paint(painter, task(room), NullReporter())
    write_jpeg(np.full((20, 20, 3), 9, np.uint8), room[1].folder / "sketch.colorization.jpg")
    paint(painter, task(room), NullReporter())
    painter.networks["head"].identity = "new weights"
    paint(painter, task(room), NullReporter())
    assert painter.given == [None, None, None]


def test_the_stale_draft_of_another_method_does_not_come_back(room):
    """The original keeps one list of points for all methods: A with old points, B with new, A with new -> old draft."""
    painter = CountingPainter()
    old, new = [hint("#ff0000")], [hint("#0000ff")]
    tonal = {"method": "rendering", "mix": 0.0, "line_color": None}
    paint(painter, task(room, hints=old), NullReporter())
    paint(painter, task(room, hints=new, options=tonal), NullReporter())
    paint(painter, task(room, hints=new), NullReporter())
    assert painter.given == [None, None, None]
    composition = read_jpeg(room[1].folder / f"composition.{room[2]}.jpg")
    assert composition[0, 0, 2] > 200


def test_a_cache_left_by_the_original_is_not_trusted(room):
    cache = room[1].folder / "cache"
    cache.mkdir()
    (cache / "last_hint_points.json").write_text("[]")
    write_jpeg(np.zeros((8, 8, 3), np.uint8), cache / "composition_colorization.jpg")
    painter = CountingPainter()
    paint(painter, task(room), NullReporter())
    assert painter.given == [None]


def test_the_download_has_both_names_and_a_painting_is_not_overwritten(room):
    store, found, step = room
    assert room_time(found.id) == step
    prepare(FakePainter(), task(room, method="colorization"), NullReporter())
    improved = (found.folder / "sketch.improved.jpg").read_bytes()
    assert (found.folder / f"result.{step}.jpg").read_bytes() == improved
    other = store.new_step(found)
    (found.folder / f"options.{step}.json").write_text("{}")
    (found.folder / f"result.{step}.jpg").write_bytes(b"a painting")
    prepare(FakePainter(), task(room, method="recolorization", step=other), NullReporter())
    assert (found.folder / f"result.{step}.jpg").read_bytes() == b"a painting"
    assert (found.folder / f"result.{other}.jpg").is_file()


@pytest.mark.parametrize("name", ["room", "Feb29", "Apr19H22M03S00", "Apr19X22M03S00R1"])
def test_rooms_with_other_names_have_no_time(name):
    assert room_time(name) is None


def test_the_first_preparation_uses_the_upload_and_the_second_the_stored_picture(room):
    found = room[1]
    seen = []

    class Watching(FakePainter):
        def prepare(self, image, **others):
            seen.append((image, others["improved"]))
            return super().prepare(image, **others)

    prepare(Watching(), task(room, method="colorization"), NullReporter())
    prepare(Watching(), task(room, method="rendering"), NullReporter())
    assert set(np.unique(seen[0][0])) == {100, 255}, "the upload itself, not its JPEG"
    assert seen[0][1] is None
    assert np.array_equal(seen[1][1], read_jpeg(found.folder / "sketch.improved.jpg"))
    assert not found.file(UPLOAD).exists()


def test_stored_pictures_are_what_opencv_writes_by_default(tmp_path):
    picture = np.zeros((16, 16, 3), np.uint8)
    picture[:, :8] = (200, 10, 30)
    write_jpeg(picture, tmp_path / "a.jpg")
    stored = Image.open(tmp_path / "a.jpg")
    assert stored.layer[0][1:3] == (2, 2), "halved chroma"
    assert np.abs(read_jpeg(tmp_path / "a.jpg")[4, 2].astype(int) - (200, 10, 30)).max() < 8
    assert read_jpeg(tmp_path / "a.jpg", gray=True).shape == (16, 16)
    (tmp_path / "a.jpg").write_bytes(b"broken")
    with pytest.raises(InputError, match="damaged"):
        read_jpeg(tmp_path / "a.jpg")
    with pytest.raises(NotFoundError, match=r"no b\.jpg"):
        read_jpeg(tmp_path / "b.jpg")


def test_an_export_that_fails_leaves_no_rest(room, monkeypatch):
    found = room[1]
    asked = {"folder": str(found.folder), "step": room[2], "target": f".export.{room[2]}.psd", "job": "1"}
    with pytest.raises(NotFoundError, match="no such result"):
        export(asked)
    paint(FakePainter(), task(room), NullReporter())

    def full(*_, **__):
        raise OutputError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr("s2p.pipelines.base.Result.save", full)
        with pytest.raises(OutputError):
            export(asked)
    assert not list(found.folder.glob(".export*"))
    export(asked)
    assert [path.name for path in found.folder.glob(".export*")] == [asked["target"]]


# The counter ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"painted": -3}', b'{"painted": "many"}'])
def test_a_damaged_counter_starts_anew(tmp_path, content):
    path = tmp_path / "painted.json"
    path.write_bytes(content)
    counter = Counter(path)
    assert counter.value == 0
    counter.add()
    assert Counter(path).value == 1


def test_a_counter_that_cannot_be_written_goes_on_counting(tmp_path):
    counter = Counter(tmp_path / "missing" / "painted.json")
    counter.add()
    assert counter.value == 1


# Settings -------------------------------------------------------------------------------------------------------------


def test_the_shipped_settings_are_the_defaults_and_its_comments_name_them_rightly(tmp_path):
    shipped = Path(cmdline.__file__).parent / "config.ini"
    lines = shipped.read_text(encoding="utf-8").splitlines()
    told = tmp_path / "config.ini"
    told.write_text("\n".join(line.removeprefix("# ") if " = " in line else line for line in lines), encoding="utf-8")
    for ini in (shipped, told):
        configuration = Configuration(ini)
        assert configuration.problem is None
        assert configuration.settings == Settings()
    assert load_limits(shipped) == Limits()
    assert load_limits(told) == Limits(
        allowed_hosts=("studio.example", "painter.local"), public_url="https://art.example/paint/",
        trusted_proxies=("127.0.0.1", "10.0.0.0/8"),
    )


@pytest.mark.parametrize(("text", "said"), [
    ("[server]\njob_seconds = soon",
     "job_seconds must be a number between 5 and 86400. Received: 'soon' (config.ini, line 2)"),
    ("[storage]\n\nmax_rooms = -1", "line 3"),
    ("[storage]\nmax_days = nan", "max_days"),
    ("[general\n", "config.ini cannot be read"),
])
def test_limits_that_cannot_be_used_are_named_with_their_line(tmp_path, text, said):
    ini = tmp_path / "config.ini"
    ini.write_text("[storage]\nmax_rooms = 7\n")
    configuration = Configuration(ini)
    ini.write_text(text)
    configuration.refresh()
    assert said in configuration.problem
    assert configuration.limits.max_rooms == 7


# The command line -----------------------------------------------------------------------------------------------------


def test_the_command_line_is_read_as_v3_reads_it():
    source, target, method, hints = cmdline.parse(["in.png", "out.png", "rendering", "0.25", "0.75", "ff8000"])
    assert (source.name, target.name, method) == ("in.png", "out.png", "rendering")
    assert list(hints) == [Hint(x=0.25, y=0.25, color="#ff8000", kind="draft")]
    assert cmdline.parse(["a", "b"])[2:] == ("colorization", Hints())
    assert len(cmdline.parse(["a", "b", "0.5", "0.5", "000000"])[3]) == 1


@pytest.mark.parametrize("arguments", [[], ["a"], ["a", "b", "0.5"], ["a", "b", "x", "0", "ffffff"],
                                       ["a", "b", "0", "0", "red"], ["a", "b", "unknown"]])
def test_arguments_that_make_no_sense_end_with_one_and_a_sentence(arguments, capsys):
    assert cmdline.main(arguments) == 1
    assert capsys.readouterr().err.strip()


def test_the_command_line_paints_through_a_room_and_always_writes_jpeg(tmp_path):
    source, target = tmp_path / "日本.png", tmp_path / "out.png"
    source.write_bytes(drawing())
    settings = Settings(zoom=1.0, super_resolution=True)
    result = cmdline.colorize(
        source, target, "recolorization", Hints([Hint(x=0.5, y=0.5, color="#f00", kind="draft")]),
        painter=FakePainter(), settings=settings, base=tmp_path,
    )
    assert Image.open(target).format == "JPEG"
    assert target.read_bytes() == result.read_bytes()
    assert (result.parent / "sketch.recolorization.jpg").is_file()
    with pytest.raises(InputError, match="cannot be read"):
        cmdline.colorize(tmp_path / "no.png", target, "rendering", Hints(), painter=FakePainter(), settings=settings,
                         base=tmp_path)
