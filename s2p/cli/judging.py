"""`s2p evaluate`: how good the pictures are."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Literal

import typer

from s2p import systems
from s2p.cli.words import one_of, option_of
from s2p.errors import InputError

# The same words as s2p.evaluation.pairs.FLAVOURS and, with "both", the names of
# s2p.evaluation.artists.ARTISTS; a test compares them.
Flavour = Literal["xdog", "learned", "own"]
Artist = Literal["worst", "person", "both"]
_HINTS = "0,4,16,64"


def evaluate_command(
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of coloured pictures, for words of such with tags; without it, scenes drawn by the "
                          "program."),
    ] = None,
    model: Annotated[
        str, typer.Option(**one_of((*systems.names(), "none")), help="What is judged; none for the baselines alone.")
    ] = systems.DEFAULT,
    zoom: Annotated[float | None, typer.Option(help="Working size, 0.25 to 2; 0.5 by default.")] = None,
    hints: Annotated[
        str | None,
        typer.Option(help=f"Numbers of hints, separated by commas; {_HINTS} by default. Tag2Pix is judged by words "
                          "unless they are given."),
    ] = None,
    artist: Annotated[
        Artist, typer.Option(help="Who places the hints: where a simple fill is most wrong, or as a person does.")
    ] = "worst",
    flavour: Annotated[Flavour, typer.Option(help="How the line art is made from a picture.")] = "xdog",
    own_lines: Annotated[
        Path | None, typer.Option(help="Folder of the artists' lines for --flavour own; else beside the pictures.")
    ] = None,
    zooms: Annotated[
        bool, typer.Option("--zooms", help="Paint at zoom 0.5 and 1, too, and see how much they differ.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many pictures.")] = None,
    seed: Annotated[int, typer.Option(help="Of the person's hand, and of the hint that is changed for the leak.")] = 0,
    json: Annotated[Path | None, typer.Option(help="File for all figures.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="PNG file for a contact sheet.")] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="Judge how lines are drawn from pictures, instead of how they are coloured.")
    ] = False,
    run: Annotated[
        Path | None, typer.Option(help="Folder of a run of `s2p train`: judge its weights before they are published.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="A weight file of such a run, NETWORK.weights.h5, judged in the same way.")
    ] = None,
    executor: Annotated[
        str | None, typer.Option(metavar="local:N|dask://HOST:PORT", help="Judge in other processes, as s2p prepare.")
    ] = None,
    against: Annotated[Path | None, typer.Option(help="JSON file of an earlier run to compare with.")] = None,
) -> int:
    """Colours line art of finished pictures and compares with the originals."""
    by_words = model in systems.names() and systems.system_of(model).by_words and hints is None and not lines
    if by_words and (executor is not None or against is not None or artist != "worst" or zooms):
        raise InputError(
            "--executor, --against, --artist and --zooms are for hints. Give --hints, too, or leave them out."
        )
    try:
        counts = [int(word) for word in (_HINTS if hints is None else hints).split(",")]
    except ValueError:
        raise InputError(f"--hints takes whole numbers such as 0,4,16. Received: {hints!r}.") from None
    if model in systems.names():
        systems.system_of(model).refuse_unused(words=option_of, zoom=zoom, hints=any(counts))
        if zooms:
            systems.system_of(model).refuse_unused(words=lambda use: f"--{use}s", zoom=zooms)
    if run is not None and weights is not None:
        raise InputError("--run judges all networks of a run, --weights one of them. Give one of the two.")
    if executor is not None and (lines or run is not None or weights is not None):
        raise InputError("--executor judges colours by installed networks. Leave out --lines, --run and --weights.")
    from s2p.evaluation import compare, evaluate, evaluate_lines, evaluate_words, lines_table, table, word_table
    from s2p.progress import on_stderr
    from s2p.weights import preferring

    place = _learned(run, weights)
    bar = on_stderr({"evaluate": 1.0})
    context = ExitStack()
    try:
        context.enter_context(preferring(place))
        if lines:
            drawn = evaluate_lines(data, limit=limit, seed=seed, json=json, sheet=sheet, report=bar)
            bar.close()
            print(lines_table(drawn))
            return 0
        if by_words:
            worded = evaluate_words(
                data, model=model, flavour=flavour, own_lines=own_lines, limit=limit, seed=seed, json=json, sheet=sheet,
                report=bar,
            )
            bar.close()
            print(word_table(worded))
            return 0
        result = evaluate(
            data, model=model, zoom=0.5 if zoom is None else zoom, hints=counts,
            artists=["worst", "person"] if artist == "both" else [artist], flavours=[flavour], own_lines=own_lines,
            zooms=zooms, limit=limit, seed=seed, json=json, sheet=sheet, executor=executor, report=bar,
        )
    finally:
        context.close()
        bar.close()
    print(table(result))
    if against is not None:
        print(f"\nCompared with {against}:\n{compare(against, result)}")
    return 0


def _learned(run: Path | None, weights: Path | None) -> Path | None:
    """A folder with what a run has learned, which comes before the weights in use; None where nothing is asked."""
    source = run or weights
    if source is None:
        return None
    from s2p.train import release

    names, place = release.unpublished(source)
    print(f"Judged with {', '.join(names)} of {source} in place of those in use.", file=sys.stderr)
    return place
