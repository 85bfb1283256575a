"""Single steps over folders of pictures, for people who want one of them and no shards."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from s2p.errors import InputError, S2PError
from s2p.image import flatten_alpha, load_image

from . import faces, storage
from .plan import has_picture_name
from .tags import number_of, read_resolutions

Failures = list[tuple[str, str]]


def pictures_in(places: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yields `(place, key)` for files as given and for everything in folders that is a picture by its name."""
    for place in places:
        if not storage.is_url(place) and not Path(place).is_dir():
            yield place, Path(place).name
            continue
        for key in storage.list_files(place):
            if has_picture_name(key):
                yield storage.join(place, key), key


def each_picture(
    places: Sequence[str], output: str | Path, work: Callable[[np.ndarray, Path], None], *, bar: Any = None
) -> tuple[int, Failures]:
    """Calls `work(image, target)` for every picture, and carries on after a bad one.

    Args:
        places: files and folders.
        output: folder of the targets; subfolders are kept, the extension becomes `.png`.
        work: receives `uint8[H, W, 3]` RGB and writes the target.
        bar: makes a progress bar from a title and a total.

    Returns:
        The number of pictures written and `(name, reason)` of the others.
    """
    found = list(pictures_in(places))
    if not found:
        raise InputError(f"No pictures in {', '.join(places)}.")
    failures: Failures = []
    taken: dict[Path, str] = {}
    progress = None if bar is None else bar("pictures", len(found))
    for place, key in found:
        target = Path(output, *key.split("/")).with_suffix(".png")
        try:
            if taken.setdefault(target, place) != place:
                raise InputError(f"would overwrite the result of {taken[target]}; rename one of them")
            target.parent.mkdir(parents=True, exist_ok=True)
            work(flatten_alpha(load_image(storage.read_bytes(place), name=key)), target)
        except (S2PError, OSError) as error:
            failures.append((key, str(error)))
        if progress is not None:
            progress.update(1)
    if progress is not None:
        progress.close()
    return len(found) - len(failures), failures


def original_sizes(places: Sequence[str], resolutions: str | None) -> dict[str, tuple[int, int]]:
    """Original `(width, height)` by the stem of the file name, for the pictures that are listed."""
    if resolutions is None:
        return {}
    stems = {Path(key).stem: number_of(key) for _, key in pictures_in(places)}
    sizes = read_resolutions(resolutions, {number for number in stems.values() if number is not None})
    return {stem: sizes[number] for stem, number in stems.items() if number in sizes}


def find_faces(
    art: str, review: str | Path, *, cascade: str | None = None, bar: Any = None
) -> tuple[int, int, Failures]:
    """Fills a review folder with the face crops of a folder of pictures.

    Returns:
        Faces found, pictures looked at, and `(name, reason)` of unreadable files.
    """
    detector = faces.Detector(cascade)
    keys = [key for key in storage.list_files(art) if has_picture_name(key)]
    progress = None if bar is None else bar("faces", len(keys))
    found: list[faces.Face] = []
    failures: Failures = []
    for key in keys:
        try:
            data = storage.read_bytes(storage.join(art, key))
            image = flatten_alpha(load_image(data, name=key))
            face = faces.write_review(review, key, hashlib.sha256(data).hexdigest(), image, detector)
            found += [face] if face is not None else []
        except InputError as error:
            failures.append((key, str(error)))
        if progress is not None:
            progress.update(1)
    if progress is not None:
        progress.close()
    faces.write_positions(review, found)
    return len(found), len(keys), failures
