"""The styles that are installed: which there are, and how a person's own are kept.

What is changed is written to the registry in the user's data folder (`s2p.shelf`), which comes before ours, with what
was there before as a version of it. The convolutions and all rows that stay are the same numbers, so the other styles
paint the same pictures to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from s2p import shelf, weights
from s2p.errors import InputError, NotFoundError, WeightsMissingError
from s2p.style_rows import MAX_STYLES, checked_name, is_row

if TYPE_CHECKING:
    import keras

NETWORK = "stylizer"
TILE = 96  # px, edge of a thumbnail
_UNNAMED = ("untrained",)


def installed(variant: str = "light") -> weights.Found:
    """The network of a variant with its styles; raises `WeightsMissingError` where it is untrained."""
    found = weights.find(NETWORK, variant=variant)
    if found.path is None:
        raise WeightsMissingError(
            f"There are no styles: the network {NETWORK!r} ({variant}) has no weights. Train it: s2p train stylizer "
            "--styles PAINTINGS --data PHOTOS --out RUN, then s2p weights release RUN stylizer."
        )
    return found


def names_of(found: weights.Found) -> tuple[str, ...]:
    """Names of the styles in their order; of an untrained network one that says so."""
    return tuple(found.build.get("styles", _UNNAMED))


def strip_of(found: weights.Found) -> Path | None:
    """A picture with a thumbnail for every style, side by side, each `TILE` px; None where there is none."""
    path = None if found.path is None else _beside(found.path)
    return path if path is not None and path.is_file() else None


def append(found: weights.Found, name: str, learned: keras.Model) -> Path:
    """Adds a style whose rows a network of one style has learned; returns the new file."""
    names = [*names_of(found), checked_name(name)]
    if name in names[:-1]:
        raise InputError(f"There is a style {name!r} already. Rename it, remove it, or give another --name.")
    if len(names) > MAX_STYLES:
        raise InputError(f"There can be {MAX_STYLES} styles.")
    rows = {variable.path: np.asarray(variable) for variable in learned.variables if is_row(variable)}
    return _written(found, names, range(len(names) - 1), more=rows)


def remove(found: weights.Found, name: str) -> Path:
    """Takes a style out; returns the new file. Raises `NotFoundError`, and `InputError` for the last one."""
    names = list(names_of(found))
    gone = _place(names, name)
    if len(names) == 1:
        raise InputError(f"{name!r} is the only style, and a network needs one.")
    kept = [i for i in range(len(names)) if i != gone]
    return _written(found, [names[i] for i in kept], kept)


def rename(found: weights.Found, name: str, new: str) -> Path:
    """Gives a style another name; returns the new file. Raises `NotFoundError`, and `InputError` for a name in use."""
    names = list(names_of(found))
    place = _place(names, name)
    if checked_name(new) in names:
        raise InputError(f"There is a style {new!r} already.")
    names[place] = new
    return _written(found, names, range(len(names)))


def order(found: weights.Found, wanted: Sequence[str]) -> Path:
    """Brings styles to the front in the order in which they are named; the others follow as they were."""
    names = list(names_of(found))
    first = [_place(names, name) for name in wanted]
    if len(set(first)) < len(first):
        raise InputError(f"Every style is named once. Received: {', '.join(wanted)}.")
    places = [*first, *(i for i in range(len(names)) if i not in first)]
    return _written(found, [names[i] for i in places], places)


def draw_strip(model: keras.Model, path: Path) -> None:
    """Writes the thumbnails of a network's styles beside its file: a part of a sample drawing in each of them."""
    from PIL import Image

    from s2p import samples
    from s2p.image import save_image  # with OpenCV, which the HTTP process does without

    with Image.open(Path(samples.__file__).with_name("landscape.jpg")) as opened:
        picture = opened.convert("RGB")
        edge = min(picture.size)
        left, top = (picture.width - edge) // 2, (picture.height - edge) // 2
        box = (left, top, left + edge, top + edge)
        picture = picture.resize((2 * TILE, 2 * TILE), Image.Resampling.LANCZOS, box=box)
    given = np.asarray(picture, np.float32)[None] / 255.0
    tiles = []
    for style in np.eye(int(model.inputs[1].shape[-1]), dtype=np.float32):
        painted = np.asarray(model([given, style[None]], training=False))[0]
        tile = Image.fromarray(np.rint(painted * 255).astype(np.uint8)).resize((TILE, TILE), Image.Resampling.LANCZOS)
        tiles.append(np.asarray(tile))
    save_image(np.concatenate(tiles, axis=1), _beside(path), quality=90)


def _beside(path: Path) -> Path:
    return path.with_name(path.name.replace(".weights.h5", ".styles.jpg"))


def _place(names: Sequence[str], name: str) -> int:
    if name not in names:
        raise NotFoundError(f"The styles are {', '.join(names)}. Received: {name[:60]!r}.")
    return names.index(name)


def _written(
    found: weights.Found, names: Sequence[str], places: Sequence[int], *, more: Mapping[str, np.ndarray] | None = None
) -> Path:
    """Writes the rows at `places`, and those of `more` behind them, into the user's registry."""
    from s2p.models import build

    old, details = weights.load_model(found), dict(found.build) | {"styles": list(names)}
    model = build(NETWORK, variant=found.variant, **details)
    for one, other in zip(model.variables, old.variables, strict=True):
        value: Any = np.asarray(other)
        if is_row(one):
            value = value[list(places)]
            value = value if more is None else np.concatenate([value, more[one.path]])
        one.assign(value)
    path = shelf.publish(
        weights.user_folder(), model, network=NETWORK, variant=found.variant, encoding=found.encoding,
        card=_card(found, names), build=details,
    )
    draw_strip(model, path)
    return path


def _card(found: weights.Found, names: Sequence[str]) -> str:
    own = [name for name in names if name not in names_of(found)]
    told = f" New or renamed: {', '.join(own)}." if own else ""
    return (
        f"# {NETWORK}, {found.variant}\n\nStyles, as `s2p styles` was told: {', '.join(names)}.{told} Convolutions and "
        f"all other rows are those of the file with the SHA-256 `{found.sha256}`, whose card says of which paintings.\n"
    )
