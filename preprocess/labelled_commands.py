"""The commands of pictures whose parts are known: drawn by program, composed of vectors, or named by a person."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Optional

import typer

from .terminal import DEFAULT_EXECUTOR, DrawnLines, Executor, Size, app, bar, finish, words_of


@app.command("synthetic")
def synthetic_command(
    count: Annotated[int, typer.Argument(help="How many drawings.")],
    out: Annotated[str, typer.Argument(help="Target folder.")],
    seed: Annotated[int, typer.Option(help="Of the first drawing; the others follow.")] = 0,
    size: Size = 512,
    lines: DrawnLines = "drawn,xdog,hard",
    layout: Annotated[str, typer.Option(help="shards, pictures (with a folder of lines) or pairs.")] = "shards",
    per_shard: Annotated[int, typer.Option(help="Drawings per shard.")] = 256,
    eval_share: Annotated[float, typer.Option(help="Share of drawings for evaluation.")] = 0.02,
    executor: Executor = DEFAULT_EXECUTOR,
) -> int:
    """Draws people, creatures, things and places with true line art, as training data that belongs to nobody else."""
    from .synthetic.source import Source, write_drawings

    source = Source(out, count, seed=seed, size=size, flavours=words_of(lines), layout=layout, per_shard=per_shard,
                    eval_share=eval_share)  # fmt: skip
    return _written(write_drawings(source, executor=executor, progress=bar), "drawings", out)


@app.command("vectors")
def vectors_command(
    count: Annotated[int, typer.Argument(help="How many pages.")],
    out: Annotated[str, typer.Argument(help="Target folder.")],
    collections: Annotated[list[str], typer.Argument(help="TABLE.json=FOLDER of SVG, OpenMoji, DiceBear styles.")],
    shares: Annotated[str, typer.Option(help="How often each collection is used, such as 3,1,1.")] = "",
    leave_out: Annotated[Optional[Path], typer.Option(help="Text with names of pictures not to be used.")] = None,  # noqa: UP045
    seed: Annotated[int, typer.Option(help="Of the first page; the others follow.")] = 0,
    size: Size = 512,
    lines: DrawnLines = "drawn,xdog,hard",
    per_shard: Annotated[int, typer.Option(help="Pages per shard.")] = 256,
    eval_share: Annotated[float, typer.Option(help="Share of pages for evaluation.")] = 0.02,
    executor: Executor = DEFAULT_EXECUTOR,
) -> int:
    """Lays vector drawings of artists on pages, with the part that each pixel shows known by groups and colours."""
    from .vectors.source import Source, names_in, shares_of, write_pages

    source = Source(out, count, tuple(collections), shares=shares_of(shares), leave_out=names_in(leave_out), seed=seed,
                    size=size, flavours=words_of(lines), per_shard=per_shard, eval_share=eval_share)  # fmt: skip
    return _written(write_pages(source, executor=executor, progress=bar), "pages", out)


@app.command("regions")
def regions_command(
    art: Annotated[str, typer.Argument(help="Folder of pictures.")],
    views: Annotated[Path, typer.Argument(help="Folder for the numbered pictures.")],
) -> int:
    """Numbers the regions of pictures for a person to name them; then `prepare --named VIEWS` learns what they show."""
    from .naming import NAMES_FILE, write_view
    from .steps import each_picture

    code = finish(each_picture([art], views, write_view, bar=bar))
    print(f"Say what the numbers show in {views / NAMES_FILE}, a line for each picture: NAME | skin 2 5 | rest cloth")
    return code


def _written(counts: Mapping[str, int], what: str, out: str) -> int:
    print(", ".join(f"{number} {split}" for split, number in counts.items()) + f" {what} in {out}; see contact.png.")
    return 0
