"""What becomes of a finished picture on the command line: which files it goes to, and what is said of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2p.cli.files import Task
from s2p.errors import OutputError

if TYPE_CHECKING:
    import numpy as np

    from s2p.pipelines.base import Result
    from s2p.pipelines.request import Request
    from s2p.progress import Reporter
    from s2p.reading import Brought

LAYERED = (".psd", ".ora")
PLAIN = ("white", "colorization")  # ground and method, as they are unless asked for
_OPAQUE = (".jpg", ".jpeg")


def writable() -> list[str]:
    from s2p.image import FORMATS

    return list(FORMATS)


def layers_target(tasks: list[Task], wanted: str, task: Task) -> Path:
    """Where the layered file of a task goes."""
    if wanted.lower().lstrip(".") in ("psd", "ora"):
        if task.target is None:
            raise OutputError("With standard output, --layers needs a file name: NAME.psd or NAME.ora.")
        return task.target.with_suffix("." + wanted.lower().lstrip("."))
    if Path(wanted).suffix.lower() not in LAYERED:
        raise OutputError(f"--layers takes NAME.psd or NAME.ora, or just psd or ora. Received: {wanted!r}.")
    if len(tasks) > 1:
        raise OutputError(f"One layered file cannot hold {len(tasks)} paintings. Give --layers psd or --layers ora.")
    return Path(wanted)


def refuse_targets(tasks: list[Task], *, background: str, only: str | None) -> None:
    """Files that cannot hold what is wanted of them."""
    endings = {task.target.suffix.lower() for task in tasks if task.target is not None}
    if only is not None and endings & set(LAYERED):
        raise OutputError("--only saves one layer as a picture; PSD and ORA hold all. Give -o NAME.png.")
    if endings & set(_OPAQUE) and (only == "lines" or background != "white"):
        word = "--only lines" if only == "lines" else f"--background {background}"
        raise OutputError(f"JPEG knows no transparency, which {word} asks for. Give -o NAME.png, .webp or .tif.")


def refuse_choices(tasks: list[Task], count: int) -> None:
    """Choices that have no place beside the result, or would lie where another picture does."""
    taken = {path.absolute() for task in tasks for path in (task.source, task.target) if isinstance(path, Path)}
    for task in tasks:
        if task.target is None:
            raise OutputError("--choices writes several files. Give -o FILE or -o FOLDER.")
        for number in range(1, count + 1):
            if (path := _choice(task.target, number)).absolute() in taken:
                raise OutputError(f"A choice would overwrite {path}. Choose another output.")


def _choice(target: Path, number: int) -> Path:
    return target.with_name(f"{target.stem}.{number}{target.suffix}")


def is_in_strips(task: Task, image: np.ndarray, *, is_plain: bool) -> bool:
    """Whether a painting of so large a page is written as it is made: one that is read on wish alone, into a PNG."""
    from s2p.reading import MAX_PIXELS

    is_large = image.shape[0] * image.shape[1] > MAX_PIXELS
    return is_plain and is_large and image.shape[2:] != (4,) and getattr(task.target, "suffix", "").lower() == ".png"


def tell(task: Task, brought: Brought, corrected: tuple[str, ...] = (), *, invert: str = "auto") -> None:
    """Says what `taken_sentences` gives."""
    from s2p.cli.batch import say

    for sentence in taken_sentences(task, brought, corrected, invert=invert):
        say(sentence)


def taken_sentences(
    task: Task, brought: Brought, corrected: tuple[str, ...] = (), *, invert: str = "auto"
) -> list[str]:
    """What was chosen in a file and what was corrected in its drawing, each with the way back."""
    from s2p.intake import OFFERS, sentence

    said = [f"{task.name}: {brought.said} {brought.offer}".rstrip()] if brought.said else []
    if not corrected:
        return said
    if corrected == ("empty",):
        return [*said, f"{task.name}: {sentence(corrected)}"]
    way_back = "--intake off takes it as it is."
    if invert == "yes":  # a wish, which intake does not take back
        is_all = corrected == ("inverted",)
        way_back = "--invert no leaves them." if is_all else "--intake off corrects nothing but what --invert yes asks."
    does = "draws softer ones" if "painting" in corrected else "takes its lines out"
    offer = f"s2p lines --method learned {does}; " if OFFERS & set(corrected) else ""
    return [*said, f"{task.name}: {sentence(corrected)} {offer}{way_back}"]


def write(
    result: Result, target: Path | None, *, layers: Sequence[Path], quality: int, only: str | None,
    report: Reporter | None = None,
) -> dict[str, Any]:
    from s2p.image import encode_image, save_image, srgb_profile

    if result.strips is not None and target is not None:
        from s2p.png_rows import write_png_rows

        strips = result.strips.rows(report)
        write_png_rows(target, strips, result.strips.shape, dpi=result.dpi, profile=srgb_profile())
        return _told(result, layers)
    image = None if target is not None and target.suffix.lower() in LAYERED else (
        result.shown if only is None else result.part(only)
    )
    if target is None:
        assert image is not None
        to_stdout(encode_image(image, "png", profile=True, dpi=result.dpi))
    elif image is None:
        result.save(target)
    else:
        save_image(image, target, quality=quality, dpi=result.dpi)
    layers = [path for path in dict.fromkeys(layers) if path != target]
    for path in layers:
        result.save(path)
    return _told(result, layers)


def _told(result: Result, layers: Sequence[Path]) -> dict[str, Any]:
    height, width = (result.strips or result.image).shape[:2]
    return {
        "width": width, "height": height,
        "seconds": {name: round(seconds, 3) for name, seconds in result.timings.items()},
        "untrained": list(result.untrained), "corrected": list(result.corrected),
        "unfound": list(result.unfound),
        "layers": [str(path) for path in layers],
    }


def write_choices(
    task: Task, model: str, request: Request, seeds: range, report: Reporter, *, quality: int, only: str | None
) -> dict[str, Any]:
    """Writes several choices of colours for what has no hint beside the result, the likeliest first."""
    from s2p.pipelines.request import choices
    from s2p.pipelines.style2paints.preview import OnlyCancelling

    assert task.target is not None
    report.stage("choices")
    found, told = choices(model, request, seeds=seeds, report=OnlyCancelling(report)), []
    for number, result in enumerate(found, start=1):
        path = _choice(task.target, number)
        write(result, path, layers=(), quality=quality, only=only)
        told.append(str(path))
        report.update(number / len(seeds))
    return {"choices": told}


def unfound_of(task: Task, unfound: tuple[str, ...]) -> list[str]:
    """Which words had nothing to colour."""
    from s2p.tags import unfound_sentence

    return [f"{task.name}: {unfound_sentence(unfound)}"] if unfound else []


def untrained_sentence(names: tuple[str, ...]) -> str:
    """Says what paints with random weights, and how they come by others."""
    from s2p.networks import addable, spec_of

    ways = [
        f"s2p weights add FILE --network {name}" if name in addable() else f"s2p train {spec_of(name).recipe or name}"
        for name in names
    ]
    return (
        f"UNTRAINED: {', '.join(names)} {'has' if len(names) == 1 else 'have'} random weights; the colours mean "
        f"nothing.\n  Weights come by: {', '.join(ways)}    See what is there: s2p weights list"
    )


def unfilled_sentence(lacking: Sequence[str]) -> str:
    """Says that line art is not filled, and why."""
    return (
        f"The weights of {' and '.join(lacking)} are missing, so line art is painted by the six networks instead of "
        "being filled region by region. See what is there: s2p weights list"
    )


def choices_sentence(task: Task, written: list[str], wanted: int) -> list[str]:
    """Why there is one choice where several were wanted."""
    alike = "everything has its colour already, so all choices are alike, and one was written."
    return [f"{task.name}: {alike}"] if len(written) < wanted else []


def to_stdout(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
