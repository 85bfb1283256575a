"""`s2p bench`: how fast this computer paints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from s2p.errors import CancelledError, InputError


def bench_command(
    sketch: Annotated[
        Path | None, typer.Option(help="The drawing; one of the samples at 708 x 1000 by default.")
    ] = None,
    zoom: Annotated[str, typer.Option(help="Working sizes, separated by commas.")] = "0.5,1",
    runtime: Annotated[
        str | None,
        typer.Option(help="tensorflow, openvino, onnxruntime, separated by commas; by default all that are installed."),
    ] = None,
    variant: Annotated[
        str, typer.Option("--variant", "--size", help="Networks: turbo (ours), official (V3's).")
    ] = "turbo,official",
    repeat: Annotated[int, typer.Option(help="Rounds; the figures are their medians.")] = 3,
    threads: Annotated[int, typer.Option(help="CPU threads, 0 for all cores.")] = 0,
    reference: Annotated[
        bool, typer.Option(help="Also time networks of V3's size at zoom 1 as the original runs them.")
    ] = True,
    json: Annotated[Path | None, typer.Option(help="File for all figures.")] = None,
) -> int:
    """Times starting, preparing and painting for every runtime, and prints a table. Some minutes; Ctrl+C stops it."""
    try:
        zooms = tuple(float(word) for word in zoom.split(","))
    except ValueError:
        raise InputError(f"--zoom takes numbers such as 0.5,1. Received: {zoom!r}.") from None
    from s2p.benchmark import Plan, run, table, write
    from s2p.benchmark.rounds import stages
    from s2p.progress import on_stderr

    own_size: dict[str, Any] = {} if sketch is None else {"width": 0, "height": 0}
    plan = Plan(
        sketch=sketch, zooms=zooms, variants=tuple(variant.split(",")),
        backends=tuple(runtime.split(",")) if runtime else (), repeat=repeat,
        threads=threads, reference=reference, **own_size,
    )
    bar = on_stderr(stages(plan))
    try:
        result = run(plan, report=bar)
    finally:
        bar.close()
    print(table(result))
    if json is not None:
        write(result, json)
    return 0 if result["complete"] else CancelledError.exit_code
