"""`s2p evaluate --model tag2pix`: whether what words name takes the colour that they ask for, and all else stays.

Every picture is painted with its own words, with the same words in other colours (`other`), and with one word in
another colour (`changed`); beside it by the system that fills, told the same words, and told as much by points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from s2p import systems
from s2p.config import Settings, load_settings
from s2p.errors import InputError, shown
from s2p.evaluation import summary
from s2p.evaluation.pairs import FLAVOURS, Extractor
from s2p.evaluation.run import Colorizer, networks_of
from s2p.evaluation.sheet import MAX_ROWS, Row, contact_sheet
from s2p.evaluation.word_cases import MAKE_SOME, Case, Namer, find_words, load_cases
from s2p.evaluation.word_run import Asked, Sitting
from s2p.evaluation.word_summary import summarize
from s2p.image import save_image, write_whole
from s2p.progress import NullReporter, Reporter

FORMAT, VERSION = "s2p-words-evaluation", 1
POINTS = "points"


def evaluate_words(
    data: str | Path | None,
    *,
    limit: int | None = None,
    json: Path | None = None,
    sheet: Path | None = None,
    seed: int = 0,
    model: str = "tag2pix",
    flavour: str = "xdog",
    own_lines: Path | None = None,
    painter: Colorizer | None = None,
    beside: Colorizer | None = None,
    baselines: bool = True,
    extractor: Extractor | None = None,
    namer: Namer | None = None,
    report: Reporter | None = None,
) -> dict[str, Any]:
    """Paints a folder of pictures by words and measures whether things have the colours that were asked for.

    Args:
        data: folder of pictures, with words or without (`s2p.evaluation.word_cases.find_words`).
        limit: int or None. Number of pictures, spread evenly over the folder.
        json: file for all figures, or None.
        sheet: PNG file for the contact sheet, or None.
        seed: of the colours that are asked for besides a picture's own.
        model: of `s2p.systems`, one that reads words. Only names it when `painter` is given.
        flavour: lines of pictures that are no shards (`s2p.evaluation.pairs`); shards have true lines.
        own_lines: folder of the artists' lines for `own`.
        painter: what is judged; the installed networks by default.
        beside: what it is compared with, by words and by points; the installed `style2paints` by default.
        baselines: whether it is compared at all.
        extractor: lines for the flavour `learned`; the installed one by default.
        namer: what a drawing shows where that is not known; the network `parts` by default.
        report: progress and cancelling.

    Returns: the content of the JSON file: `settings`, `networks`, `untrained`, `pictures` (the figures of each),
        `skipped`, and `summary`. `s2p.evaluation.word_summary` makes it, and shows it to people.

    Raises:
        InputError: no pictures with words, or an argument out of range.
    """
    if data is None:
        raise InputError(f"Words are judged on pictures that know theirs. {MAKE_SOME}, and give it as data.")
    data, report = Path(data), report or NullReporter()
    _check(model, flavour)
    words = find_words(data, limit=limit)
    report.stage("evaluate")
    settings = load_settings(zoom=0.5)
    asked = list(_asked(model, painter, beside, settings, baselines=baselines))
    if flavour == "learned" and extractor is None and any(one.row < 0 for one in words):
        from s2p.pipelines.lines import require_extractor

        extractor = require_extractor(settings)
    pictures: list[dict[str, Any]] = []
    skipped: list[dict[str, str]] = []
    untrained: dict[str, None] = {}
    rows: list[Row] = []
    shown_names = _shown([one.name for one in words])
    cases = load_cases(words, flavour=flavour, extractor=extractor, own_lines=own_lines,
                       namer=namer)  # fmt: skip
    for number, case in enumerate(cases):
        report.check()
        report.update(number / len(words))
        reason = _reason(case)
        if not isinstance(case, Case) or reason:
            skipped.append({"name": case.name if isinstance(case, Case) else case[0], "reason": reason})
            continue
        sitting = Sitting(case, asked, seed=seed, settings=settings, report=report)
        pictures.append(sitting.judged())
        untrained |= dict.fromkeys(sitting.untrained)
        if sheet is not None and (case.name in shown_names or not rows):
            rows.append(sitting.row())
    report.update(1.0)
    if not pictures:
        raise InputError(f"No picture could be used; the first one because: {skipped[0]['reason']}")
    names = [one.name for one in asked]
    result = {
        "format": FORMAT, "version": VERSION,
        "settings": {"model": model, "seed": seed, "flavour": flavour, "systems": names},
        "networks": [network for one in asked[:2] for network in networks_of(one.painter)],
        "untrained": list(untrained), "skipped": skipped, "summary": summarize(pictures, names), "pictures": pictures,
    }
    if json is not None:
        write_whole(json, summary.to_json(result))
    if sheet is not None:
        save_image(contact_sheet(rows), sheet)
    return result


def _asked(
    model: str, painter: Colorizer | None, beside: Colorizer | None, settings: Settings, *, baselines: bool
) -> Iterable[Asked]:
    from s2p.pipelines.request import load

    judged = load(model, settings) if painter is None else painter
    yield Asked(model, judged)
    if not baselines:
        return
    if beside is None:
        beside = judged if model == systems.DEFAULT and painter is None else load(systems.DEFAULT, settings)
    if model != systems.DEFAULT:
        yield Asked(systems.DEFAULT, beside)
    yield Asked(POINTS, beside, with_points=True)


def _check(model: str, flavour: str) -> None:
    reading = [name for name in systems.names() if "tags" in systems.system_of(name).uses]
    if model not in reading:
        raise InputError(f"Words are read by {', '.join(reading)}. Received: {shown(model)}.")
    if flavour not in FLAVOURS:
        raise InputError(f"Sketch flavours can be {', '.join(FLAVOURS)}. Received: {shown(flavour)}.")


def _reason(case: Case | tuple[str, str]) -> str:
    """Why a case cannot be judged; empty where it can."""
    if not isinstance(case, Case):
        return case[1]
    return "" if case.parts else "Nothing is seen of what its words name."


def _shown(names: Sequence[str]) -> set[str]:
    """Those that the sheet has room for, spread evenly over all."""
    count = min(len(names), MAX_ROWS)
    return {names[number * len(names) // count] for number in range(count)}
