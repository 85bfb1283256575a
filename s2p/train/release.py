"""Turns a finished run into weights that ship: float16 file, card, registry entry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from s2p.errors import InputError
from s2p.networks import spec_of

_PURPOSE = {
    "baby": "colour draft of a whole drawing at 128 px",
    "girder": "even composition from a coarse draft at 256 px",
    "reader": "style vectors of a picture",
    "head": "colour painter for line drawings",
    "neck": "tonal painter, second pass after `head`",
    "tail": "2x refiner",
    "line_extractor": "line art of a finished picture",
    "auto_painter": "one-pass painter for line drawings with colour blocks (Liu et al. 2017, our turbo size)",
    "reach": "how far each hint reaches in a line drawing, and what else a place could be",
    "parts": "what every place of a line drawing shows: skin, hair, eyes, cloth, ground and so on",
}
_CARD = """# {network}, turbo size

{purpose}. {parameters:,} parameters, float16. Tensor contract: {contract}.

**Data.** {about}

{lines}

**Recipe.** `s2p train {recipe} --data ART --out OUT`, {samples:,} samples of batch {batch} on CPU cores. {start}
Settings:

```json
{settings}
```

**Figures.** Last training losses: {losses}. {figures}

**Known faults.** {faults}

Trained by `s2p train` from random numbers.
"""

_FOLDERS = ("data", "more", "start", "reader", "drawings", "pairs", "features")  # of the one who trained
# What differs where a network does not colour drawings.
_CONTRACT = {
    "line_extractor": "RGB picture in [0, 1] to ink in [0, 1] (`s2p/models/line_extractor.py`)",
    "auto_painter": "`s2p/models/auto_painter.py`, hint encoding `propagated` (`s2p/hintmap.py`)",
    "reach": "`s2p/models/reach.py`, read by `s2p/reach.py`",
    "parts": "`s2p/models/parts.py`, asked and read by `s2p/parts.py`",
}
_LINES = {
    "reach": """Lines of the artists' pictures were drawn by program (XDoG, soft and two-valued) and by our line
extractor, mixed, broken, toned and made pale.""",
    "parts": """Lines are those that the drawings were made with, or drawn from their pictures by program, mixed,
broken, toned and made pale. The parts of every pixel were known exactly, never guessed.""",
    "line_extractor": """Lines were known exactly, never guessed by a filter: ink lifted off outlined pictures, the same
ink and 14 line drawings (Marleen Visser, African Storybook, CC BY) coloured at random by program, and drawings of
people, animals and things made by program (`python -m preprocess synthetic`).""",
}
_NO_LOSS = ("epoch", "samples_per_second")
_FIGURES = {
    "parts": "How often it is right on drawings that it never saw stands in the README.",
    "auto_painter": "Figures beside the six networks' stand in the README; `s2p evaluate --model auto-painter`.",
    "line_extractor": "Figures beside XDoG's stand in the README and are made by `s2p evaluate --lines`.",
}

_FAULTS = {
    "auto_painter": "Began from `baby` and shares its faults: without hints, plausible but wrong colours for large "
    "areas. No references, no composition; shading is shy.",
    "reach": "Knows regions by their lines: where a pencil line is mostly gaps, figure and ground are one region. "
    "The parts and the shade that it also answers are too weak to be used; `parts` and `s2p/pipelines/shading.py` do.",
    "parts": "Learned people from heads and from figures of our generator: bare arms and legs are often taken for "
    "cloth, animals and things of picture books for people or ground; scenes without white ground are named worst.",
    "baby": "Guesses of scenes far from picture books and cartoons are weak; without hints, large areas can get one "
    "plausible but wrong colour.",
    "girder": "Keeps a wrong colour of the draft when it fills a whole region.",
    "reader": "Trained together with `head`; knows palettes better than styles of brushwork.",
    "head": "Textures are smooth; shading is shy. Gaps in lines can leak a little of a neighbouring hint.",
    "neck": "As `head`; heavy grey tones darken the colours.",
    "tail": "Small: sharpens lines and removes light noise and JPEG blocks, invents no detail.",
    "line_extractor": "Soft edges of photographs and paintings, where nobody drew a line, are faint or missing; rough "
    "texture becomes short strokes; black shapes wider than about 15 px are drawn as outlines.",
}


def _settings(run: Path) -> dict[str, Any]:
    try:
        return json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{run} is not the folder of a training run.") from None


def _second_folder(settings: dict[str, Any]) -> str:
    """A card's sentence about the pictures of `--set more=FOLDER`; empty for none."""
    if not settings.get("more"):
        return ""
    kind = "pictures of a second folder"
    try:
        index = json.loads((Path(settings["more"]) / "index.json").read_text(encoding="utf-8"))
        if "synthetic" in index.get("settings", {}):
            kind = "drawings made by program, with\ntheir true lines (`python -m preprocess synthetic`)"
    except (OSError, ValueError):
        pass
    return f"\n{settings['more_share']:.0%} of the samples were {kind}."


def release(run: str | Path, network: str, *, about: str, temperature: float = 1.0) -> Path:
    """Publishes the averaged weights of `network` from a run's folder into `weights/`, in place of those there.

    A run of the auto-painter can publish `baby`, too: the draft network that was trained on inside it.

    Args:
        run: folder of the run.
        network: its name.
        about: the card's words on the data, whose they are and under which licences.
        temperature: float above 0, of `baby`; below 1 a colour is rather chosen than averaged.

    Raises:
        InputError: the folder holds no such weights.
    """
    from s2p import weights
    from s2p.models import build as build_network
    from s2p.models import style2paints

    encoding = spec_of(network).encoding()
    run = Path(run)
    settings, build = _settings(run), {}
    is_inside = network == "baby" and settings.get("recipe") == "auto_painter"
    source = run / f"{'auto_painter' if is_inside else network}.weights.h5"
    if not source.is_file():
        raise InputError(f"{run} holds no weights of {network!r}; train first.")
    if is_inside:
        build = {"temperature": temperature}
        model = style2paints.baby()
        with h5py.File(source, "r") as file:
            for variable in model.variables:
                variable.assign(np.asarray(file[variable.path]))
    elif network == "baby":
        mixture = style2paints.baby_mixture(palette=np.load(run / "palette.npy"))
        mixture.load_weights(source)
        build = {"temperature": temperature}
        model = style2paints.baby()
        model.set_weights(mixture.get_weights())
    else:
        model = build_network(network)
        if network == "auto_painter":
            if settings["size"] != "turbo" or settings["encoding"] != encoding:
                raise InputError("Only runs of the turbo size with propagated hints are published as our own.")
            weights.read_weights(model, source)
        elif network in ("reach", "parts"):
            weights.read_weights(model, source)
        else:
            model.load_weights(source)
    lines = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    last, purpose = json.loads(lines[-1]), _PURPOSE[network]
    card = _CARD.format(
        network=network, about=about.strip(), purpose=purpose[0].upper() + purpose[1:], parameters=model.count_params(),
        contract=_CONTRACT.get(network, "that of Style2Paints V3, hint encoding "
                               f"`{encoding}` (`s2p/hintmap.py`)"),
        lines=_LINES.get(network, "Lines were drawn by program (XDoG in four styles, mixed, broken, toned).")
        + _second_folder(settings),
        figures=_FIGURES.get(network, "Whole-pipeline figures stand in the README and are made by `s2p evaluate`."),
        recipe=settings["recipe"],
        samples=last["epoch"] * settings["epoch_steps"] * settings["batch_size"], batch=settings["batch_size"],
        start="It went on from earlier weights of this project. " if settings.get("start") else "",
        settings=json.dumps({k: v for k, v in settings.items() if k not in _FOLDERS}, indent=1),
        losses=", ".join(f"{k} {v:.4g}" for k, v in last.items() if k not in _NO_LOSS), faults=_FAULTS[network],
    )
    return weights.publish(
        model, network=network, encoding=encoding, card=card, build=build
    )
