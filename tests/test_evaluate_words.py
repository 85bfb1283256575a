"""The judge of painting by words: full marks for who obeys, chance for who does not listen, and what leaks shows."""

from __future__ import annotations

import json

import numpy as np
import pytest

from preprocess.synthetic.source import Source, write_drawings
from s2p.config import Settings
from s2p.errors import CancelledError, InputError
from s2p.evaluation import agreement, evaluate_words, word_table
from s2p.evaluation.word_cases import FIRST_CLOTH, NUMBERS, Case, find_words, load_cases
from s2p.evaluation.word_run import Asked, Sitting
from s2p.evaluation.word_summary import share_interval, summarize
from s2p.image import save_image
from s2p.pipelines.base import Result
from s2p.progress import LineReporter, NullReporter
from s2p.tags import choices, vocabulary


@pytest.fixture(scope="module")
def drawings(tmp_path_factory):
    """Thirty drawings of the generator, all of them held out."""
    folder = tmp_path_factory.mktemp("drawings")
    write_drawings(Source(str(folder), 30, seed=5000, size=160, eval_share=1.0, per_shard=20))
    return folder


class Stub:
    """Paints white paper, and on it what its rule makes of each part of the case that it is shown."""

    networks: dict = {}  # noqa: RUF012

    def __init__(self, cases, *, untrained=(), unfound=()) -> None:
        self.cases = {case.lines.tobytes(): case for case in cases}
        self.calls, self._untrained, self._unfound = [], tuple(untrained), tuple(unfound)

    def run(self, request, report=None):
        report.check()
        case = self.cases[request.image.tobytes()]
        told = dict(self.told(case, request))
        self.calls.append(told)
        image = np.full((*case.lines.shape, 3), 255, np.uint8)
        self.paint(image, case, told)
        return Result(image=image, lines=case.lines, untrained=self._untrained, unfound=self._unfound)

    def told(self, case, request):
        """The colour that is asked for by the true tag."""
        if request.own is not None:
            for tag in case.parts:
                group = choices()[tag].group
                asked = [name for name in request.own.tags if choices()[name].group == group]
                if len(asked) == 1:
                    yield tag, agreement.chip(asked[0])
        for hint in request.hints:
            row, column = int(hint.y * case.lines.shape[0]), int(hint.x * case.lines.shape[1])
            yield from ((tag, hint.rgb) for tag, part in case.parts.items() if part[row, column])

    def paint(self, image, case, told):
        for tag, color in told.items():
            image[case.with_beside(tag)] = color


class Deaf(Stub):
    """Gives every part a colour of its own choice."""

    def paint(self, image, case, told):
        random = np.random.default_rng(len(case.name) + int(case.lines.sum()))
        for tag, part in case.parts.items():
            image[part] = agreement.chip(str(random.choice(agreement.exchanges(tag))))


class Leaking(Stub):
    """Obeys, and lets every colour stain half of all else."""

    def paint(self, image, case, told):
        for color in told.values():
            image[:] = image // 2 + np.array(color, np.uint8) // 2
        super().paint(image, case, told)


def cases_in(folder):
    found = list(load_cases(find_words(folder), flavour="xdog"))
    assert all(isinstance(case, Case) for case in found)
    return found


def judged(folder, painter, **more):
    return evaluate_words(folder, painter=painter, beside=Stub(cases_in(folder)), **more)["summary"]["systems"]


def shares(figures, wish="other"):
    return {group: value["mean"] for group, value in figures[wish]["agree"].items() if value["count"]}


# What agrees ----------------------------------------------------------------------------------------------------------


def test_every_chip_agrees_with_its_own_word_and_with_few_others():
    for tag in choices().values():
        if agreement.group_of(tag.name):
            assert agreement.agrees(agreement.chip(tag.name), tag.name), tag
            same = [other.name for other in choices().values() if other.group == tag.group and other.color]
            assert sum(agreement.agrees(agreement.chip(tag.name), name) for name in same) <= 4, tag


@pytest.mark.parametrize(("color", "yes", "no"), [
    ((210, 208, 215), "white_shirt", "blue_shirt"), ((255, 255, 255), "white_shirt", "grey_shirt"),
    ((30, 30, 36), "black_hair", "brown_hair"), ((240, 214, 140), "blonde_hair", "orange_hair"),
    ((150, 40, 40), "red_dress", "pink_dress"), ((100, 60, 40), "brown_skirt", "red_skirt"),
    ((255, 0, 0), "red_background", "orange_background"), ((90, 170, 220), "blue_eyes", "green_eyes"),
])  # fmt: skip
def test_colors_agree_with_their_words_in_light_and_in_shadow(color, yes, no):
    assert agreement.agrees(color, yes) and not agreement.agrees(color, no)


def test_what_names_no_color_or_no_judged_part_is_not_judged():
    named = ("gradient_background", "blush", "dark_skin", "long_hair", "red_bow", "blue_hair")
    assert [agreement.group_of(tag) for tag in named] == ["", "", "", "", "", "hair"]
    assert agreement.group_of("white_footwear") == "garments"


def test_a_part_has_the_color_off_its_lines_or_none():
    part, lines = np.zeros((40, 40), bool), np.full((40, 40), 255, np.uint8)
    part[10:20, 10:20] = True
    lines[10:12] = 0
    painting = np.full((40, 40, 3), 9, np.uint8)
    painting[14:, :] = (200, 30, 40)
    assert agreement.color_of(part, painting, lines) == (200, 30, 40)
    assert agreement.color_of(part & (lines < 128), painting, lines) is None
    x, y = agreement.middle_of(part, lines)
    assert part[int(y * 40), int(x * 40)] and lines[int(y * 40), int(x * 40)] == 255


def test_intervals_of_shares_are_wilson_s():
    found = share_interval([True] * 9 + [False] + [None])
    assert found["mean"] == 0.9 and found["count"] == 10
    assert found["low"] == pytest.approx(0.5958, abs=1e-3) and found["high"] == pytest.approx(0.9821, abs=1e-3)
    assert share_interval([])["mean"] is None


# Whole runs -----------------------------------------------------------------------------------------------------------


def test_the_generator_s_own_pictures_have_nearly_full_marks(drawings):
    cases = cases_in(drawings)
    summed = judged(drawings, Stub(cases))["original"]
    assert all(summed["own"]["agree"][group]["count"] >= 5 for group in agreement.GROUPS)
    assert all(share >= 0.85 for share in shares(summed, "own").values()), shares(summed, "own")
    assert sum(len(case.garments) for case in cases) > 12


def test_who_obeys_agrees_always_and_changes_nothing_else(drawings):
    found = judged(drawings, Stub(cases_in(drawings)))
    for name in ("tag2pix", "style2paints", "points"):
        for wish in ("own", "other"):
            assert set(shares(found[name], wish).values()) == {1.0}, (name, shares(found[name], wish))
        assert found[name]["changed"]["agree"]["mean"] == 1.0
        assert found[name]["changed"]["elsewhere"]["mean"] < 0.05 and found[name]["changed"]["inside"]["mean"] > 10
    assert found["tag2pix"]["own"]["color_off_lines"]["mean"] > 1


def test_who_does_not_listen_agrees_by_chance(drawings):
    deaf = judged(drawings, Deaf(cases_in(drawings)))["tag2pix"]
    for group, share in shares(deaf).items():
        chance = deaf["other"]["chance"][group]["mean"]
        assert share < 0.45 and abs(share - chance) < 0.25, (group, share, chance)
    assert deaf["changed"]["inside"]["mean"] == 0 == deaf["changed"]["elsewhere"]["mean"]
    assert deaf["changed"]["agree"]["mean"] < 0.45


def test_who_leaks_changes_what_was_not_meant(drawings):
    found = judged(drawings, Leaking(cases_in(drawings)))
    assert found["tag2pix"]["changed"]["elsewhere"]["mean"] > 3 > found["style2paints"]["changed"]["elsewhere"]["mean"]


def test_points_say_what_words_say(drawings):
    cases = cases_in(drawings)
    stub = Stub(cases)
    sitting = Sitting(cases[0], [Asked("words", stub), Asked("points", stub, with_points=True)], seed=0,
                      settings=Settings(), report=NullReporter())  # fmt: skip
    sitting.judged()
    assert len(stub.calls) == 6 and stub.calls[:3] == stub.calls[3:]
    assert stub.calls[0] != stub.calls[1] and set(stub.calls[0]) == set(cases[0].parts)
    changed = [tag for tag in cases[0].parts if stub.calls[0][tag] != stub.calls[2][tag]]
    assert changed == [sitting.moved], "one word is exchanged, no more"


def test_a_run_is_the_same_twice_and_says_what_is_untrained(drawings, tmp_path):
    cases = cases_in(drawings)
    stub = Stub(cases, untrained=("tag2pix",), unfound=("blue_eyes",))
    files = {"json": tmp_path / "a.json", "sheet": tmp_path / "a.png"}
    first = evaluate_words(drawings, painter=stub, beside=Stub(cases), limit=9, **files)
    again = evaluate_words(drawings, painter=stub, beside=Stub(cases), limit=9)
    assert json.loads(files["json"].read_text()) == json.loads(json.dumps(first))
    assert files["sheet"].read_bytes()[1:4] == b"PNG" and len(list(tmp_path.iterdir())) == 2
    for result in (first, again):
        for picture in result["pictures"]:
            for figures in picture["systems"].values():
                for wish in ("own", "other"):
                    (figures[wish] or {}).pop("seconds", None)
    assert first["pictures"] == again["pictures"]
    assert first["untrained"] == ["tag2pix"]
    text = word_table(first)
    assert text.startswith("UNTRAINED: tag2pix have random weights.") and "n " in text
    heads = [line for line in text.splitlines() if line.startswith(("tag2pix", "style2paints", "points", "original"))]
    assert len(heads) == 7 + 3


def test_it_can_be_stopped_and_then_writes_nothing(drawings, tmp_path):
    cases = cases_in(drawings)
    stub = Stub(cases)

    class Stopping(LineReporter):
        def check(self) -> None:
            if len(stub.calls) > 4:
                raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        evaluate_words(drawings, painter=stub, beside=stub, json=tmp_path / "a.json", report=Stopping({"evaluate": 1}))
    assert len(stub.calls) == 5 and not list(tmp_path.iterdir())


# Where pictures come from ---------------------------------------------------------------------------------------------


def tagged_folder(folder, lines):
    image = np.full((96, 64, 3), 255, np.uint8)
    image[20:60, 10:50] = (200, 40, 50)
    for name in (7, 12):
        save_image(image, folder / f"{name}.png")
    (folder / "tags.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def ids(*names):
    return " ".join(str(vocabulary().ids[name]) for name in names)


def test_other_folders_are_judged_where_the_network_sees_parts(tmp_path):
    tagged_folder(tmp_path, [f"7 {ids('red_dress', 'blue_hair', 'smile')}", f"12 {ids('smile')}", "13 1 2"])
    (words,) = find_words(tmp_path)
    assert words.name == "7.png"

    def namer(lines):
        places = np.full(lines.shape, NUMBERS["paper"], np.uint8)
        places[20:60, 10:50], places[:12] = FIRST_CLOTH, NUMBERS["hair"]
        return places

    (case,) = load_cases([words], flavour="xdog", namer=namer)
    assert isinstance(case, Case) and set(case.parts) == {"red_dress", "blue_hair"}
    stub = Stub([case])
    result = evaluate_words(tmp_path, painter=stub, baselines=False, namer=namer)
    found = result["summary"]["systems"]
    assert found["original"]["own"]["agree"]["garments"]["mean"] == 1.0
    assert found["original"]["own"]["agree"]["hair"]["mean"] == 0.0, "this picture has no blue hair"
    assert "1 picture is few" in word_table(result)


def test_of_pictures_without_any_words_those_that_are_plain_are_read(tmp_path):
    tagged_folder(tmp_path, [])
    (tmp_path / "tags.txt").unlink()

    def namer(lines):
        places = np.full(lines.shape, NUMBERS["paper"], np.uint8)
        places[22:58, 12:48] = NUMBERS["hair"]
        return places

    found = list(load_cases(find_words(tmp_path), flavour="xdog", namer=namer))
    assert [(case.tags, case.are_read) for case in found] == [(("red_hair", "white_background"), True)] * 2
    motley = np.random.default_rng(0).integers(0, 256, found[0].image.shape).astype(np.uint8)
    assert Case("a", motley, found[0].lines, (), found[0].places, {}).with_words_read().tags == ()
    text = word_table(evaluate_words(tmp_path, painter=Stub(found), baselines=False, namer=namer))
    assert "2 pictures with words, which were read off them" in text


def test_garments_that_nobody_tells_apart_and_two_colors_of_hair_are_not_judged():
    places = np.full((64, 64), FIRST_CLOTH, np.uint8)
    places[:20], places[20:30] = NUMBERS["hair"], NUMBERS["iris"]
    image, lines = np.full((64, 64, 3), 128, np.uint8), np.full((64, 64), 255, np.uint8)
    case = Case("a", image, lines, ("red_dress", "white_footwear", "blue_hair", "red_eyes"), places, {})
    assert set(case.parts) == {"blue_hair", "red_eyes"}
    case = Case("a", image, lines, ("red_dress", "white_footwear"), places, {"red_dress": FIRST_CLOTH})
    assert set(case.parts) == {"red_dress"}


def test_neither_pupils_nor_what_shines_are_the_colour_of_eyes():
    places = np.full((64, 64), NUMBERS["iris"], np.uint8)
    image, lines = np.full((64, 64, 3), (60, 90, 200), np.uint8), np.full((64, 64), 255, np.uint8)
    image[:40], image[40:50] = 0, 255
    part = Case("a", image, lines, ("blue_eyes",), places, {}).parts["blue_eyes"]
    assert part[50:].all() and not part[:50].any()


@pytest.mark.parametrize(("lines", "sentence"), [
    (["7 x"], "tags.txt, line 1: whole numbers are needed. Received: '7 x'"),
    (["7 1 2"], "holds no pictures with words for colours. Make some: s2p prepare synthetic"),
])  # fmt: skip
def test_folders_without_words_are_refused_with_what_to_do(tmp_path, lines, sentence):
    tagged_folder(tmp_path, lines)
    with pytest.raises(InputError, match=sentence):
        find_words(tmp_path)


def test_wrong_wishes_are_refused(tmp_path, drawings):
    for arguments, sentence in (
        ({"data": None}, "Words are judged on pictures that know theirs"),
        ({"data": tmp_path / "none"}, "needs a folder of pictures with words"),
        ({"data": drawings, "model": "auto-painter"}, "Words are read by style2paints, tag2pix"),
        ({"data": drawings, "flavour": "pencil"}, "Sketch flavours can be"),
        ({"data": drawings, "limit": 0}, "limit must be at least 1"),
    ):
        with pytest.raises(InputError, match=sentence):
            evaluate_words(**arguments)


def test_the_command_judges_tag2pix_by_words_unless_hints_are_asked_for(monkeypatch, capsys, tmp_path):
    from s2p import evaluation
    from s2p.cli import main

    called = []
    monkeypatch.setattr(evaluation, "evaluate_words", lambda data, **more: called.append((data, more)) or "made")
    monkeypatch.setattr(evaluation, "word_table", lambda result: f"the table of what was {result}")
    monkeypatch.setattr(evaluation, "evaluate", lambda data, **more: called.append(more["hints"]))
    monkeypatch.setattr(evaluation, "table", lambda result: "hints")
    assert main(["evaluate", "--model", "tag2pix", "--data", str(tmp_path), "--limit", "3"]) == 0
    assert called[0][0] == tmp_path and called[0][1]["limit"] == 3 and "was made" in capsys.readouterr().out
    assert main(["evaluate", "--model", "tag2pix", "--hints", "0,4"]) == 0 and called[1] == [0, 4]
    assert main(["evaluate", "--model", "tag2pix", "--artist", "person"]) == 2
    assert "are for hints" in capsys.readouterr().err


def test_a_system_s_summary_needs_no_other(drawings):
    cases = cases_in(drawings)[:3]
    stub = Stub(cases)
    pictures = [Sitting(case, [Asked("mine", stub)], seed=1, settings=Settings(), report=NullReporter()).judged()
                for case in cases]  # fmt: skip
    assert set(summarize(pictures, ["mine"])["systems"]) == {"mine", "original"}
