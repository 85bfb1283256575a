"""`s2p evaluate`: how good the pictures are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from s2p.errors import InputError

# The same words as s2p.evaluation.judge.MODELS and s2p.evaluation.pairs.FLAVOURS; a test compares them.
Model = Literal["style2paints", "auto-painter", "none"]
Flavour = Literal["xdog", "learned", "own"]


def evaluate_command(
    data: Annotated[
        Path | None, typer.Option(help="Folder of coloured pictures; without it, scenes drawn by the program.")
    ] = None,
    model: Annotated[Model, typer.Option(help="What is judged; none for the baselines alone.")] = "style2paints",
    zoom: Annotated[float, typer.Option(help="Working size, 0.25 to 2.")] = 0.5,
    hints: Annotated[str, typer.Option(help="Numbers of hints, separated by commas.")] = "0,4,16,64",
    flavour: Annotated[Flavour, typer.Option(help="How the line art is made from a picture.")] = "xdog",
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many pictures.")] = None,
    seed: Annotated[int, typer.Option(help="Decides which hint is changed to measure the leak.")] = 0,
    json: Annotated[Path | None, typer.Option(help="File for all figures.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="PNG file for a contact sheet.")] = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="Judge how lines are drawn from pictures, instead of how they are coloured.")
    ] = False,
    against: Annotated[Path | None, typer.Option(help="JSON file of an earlier run to compare with.")] = None,
) -> int:
    """Colours line art of finished pictures and compares with the originals."""
    try:
        counts = [int(word) for word in hints.split(",")]
    except ValueError:
        raise InputError(f"--hints takes whole numbers such as 0,4,16. Received: {hints!r}.") from None
    from s2p.evaluation import compare, evaluate, evaluate_lines, lines_table, table
    from s2p.progress import TqdmReporter

    bar = TqdmReporter({"evaluate": 1.0})
    try:
        if lines:
            drawn = evaluate_lines(data, limit=limit, seed=seed, json=json, sheet=sheet, report=bar)
            bar.close()
            print(lines_table(drawn))
            return 0
        result = evaluate(
            data, model=model, zoom=zoom, hints=counts, flavours=[flavour], limit=limit, seed=seed, json=json,
            sheet=sheet, report=bar,
        )
    finally:
        bar.close()
    print(table(result))
    if against is not None:
        print(f"\nCompared with {against}:\n{compare(against, result)}")
    return 0
