"""Turns a finished run into weights that ship: float16 file, card, registry entry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from s2p.errors import InputError

_PURPOSE = {
    "baby": "colour draft of a whole drawing at 128 px",
    "girder": "even composition from a coarse draft at 256 px",
    "reader": "style vectors of a picture",
    "head": "colour painter for line drawings",
    "neck": "tonal painter, second pass after `head`",
    "tail": "2x refiner",
}
_CARD = """# {network}, turbo size

{purpose}. {parameters:,} parameters, float16. Tensor contract: that of Style2Paints V3, hint encoding `{encoding}`
(`s2p/hintmap.py`).

**Data.** 3,040 freely licensed illustrations: African Storybook (illustrators of each story, CC BY), Book Dash
(creators of each book, CC BY 4.0), Mulberry Symbols (Steve Lee and contributors, CC BY-SA 2.0 UK), DiceBear avatars
"Adventurer" (Lisa Wischofsky, CC BY 4.0) and "Lorelei" (Lisa Wischofsky, CC0), gophers by Egon Elbre and by Maria
Letta (CC0), sprites of Personal Space (Clarissa Helps, Andrea Landaker, Rachel Helps; CC BY-SA 4.0 or
GPL-3.0-or-later), portraits by doofus-01 for Battle for Wesnoth add-ons (CC BY-SA 4.0, some GPL-2.0-or-later), Ancient
Beast creatures (Freezing Moon and artists, CC BY-SA 4.0), Climate Frogs (Camille Bissuel, CC BY-SA 4.0). Lines were
drawn by program (XDoG in four styles, mixed, broken, toned). No picture is part of this repository.

**Recipe.** `s2p train {recipe} --data ART --out OUT`, {samples:,} samples of batch {batch} on CPU cores; settings:

```json
{settings}
```

**Figures.** Last training losses: {losses}. Whole-pipeline figures stand in the README and are made by `s2p evaluate`.

**Known faults.** {faults}

Weights: Apache-2.0, trained by this project from random numbers.
"""

_FAULTS = {
    "baby": "Guesses of scenes far from picture books and cartoons are weak; without hints, large areas can get one "
    "plausible but wrong colour.",
    "girder": "Keeps a wrong colour of the draft when it fills a whole region.",
    "reader": "Trained together with `head`; knows palettes better than styles of brushwork.",
    "head": "Textures are smooth; shading is shy. Gaps in lines can leak a little of a neighbouring hint.",
    "neck": "As `head`; heavy grey tones darken the colours.",
    "tail": "Small: sharpens lines and removes light noise and JPEG blocks, invents no detail.",
}


def release(run: str | Path, network: str) -> Path:
    """Publishes the averaged weights of `network` from a run's folder into `weights/`.

    Raises:
        InputError: the folder holds no such weights.
    """
    from s2p import weights
    from s2p.models import style2paints

    run = Path(run)
    source = run / f"{network}.weights.h5"
    if not source.is_file():
        raise InputError(f"{run} holds no weights of {network!r}; train first.")
    settings = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    build: dict[str, Any] = {}
    if network == "baby":
        mixture = style2paints.baby_mixture(palette=np.load(run / "palette.npy"))
        mixture.load_weights(source)
        build = {"temperature": settings.get("temperature", 1.0)}
        model = style2paints.baby()
        model.set_weights(mixture.get_weights())
    else:
        model = style2paints.build(network)
        model.load_weights(source)
    lines = (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    last = json.loads(lines[-1])
    card = _CARD.format(
        network=network, purpose=_PURPOSE[network].capitalize(), parameters=model.count_params(),
        encoding=weights.TURBO_ENCODING.get(network, "points"), recipe=settings["recipe"],
        samples=last["epoch"] * settings["epoch_steps"] * settings["batch_size"], batch=settings["batch_size"],
        settings=json.dumps({k: v for k, v in settings.items() if k not in ("data", "start", "reader")}, indent=1),
        losses=", ".join(f"{k} {v:.4g}" for k, v in last.items() if "loss" in k), faults=_FAULTS[network],
    )
    return weights.publish(
        model, network=network, encoding=weights.TURBO_ENCODING.get(network, "points"), card=card, build=build
    )
