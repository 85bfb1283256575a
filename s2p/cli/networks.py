"""`s2p weights` and `s2p doctor`: what the networks are and how they do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from s2p.cli.words import named, one_of
from s2p.networks import addable, names

# The same words as s2p.config.VARIANTS; a test compares them.
Variant = Literal["turbo", "official"]

_Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

weights_app = typer.Typer(help="Shows, adds, checks and exports weights.", no_args_is_help=True, rich_markup_mode=None)


@weights_app.command("list")
def list_command(as_json: _Json = False) -> int:
    """Shows where the weights of every network come from, and where files of yours are looked for."""
    from s2p import weights
    from s2p.config import load_settings

    found = weights.find_all(load_settings())
    if as_json:
        _print_json([
            {"name": one.name, "variant": one.variant, "size": one.variant,  # its name of before
             "origin": one.origin, "trained": one.trained, "encoding": one.encoding,
             "path": None if one.path is None else str(one.path)}
            for one in found
        ])
        return 0
    for one in found:
        place = "no weights were found: random numbers, UNTRAINED" if one.path is None else str(one.path)
        print(f"{one.name:20} {one.origin:9} {one.variant:13} {place}")
    looked = ", ".join(str(place) for place in weights.places())
    print(f"Files of yours (NAME.net, NAME.h5) go before ours. Looked for in: {looked}", file=sys.stderr)
    return 0


@weights_app.command("add")
def add_command(
    file: Annotated[Path, typer.Argument(help="A network's file, .net or .h5, as of Style2Paints V3.")],
    network: Annotated[str, typer.Option(**one_of(addable()), help="Which network it is.")],
) -> int:
    """Checks a file of yours and keeps a copy that is used from now on."""
    from s2p import weights

    print(weights.add(file, network))
    return 0


@weights_app.command("verify")
def verify_command() -> int:
    """Checks that the files that came with s2p are whole."""
    from s2p import weights
    from s2p.errors import WeightsError

    problems = weights.verify()
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{len(weights.registry())} files are whole.", file=sys.stderr)
    return WeightsError.exit_code if problems else 0


@weights_app.command("path")
def path_command() -> int:
    """Prints the folder of the weights that came with s2p."""
    from s2p import weights

    print(weights.folder())
    return 0


@weights_app.command("release")
def release_command(
    run: Annotated[Path, typer.Argument(help="Folder of a run of `s2p train`.")],
    network: Annotated[str, typer.Argument(help="Which network of the run, such as head.")],
    about: Annotated[Path, typer.Option(help="Text for the card: whose the pictures are, and their licences.")],
    temperature: Annotated[float, typer.Option(min=0.05, help="baby: below 1 colours are chosen, not averaged.")] = 1.0,
    yes: Annotated[bool, typer.Option("--yes", help="Replace the weights in use; they are kept as a version.")] = False,
) -> int:
    """Judges what a run has learned beside the weights in use and, with --yes, puts it in their place."""
    from s2p.errors import InputError
    from s2p.progress import on_stderr
    from s2p.train import release

    try:
        text = about.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{about} cannot be read. Write down there which pictures the network learned from.") from None
    made = release.candidate(run, network, about=text, temperature=temperature)
    bar = on_stderr({"evaluate": 1.0})
    try:
        tables, figures = release.judged(made, report=bar)
    finally:
        bar.close()
    print(tables)
    if not yes:
        raise InputError(f"Nothing was replaced. The candidate is in {made.place}; to put it into use, add --yes.")
    print(release.publish(made, figures=figures))
    return 0


@weights_app.command("use")
def use_command(
    network: Annotated[str, typer.Argument(**named("NETWORK", names(), "Which network"))],
    version: Annotated[
        str | None, typer.Argument(metavar="VERSION", help="A kept version; without it, they are listed.")
    ] = None,
) -> int:
    """Brings back weights that `release` has replaced; those in use are kept in their stead."""
    from s2p import shelf, weights

    if version is None:
        kept = shelf.kept(weights.folder(), network)
        for entry in kept:
            print(f"{entry['version']}  {entry['size']:9} {entry['file']}")
        if not kept:
            print(f"No weights of {network} are kept: `s2p weights release` keeps those it replaces.", file=sys.stderr)
        return 0
    print(weights.use(network, version))
    return 0


@weights_app.command("export")
def export_command(
    network: Annotated[str, typer.Argument(**named("NETWORK", names(), "Which network"))],
    file: Annotated[Path, typer.Argument(help="The file to write: .onnx, .tflite, .keras, or .net for the six of V3.")],
) -> int:
    """Writes a network as a file for other programs: ONNX, TFLite, Keras 3, or Keras 2.1 for an old V3."""
    from s2p import carry_out

    ending = carry_out.ending_of(network, file)
    from s2p import weights
    from s2p.config import load_settings

    found = weights.find(network, load_settings())
    carry_out.carry_out(weights.load_model(found), network, file)
    print(file)
    print(carry_out.contract(network, found.variant), file=sys.stderr)
    if ending != ".net":
        if not found.trained:
            print(f"UNTRAINED: {network} has random weights.", file=sys.stderr)
        return 0
    if not found.trained:
        print(f"UNTRAINED: {network} has random weights.", file=sys.stderr)
    if found.encoding == "layered":
        print(
            f"{network} reads hints and composition in a layout of s2p's own; an old V3 does not make it, so this file "
            "is of use to programs that do.", file=sys.stderr,
        )
    elif found.encoding != "points":
        print(
            f"{network} was trained on hints that s2p spreads through the lines; V3 gives it bare points, which it "
            "follows poorly.", file=sys.stderr,
        )
    return 0


def doctor_command(
    flops: Annotated[bool, typer.Option("--flops", help="Count the arithmetic of a painting, too.")] = False,
    variant: Annotated[
        Variant | None, typer.Option("--variant", "--size", help="Which networks --flops counts; both by default.")
    ] = None,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Time the painting of a drawing.")] = True,
    zoom: Annotated[float | None, typer.Option(help="Working size of the timed run.")] = None,
    as_json: _Json = False,
) -> int:
    """Shows versions, cores, memory and weights, and times one run."""
    from s2p import doctor
    from s2p.config import load_settings

    variants = ("turbo", "official") if variant is None else (variant,)
    report = doctor.examine(load_settings(zoom=zoom), timed=run, variants=variants if flops else ())
    if as_json:
        _print_json(report)
    else:
        print("\n".join(doctor.describe(report)))
    return 0


def _print_json(data: object) -> None:
    print(json.dumps(data, indent=1, ensure_ascii=False))
