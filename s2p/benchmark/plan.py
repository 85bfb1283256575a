"""What is timed: configurations and tasks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from s2p.config import BACKENDS, VARIANTS, Settings
from s2p.errors import DependencyMissingError, InputError

# The original calls Keras `predict` for every network. It is not a runtime for painting, only the measure.
PREDICT = "predict"

# In this order in every process; each starts from what its line says.
TASKS = {
    "cold": "the first colorization of the process, picture to painting",
    "prepare": "sketch preparation alone, nothing remembered",
    "first": "a colorization, picture to painting, nothing remembered",
    "exact": "a repaint with one more exact hint, the draft remembered",
    "draft": "a repaint with one more draft hint, the preparation remembered",
}


@dataclass(frozen=True)
class Configuration:
    """One line of the table.

    Attributes:
        variant: of the networks, `turbo` or `official`; the official ones are random unless a person has files.
        backend: a runtime, or `predict`.
        zoom: float.
    """

    variant: str
    backend: str
    zoom: float

    @property
    def title(self) -> str:
        return f"{self.variant} {self.backend} {self.zoom:g}"


@dataclass(frozen=True)
class Plan:
    """A benchmark.

    Attributes:
        sketch: picture file; one of our samples by default.
        width, height: the sketch is resized to this; 0 keeps its own size.
        zooms, variants: what is crossed with the runtimes.
        backends: runtimes; all that are installed by default.
        repeat: int. Rounds; each runs every task once in every configuration.
        reference: also time official networks at zoom 1 as the original runs them; ratios are against that.
        threads: int. CPU threads, 0 for all cores.
        denoise: as in `Settings`.
    """

    sketch: Path | None = None
    width: int = 708
    height: int = 1000
    zooms: tuple[float, ...] = (0.5, 1.0)
    variants: tuple[str, ...] = VARIANTS
    backends: tuple[str, ...] = ()
    repeat: int = 3
    reference: bool = True
    threads: int = 0
    denoise: str = "nlm"

    def __post_init__(self) -> None:
        for zoom in self.zooms:
            Settings(zoom=zoom, denoise=self.denoise, threads=self.threads)
        for words, allowed, what in (
            (self.variants, VARIANTS, "--variant"), (self.backends, (*BACKENDS[1:], PREDICT), "--runtime"),
        ):
            odd = [word for word in words if word not in allowed]
            if odd:
                raise InputError(f"{what} takes {', '.join(allowed)}. Received: {odd[0]!r}.")
        if not 1 <= self.repeat <= 1000:
            raise InputError(f"--repeat must be between 1 and 1000. Received: {self.repeat}.")

    @property
    def expected(self) -> Configuration:
        """What the ratios are against."""
        return Configuration("official", PREDICT, 1.0)

    def configurations(self) -> list[Configuration]:
        """All lines of the table; raises `DependencyMissingError` for a runtime that is asked for and missing."""
        from s2p.runtime import INSTALL, TITLES, version

        present = [one for one in ("tensorflow", "openvino", "onnxruntime") if version(one) or one == "tensorflow"]
        missing = [one for one in self.backends if one not in (*present, PREDICT)]
        if missing:
            raise DependencyMissingError(f"{TITLES[missing[0]]} is not installed. {INSTALL[missing[0]]}")
        lines = [
            Configuration(variant, backend, zoom)
            for variant in self.variants for zoom in self.zooms for backend in self.backends or present
        ]
        return [*lines, *([self.expected] if self.reference and self.expected not in lines else [])]
