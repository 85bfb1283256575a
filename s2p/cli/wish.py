"""What `s2p colorize` is asked for, apart from the command line, so that other processes can paint it as well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from s2p.cli.files import Task
from s2p.cli.results import PLAIN, choices_sentence, is_in_strips, taken_sentences, unfound_of, write, write_choices
from s2p.config import Settings
from s2p.pipelines.request import Request, kept, run
from s2p.progress import NullReporter, Reporter
from s2p.schema import Hints, Options, SystemOptions


@dataclass(frozen=True)
class Painted:
    """What became of a picture.

    Attributes:
        answer: of `--json`.
        notes: what a person is told of it.
        untrained, lacking: networks with random weights, and those for want of which it is not filled.
    """

    answer: dict[str, Any]
    notes: tuple[str, ...]
    untrained: tuple[str, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True)
class Wish:
    """The same for all pictures; fields are named as the options of the command, whose help says what they mean.

    Attributes:
        style: `uint8[h, w, 3 or 4]`, RGB(A). The reference.
        own: what the system alone is asked for.
    """

    model: str
    settings: Settings
    options: Options
    style: np.ndarray | None
    own: SystemOptions | None
    suggest: int | None
    choices: int | None
    page: int | None
    layer: str | None
    million_pixels: float | None
    output_size: str
    background: str
    only: str | None
    quality: int

    def paint(self, task: Task, hints: Hints, layers: tuple[Path, ...], report: Reporter) -> Painted:
        """Reads, paints and writes one picture.

        Args:
            task: the picture and where the painting goes.
            hints: its hints.
            layers: layered files beside it.
            report: progress and cancelling.

        Raises:
            S2PError: what cannot be read, painted or written.
        """
        brought = task.read(page=self.page, layer=self.layer, million_pixels=self.million_pixels)
        is_plain = self.only is self.choices is None and not layers and (self.background, self.options.method) == PLAIN
        request = Request(
            brought.image, hints=hints, options=self.options, settings=self.settings, reference=self.style,
            suggest=self.suggest, own=self.own, output_size=self.output_size, background=self.background,
            dpi=brought.dpi, in_strips=is_in_strips(task, brought.image, is_plain=is_plain),
        )
        result = run(self.model, request, report=report)
        lacking = getattr(kept(self.model, self.settings), "lacks", ())
        notes = [*taken_sentences(task, brought, result.corrected, invert=self.settings.invert),
                 *unfound_of(task, result.unfound)]
        taken = brought.said
        if self.choices is None:  # a large page takes as much room as the rest, and nobody looks at it again
            result = replace(result, original=None)
            del brought, request
        answer = write(result, task.target, layers=layers, quality=self.quality, only=self.only, report=report)
        answer["taken"] = taken
        if self.choices is not None:
            first = self.suggest or 0
            told = write_choices(
                task, self.model, request, range(first, first + self.choices), report,
                quality=self.quality, only=self.only,
            )
            notes += choices_sentence(task, told["choices"], self.choices)
            answer |= told
        lacking = tuple(lacking) if self.options.method == "colorization" else ()
        return Painted(answer, tuple(notes), tuple(result.untrained), lacking)


def painted(wish: Wish, task: Task, hints: Hints, layers: tuple[Path, ...]) -> Painted:
    """`Wish.paint` under a name that other processes find."""
    return wish.paint(task, hints, layers, NullReporter())
