"""`s2p strokes`: paints pictures stroke by stroke, draws files of strokes again, gives them other colours."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer
from typer.core import TyperGroup

from s2p.cli.files import PIPE, Task, plan
from s2p.cli.results import tell
from s2p.cli.words import Command, one_of, sharing
from s2p.errors import CancelledError, InputError

if TYPE_CHECKING:
    from s2p.progress import Reporter
    from s2p.strokes.layouts import Strokes
    from s2p.strokes.painting import Painting

# The same words as in s2p.strokes.layouts and backends, which a help text must not wait for; a test compares them.
Renderer = Literal["oilpaintbrush", "watercolor", "markerpen", "rectangle"]
Backend = Literal["analytic", "neural"]
_PAINT, _IMPLIED = "paint", "s2p.strokes.paint"


class _Context(typer.Context):
    @property
    def command_path(self) -> str:
        return " ".join(super().command_path.split())  # a name that was left out leaves no gap


class _PaintCommand(Command):
    context_class = _Context


class _PaintsByDefault(TyperGroup):
    """`s2p strokes photo.jpg` is `s2p strokes paint photo.jpg`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [_PAINT, *args]
            ctx.meta[_IMPLIED] = True
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        # What nobody typed is not repeated by the parser's errors.
        return ("" if ctx.meta.pop(_IMPLIED, False) else name), command, rest


strokes_app = typer.Typer(
    cls=_PaintsByDefault, no_args_is_help=True, rich_markup_mode=None,
    help="Paints pictures stroke by stroke: `s2p strokes photo.jpg -o out/`. What it can: `s2p strokes paint --help`.",
)

_Output = Annotated[str | None, typer.Option("-o", "--output", help="File (.png .jpg .webp) or folder.")]
_File = Annotated[Path, typer.Argument(metavar="FILE", help="Strokes: .npz (also the original's) or .json.")]
_Size = Annotated[int, typer.Option("--size", "--canvas-size", help="Pixels of the longer side.")]


@dataclass(frozen=True)
class _Written:
    """What lies on a painting, and what is written of it and beside it."""

    lines: Annotated[Path | None, typer.Option(help="A drawing that lies on top; strokes stop at its lines.")] = None
    svg: Annotated[bool, typer.Option("--svg", help="Write the strokes as SVG, too.")] = False
    json: Annotated[bool, typer.Option("--json", help="Write the strokes as JSON, too.")] = False
    mp4: Annotated[bool, typer.Option("--mp4", help="Write a film of the painting being made.")] = False
    gif: Annotated[bool, typer.Option("--gif", help="The same as a GIF.")] = False
    frames: Annotated[
        bool, typer.Option("--frames", help="Write a PNG after every stroke, into NAME_frames/.")
    ] = False
    quality: Annotated[int, typer.Option(min=1, max=100, help="Of JPEG and WebP.")] = 95

    @property
    def extras(self) -> list[str]:
        """Endings of the files beside the painting."""
        endings = {".svg": self.svg, "_strokes.json": self.json, ".mp4": self.mp4, ".gif": self.gif,
                   "_frames": self.frames}
        return [ending for ending, is_wanted in endings.items() if is_wanted]

    @property
    def has_film(self) -> bool:
        return self.mp4 or self.gif or self.frames


_shares_written = sharing(_Written, "written")


@strokes_app.command(_PAINT, cls=_PaintCommand)
@_shares_written
def paint_command(
    pictures: Annotated[
        list[str], typer.Argument(metavar="IN...", help="Files, folders, patterns, web addresses, or -.")
    ],
    output: _Output = None,
    renderer: Annotated[
        str, typer.Option(**one_of(get_args(Renderer)), help="Kind of stroke.")
    ] = "oilpaintbrush",
    max_strokes: Annotated[int, typer.Option("--max-strokes", "--max-m-strokes", help="At most so many.")] = 500,
    max_divide: Annotated[
        int | None,
        typer.Option("--max-divide", "--m-grid", help="Blocks along a side of the finest level; by default up to 5."),
    ] = None,
    flat: Annotated[bool, typer.Option("--flat", help="Only the finest level, no coarse ones before it.")] = False,
    canvas_color: Annotated[str, typer.Option(help="white, black or #rrggbb.")] = "white",
    canvas_size: Annotated[int, typer.Option(help="Pixels of the painting's longer side.")] = 512,
    keep_aspect_ratio: Annotated[
        bool, typer.Option("--keep-aspect-ratio/--square", help="Of the picture's aspect, or squeezed into a square.")
    ] = True,
    candidates: Annotated[int, typer.Option(help="Guesses for a stroke.")] = 32,
    iters: Annotated[int, typer.Option(help="Gradient steps for a stroke.")] = 6,
    min_size: Annotated[float, typer.Option(help="Least breadth of a stroke, share of the longer side.")] = 0.0,
    max_size: Annotated[float, typer.Option(help="Largest length of a stroke, share of the longer side.")] = 1.0,
    opaque: Annotated[bool, typer.Option("--opaque", help="Strokes that cover what is below.")] = False,
    single_color: Annotated[bool, typer.Option("--single-color", help="One colour for a stroke.")] = False,
    eight_bit: Annotated[bool, typer.Option("--8bit", help="Upright opaque boxes.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same strokes.")] = 0,
    time_budget: Annotated[float | None, typer.Option(help="Seconds; what is laid by then is the painting.")] = None,
    backend: Annotated[
        str, typer.Option(**one_of(get_args(Backend)), help="What draws strokes while they are searched.")
    ] = "analytic",
    network: Annotated[
        str, typer.Option("--network", "--net-g", help="Which network, for --backend neural.")
    ] = "zou-fusion-net-light",
    with_ot_loss: Annotated[
        bool, typer.Option("--with-ot-loss", help="Count how far paint would have to be carried, too; slower.")
    ] = False,
    transport: Annotated[float, typer.Option("--beta-ot", help="How much, with --with-ot-loss.")] = 0.1,
    page: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Of several pages or frames; the first by default.")
    ] = None,
    layer: Annotated[str, typer.Option(metavar="NAME", help="Layer of a PSD, ORA or KRA file; by default all.")] = "",
    written: _Written = _Written(),
    skip_existing: Annotated[bool, typer.Option("--skip-existing", help="Leave out what is painted.")] = False,
) -> int:
    """Paints pictures. Beside each painting lies NAME_strokes.npz; Ctrl+C, or SIGTERM, keeps what is laid."""
    if output is None:
        raise InputError("Say where the painting goes: -o FILE or -o FOLDER.")
    if output == PIPE:
        raise InputError("A painting comes with files beside it. Give -o FILE or -o FOLDER.")
    from s2p.image import FORMATS
    from s2p.strokes.files import READABLE

    for word in pictures:
        if word.lower().endswith(READABLE):
            raise InputError(f"{word!r} is named like a file of strokes. Draw it: s2p strokes render FILE.")
    tasks = plan(pictures, output, writable=list(FORMATS))
    if written.lines is not None and len(tasks) > 1:
        raise InputError(f"--lines belongs to one picture. Received: {len(tasks)} of them.")

    from s2p.cli.batch import run_all, say
    from s2p.image import as_picture
    from s2p.strokes.painting import STAGES, paint

    stopping = threading.Event()

    def work(task: Task, report: Reporter) -> dict[str, Any]:
        if stopping.is_set():
            raise CancelledError("Stopped.")
        brought = task.read(page=page, layer=layer)
        tell(task, brought)
        picture = as_picture(brought.image)
        if not keep_aspect_ratio:
            picture = _square(picture)
        painting = paint(
            picture, renderer=renderer, max_strokes=max_strokes, max_divide=max_divide, flat=flat,
            canvas_color=canvas_color, canvas_size=canvas_size, candidates=candidates, iters=iters, min_size=min_size,
            max_size=max_size, opaque=opaque, single_color=single_color, eight_bit=eight_bit, seed=seed,
            time_budget=time_budget, backend=backend, network=network, transport=transport if with_ot_loss else 0.0,
            lines=written.lines, report=report, stop=stopping.is_set,
        )
        assert task.target is not None
        _write(painting, task.target, ["_strokes.npz", *written.extras], report, quality=written.quality)
        laid, end = f"{len(painting.strokes)} strokes", ""
        if painting.cut_from is not None:
            laid, end = f"{len(painting.strokes)} of {painting.cut_from} strokes", "; stopped by --time-budget"
        say(f"{task.target}: {laid} in {painting.seconds:.1f} s, {painting.likeness:.1f} dB{end}.")
        return {}

    weights = {**STAGES, **({"film": 0.5} if written.has_film else {})}
    with _soft_stop(stopping):
        code = run_all(tasks, work, weights=weights, done="painted", skip_existing=skip_existing)
    if stopping.is_set():
        raise CancelledError("Stopped; what was laid is kept.")
    return code


@strokes_app.command("render", cls=Command)
@_shares_written
def render_command(
    file: _File,
    output: _Output = None,
    size: _Size = 512,
    canvas_color: Annotated[str | None, typer.Option(help="Another ground: white, black or #rrggbb.")] = None,
    written: _Written = _Written(),
) -> int:
    """Draws a file of strokes at any size."""
    from dataclasses import replace

    from s2p.strokes.files import read_strokes
    from s2p.strokes.painting import ground_of

    target = _target(file, output)
    strokes = read_strokes(file)
    if canvas_color is not None:
        strokes = replace(strokes, canvas=ground_of(canvas_color))
    return _draw(strokes, target, written.extras, size=size, written=written)


@strokes_app.command("style", cls=Command)
@_shares_written
def style_command(
    file: _File,
    style: Annotated[Path, typer.Argument(metavar="PICTURE", help="Whose colours the strokes get.")],
    output: _Output = None,
    strength: Annotated[float, typer.Option(help="0 leaves the strokes' own colours, 1 takes the picture's.")] = 1.0,
    texture: Annotated[
        bool, typer.Option("--texture/--color-only", help="Move the strokes, too, until they look like its texture.")
    ] = False,
    steps: Annotated[int, typer.Option(help="Of moving them, with --texture.")] = 30,
    features: Annotated[
        Path | None, typer.Option(help="With --texture: Keras weights of VGG16 or VGG19 in place of our style reader.")
    ] = None,
    size: _Size = 512,
    written: _Written = _Written(),
) -> int:
    """Gives the strokes of a file the colours of a picture, or its texture, too; NAME_strokes.npz lies beside."""
    from s2p.image import load_image
    from s2p.progress import on_stderr
    from s2p.strokes.files import read_strokes
    from s2p.strokes.style import restyled
    from s2p.strokes.texture import textured

    target = _target(file, output or str(file.with_name(f"{_stem(file)}_{style.stem}.png")))
    strokes, picture = read_strokes(file), load_image(style)
    if texture:
        with closing(on_stderr({"texture": 1.0})) as bar:
            strokes = textured(strokes, picture, steps=steps, strength=strength, features=features, report=bar)
    else:
        strokes = restyled(strokes, picture, strength=strength)
    return _draw(strokes, target, ["_strokes.npz", *written.extras], size=size, written=written)


def _draw(strokes: Strokes, target: Path, extras: list[str], *, size: int, written: _Written) -> int:
    """Draws strokes with a bar."""
    from s2p.progress import on_stderr
    from s2p.strokes.painting import lines_of, repainted

    painting = repainted(strokes, size=size, lines=None if written.lines is None else lines_of(written.lines))
    with closing(on_stderr({"draw": 1.0, "film": 1.0})) as report:
        report.stage("draw")
        painting = painting.with_image(painting.drawn(laid=report.update))
        _write(painting, target, extras, report, quality=written.quality)
    height, width = painting.image.shape[:2]
    print(f"{target}: {len(strokes)} strokes, {width} x {height} pixels.", file=sys.stderr)
    return 0


def _stem(file: Path) -> str:
    return file.stem.removesuffix("_strokes")


def _target(file: Path, output: str | None) -> Path:
    """Where a file of strokes is drawn to: beside it, unless another file or folder is named."""
    from s2p.image import FORMATS

    if output is None:
        return file.with_name(f"{_stem(file)}.png")
    path = Path(output)
    if path.is_dir() or output.endswith("/") or not path.suffix:
        path.mkdir(parents=True, exist_ok=True)
        return path / f"{_stem(file)}.png"
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"The output must end in {', '.join(FORMATS)}. Received: {output!r}.")
    return path


def _write(painting: Painting, target: Path, extras: list[str], report: Reporter, *, quality: int) -> None:
    """Writes the picture, and beside it what was asked for, named after it."""
    painting.save(target, quality=quality)

    def told(fraction: float) -> None:
        report.check()
        report.update(fraction)

    for extra in extras:
        path = target.with_name(target.stem + extra)
        if extra in (".mp4", ".gif", "_frames"):
            report.stage("film")
        if extra == "_frames":
            _write_frames(painting, path, told)
        else:
            painting.save(path, done=told)


def _write_frames(painting: Painting, folder: Path, told: Any) -> None:
    from s2p.image import save_image

    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(painting.frames()):
        save_image(frame, folder / f"{number:05d}.png")
        told(number / max(len(painting.strokes), 1))


def _square(picture: Any) -> Any:
    import cv2

    side = max(picture.shape[:2])
    return cv2.resize(picture, (side, side), interpolation=cv2.INTER_CUBIC)


@contextmanager
def _soft_stop(stopping: threading.Event) -> Iterator[None]:
    """The first Ctrl+C or SIGTERM ends the search and keeps what is laid, the second ends the program."""

    def stop(number: int, frame: Any) -> None:
        if stopping.is_set():
            raise KeyboardInterrupt
        stopping.set()

    try:
        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread: whoever called us has a stop of their own
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
