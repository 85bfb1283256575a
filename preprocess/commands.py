"""The commands: parse, call, show. The work is done in the modules of the same names."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from s2p.cli.usage import usage_sentence
from s2p.errors import ConfigError, InputError, OutputError, S2PError, shown

from . import labelled_commands  # noqa: F401  (its commands are registered)
from .plan import COLOR_FORMATS, DEFAULT_STEPS, FLAVOURS, RECORD_FORMATS, STEPS, Plan
from .terminal import DEFAULT_EXECUTOR, Executor, app, bar, finish, words_of

_NAMED = 1000  # left-out files on a terminal
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of sentences.")]

ColorFormat = Enum("ColorFormat", {name: name for name in COLOR_FORMATS})


def run_commands(argv: list[str], *, program: str = "s2p prepare") -> int:
    """Runs one command of `program`, as its help calls it, and returns its exit code."""
    names = {command.name or "" for command in app.registered_commands}
    if argv and not argv[0].startswith("-") and argv[0] not in names:
        argv = ["prepare", *argv]
    try:
        code = app(argv, prog_name=program, standalone_mode=False)
    except S2PError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print("Stopped. The same command continues where it was.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"{shown(os.fspath(error.filename or 'A file'))} cannot be used: {error.strerror}.", file=sys.stderr)
        return OutputError.exit_code
    except Exception as error:
        if not hasattr(error, "exit_code"):  # not one of the parser's own
            raise
        if hasattr(error, "show"):
            # The command that nobody has to name.
            print(usage_sentence(error).replace(f"{program} prepare ", f"{program} "), file=sys.stderr)
        return int(error.exit_code)  # pyright: ignore[reportAttributeAccessIssue]
    return int(code or 0)


@app.command("prepare")
def prepare_command(
    art: Annotated[str, typer.Argument(help="Folder of pictures, as a path or URL.")],
    out: Annotated[str, typer.Argument(help="Folder for the shards.")],
    steps: Annotated[str, typer.Option(help=f"Comma-separated, out of: {', '.join(STEPS)}.")] = ",".join(DEFAULT_STEPS),
    lines: Annotated[str, typer.Option(help=f"1 to 4 flavours out of: {', '.join(FLAVOURS)}.")] = "xdog,hard,gradient",
    size: Annotated[int, typer.Option(help="Short edge of the stored pictures.")] = 512,
    format: Annotated[str, typer.Option(help=f"Any of: {', '.join(RECORD_FORMATS)}.")] = "tfrecord,hdf5",
    color: Annotated[ColorFormat, typer.Option(help="How colours are stored.")] = ColorFormat.jpeg,  # type: ignore
    per_shard: Annotated[int, typer.Option(help="Pictures per shard.")] = 256,
    eval_share: Annotated[float, typer.Option(help="Share of pictures for evaluation.")] = 0.02,
    min_edge: Annotated[int, typer.Option(help="Smaller pictures are dropped.")] = 128,
    max_aspect: Annotated[float, typer.Option(help="Longer pictures are dropped.")] = 4.0,
    duplicate_bits: Annotated[int, typer.Option(help="Near-duplicates differ in at most this many of 256 bits.")] = 10,
    tags: Annotated[Optional[str], typer.Option(help="tags.txt of the command tags.")] = None,  # noqa: UP045
    resolutions: Annotated[Optional[str], typer.Option(help="resolutions.txt of the command tags.")] = None,  # noqa: UP045
    cascade: Annotated[Optional[str], typer.Option(help="LBP or Haar cascade for faces.")] = None,  # noqa: UP045
    faces: Annotated[Optional[str], typer.Option(help="Reviewed folder of the command faces.")] = None,  # noqa: UP045
    named: Annotated[Optional[str], typer.Option(help="Folder of the command regions, with its names.txt.")] = None,  # noqa: UP045
    add_faces: Annotated[bool, typer.Option("--add-faces", "--add-all", help="Store face crops as pictures.")] = False,
    upscale_by: Annotated[str, typer.Option(help="lanczos or network, for the step upscale.")] = "lanczos",
    executor: Executor = DEFAULT_EXECUTOR,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look and decide, but write nothing.")] = False,
    as_json: _Json = False,
) -> int:
    """Makes shards, index.json, report.jsonl and contact.png from a folder of art. Restartable at any time."""
    from .run import prepare

    plan = Plan(
        art, out, steps=words_of(steps), flavours=words_of(lines), short_edge=size, formats=words_of(format),
        color_format=color.value, per_shard=per_shard, eval_share=eval_share, min_edge=min_edge,
        max_aspect=max_aspect, duplicate_bits=duplicate_bits, tags=tags, resolutions=resolutions, cascade=cascade,
        faces=faces, named=named, add_faces=add_faces, upscale_by=upscale_by,
    )  # fmt: skip
    summary = prepare(plan, executor=executor, dry_run=dry_run, progress=bar)
    # A script must notice that there is nothing to train on.
    code = InputError.exit_code if not summary.counts and summary.statuses.get("broken") else 0
    if as_json:
        print(json.dumps(asdict(summary), sort_keys=True))
        return code
    print(f"{summary.files} files: " + ", ".join(f"{n} {name}" for name, n in sorted(summary.statuses.items())))
    for reason, count in sorted(summary.reasons.items(), key=lambda item: -item[1]):
        print(f"  {count:7d}  {reason}")
    for line in summary.left_out[:_NAMED]:
        name = os.path.basename(line["key"])  # with which many reasons begin
        print(f"  {line['status']:7}  {line['key']}: {line['reason'].removeprefix(f'{name} ')}")
    if (more := len(summary.left_out) - _NAMED) > 0:
        print(f"  and {more} more; {'--json' if dry_run else 'report.jsonl'} names all of them")
    counts = ", ".join(f"{count} {split}" for split, count in sorted(summary.counts.items())) or "nothing"
    if dry_run:
        print(f"Would write {counts} in {summary.shards} shards. Nothing was written.")
        return code
    print(f"{counts} in {summary.shards} shards ({summary.kept_shards} were finished before). Report: report.jsonl")
    return code


@app.command("lines")
def lines_command(
    pictures: Annotated[list[str], typer.Argument(help="Pictures or folders.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the line art (PNG).")],
    flavour: Annotated[str, typer.Option(help=f"One of: {', '.join(FLAVOURS)}.")] = "xdog",
    thickness: Annotated[float, typer.Option(help="Above 1 bolder, below 1 thinner.")] = 1.0,
    strength: Annotated[float, typer.Option(help="Above 1 blacker, below 1 fainter.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Chooses width and weight where the flavour has a range.")] = 0,
) -> int:
    """Draws line art of pictures."""
    from s2p.image import save_image

    from .lines import draw, load_extractor, vary
    from .steps import each_picture

    if flavour not in FLAVOURS:
        raise ConfigError(f"The flavour must be one of {', '.join(FLAVOURS)}. Received: {flavour!r}.")

    def work(image: Any, target: Path) -> None:
        lines = draw(image, flavour, seed=seed, extractor=load_extractor())
        save_image(vary(lines, thickness=thickness, strength=strength), target)

    return finish(each_picture(pictures, output, work, bar=bar))


@app.command("letterbox")
def letterbox_command(
    pictures: Annotated[list[str], typer.Argument(help="Pictures or folders.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the cropped pictures (PNG).")],
    resolutions: Annotated[Optional[str], typer.Option(help="resolutions.txt of the command tags.")] = None,  # noqa: UP045
    square: Annotated[bool, typer.Option(help="Pad to a square: mirrored, or white at white borders.")] = True,
) -> int:
    """Removes the bars of pictures that were fitted into a square."""
    from s2p.image import save_image

    from . import letterbox
    from .steps import each_picture, original_sizes

    sizes = original_sizes(pictures, resolutions)

    def work(image: Any, target: Path) -> None:
        original = sizes.get(target.stem)
        cut = letterbox.square(image, original) if square else letterbox.remove_letterbox(image, original)
        save_image(cut, target)

    return finish(each_picture(pictures, output, work, bar=bar))


@app.command("upscale")
def upscale_command(
    pictures: Annotated[list[str], typer.Argument(help="Pictures or folders.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the enlarged pictures (PNG).")],
    size: Annotated[int, typer.Option(help="Short edge; larger pictures stay as they are.")] = 768,
    network: Annotated[bool, typer.Option(help="Use the 2x network if it has weights, else Lanczos.")] = True,
) -> int:
    """Enlarges small pictures."""
    from s2p.image import save_image

    from .steps import each_picture
    from .upscale import enlarge, load_doubler

    doubler = load_doubler() if network else None
    print(f"Enlarging by {'Lanczos' if doubler is None else 'the 2x network'}.", file=sys.stderr)
    return finish(each_picture(
        pictures, output, lambda image, target: save_image(enlarge(image, size, doubler=doubler), target), bar=bar
    ))  # fmt: skip


@app.command("faces")
def faces_command(
    art: Annotated[str, typer.Argument(help="Folder of pictures.")],
    review: Annotated[str, typer.Argument(help="Folder for the crops; delete the wrong ones there.")],
    cascade: Annotated[Optional[str], typer.Option(help="LBP or Haar cascade; OpenCV's own if missing.")] = None,  # noqa: UP045
) -> int:
    """Cuts out faces for a person to review; then `prepare --faces REVIEW --add-all` uses those that are left."""
    from .steps import find_faces

    found, total, failures = find_faces(art, review, cascade=cascade, bar=bar)
    for name, reason in failures:
        print(f"{name}: {reason}", file=sys.stderr)
    print(f"{found} faces in {total} pictures. Delete the wrong crops in {review}, then: prepare --faces {review}")
    return 0


@app.command("tags")
def tags_command(
    metadata: Annotated[list[str], typer.Argument(help="JSON lines, archives (.tar.xz) or folders of them.")],
    output: Annotated[str, typer.Option("-o", "--output", help="Folder for tags.txt, resolutions.txt, dropped.tsv.")],
    images: Annotated[Optional[str], typer.Option(help="Folder of the pictures; others are dropped.")] = None,  # noqa: UP045
    portrait: Annotated[bool, typer.Option(help="Tag2Pix's rules: one person, hair and eye colour.")] = True,
    min_side: Annotated[int, typer.Option(help="The longer side must reach it.")] = 512,
    blacklist: Annotated[str, typer.Option(help="More tag names that exclude a picture.")] = "",
    whitelist: Annotated[str, typer.Option(help="Tag names one of which a picture must have.")] = "",
    as_json: _Json = False,
) -> int:
    """Reads picture metadata and keeps what networks can learn from."""
    from . import tags

    rules = tags.Rules(
        min_side=min_side, is_portrait=portrait, whitelist=tags.ids_of(words_of(whitelist)),
        blacklist=tags.Rules().blacklist | tags.ids_of(words_of(blacklist)),
    )  # fmt: skip
    counts = tags.extract(metadata, output, rules=rules, images=images)
    if as_json:
        print(json.dumps(counts, sort_keys=True))
        return 0
    for outcome, count in sorted(counts.items(), key=lambda item: (item[0] != "kept", -item[1])):
        print(f"{count:9d}  {outcome}")
    return 0


@app.command("pairs")
def pairs_command(
    pairs: Annotated[str, typer.Argument(help="Folder of side-by-side pictures, or of OUT shards with --write.")],
    output: Annotated[str, typer.Argument(help="Target folder.")],
    position: Annotated[str, typer.Option(help="Where the sketch is: auto, left or right.")] = "auto",
    lines: Annotated[Optional[str], typer.Option(help="Second folder with the line art, same names.")] = None,  # noqa: UP045
    write: Annotated[bool, typer.Option("--write", help="Shards to side-by-side pictures.")] = False,
    split: Annotated[str, typer.Option(help="Split to write.")] = "train",
    flavour: Annotated[str, typer.Option(help="Line flavour to write; the first by default.")] = "",
) -> int:
    """Turns side-by-side pairs of sketch and colours into shards, or shards into pairs."""
    from . import pairs as pair_folders

    if write:
        count = pair_folders.write_pairs(pairs, output, split=split, flavour=flavour or None,
                                         sketch_on="right" if position == "auto" else position)  # fmt: skip
        print(f"{count} pairs in {output}.")
        return 0
    count, failures = pair_folders.import_pairs(pairs, output, position=position, lines=lines)
    for name, reason in failures:
        print(f"{name}: {reason}", file=sys.stderr)
    print(f"{count} pairs in {output}, {len(failures)} refused.")
    return 0 if count else InputError.exit_code


@app.command("join")
def join_command(
    out: Annotated[str, typer.Argument(help="Target folder.")],
    folders: Annotated[list[str], typer.Argument(help="Folders of shards, such as art and drawings of our own.")],
) -> int:
    """Puts the shards of several folders into one, to train on all of them."""
    from .join import join_folders

    counts = join_folders(folders, out)
    print(", ".join(f"{count} {split}" for split, count in counts.items()) + f" pictures in {out}.")
    return 0


@app.command("inspect")
def inspect_command(
    folder: Annotated[str, typer.Argument(help="Folder of shards.")],
    split: Annotated[str, typer.Option(help="train or eval.")] = "train",
    size: Annotated[int, typer.Option(help="Side of the crops.")] = 256,
    seconds: Annotated[float, typer.Option(help="How long to measure the rate.")] = 10.0,
    sheet: Annotated[Optional[Path], typer.Option(help="PNG to write; FOLDER/inspect.png by default.")] = None,  # noqa: UP045
    verify: Annotated[bool, typer.Option("--verify", help="Check the SHA-256 of every shard.")] = False,
) -> int:
    """Shows what shards hold, how fast they read, and a sheet of what a network sees."""
    from .inspection import inspect

    for line in inspect(folder, split=split, size=size, seconds=seconds, sheet=sheet, verify=verify):
        print(line)
    return 0
