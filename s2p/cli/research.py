"""`s2p train`, `s2p prepare` and `s2p serve`."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from s2p.errors import DependencyMissingError, InputError


def train_command(
    recipe: Annotated[
        str,
        typer.Argument(help="Name of a recipe, such as baby; or list, all (in turn), pack (for a borrowed GPU)."),
    ],
    data: Annotated[
        Path | None, typer.Option(help="Folder of training pictures, made by `s2p prepare`; a recipe may need none.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; a run in it is continued.")] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change a field of the recipe.")
    ] = None,
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
    from s2p.train import recipes

    if recipe == "list":
        print("\n".join(recipes.names()))
        return 0
    needs_pictures = recipe in ("all", "pack") or recipes.get(recipe).needs_pictures
    if out is None or (data is None and needs_pictures):
        raise InputError(f"Training needs {'--data FOLDER and ' if needs_pictures else ''}--out FOLDER.")
    data = data or Path()
    if recipe == "pack":
        from s2p.train.borrowed.pack import pack

        packed = pack(data, out, max_megabytes=max_mb, wheels=wheels, archive=archive_from)
        left_out = f", {packed.left_out} left out for want of room" if packed.left_out else ""
        about = f"{packed.megabytes} MiB, {packed.pictures} pictures at quality {packed.quality}"
        print(f"{packed.path}: {about}{left_out}")
        return 0
    if recipe == "all":
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
    chosen = recipes.configure(recipe, data=data, changes=change or [])

    from s2p.train.loop import train

    print(train(chosen, out, stop_after=minutes))
    return 0


def prepare_command(context: typer.Context) -> int:
    """Turns a folder of art into training data (`s2p prepare --help` shows how)."""
    _look_for("preprocess.__main__")
    words = context.args
    is_command = bool(words) and not words[0].startswith("-")
    return importlib.import_module("preprocess.__main__").main(words if is_command else ["prepare", *words])


def serve_command(context: typer.Context) -> int:
    """Paints in the browser (`s2p serve --help` shows how)."""
    # The server wants a process of its own, whose first statement is gevent's patch.
    words = [sys.executable, _look_for("server.server"), *context.args]
    if os.name == "posix":
        os.execv(words[0], words)
    program = subprocess.Popen(words)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the server, which ends by itself
    return program.wait()


def _look_for(module: str) -> str:
    """The file of a program that the library does not know but its command line may start."""
    package = module.partition(".")[0]
    found = importlib.util.find_spec(module) if importlib.util.find_spec(package) else None
    if found is None or found.origin is None:
        raise DependencyMissingError(
            f"The package {package!r} is not installed. In the project's folder: pip install -e ."
        )
    return found.origin
