"""`s2p evaluate`: one run over a folder of coloured pictures, the same every time for a seed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from s2p import systems
from s2p.config import Settings, load_settings
from s2p.errors import InputError, shown
from s2p.evaluation import summary
from s2p.evaluation.artists import ARTISTS
from s2p.evaluation.away import judged_away
from s2p.evaluation.pairs import FLAVOURS, Extractor, Pair, Source, find_sources, load_pairs
from s2p.evaluation.run import Colorizer, Run, networks_of
from s2p.evaluation.sheet import MAX_ROWS, contact_sheet
from s2p.image import save_image, write_whole
from s2p.progress import NullReporter, Reporter
from s2p.schema import MAX_HINTS

NONE = "none"  # in place of a system: the baselines alone
FORMAT, VERSION = "s2p-evaluation", 2


def evaluate(
    data: str | Path | None = None,
    *,
    zoom: float = 0.5,
    hints: Sequence[int] = (0, 4, 16, 64),
    artists: Sequence[str] = ("worst",),
    limit: int | None = None,
    json: Path | None = None,
    sheet: Path | None = None,
    seed: int = 0,
    model: str = systems.DEFAULT,
    flavours: Sequence[str] = ("xdog",),
    own_lines: Path | None = None,
    painter: Colorizer | None = None,
    baselines: bool = True,
    zooms: bool = False,
    extractor: Extractor | None = None,
    executor: str | None = None,
    report: Reporter | None = None,
) -> dict[str, Any]:
    """Colours a folder of pictures from their line art and simulated hints, and compares with the originals.

    Args:
        data: folder of coloured pictures; None for six scenes drawn by the program.
        zoom: float. Working resolution of the painter. Results of any size are measured at the original's.
        hints: numbers of hints that are tried; an artist who has less to say places fewer.
        artists: who places them, of `s2p.evaluation.artists`: `worst`, where a simple fill is most wrong; `person`.
        limit: int or None. Number of pictures, spread evenly over the folder.
        json: file for all figures, or None.
        sheet: PNG file for the contact sheet, or None.
        seed: of the drawn scenes, of the person's hand, and of the choice which hint is changed to measure the leak.
        model: of `s2p.systems`, or `none` for the baselines alone. Only names it when `painter` is given.
        flavours: how the sketches are made: `xdog`, `learned`, `own` (see `s2p.evaluation.pairs`).
        own_lines: folder of the artists' lines for `own`, under the pictures' names; by default beside the pictures.
        painter: what is judged; the installed networks by default.
        baselines: whether the bare sketch and the two fills run too.
        zooms: whether every picture is painted at zoom 0.5 and 1 as well, to see how much they differ.
        extractor: lines for the flavour `learned`; the installed line extractor by default.
        executor: where pictures are judged, `local:N` or `dask://host:port` as of `s2p.executors`, each with the
            networks that are installed there; here by default.
        report: progress and cancelling.

    Returns: the content of the JSON file: `settings`, `networks`, `pictures` (figures of each, see
        `s2p.evaluation.figures`), `skipped`, and `summary` (flavour, artist, `all`, `paper` or `full` pictures; system,
        number of hints, figure: mean, 95 % interval, count). `s2p.evaluation.table` shows it to people.

    Raises:
        InputError: no pictures, or an argument out of range.

    Example:
        >>> result = evaluate(limit=1, hints=(0, 4), model="none")
        >>> result["summary"]["xdog"]["worst"]["all"]["systems"]["geodesic"]["4"]["psnr"]["mean"] > 8
        True
    """
    if data is not None and not isinstance(data, (str, Path)):
        raise InputError(f"data is the path of a folder of coloured pictures. Received: {shown(data)}.")
    counts = _checked(hints, flavours, artists, model)
    report = report or NullReporter()
    report.stage("evaluate")
    if executor is not None:
        if painter is not None or extractor is not None:
            raise InputError("Other processes judge what is installed. Leave executor out, or painter and extractor.")
        settings, painter = load_settings(zoom=zoom), None
    elif painter is None:
        settings = load_settings(zoom=zoom)
        painter = _load(model, settings)
    else:
        settings = (getattr(painter, "settings", None) or Settings()).merged(zoom=zoom)
    if "learned" in flavours and extractor is None and executor is None:
        from s2p.pipelines.lines import require_extractor

        extractor = require_extractor(settings)
    only_drawn = tuple(flavours) == ("own",)
    data = None if data is None else Path(data)
    sources = find_sources(data, limit=limit, own_lines=own_lines, only_drawn=only_drawn)
    run = Run(counts, tuple(artists), seed, model, settings, painter, with_baselines=baselines, with_zooms=zooms)
    are_shown = _shown(sources, run.rows_each * len(flavours)) if sheet is not None else set()
    done, skipped = 0, []
    networks = networks_of(run.painter)
    for flavour in flavours if executor is None else ():
        for pair in load_pairs(sources, flavour=flavour, seed=seed, extractor=extractor, own_lines=own_lines):
            report.check()
            if isinstance(pair, Pair):
                run.add(pair, flavour, report, is_shown=pair.name in are_shown)
            else:
                skipped.append({"name": pair[0], "flavour": flavour, "reason": pair[1]})
            done += 1
            report.update(done / (len(sources) * len(flavours)))
    if executor is not None:
        skipped, networks = judged_away(executor, run, sources, flavours, are_shown, own_lines, report)
    if not run.pictures:
        raise InputError(f"No picture could be used; the first one because: {skipped[0]['reason']}")
    result = _result(run, flavours, skipped, networks)
    if json is not None:
        write_whole(json, summary.to_json(result))
    if sheet is not None:
        save_image(contact_sheet(run.rows), sheet)
    return result


def _checked(hints: Sequence[int], flavours: Sequence[str], artists: Sequence[str], model: str) -> tuple[int, ...]:
    counts = tuple(sorted(set(hints)))
    if not counts or counts[0] < 0 or counts[-1] > MAX_HINTS // 2:
        raise InputError(f"The numbers of hints must be between 0 and {MAX_HINTS // 2}. Received: {list(hints)}.")
    models = (*systems.names(), NONE)
    if model not in models:
        raise InputError(f"The model must be one of {', '.join(models)}. Received: {model!r}.")
    for what, known, given in (("Sketch flavours", FLAVOURS, flavours), ("Simulated artists", tuple(ARTISTS), artists)):
        unknown = [name for name in given if name not in known]
        if unknown or not given:
            raise InputError(f"{what} can be {', '.join(known)}. Received: {', '.join(unknown) or 'none'}.")
    return counts


def _load(model: str, settings: Settings) -> Colorizer | None:
    from s2p.pipelines.request import load

    return None if model == NONE else load(model, settings)


def _shown(sources: Sequence[Source], rows_each: int) -> set[str]:
    """Names of the pictures that the sheet has room for, spread evenly over all."""
    count = max(1, min(len(sources), MAX_ROWS // rows_each))
    return {sources[index * len(sources) // count].name for index in range(count)}


def _result(
    run: Run, flavours: Sequence[str], skipped: list[dict[str, str]], networks: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "format": FORMAT, "version": VERSION,
        "settings": {
            "model": run.model, "zoom": run.settings.zoom, "super_resolution": run.settings.super_resolution,
            "hints": list(run.counts), "seed": run.seed, "flavours": list(flavours), "artists": list(run.artists),
        },
        "networks": networks, "untrained": list(run.untrained), "skipped": skipped,
        "summary": summary.summarize(run.pictures, None if run.model == NONE and run.painter is None else run.model),
        "pictures": run.pictures,
    }
