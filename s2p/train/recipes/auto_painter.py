"""Recipe of the auto-painter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import cv2
import h5py
import keras
import numpy as np
from keras import ops

from s2p import tensors
from s2p.auto_painter_hints import auto_painter_tensors
from s2p.colors import yuv
from s2p.errors import ConfigError, InputError
from s2p.lineart import min_pool
from s2p.models import auto_painter
from s2p.networks import spec_of
from s2p.nn import discriminators, losses
from s2p.nn.blocks import Window
from s2p.nn.gradients import to_numpy
from s2p.train import simulate
from s2p.train.gan import GAN, Adversarial, Term
from s2p.train.pairs import PairFolder
from s2p.train.recipe import learned
from s2p.train.recipes.baby import SHAPES, Baby, crop_whole
from s2p.weights import read_weights

_ENCODINGS = {"turbo": ("propagated", "points"), "official": ("blocks", "masked")}
_PIXEL = {"l1": losses.weighted_l1, "multi_scale": losses.multi_scale_l1, "color_aware": losses.color_aware}


@dataclass
class AutoPainter(Baby):
    """Whole pictures, 0 to 32 hints: `s2p train auto_painter --data ART --out OUT
    --set start=weights/baby-turbo.weights.h5`.

    The authors' four terms with their weights (Liu et al. 2017), pixel, adversarial, feature and total variation, each
    switched off by 0; for the turbo size also the two losses of its draft network. The discriminator joins for the last
    epochs only (`discriminator_share`): on a CPU it would take time from learning colours, and a sharp wrong colour is
    worse than a soft one. Guesses are made on whole pictures, lines are refined in a window of them, which is what
    costs.

    Attributes:
        variant: `turbo` or `official`.
        encoding: of the hints, see `s2p.auto_painter_hints`; the first that fits the size by default.
        pairs: `left` or `right` if `data` is a folder of side-by-side pairs: where the drawing is.
        pixel, adversarial, feature, variation: weights of the four terms.
        mixture, draft: weights of the draft network's likelihood and of its expected colour.
        pixel_loss: `l1`, `multi_scale` or `color_aware`.
        features: weight file of a style reader of ours, or of VGG16/VGG19 (Keras, "notop"); empty for our reader.
        kind, discriminator_rate, discriminator_steps, smooth, noise: of the adversarial loss, see
            `s2p.train.gan.Adversarial`.
        discriminator_share: share of the epochs, at the end, in which the discriminator takes part; 1 for all.
        guess: whether the draft network is trained on; without it a step is cheaper.
        window: edge of the refined square, in draft pixels (a quarter of the drawing's).
        start: published weights of an auto-painter, or of `baby`, which then is its draft network.
    """

    epochs: int = 120
    rate: float = 7e-4
    clip: float = 50.0  # the terms are fifty times as large as other recipes'
    variant: str = "turbo"
    encoding: str = ""
    pairs: str = ""
    pixel: float = 50.0
    adversarial: float = 1.0
    feature: float = 1e-4
    variation: float = 1e-3
    mixture: float = 6.0
    draft: float = 30.0
    pixel_loss: str = "l1"
    features: str = ""
    kind: str = "lsgan"
    discriminator_rate: float = 2e-4
    discriminator_steps: int = 1
    smooth: float = 0.0
    noise: float = 0.0
    discriminator_share: float = 0.15
    guess: bool = True
    window: int = 64
    name: str = field(default="auto_painter", init=False)

    limits: ClassVar[str] = "No references and no composition; it guesses where no hint is, as the draft network does."
    needs: ClassVar[tuple[str, ...]] = ("baby", "line_extractor")
    part: ClassVar[float] = 3.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.variant not in _ENCODINGS or self.pixel_loss not in _PIXEL:
            raise ConfigError("variant is turbo or official, pixel_loss l1, multi_scale or color_aware.")
        if self.pairs and self.more:
            raise ConfigError("pairs and more cannot be mixed: folders of pairs stand alone. Leave one of them out.")
        self.encoding = self.encoding or _ENCODINGS[self.variant][0]
        if self.encoding not in _ENCODINGS[self.variant]:
            raise ConfigError(
                f"encoding must be one of {', '.join(_ENCODINGS[self.variant])} for the variant {self.variant!r}. "
                f"Received: {self.encoding!r}."
            )

    @property
    def art(self) -> Any:
        if self._art is None and self.pairs:
            self._art = PairFolder(self.data, sketch=self.pairs)  # pyright: ignore[reportAttributeAccessIssue]
        return super().art

    def model(self) -> keras.Model:
        if self.variant == "official":
            return auto_painter.official(channels=4 if self.encoding == "masked" else 3)
        self._guesser, refine = auto_painter.context(palette=self.palette), auto_painter.refiner()
        self._guesser.trainable = self.guess
        self._network = network = auto_painter.joined(self._guesser, refine)
        sketch, hint, whole = (keras.Input(one.shape[1:], name=f"{one.name}_in") for one in network.inputs)
        corner = keras.Input((2,), dtype="int32", name="corner")
        mixture, color, seen = self._guesser(whole)
        cut = Window(self.window, name="window")
        painting = refine([sketch, hint, cut([color, corner]), cut([seen, corner])])
        return keras.Model([sketch, hint, whole, corner], [mixture, color, painting], name="auto_painter_training")

    def trainable(self, optimizer: keras.optimizers.Optimizer) -> keras.Model:
        generator = self.model()
        gan = GAN(
            generator, self.discriminator() if self.adversarial else None, terms=self.terms(), seen=self.seen,
            adversarial=Adversarial(
                kind=self.kind, weight=self.adversarial, steps=self.discriminator_steps, smooth=self.smooth,
                noise=self.noise,
            ),
            seed=self.seed,
        )
        own = keras.optimizers.Adam(self.discriminator_rate, beta_1=0.5, beta_2=0.99, global_clipnorm=10.0)
        gan.compile(optimizer=optimizer, discriminator_optimizer=own)
        return gan

    def discriminator(self) -> keras.Model:
        if self.variant == "official":
            return discriminators.official_discriminator(answer_norm=False)
        return discriminators.patch_discriminator()

    def terms(self) -> list[Term]:
        """The loss table."""
        table = [Term("pixel", self.pixel, _PIXEL[self.pixel_loss]())]
        if self.feature:
            table.append(Term("feature", self.feature, losses_of_features(self.features)))
        table.append(Term("variation", self.variation, lambda _, picture: losses.total_variation(picture)))
        if self.variant == "turbo" and self.guess:
            table.append(Term("mixture", self.mixture, losses.mixture_nll(self.palette), output=0))
            table.append(Term("draft", self.draft, losses.weighted_l1(1 / 255.0), output=1))
        return table

    def seen(self, inputs: Any, pictures: list[Any]) -> tuple[Any, Any]:
        """What the discriminator sees: the drawing, in [-1, 1], and the picture."""
        if self.variant == "official":
            return (inputs[0] if isinstance(inputs, (list, tuple)) else inputs)[..., :3], pictures[-1]
        ink = ops.average_pool(inputs[0], 2, strides=2, data_format="channels_last")
        return 1.0 - 2.0 * ink, pictures[-1]

    def begin(self, model: keras.Model, epoch: int) -> None:
        assert isinstance(model, GAN)
        model.use_discriminator(epoch >= round(self.epochs * (1.0 - self.discriminator_share)))

    def gather(self, step: int, random: np.random.Generator) -> Any:
        shape = SHAPES[step % len(SHAPES)] if self.variant == "turbo" else (128, 128)
        samples = [self.paint(self.art.pick(random), shape, random) for _ in range(self.batch_size)]
        given, pictures, drafts, weights = zip(*samples)
        inputs = [np.concatenate(part) for part in zip(*given)]
        target = np.stack(pictures)
        if self.variant == "official":
            return inputs[0], target
        small, weight = np.stack(drafts), np.stack(weights)
        row, column = (int(random.integers(edge - self.window + 1)) for edge in shape)
        sketch, hint, whole = inputs
        sketch, hint, target = (
            values[:, k * row : k * (row + self.window), k * column : k * (column + self.window)]
            for values, k in ((sketch, 4), (hint, 2), (target, 2))
        )
        corners = np.tile(np.array([[row, column]], np.int32), (self.batch_size, 1))
        return (sketch, hint, whole, corners), (small, weight, target)

    def tensors(self, gathered: Any) -> tuple[Any, Any]:
        inputs, wanted = gathered
        if self.variant == "official":
            return inputs, tensors.signed(wanted)
        small, weight, target = wanted
        return inputs, (tensors.joined(tensors.light(small), weight), small, tensors.signed(target))

    def paint(
        self, i: int, shape: tuple[int, int], random: np.random.Generator, *, hints: int | None = None
    ) -> tuple[list[np.ndarray], np.ndarray, np.ndarray, np.ndarray]:
        """The network's inputs, the picture wanted `uint8[., ., 3]` RGB, the draft wanted in YUV and its weight."""
        color, lines = crop_whole(self.art.color(i), self.art.lines(i), shape, random)
        sketch = simulate.draw_lines(lines, color, random)
        size = color.shape[1::-1] if self.variant == "official" else (2 * shape[1], 2 * shape[0])
        picture = simulate.jitter(cv2.resize(color, size, interpolation=cv2.INTER_AREA), random, hue=4.0)
        count = simulate.hint_count(random, most=32) if hints is None else hints
        needed = None
        if count and random.random() < 0.4:
            picture, needed = simulate.recolor(picture, random)
        walls = sketch if self.variant == "official" else min_pool(sketch, 2)
        points = simulate.place_hints(
            picture, walls, count, random, needed=needed, attentive=bool(random.random() < 0.5)
        )
        is_bare = self.encoding == "propagated" and random.random() < self.bare
        given = auto_painter_tensors("points" if is_bare else self.encoding, sketch, simulate.hints_at(points))
        if self.variant == "official":
            return given, picture, picture, picture
        # As for baby: thin lines are no part of a draft.
        draft = yuv(cv2.resize(cv2.medianBlur(picture, 5), shape[::-1], interpolation=cv2.INTER_AREA)[..., ::-1])
        return given, picture, draft, self.weight(draft)

    def load_start(self, model: keras.Model) -> None:
        """Begins from a published file of its own, or of the draft network that it contains."""
        with h5py.File(self.start, "r") as file:
            is_draft_network = self.variant == "turbo" and "refine_lines" not in file
        if is_draft_network:
            read_weights(self._guesser, Path(self.start))
        else:
            super().load_start(model)

    @classmethod
    def released(
        cls, run: Path, network: str, settings: Mapping[str, Any], *, temperature: float = 1.0
    ) -> tuple[keras.Model, dict[str, Any]]:
        """The painter, or the draft network `baby` that was trained on inside it."""
        if network == "baby":
            from s2p.models.style2paints import baby

            model = baby()
            with h5py.File(learned(run, "auto_painter"), "r") as file:
                for variable in model.variables:
                    variable.assign(np.asarray(file[variable.path]))
            return model, {"temperature": temperature}
        source, encoding = learned(run, network), spec_of(network).encoding()
        if settings["variant"] != "turbo" or settings["encoding"] != encoding:
            raise InputError(f"Only runs of the variant turbo with {encoding} hints are published as our own.")
        model = auto_painter.build()
        read_weights(model, source)
        return model, {}

    def sheet(self, model: keras.Model, path: Path) -> None:
        from s2p.train.sheets import write_sheet

        network, rows = self.network_of(model), []
        for i in np.random.default_rng(7).integers(len(self.art), size=8):
            tiles: list[np.ndarray] = []
            for hints in (0, 4, 16):
                inputs, target, *_ = self.paint(int(i), (128, 128), np.random.default_rng(int(i)), hints=hints)
                painted = to_numpy(network(inputs if len(inputs) > 1 else inputs[0]))[0]
                tiles += [((painted + 1.0) * 127.5).clip(0, 255).astype(np.uint8)]
            drawing = cv2.resize(inputs[0][0], target.shape[1::-1], interpolation=cv2.INTER_AREA)
            shown = drawing[..., :3] * 0.5 + 0.5 if drawing.ndim == 3 else 1.0 - drawing[..., None].repeat(3, -1)
            rows.append([(shown * 255).clip(0, 255).astype(np.uint8), target, *tiles])
        write_sheet(rows, path)


def losses_of_features(path: str) -> Any:
    """The feature loss of a weight file: our style reader's, or VGG's."""
    from s2p import weights
    from s2p.models import style2paints
    from s2p.nn.features import feature_loss, of_reader, vgg

    if path:
        with h5py.File(path, "r") as file:
            if any("block1_conv1" in str(name) for name in file):
                return feature_loss(vgg(path))
    reader = style2paints.reader()
    read_weights(reader, Path(path) if path else weights.folder() / "reader-turbo.weights.h5")
    return feature_loss(of_reader(reader))
