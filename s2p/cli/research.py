"""`s2p train`, `s2p prepare` and `s2p serve`."""

from __future__ import annotations

import importlib.util
import logging
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Annotated

import typer

import s2p
from s2p.errors import DependencyMissingError, InputError


def train_command(
    context: typer.Context,
    recipe: Annotated[
        str | None,
        typer.Argument(
            help="Name of a recipe, such as baby; or list, all (in turn), pack (for a borrowed GPU), finetune (a set "
            "of weights of your own, from some drawings)."
        ),
    ] = None,
    wants_help: Annotated[
        bool, typer.Option("--help", help="Show this, and with the name of a recipe its fields for --set.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(help="Folder of pictures, made by `s2p prepare`; stylizer: any; some need none.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; a run in it is continued.")] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change a field of the recipe.")
    ] = None,
    styles: Annotated[
        str, typer.Option(metavar="FOLDER", help="stylizer: folder of paintings, each of which becomes a style.")
    ] = "",
    style: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="finetune: folder of coloured drawings, twenty or so.")
    ] = None,
    name: Annotated[str, typer.Option(help="finetune: what the set is called; as the folder by default.")] = "",
    minutes: Annotated[float | None, typer.Option(min=0.0, help="Stop after so long; call again to continue.")] = None,
    networks: Annotated[str, typer.Option(help="all: only these, as baby,head.")] = "",
    shares: Annotated[str, typer.Option(help="all: parts of the time, as head=3,neck=1.")] = "",
    archive: Annotated[
        Path | None,
        typer.Option("--checkpoint-archive", "--carry", metavar="FOLDER",
                     help="all: folder for checkpoints in small files, from which the next call goes on."),
    ] = None,
    archive_from: Annotated[
        Path | None,
        typer.Option("--checkpoint-archive-from", "--carry-from", metavar="FOLDER",
                     help="all and pack: folder of checkpoints of an earlier occasion."),
    ] = None,
    archive_files: Annotated[
        int, typer.Option("--checkpoint-archive-files", "--carry-files", min=1, help="all: at most so many files.")
    ] = 8,
    archive_mb: Annotated[
        float, typer.Option("--checkpoint-archive-mb", "--carry-mb", help="all: MiB that a file of them may have.")
    ] = 16.0,
    max_mb: Annotated[float, typer.Option(help="pack: MiB that the pack may have.")] = 60.0,
    wheels: Annotated[Path | None, typer.Option(help="pack: folder of wheels that the other computer lacks.")] = None,
) -> int:
    """Trains a network; the same command continues a run that was stopped."""
    # Halves the time of a training step; inference is faster without.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    if not logging.getLogger().isEnabledFor(logging.DEBUG):
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # what its optimizers cannot do it tells as if it were an error
    if recipe is None or wants_help:
        print(context.get_help())
    if recipe is None:
        return 0 if wants_help else InputError.exit_code
    from s2p.train import recipes

    if wants_help:
        if recipe not in ("list", "all", "pack"):
            print(_fields("reach" if recipe == "finetune" else recipe))
        return 0
    if recipe == "list":
        print("\n".join(recipes.names()))
        return 0
    if recipe == "finetune":
        return _finetune(style, name, 5.0 if minutes is None else minutes, change or [])
    if style is not None or name:
        raise InputError("--style and --name make a set of your own: s2p train finetune --style FOLDER --name NAME.")
    if recipe not in ("all", "pack") and recipe not in recipes.names():
        recipes.get(recipe)  # says which there are
    if out is None or (data is None and recipe in ("pack", "all")):
        raise InputError("Training needs --data FOLDER and --out FOLDER.")
    if recipe == "pack" and data is not None:
        from s2p.train.borrowed.pack import pack

        packed = pack(data, out, max_megabytes=max_mb, wheels=wheels, archive=archive_from)
        left_out = f", {packed.left_out} left out for want of room" if packed.left_out else ""
        about = f"{packed.megabytes} MiB, {packed.pictures} pictures at quality {packed.quality}"
        print(f"{packed.path}: {about}{left_out}")
        return 0
    if recipe == "all" and data is not None:
        from s2p.train.borrowed.train_all import parse_shares, table, train_all

        if minutes is None:
            raise InputError("Training all networks in turn needs --minutes, which they share.")
        turns = train_all(
            data, out, minutes=minutes, names=[name.strip() for name in networks.split(",") if name.strip()],
            shares=parse_shares(shares), changes=change or [], archive=archive, archive_from=archive_from,
            files=archive_files, megabytes=archive_mb,
        )
        print(table(turns))
        return 1 if any(turn.note.startswith("FAILED") for turn in turns) else 0
    changes = [*([f"styles={styles}"] if styles else []), *(change or [])]
    chosen, changed = recipes.continued(recipe, out, data=data, changes=changes)
    for sentence in changed:
        print(sentence, file=sys.stderr)

    from s2p.train.loop import train

    print(train(chosen, out, stop_after=minutes))
    return 0


def _finetune(style: Path | None, name: str, minutes: float, changes: list[str]) -> int:
    if style is None:
        raise InputError("A set is made of coloured drawings: s2p train finetune --style FOLDER --name NAME.")
    from s2p.train.finetune import LEAST, finetune

    made = finetune(style, name, minutes=minutes, changes=changes, say=lambda text: print(text, file=sys.stderr))
    for picture, reason in made.left_out:
        print(f"{picture} was left out: {reason}", file=sys.stderr)
    if made.before is None:
        print(f"Its colours are learned. From {LEAST} drawings on, how far they go is learned, too.", file=sys.stderr)
    else:
        taken = "so it is taken." if made.has_network else "so the usual network stays, with the colours learned."
        print(f"Loss on drawings that were kept for judging: {made.before:.3f} before, {made.after:.3f} now, {taken}",
              file=sys.stderr)
    print(f"Paint with it: s2p colorize DRAWING -o OUT.png --weights-set {made.place.name}", file=sys.stderr)
    print(made.place)
    return 0


def _fields(recipe: str) -> str:
    """The fields of a recipe for people: how they are written, their defaults and meanings."""
    from s2p.train import recipes

    rows = [f"Fields of {recipe}, changed by --set NAME=VALUE:", ""]
    for name, default, about in recipes.described(recipe):
        text = textwrap.fill(about or "see its module", 78, initial_indent=" " * 6, subsequent_indent=" " * 6)
        rows.append(f"  {name}={'EMPTY' if default == '' else default}\n{text}")
    return "\n".join(rows)


def prepare_command(context: typer.Context) -> int:
    """Turns a folder of art into training data (`s2p prepare --help` shows how)."""
    main = importlib.import_module(f"{_beside('preprocess')}.__main__").main
    words = context.args
    is_command = bool(words) and not words[0].startswith("-")
    asks_help = words in ([], ["--help"])
    return main(["--help"] if asks_help else words if is_command else ["prepare", *words], program="s2p prepare")


def serve_command(context: typer.Context) -> int:
    """Paints in the browser (`s2p serve --help` shows how)."""
    # The server wants a process of its own, whose first statement is gevent's patch.
    found = importlib.util.find_spec(f"{_beside('server')}.server")
    assert found is not None and found.origin is not None
    words = [sys.executable, found.origin, *context.args]
    if os.name == "posix":
        os.execv(words[0], words)
    program = subprocess.Popen(words)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the server, which ends by itself
    return program.wait()


def _beside(name: str) -> str:
    """The package of a program that the library does not know but its command line may start.

    It is `s2p.NAME` where pip has installed it, and in the project's folder `NAME`, which lies beside the library; a
    package of that name that is somebody else's is not taken for it.
    """
    library = Path(s2p.__file__).resolve().parent
    installed, here, linked = (f"s2p.{name}", library), (name, library.parent / name), (f"s2p.{name}", Path("/"))
    for module, folder in (installed, here, linked):
        found = importlib.util.find_spec(module)
        if found and found.origin and (folder is linked[1] or Path(found.origin).resolve().is_relative_to(folder)):
            return module
    raise DependencyMissingError(f"{name!r} is not installed. In the project's folder: pip install -e .")
