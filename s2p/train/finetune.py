"""A set of one's own from a few coloured drawings: `s2p train finetune --style FOLDER --name NAME`, minutes on a CPU.

What a style is to line art that is filled are its colours, and how far each of them goes. So of every drawing is kept
which colours it gives to skin, hair, cloth and so on (`s2p.pipelines.borrowing`), and the network that says how far
hints reach is trained on where there are drawings enough to keep some for judging: one in five is not shown to it, and
what it has learned is taken only if it explains those better than before.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from s2p import own_sets, shelf, weights
from s2p.config import load_settings
from s2p.errors import CancelledError, InputError, WeightsMissingError
from s2p.evaluation.pairs import find_companion, find_sources
from s2p.files import written_whole
from s2p.image import flatten_alpha, load_image
from s2p.lineart import channel_minimum
from s2p.networks import TURBO, spec_of
from s2p.pipelines.borrowing import borrowed
from s2p.sizes import max_resize, resize_to
from s2p.train import recipes
from s2p.train.decoded import LONG_EDGE, Writer
from s2p.xdog import xdog

if TYPE_CHECKING:
    import keras

    from s2p.train.recipe import Recipe

LEAST = 8  # drawings from which on the network learns, too
MOST = 400  # drawings
_HELD = 5  # one in so many is kept for judging
_JUDGED = 12  # batches
# Few pictures and a network that knows much: small steps.
_USUAL = ("batch_size=4", "epochs=6", "epoch_steps=25", "rate=0.00003", "warmup=20", "ema=0.95", "keep_every=6")
_INK, _PAPER = 40, 248  # the brightest channel of ink, the darkest of paper
_PLENTY = 2 * LONG_EDGE  # px of a longer edge, more than training sees


@dataclass(frozen=True)
class Learned:
    """What became of some drawings.

    Attributes:
        place: folder of the set.
        drawings: how many were used.
        left_out: name and reason of the others.
        before, after: loss on the drawings that were kept for judging, None where there were too few.
        has_network: whether the network of the set is another than the usual one.
    """

    place: Path
    drawings: int
    left_out: tuple[tuple[str, str], ...]
    before: float | None
    after: float | None
    has_network: bool


def finetune(
    drawings: str | Path, name: str = "", *, minutes: float = 5.0, changes: Iterable[str] = (),
    say: Callable[[str], None] = lambda sentence: None,
) -> Learned:
    """Makes a set of weights of the coloured drawings in a folder; one of that name is replaced.

    Args:
        drawings: folder of coloured pictures; lines of their own may lie beside them, as `s2p evaluate` takes them.
        name: of the set; as the folder by default.
        minutes: of training; looked at after every batch.
        changes: of the recipe `reach`, as `rate=0.0003`.
        say: is told what is done now.

    Raises:
        InputError: no pictures, too many, none that shows colours, or a name that is none.
        WeightsMissingError: the networks that are trained on have no weights.
        CancelledError: Ctrl+C; nothing is kept.
    """
    drawings = Path(drawings)
    name = own_sets.checked_name(name) if name else own_sets.name_of(drawings)
    if not drawings.is_dir():
        raise InputError(f"A set is made of a folder of coloured pictures. Received: {str(drawings)!r}.")
    sources = find_sources(drawings)
    if len(sources) > MOST:
        raise InputError(f"A set is made of at most {MOST} drawings. Received: {len(sources)}. For more: s2p train.")
    # Of those in use: what a set has learned is no start for another one.
    settings = load_settings(weights_set="")
    usual, parts = weights.find("reach", settings), weights.find("parts", settings)
    for found in (usual, parts):
        if found.path is None:
            raise WeightsMissingError(f"The network {found.name!r} has no weights to go on from. See s2p weights list.")
    recipe = recipes.configure("reach", data="", changes=[*_USUAL, f"start={usual.path}", *changes])
    namer = weights.load_network(parts, settings)
    colors, left_out = [], []
    with tempfile.TemporaryDirectory(prefix="s2p-set-", ignore_cleanup_errors=True) as temporary:
        shown, held = Path(temporary, "shown"), Path(temporary, "held")
        with Writer(shown) as learning, Writer(held) as judging:
            say(f"Looking at {len(sources)} drawings.")
            for source in sources:
                assert source.path is not None
                try:
                    picture, lines = _read(source.path)
                except InputError as error:
                    left_out.append((source.name, str(error)))
                    continue
                colors.append(_painted(borrowed(namer, picture).colors))
                (judging if len(colors) % _HELD == 0 else learning).add(source.name, picture, lines)
        if not any(colors):
            raise InputError(f"No drawing in {drawings} shows colours to learn. Put coloured pictures there.")
        before = after = network = None
        if len(colors) >= LEAST:
            say(f"Learning how far colours go, for {minutes:g} minutes at most.")
            before, after, network = _trained(recipe, shown, held, Path(temporary, "run"), minutes)
        place = own_sets.folder() / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(place) as folder:
            folder.mkdir()
            (folder / own_sets.COLORS).write_text(json.dumps(own_sets.colors_data(colors), indent=1), encoding="utf-8")
            if network is not None:
                card = f"# reach of the set {name}\n\nTrained on with {len(colors)} drawings. Loss on drawings that " \
                       f"were not shown to it: {before:.3f} before, {after:.3f} now.\n"
                shelf.publish(folder, network, network="reach", variant=TURBO, card=card, build=usual.build,
                              encoding=spec_of("reach").encoding())
    return Learned(place, len(colors), tuple(left_out), before, after, network is not None)


def _painted(colors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Colours without those of ink and of paper, for which thick outlines and bare grounds are taken."""
    found = {}
    for part, some in colors.items():
        lightness = some.max(-1)
        is_paint = (lightness > _INK) | (part in ("hair", "brow"))
        if part in ("cloth", "thing", "ground", "sky"):
            is_paint &= some.min(-1) < _PAPER
        if is_paint.any():
            found[part] = some[is_paint]
    return found


def _read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """A picture, `uint8[H, W, 3]` RGB, and four drawings of it, `uint8[H, W, 4]`: the artist's own, if there is one."""
    picture = flatten_alpha(load_image(path))
    picture = max_resize(picture, _PLENTY) if max(picture.shape[:2]) > _PLENTY else picture
    if min(picture.shape[:2]) < 64:
        raise InputError("It is smaller than 64 pixels.")
    companion = find_companion(path)
    own = xdog(picture, sigma=0.7)
    if companion is not None:
        own = resize_to(channel_minimum(flatten_alpha(load_image(companion))), picture.shape)
    others = (xdog(picture), xdog(picture, sigma=1.0), xdog(picture, sigma=0.4, k=2.5, hard=True))
    return np.ascontiguousarray(picture), np.stack([own, *others], -1)


def _trained(
    recipe: Recipe, shown: Path, held: Path, run: Path, minutes: float
) -> tuple[float, float, keras.Model | None]:
    """Losses on the held drawings before and after, and the network where it has become better."""
    from s2p.train.loop import train  # with libraries that take seconds to load

    recipe.data = str(shown)
    judge = recipes.configure("reach", data=held, changes=[f"start={recipe.start}", f"batch_size={recipe.batch_size}"])
    model = judge.model()
    judge.load_start(model)
    before = _loss(judge, model)
    try:
        path = train(recipe, run, stop_after=minutes)
    except CancelledError:
        raise CancelledError("Stopped; no set was made.") from None
    network = judge.network_of(model)
    weights.read_weights(network, path)
    after = _loss(judge, model)
    return before, after, network if after < before else None


def _loss(recipe: Recipe, model: keras.Model) -> float:
    """Mean loss over the same batches every time."""
    found: Sequence[float] = [
        float(np.mean(np.asarray(model.predict_on_batch(recipe.batch(step, np.random.default_rng(step))[0]))))
        for step in range(_JUDGED)
    ]
    return float(np.mean(found))
