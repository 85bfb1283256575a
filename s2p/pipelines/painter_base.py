"""What every painter is made of: networks with identities, settings, a cache; and one painter kept between calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Generic, TypeAlias, TypeVar
from uuid import uuid4

import numpy as np
from PIL import Image

from s2p.config import Settings
from s2p.errors import InputError
from s2p.image import check_picture
from s2p.intake import Taken, as_it_is, take_in
from s2p.pipelines.borrowing import Borrowed
from s2p.pipelines.cache import StageCache, content_key
from s2p.reading import Brought, read_picture, read_pillow
from s2p.runtime import Network
from s2p.schema import Hint

Source: TypeAlias = str | Path | bytes | BinaryIO | np.ndarray | Image.Image  # of a picture
# `network` is what `painted` was called before.
OUTPUT_SIZES = ("original", "painted", "network")

AnyPainter = TypeVar("AnyPainter")


class BasePainter:
    """Networks, settings and a cache.

    Args:
        networks: by their names.
        settings: used where a call brings none.
        cache: may be shared between painters; a new one by default. Networks are told apart by their `identity`
            (a text, such as the hash of the weights); those without one are never mistaken for another.

    Attributes:
        closet: colours of an artist's drawings, of each by part, in place of usual ones where nobody says another.
    """

    closet: Sequence[Borrowed] = ()

    def __init__(
        self, networks: Mapping[str, Network], *, settings: Settings | None = None, cache: StageCache | None = None
    ) -> None:
        self.networks = dict(networks)
        self.settings = settings or Settings()
        self.cache = StageCache() if cache is None else cache
        self._identities = {
            name: network.identity or uuid4().hex for name, network in self.networks.items()
        }

    def key(self, stage: str, names: Iterable[str], *inputs: object) -> bytes:
        """The cache's key of a stage that is made by the networks `names` from `inputs` (see `content_key`)."""
        return content_key(stage, [self._identities.get(name) for name in names], *inputs)

    def taken(self, image: np.ndarray, settings: Settings) -> Taken:
        """A look at a picture first (`s2p.intake`), as far as the settings want one; what it found is remembered.

        Args:
            image: `uint8[H, W(, 3 or 4)]`.
            settings: `intake` and `invert` are used.
        """
        if settings.intake == "off":
            return replace(as_it_is(image, invert=settings.invert == "yes"), is_looked_at=False)
        key = self.key("intake", [], image, settings.invert)
        known = self.cache.get(key)
        if known is not None:
            return as_it_is(image) if not known else Taken.of_arrays(known)
        taken = take_in(image, invert=settings.invert)
        self.cache.put(key, taken.arrays() if taken.found else [])
        return taken

    def untrained(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of the networks `names` that have random weights."""
        return tuple(name for name in names if not self.networks[name].trained)


class KeptPainter(Generic[AnyPainter]):
    """Keeps the painter that was loaded last, until settings ask for other networks.

    Threads that begin together share one painter.

    Args:
        load: makes a painter from settings.
    """

    def __init__(self, load: Callable[[Settings], AnyPainter]) -> None:
        self._lock = threading.Lock()
        self._load = lru_cache(maxsize=1)(load)

    def __call__(self, settings: Settings) -> AnyPainter:
        with self._lock:
            return self._load(settings.about_networks())

    def cache_clear(self) -> None:
        """Forgets the painter."""
        self._load.cache_clear()


def check_output_size(output_size: str) -> str:
    """`original` or `painted`; raises `InputError` for a word that is not in `OUTPUT_SIZES`."""
    if output_size not in OUTPUT_SIZES:
        raise InputError(f"output_size must be one of {', '.join(OUTPUT_SIZES)}. Received: {output_size!r}.")
    return "painted" if output_size == "network" else output_size


def hint_content(hints: Iterable[Hint]) -> list[tuple[float, float, str]]:
    """Places and colours of hints, for a cache's key."""
    return [(hint.x, hint.y, hint.color) for hint in hints]


def brought_of(source: Source, *, layer: str | None = None, page: int | None = None) -> Brought:
    """The drawing that a caller named by path or brought as bytes or an open file (of layers the lines), as an array
    or as an image of Pillow.

    Args:
        source: an array is `uint8[H, W]`, `[H, W, 3]` RGB or `[H, W, 4]` RGBA.
        layer: name of another layer; `""` for all together.
        page: of several pages or frames another than the first, counted from 1.

    Raises:
        InputError: none of these, or one that cannot be read; a layer or a page of an array or image, which has none.
    """
    if not isinstance(source, (np.ndarray, Image.Image)):
        return read_picture(source, layer=layer, page=page)
    if layer or page is not None:
        raise InputError("An array has no pages and no layers. Give the path of a file, or leave page and layer out.")
    if isinstance(source, Image.Image):
        return read_pillow(source)
    check_picture(source)
    return Brought(source)
