"""`s2p stylize` and `s2p styles`: pictures in the style of paintings, and which styles there are."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from s2p.cli.files import PIPE, LeftOut, Task, plan
from s2p.cli.words import Command
from s2p.errors import InputError, OutputError

if TYPE_CHECKING:
    from s2p.progress import Reporter

# The same words as in s2p.style_options, which a help text must not wait for; a test compares them.
Width = Literal["turbo", "light", "official"]
_Width = Annotated[Width, typer.Option(help="Network of half, a quarter or all of the published channels.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]

styles_app = typer.Typer(
    help="Shows, adds and arranges the styles of `s2p stylize`.", no_args_is_help=True, rich_markup_mode=None,
)


def stylize_command(
    pictures: Annotated[
        list[str], typer.Argument(metavar="IN...", help="Files, folders, patterns, web addresses, or -.")
    ],
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="File (.png .jpg .webp .tif), folder, or - for standard output."),
    ] = None,
    style: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of `s2p styles list`, or the beginning of one; all: each by itself."),
    ] = None,
    mix: Annotated[
        str | None, typer.Option(metavar="NAME=.6,NAME=.4", help="A mixture; the shares have the sum 1.")
    ] = None,
    normalise: Annotated[bool, typer.Option("--normalise", help="Divide the shares by their sum.")] = False,
    extrapolate: Annotated[bool, typer.Option("--extrapolate", help="Take shares below 0 and above 1, too.")] = False,
    strength: Annotated[float, typer.Option(metavar="0..1", help="0 leaves the picture as it is.")] = 1.0,
    keep_color: Annotated[
        bool, typer.Option("--keep-colour", "--keep-color", help="The picture's colours, the style's light and dark.")
    ] = False,
    stroke_size: Annotated[float, typer.Option(metavar="0.5..4", help="2: strokes twice as large.")] = 1.0,
    width: _Width = "light",
    lines: Annotated[Path | None, typer.Option(metavar="DRAWING", help="A drawing whose lines lie on top.")] = None,
    page: Annotated[int | None, typer.Option(min=1, metavar="N", help="Of several; the first by default.")] = None,
    layer: Annotated[str, typer.Option(metavar="NAME", help="Layer of a PSD, ORA or KRA file; by default all.")] = "",
    quality: Annotated[int, typer.Option(min=1, max=100, help="Of JPEG and WebP.")] = 95,
    skip_existing: Annotated[bool, typer.Option("--skip-existing", help="Leave out what is painted.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per picture on stdout.")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")] = False,
) -> int:
    """Paints pictures in the style of a painting, or of a mixture of several."""
    if output is None:
        raise InputError("Say where the painting goes: -o FILE or -o FOLDER.")
    for option, named in (("--style", style), ("--mix", mix)):
        if named is not None and not named.strip():
            raise InputError(f"{option} is empty. Name a style: s2p styles list shows all.")
    if style and mix:
        raise InputError("--style is one style, --mix several. Give one of them.")
    from s2p import style_shelf
    from s2p.cli.results import writable
    from s2p.config import load_settings
    from s2p.pipelines.stylizer import ALL
    from s2p.style_options import StyleOptions, read_mix, row_of

    left_out: list[LeftOut] = []
    tasks, settings = plan(pictures, output, writable=writable(), left_out=left_out), load_settings()
    names = style_shelf.names_of(style_shelf.installed(width))
    each = {name: {name: 1.0} for name in names} if style == ALL else {"": read_mix(mix or style or "")}
    own = {
        name: StyleOptions(
            styles=shares, normalise=normalise, extrapolate=extrapolate, strength=strength, keep_color=keep_color,
            stroke_size=stroke_size, width=width,
        ) for name, shares in each.items()
    }
    for one in own.values():  # mistakes are said before anything is read
        row_of(one.styles, names, normalise=normalise, extrapolate=extrapolate)
    if style == ALL:
        tasks = [Task(task.source, _named(task, name)) for task in tasks for name in names]
    kinds = [name for _ in range(len(tasks) // len(each)) for name in each]
    asked = {id(task): own[name] for task, name in zip(tasks, kinds, strict=True)}

    from s2p.cli.batch import run_all
    from s2p.cli.results import tell, write
    from s2p.image import load_image
    from s2p.lineart import channel_minimum
    from s2p.pipelines.request import Request, run
    from s2p.systems import system_of

    drawing = None if lines is None else channel_minimum(load_image(lines))
    if not style and not mix and not quiet:
        print(f"No style was named; {names[0]} is taken. s2p styles list shows all.", file=sys.stderr)

    def work(task: Task, report: Reporter) -> dict[str, Any]:
        brought = task.read(page=page, layer=layer)
        tell(task, brought)
        request = Request(brought.image, own=asked[id(task)], settings=settings, dpi=brought.dpi, drawing=drawing)
        result = run("stylizer", request, report=report)
        shown = write(result, task.target, layers=(), quality=quality, only=None)
        return {**shown, "styles": asked[id(task)].styles or {names[0]: 1.0}}

    return run_all(
        tasks, work, weights=system_of("stylizer").stages, done="painted", as_json=as_json, skip_existing=skip_existing,
        left_out=left_out, quiet=quiet,
    )


@styles_app.command("list", cls=Command)
def list_command(width: _Width = "light", as_json: _Json = False) -> int:
    """Shows the styles in their order."""
    from s2p import style_shelf

    found = style_shelf.installed(width)
    if as_json:
        print(json.dumps({"width": width, "file": str(found.path), "styles": style_shelf.names_of(found)}))
        return 0
    print("\n".join(style_shelf.names_of(found)))
    return 0


@styles_app.command("add", cls=Command)
def add_command(
    painting: Annotated[Path, typer.Argument(metavar="FILE", help="The painting.")],
    name: Annotated[str, typer.Option(help="What it is called; as the file by default.")] = "",
    width: _Width = "light",
    data: Annotated[
        Path | None, typer.Option(help="Folder of pictures to practise on; the drawings that come with s2p by default.")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.1, help="At most so long.")] = 20.0,
    features: Annotated[
        str, typer.Option(help="What looks at style: efficientnet, reader, filters, random, or a file of VGG-16.")
    ] = "efficientnet",
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change a field of the recipe.")
    ] = None,
) -> int:
    """Learns a style of yours, minutes on a CPU; the others stay as they are to the bit."""
    import os

    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    from s2p.train.add_style import add_style

    changes = [f"features={features}", *(change or [])]
    add_style(painting, name=name, variant=width, data=data, minutes=minutes, changes=changes)
    from s2p import style_shelf

    learned = style_shelf.names_of(style_shelf.installed(width))[-1]
    _tell(f"{learned} has been learned; paint with it: s2p stylize PICTURE -o FILE --style {learned}.", width)
    return 0


@styles_app.command("remove", cls=Command)
def remove_command(name: Annotated[str, typer.Argument(metavar="NAME")], width: _Width = "light") -> int:
    """Takes a style out."""
    from s2p import style_shelf

    style_shelf.remove(style_shelf.installed(width), name)
    _tell(f"{name} has been taken out.", width)
    return 0


@styles_app.command("rename", cls=Command)
def rename_command(
    name: Annotated[str, typer.Argument(metavar="NAME")], new: Annotated[str, typer.Argument(metavar="NEW")],
    width: _Width = "light",
) -> int:
    """Gives a style another name."""
    from s2p import style_shelf

    style_shelf.rename(style_shelf.installed(width), name, new)
    _tell(f"{name} is called {new} now.", width)
    return 0


@styles_app.command("order", cls=Command)
def order_command(
    wanted: Annotated[list[str], typer.Argument(metavar="NAME...", help="The first ones; the others follow.")],
    width: _Width = "light",
) -> int:
    """Brings styles to the front, in the order in which they are named."""
    from s2p import style_shelf

    style_shelf.order(style_shelf.installed(width), wanted)
    _tell(f"{', '.join(wanted)} {'comes' if len(wanted) == 1 else 'come'} first now.", width)
    return 0


@styles_app.command("sheet", cls=Command)
def sheet_command(
    output: Annotated[Path, typer.Option("-o", "--output", help="The picture to write, such as sheet.jpg.")],
    pictures: Annotated[
        list[str] | None, typer.Argument(metavar="IN...", help="Pictures to show; samples of s2p by default.")
    ] = None,
    only: Annotated[str, typer.Option("--only", metavar="NAME,NAME", help="One strip of these styles.")] = "",
    tile: Annotated[int, typer.Option(min=32, max=1024, help="Pixels of every square.")] = 224,
    width: _Width = "light",
) -> int:
    """Draws all styles of some pictures, two of them mixed in steps, and four in a square."""
    from s2p import samples, style_shelf
    from s2p.image import as_picture, save_image
    from s2p.pipelines.style_sheet import strip, style_sheet
    from s2p.pipelines.stylizer import load
    from s2p.progress import on_stderr

    names = style_shelf.names_of(style_shelf.installed(width))
    own = [str(Path(samples.__file__).with_name(f"{name}.jpg")) for name in ("landscape", "girl", "cat")]
    # A folder of a name that nothing has: only the sheet is written.
    given = [as_picture(task.read().image) for task in plan(pictures or own, f"{output}.d/", writable=[])]
    painter, report = load(), on_stderr({"paint": 1.0})
    report.stage("paint")
    try:
        if only:
            image = strip(painter, given[0], only.split(","), width=width, tile=tile)
        else:
            image = style_sheet(painter, given, names, width=width, tile=tile, report=report)
    finally:
        report.close()
    save_image(image, output, quality=90)
    return 0


def _tell(sentence: str, width: str) -> None:
    """What was done, how many styles there are now, and where they are kept."""
    from s2p import style_shelf

    found = style_shelf.installed(width)
    count = len(style_shelf.names_of(found))
    print(f"{sentence} {width} has {count} {'style' if count == 1 else 'styles'}, kept in {found.path}. "
          "Back to what was there before: s2p weights use.")  # fmt: skip


def _named(task: Task, name: str) -> Path:
    if task.target is None or str(task.target) == PIPE:
        raise OutputError("--style all writes several files. Give -o FILE or -o FOLDER.")
    return task.target.with_name(f"{task.target.stem}_{name}{task.target.suffix}")
