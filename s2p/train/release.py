"""Turns a finished run into weights that ship: float16 file, card, registry entry.

First a candidate is made beside the run and judged next to what is in use; it takes that one's place only when a person
says so, and what was in use is kept (`s2p.shelf`). The card holds facts: what was trained, on what, from what, how far,
and what came out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2p.carry_out import contract
from s2p.errors import InputError
from s2p.files import write_whole
from s2p.networks import TURBO, names, spec_of
from s2p.progress import Reporter
from s2p.shelf import BITS
from s2p.systems import SYSTEMS
from s2p.train import recipes
from s2p.train.runs import configuration

if TYPE_CHECKING:
    import keras

    from s2p.train.recipe import Recipe

_CARD = """# {network}, {variant}

{purpose}. {parameters:,} parameters, {numbers}. Graph and tensor contract: `{graph}`{hints}{read_by}.

{contract}

**Data.** {about}

{lines}**Run.** `s2p train {recipe} {data}--out OUT`, {samples:,} samples of batch {batch}. {start} Settings:

```json
{settings}
```

**Figures.** Last training losses: {losses}.{figures}

**Limits of the recipe.** {limits}
"""
_FOLDERS = (
    "data", "more", "styles", "start", "reader", "semantic", "drawings", "pairs", "features", "namer", "teacher",
    "started_from",
)  # told in words
_NO_LOSS = ("epoch", "samples_per_second")
HINTS = (0, 4, 16)  # numbers of hints with which a candidate is judged


@dataclass(frozen=True)
class Candidate:
    """A network that a run has learned, before it is published.

    Attributes:
        model, build: the network and what its builder must be told.
        network, run: its name and the run's folder.
        place: folder with a registry of this network alone.
        facts: values of the card but for the figures of `judged`.
        variant: of the network.
    """

    model: keras.Model
    build: dict[str, Any]
    network: str
    run: Path
    place: Path
    facts: dict[str, Any]
    variant: str = TURBO

    def card(self, figures: str = "") -> str:
        """The text of the card."""
        numbers = f"float16, {BITS} bits behind the point"
        return _CARD.format(**self.facts, numbers=numbers, figures=f" {figures}" if figures else "")


def candidate(run: str | Path, network: str, *, about: str, temperature: float = 1.0) -> Candidate:
    """Makes the averaged weights of a run ready in `RUN/release`; nothing that is in use is touched.

    Args:
        run: folder of the run.
        network: its name; a recipe may teach several.
        about: the card's words on the data, whose they are and under which licences.
        temperature: float above 0, of networks that choose among colours; below 1 a colour is rather chosen than
            averaged.

    Raises:
        InputError: the folder holds no such weights.
    """
    from s2p import weights

    run, spec = Path(run), spec_of(network)
    settings = _settings(run)
    recipe = recipes.get(settings["recipe"])
    model, build = recipe.released(run, network, settings, temperature=temperature)
    variant = recipe.published_as(settings)
    facts = _facts(run, settings, recipe, network, variant, about, model.count_params())
    made = Candidate(model, build, network, run, run / "release", facts, variant)
    weights.publish(
        model, network=network, encoding=spec.encoding(variant), card=made.card(), build=build, place=made.place,
        variant=variant,
    )
    return made


def unpublished(source: str | Path) -> tuple[list[str], Path]:
    """Makes what a run has learned ready to be judged; nothing that is in use is touched.

    Args:
        source: the folder of a run, or one of its files `NETWORK.weights.h5`.

    Returns: names of the networks, and a folder with a registry of them (`s2p.weights.preferring`).

    Raises:
        InputError: there is no such run, or it has no weights yet.
    """
    source = Path(source)
    is_file = source.name.endswith(".weights.h5")
    run = source.parent if is_file else source
    files = [source] if is_file else sorted(run.glob("*.weights.h5"))
    found = [name for path in files if (name := path.name.removesuffix(".weights.h5")) in names()]
    if not found:
        raise InputError(f"{source} holds no weights of a network. Train first: s2p train NAME --out {run}")
    place = [candidate(run, name, about="Not published.").place for name in found]
    return found, place[0]


def judged(made: Candidate, *, report: Reporter | None = None) -> tuple[str, str]:
    """Runs `s2p evaluate` with what is in use and with the candidate.

    Returns: both tables for people, and one sentence for the card.
    """
    settings = _settings(made.run)
    own = recipes.get(settings["recipe"]).judged(made.run, made.model, settings, report=report)
    if own is not None:
        return own
    from s2p import weights
    from s2p.evaluation import evaluate, evaluate_lines, lines_table, table

    model = next((system.name for system in SYSTEMS if made.network in system.networks), None)
    texts, psnr = [], []
    for title, place in (("In use", None), ("The candidate", made.place)):
        with weights.preferring(place):
            if model is None:
                texts.append(f"{title}\n{lines_table(evaluate_lines(None, report=report))}")
                continue
            result = evaluate(None, model=model, hints=HINTS, report=report)
        texts.append(f"{title}\n{table(result)}")
        systems = result["summary"]["xdog"]["worst"]["all"]["systems"]
        psnr.append(" / ".join(f"{systems[model][str(count)]['psnr']['mean']:.2f}" for count in HINTS))
    counts = " / ".join(map(str, HINTS))
    sentence = f"`s2p evaluate --model {model} --hints {','.join(map(str, HINTS))}` on drawn scenes, PSNR in dB with " \
               f"{counts} hints: {psnr[1]}; with the weights before: {psnr[0]}." if psnr else ""
    return "\n\n".join(texts), sentence


def publish(made: Candidate, *, figures: str = "") -> Path:
    """Puts a candidate into use; what was in use is kept as a version that `s2p weights use` brings back."""
    from s2p import weights

    path = weights.publish(
        made.model, network=made.network, encoding=spec_of(made.network).encoding(made.variant),
        card=made.card(figures), build=made.build, variant=made.variant,
    )
    recipes.get(_settings(made.run)["recipe"]).beside(made.model, path)
    return path


def contract_paragraph(network: str) -> str:
    """What the network takes and gives, as its card says it."""
    return "**Tensors.** " + contract(network).replace("\n", "\n\n")


def refresh_cards(folder: Path) -> list[Path]:
    """Brings what cards say of tensors up to date with the docstrings of the builders; returns those that changed.

    It is the paragraph before that of the data; nothing else of a card is touched.
    """
    from s2p import shelf

    changed = []
    for entry in shelf.entries(folder):
        path = folder / entry["card"]
        text = path.read_text(encoding="utf-8")
        head, data, rest = text.partition("\n**Data.**")
        head = head.partition("\n**Tensors.**")[0].rstrip("\n")
        made = f"{head}\n\n{contract_paragraph(entry['network'])}\n{data}{rest}"
        if made != text:
            write_whole(path, made.encode())
            changed.append(path)
    return changed


def _settings(run: Path) -> dict[str, Any]:
    try:
        return configuration(run)
    except (OSError, ValueError):
        raise InputError(f"{run} is not the folder of a training run.") from None


def _facts(
    run: Path, settings: Mapping[str, Any], recipe: type[Recipe], network: str, variant: str, about: str,
    parameters: int,
) -> dict[str, Any]:
    spec = spec_of(network)
    metrics = run / "metrics.jsonl"  # which a run has once its first epoch is over
    lines = metrics.read_text(encoding="utf-8").splitlines() if metrics.is_file() else []
    last = json.loads(lines[-1]) if lines else {"epoch": 0}
    hints = spec.variants[variant].hints
    lines_said = recipe.lines + _second_folder(settings)
    return {
        "network": network, "variant": variant, "purpose": spec.purpose[0].upper() + spec.purpose[1:],
        "parameters": parameters, "graph": spec.builder.partition(":")[0].replace(".", "/") + ".py",
        "contract": contract_paragraph(network),
        "hints": f", hint encoding `{hints}`" if hints else "", "about": about.strip(),
        "read_by": f", asked and read by `{recipe.read_by}`" if recipe.read_by else "",
        "lines": f"{lines_said}\n\n" if lines_said else "", "data": "--data ART " if recipe.needs_pictures else "",
        "recipe": settings["recipe"],
        "samples": last["epoch"] * settings["epoch_steps"] * settings["batch_size"], "batch": settings["batch_size"],
        "start": _start(settings), "limits": recipe.limits,
        "settings": json.dumps({k: v for k, v in settings.items() if k not in _FOLDERS}, indent=1),
        "losses": ", ".join(f"{k} {v:.4g}" for k, v in last.items() if k not in _NO_LOSS),
    }


def _start(settings: Mapping[str, Any]) -> str:
    """What the run began from, by name and content (`s2p.train.loop` writes it down when a run begins)."""
    known = settings.get("started_from") or {}
    named = {key: Path(str(settings[key])).name for key in ("start", "reader") if settings.get(key)}

    def told(key: str) -> str:
        sha256 = known.get(key, {}).get("sha256", "")
        name = known.get(key, {}).get("file", named[key])
        return f"`{name}`" + (f" (SHA-256 `{sha256}`)" if sha256 else "")

    began = f"It began from {told('start')}." if "start" in named else "It began from random numbers."
    return began + (f" Styles were read with {told('reader')}." if "reader" in named else "")


def _second_folder(settings: Mapping[str, Any]) -> str:
    """A card's sentence about the pictures of `--set more=FOLDERS`; empty for none."""
    folders = [folder for folder in settings.get("more", "").split(os.pathsep) if folder]
    if not folders:
        return ""
    is_made = all(map(_is_synthetic, folders))
    kind = "pictures of a second folder" if len(folders) == 1 else f"pictures of {len(folders)} further folders"
    if is_made:
        kind = "drawings made by program, with\ntheir true lines (`s2p prepare synthetic`)"
    return f"\n{settings['more_share']:.0%} of the samples were {kind}."


def _is_synthetic(folder: str) -> bool:
    try:
        index = json.loads((Path(folder) / "index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return "synthetic" in index.get("settings", {})
