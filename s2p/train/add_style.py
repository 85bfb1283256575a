"""A style of one's own in minutes: only scales and offsets of one new row move, the network stays as it is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from s2p import samples, style_shelf
from s2p.errors import InputError
from s2p.models import build
from s2p.style_rows import checked_name, style_name
from s2p.train import recipes
from s2p.weight_files import read_weights

# A row learns faster than a network, and there is one painting to see in every sample.
_USUAL = ("epochs=16", "epoch_steps=25", "rate=0.03", "warmup=10", "keep_every=16", "ema=0.95")


def add_style(
    painting: Path, *, name: str = "", variant: str = "light", data: Path | None = None, minutes: float = 20.0,
    changes: Iterable[str] = (),
) -> Path:
    """Learns a painting's style and adds it to the styles in the user's registry.

    Args:
        painting: file of it.
        name: of the style; the file's by default.
        variant: of the network.
        data: folder of pictures to practise on; the drawings that come with s2p by default.
        minutes: after which learning ends.
        changes: of the recipe `stylizer`, as `rate=0.01`.

    Returns: the new file of weights.

    Raises:
        InputError: no such file, or a name that is taken or no name.
        WeightsMissingError: the network is untrained.
    """
    if not painting.is_file():
        raise InputError(f"There is no file {painting}. A style is learned from a picture of a painting.")
    found, name = style_shelf.installed(variant), checked_name(name) if name else style_name(painting)
    if name in style_shelf.names_of(found):
        raise InputError(f"There is a style {name!r} already. Rename it, remove it, or give another --name.")
    recipe = recipes.configure("stylizer", data=data or Path(samples.__file__).parent, changes=[
        *_USUAL, f"variant={variant}", f"styles={painting}", f"start={found.path}", "only_rows=true", *changes,
    ])  # fmt: skip
    from s2p.train.loop import train  # with libraries that take seconds to load: what is wrong has been said by now

    with tempfile.TemporaryDirectory(prefix="s2p-style-", ignore_cleanup_errors=True) as folder:
        learned = build(recipe.name, variant=variant, styles=1)
        read_weights(learned, train(recipe, Path(folder), stop_after=minutes))
        return style_shelf.append(found, name, learned)
