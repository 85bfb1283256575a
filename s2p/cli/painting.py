"""`s2p colorize` and `s2p lines`."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from s2p import systems
from s2p.cli.files import PIPE, LeftOut, Task, plan
from s2p.cli.hint_files import hints_reader
from s2p.cli.results import (
    LAYERED,
    layers_target,
    refuse_choices,
    refuse_targets,
    tell,
    to_stdout,
    unfilled_sentence,
    untrained_sentence,
    writable,
)
from s2p.cli.words import one_of, option_of
from s2p.config import MOST_MILLION_PIXELS
from s2p.errors import InputError

if TYPE_CHECKING:
    from s2p.progress import Reporter
    from s2p.schema import SystemOptions

# The same words as in s2p.schema and s2p.pipelines, which a help text must not wait for; a test compares them.
Method = Literal["colorization", "rendering", "recolorization"]
OutputSize = Literal["original", "painted", "network"]
Lines = Literal["tinted", "as-drawn", "coloured", "none"]
Intake = Literal["auto", "off"]
Invert = Literal["auto", "yes", "no"]
LineStyle = Literal["xdog", "hard", "pass", "learned"]
Background = Literal["white", "keep", "none"]

Pictures = Annotated[
    list[str] | None,
    typer.Argument(metavar="IN...", help="Files, folders, patterns, web addresses, or - for standard input."),
]
_Page = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Of a file with several pages or frames; the first by default.")
]
_Layer = Annotated[
    str | None,
    typer.Option(metavar="NAME", help='Layer of a PSD, ORA or KRA file; by default the one that is lines, "" for all.'),
]
_Pixels = Annotated[
    float | None,
    typer.Option(min=0.01, max=MOST_MILLION_PIXELS, metavar="N", help="Largest picture; 64 by default, 30 MB each."),
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object per picture on stdout.")]
_Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say only what is wrong.")]
_Skip = Annotated[bool, typer.Option("--skip-existing", help="Leave out pictures whose result exists.")]


def colorize_command(
    pictures: Pictures = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="File (.png .jpg .webp .tif .psd .ora), folder, or - for standard output."),
    ] = None,
    hints: Annotated[
        Path | None,
        typer.Option(help="Colour hints: JSON of s2p or V3; or a folder with NAME.json for every picture NAME."),
    ] = None,
    hint: Annotated[
        list[str] | None,
        typer.Option(
            metavar="X,Y,#RRGGBB[,draft]", help="One hint; x and y from 0 to 1 from the upper left, or 350px,500px."
        ),
    ] = None,
    tags: Annotated[
        str | None,
        typer.Option(metavar='"blue hair, red dress"', help="Words for colours, of s2p tags, with commas between."),
    ] = None,
    suggest: Annotated[
        int | None,
        typer.Option(min=0, metavar="SEED", help="Think of colours where no hint is; other number, others."),
    ] = None,
    choices: Annotated[
        int | None,
        typer.Option(
            min=1, max=systems.MAX_CHOICES, metavar="N", help="Write so many choices, too, the likeliest as NAME.1.png."
        ),
    ] = None,
    model: Annotated[
        str, typer.Option(**one_of(systems.names()), help="Which system paints.")
    ] = systems.DEFAULT,
    weights_set: Annotated[
        str | None, typer.Option(metavar="NAME", help="A set of your own, made by s2p train finetune.")
    ] = None,
    reference: Annotated[Path | None, typer.Option(help="Picture whose colours are followed.")] = None,
    mix: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="How far the reference is followed; 0.5 by default.")
    ] = None,
    method: Annotated[
        Method, typer.Option(help="For line art, for tonal sketches, or for paintings.")
    ] = "colorization",
    zoom: Annotated[
        float | None, typer.Option(help="Working size, 0.25 to 2; 1 is V3's. 0.5 by default.")
    ] = None,
    background: Annotated[
        Background,
        typer.Option(help="Where nobody coloured: white, transparent where the drawing is (keep), or nowhere (none)."),
    ] = "white",
    only: Annotated[
        str | None,
        typer.Option(**one_of(systems.PARTS, also={"colors": "colours"}),
                     help="Save the colours without lines, or the lines on nothing."),
    ] = None,
    page: _Page = None,
    layer: _Layer = None,
    million_pixels: _Pixels = None,
    intake: Annotated[
        Intake | None,
        typer.Option(help="Look at the drawing first and correct what is surely in the way, or take it as it is."),
    ] = None,
    invert: Annotated[
        Invert | None, typer.Option(help="Light lines on a dark ground: yes, no, or look (auto).")
    ] = None,
    lines: Annotated[
        Lines | None, typer.Option(help="How your lines lie over the colours; by default tinted by the paint beside.")
    ] = None,
    line_color: Annotated[
        str | None, typer.Option(metavar="#RRGGBB", help="Draw the lines in one colour.")
    ] = None,
    shading: Annotated[
        float | None, typer.Option(help="How strong the shadow on the colours is, 0 (flat) to 1; 0.8 by default.")
    ] = None,
    super_resolution: Annotated[
        bool | None, typer.Option("--super-resolution/--no-super-resolution", help="Finish with the 2x network.")
    ] = None,
    output_size: Annotated[
        OutputSize, typer.Option(help="The drawing's own size, or the smaller one that was painted (once network).")
    ] = "original",
    layers: Annotated[
        list[str] | None,
        typer.Option(help="Layered file beside the result: NAME.psd or NAME.ora, or just psd or ora; also both."),
    ] = None,
    quality: Annotated[int, typer.Option(min=1, max=100, help="Of JPEG and WebP.")] = 95,
    sample: Annotated[str | None, typer.Option(help="Paint a drawing that comes with s2p, with its hints.")] = None,
    executor: Annotated[
        str | None, typer.Option(metavar="local:N|dask://HOST:PORT", help="Paint in other processes, as s2p prepare.")
    ] = None,
    skip_existing: _Skip = False,
    as_json: _Json = False,
    quiet: _Quiet = False,
) -> int:
    """Paints line art."""
    from s2p.config import load_settings

    # Whatever can be wrong with the words is found before the networks are loaded.
    settings = load_settings(
        zoom=zoom, super_resolution=super_resolution, lines=lines, shading=shading, intake=intake, invert=invert,
        weights_set=weights_set,
    )
    inputs = [*(pictures or [])]
    if sample is not None:
        if inputs or hints:
            raise InputError("--sample brings its own drawing and hints; name no other pictures or hint file.")
        sketch, hints = _sample(sample)
        inputs, output = [str(sketch)], output or f"{sample}.png"
    if output is None:
        if inputs != [PIPE]:
            raise InputError("Say where the painting goes: -o FILE or -o FOLDER.")
        output = PIPE
    if output == PIPE and as_json:
        raise InputError("--json and -o - both want standard output. Give -o FILE.")
    if line_color is not None and lines not in (None, "coloured"):
        raise InputError(f"--line-color draws the lines in one colour, --lines {lines} does not. Give one of them.")
    system = systems.system_of(model)
    system.refuse_unused(
        words=option_of, hints=hints or hint, reference=reference, mix=mix, zoom=zoom, method=method, shading=shading,
        super_resolution=super_resolution, suggest=suggest, choices=choices, tags=tags, background=background,
        only=only, intake=intake, invert=invert, lines=lines, line_color=line_color, weights_set=weights_set,
    )
    own = _options(system, tags)
    if mix is not None and reference is None:
        raise InputError("--mix says how far a reference is followed. Give --reference PICTURE, too.")
    left_out: list[LeftOut] = []
    tasks = plan(inputs, output, writable=[*writable(), *LAYERED], left_out=left_out)
    for wanted in layers or ():
        layers_target(tasks, wanted, tasks[0])
    refuse_targets(tasks, background=background, only=only)
    if choices is not None:
        refuse_choices(tasks, choices)
    hints_of = hints_reader(hints, hint or [])

    from s2p.cli.batch import away_threads, run_all, say, threads_for
    from s2p.cli.spread import Spread, reachable
    from s2p.cli.wish import Wish, painted
    from s2p.image import load_image
    from s2p.schema import Options, parse_color

    if not quiet:  # the first start takes longer, and says why
        logging.getLogger("s2p.aside").setLevel(logging.INFO)
    if not settings.threads:
        settings = settings.merged(threads=threads_for(len(tasks)) if executor is None else away_threads(executor))
    for task in tasks if executor else ():
        reachable(task)  # says what cannot be before anything is loaded
    style = None if reference is None else load_image(reference)
    options = Options(
        method=method, mix=(0.0 if style is None else 0.5) if mix is None else mix,
        line_color=None if line_color is None else parse_color(line_color),
    )
    wish = Wish(
        model, settings, options, style, own, suggest, choices, page, layer, million_pixels, output_size, background,
        only, quality,
    )
    untrained: set[str] = set()
    unfilled: set[str] = set()
    telling = Lock()
    spread = None if executor is None else Spread(executor)

    def work(task: Task, report: Reporter) -> dict[str, Any]:
        extra = tuple(layers_target(tasks, wanted, task) for wanted in layers or ())
        if spread is None:
            found = wish.paint(task, hints_of(task), extra, report)
        else:
            there = tuple(path.absolute() for path in extra)
            found = spread(painted, wish, reachable(task), hints_of(task), there, report=report)
        with telling:  # several pictures are under way, and one warning is enough
            if found.untrained and not untrained:
                say(untrained_sentence(found.untrained))
            untrained.update(found.untrained)
            if found.lacking and not unfilled:
                say(unfilled_sentence(found.lacking))
            unfilled.update(found.lacking)
            for sentence in () if as_json or quiet else found.notes:
                say(sentence)
        return found.answer

    weights = {**system.stages, **({} if choices is None else {"choices": choices / 2})}
    with spread or nullcontext():
        return run_all(
            tasks, work, weights=weights, done="painted", as_json=as_json, skip_existing=skip_existing,
            left_out=left_out, quiet=quiet, jobs=None if spread is None else spread.jobs,
        )


def lines_command(
    pictures: Pictures = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="File (.png .jpg .webp .tif), folder, or - for standard output."),
    ] = None,
    style: Annotated[
        LineStyle,
        typer.Option(
            "--method", "--style",
            help="Soft lines, black and white lines, the dark details of a painting, or lines by our network.",
        ),
    ] = "xdog",
    page: _Page = None,
    layer: _Layer = None,
    million_pixels: _Pixels = None,
    skip_existing: _Skip = False,
    as_json: _Json = False,
    quiet: _Quiet = False,
) -> int:
    """Draws line art from pictures."""
    inputs = [*(pictures or [])]
    if output is None:
        if inputs != [PIPE]:
            raise InputError("Say where the line art goes: -o FILE or -o FOLDER.")
        output = PIPE
    left_out: list[LeftOut] = []
    tasks = plan(inputs, output, writable=writable(), left_out=left_out)
    if output == PIPE and as_json:
        raise InputError("--json and -o - both want standard output. Give -o FILE.")

    from s2p.cli.batch import run_all
    from s2p.image import as_picture, encode_image, save_image
    from s2p.pipelines.lines import draw_lines, require_extractor

    if style == "learned":
        require_extractor()  # missing weights: say so once, not for every picture

    def work(task: Task, report: Reporter) -> dict[str, Any]:
        report.stage("lines")
        brought = task.read(page=page, layer=layer, million_pixels=million_pixels)
        drawing = draw_lines(as_picture(brought.image), style, report=report)
        if not as_json and not quiet:
            tell(task, brought)
        if task.target is None:
            to_stdout(encode_image(drawing, "png", dpi=brought.dpi))
        else:
            save_image(drawing, task.target, dpi=brought.dpi)
        return {"width": drawing.shape[1], "height": drawing.shape[0], "taken": brought.said}

    return run_all(
        tasks, work, weights={"lines": 1.0}, done="drawn", as_json=as_json, skip_existing=skip_existing,
        left_out=left_out, quiet=quiet,
    )


def _sample(name: str) -> tuple[Path, Path | None]:
    from s2p import samples
    from s2p.errors import NotFoundError

    if name not in samples.names():
        raise NotFoundError(f"The samples are {', '.join(samples.names())}. Received: {name!r}.")
    hints = samples.hints_path(name)
    return Path(samples.sketch_path(name)), None if hints is None else Path(hints)


def _options(system: systems.System, tags: str | None) -> SystemOptions | None:
    """What this system alone is asked for; None where that is nothing."""
    options = system.options_class()
    if tags is None or options is None:
        return None
    from s2p.tags import read_tags

    return options.model_validate({"tags": read_tags(tags)})
