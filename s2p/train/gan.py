"""One adversarial model for all systems: a generator, a discriminator, and a table of losses.

A step paints once. The generator is moved by the weighted sum of the table and of what the discriminator says; then the
discriminator learns on the same paintings. `losses` computes everything with `keras.ops` and serves training and
testing alike; only the gradients differ between backends (`s2p.nn.gradients`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import ops

from s2p.nn import adversarial as losses
from s2p.nn.gradients import apply, input_gradients, value_and_gradients

Pair = tuple[Any, Any]  # condition (None where it sees none) and picture, as the discriminator takes them


@dataclass(frozen=True)
class Term:
    """One row of the loss table.

    Attributes:
        name: in the metrics.
        weight: 0 switches the term off; it is then not computed.
        loss: function of target and output, `[B, ...]`, that returns `float32[B]`.
        output: which of the generator's outputs (and targets) is compared.
    """

    name: str
    weight: float
    loss: Callable[[Any, Any], Any]
    output: int = -1


@dataclass(frozen=True)
class Adversarial:
    """How the discriminator takes part.

    Attributes:
        kind: of `s2p.nn.adversarial.KINDS`.
        weight: of the discriminator's word in the generator's loss; 0 leaves the discriminator out altogether.
        steps: of the discriminator per step of the generator.
        penalty: weight of the gradient penalty (`wgan-gp`).
        smooth: one-sided label smoothing (`vanilla`, `lsgan`).
        noise: standard deviation of noise on all pictures that the discriminator sees (instance noise, Sønderby et al.
            2017, arXiv:1610.04490).
        discriminator_weight: of true and painted in the discriminator's own loss, beside its `Head`s.
    """

    kind: str = "lsgan"
    weight: float = 1.0
    steps: int = 1
    penalty: float = 10.0
    smooth: float = 0.0
    noise: float = 0.0
    discriminator_weight: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in losses.KINDS:
            raise ValueError(f"The adversarial loss must be one of {', '.join(losses.KINDS)}. Received: {self.kind!r}.")


@dataclass(frozen=True)
class Head:
    """What else a discriminator names in pictures, true and painted alike (Odena et al. 2017, arXiv:1610.09585).

    Attributes:
        name: in the metrics.
        weight: of its cross-entropy in both losses.
        answer: which of the discriminator's answers it is, `float32[B, C]`, logits; 0 is true or painted.
        target: which of the targets says what is there, `float32[B, C]`, 0 or 1.
    """

    name: str
    weight: float
    answer: int
    target: int


class GAN(keras.Model):
    """A generator trained with a loss table and, where `adversarial.weight` is not 0, a discriminator.

    Args:
        generator: what paints; one output or several.
        discriminator: `[condition, picture] -> logits`, or `picture -> logits` where `seen` gives None for
            the condition; with heads, a list of answers. None where it never takes part.
        terms: the loss table.
        adversarial: how the discriminator takes part.
        seen: `seen(inputs, pictures)` gives what the discriminator sees, given the generator's inputs and either its
            outputs or the targets, both as lists.
        heads: what the discriminator names besides; their common share is changed by `weigh_heads`.
        seed: of the instance noise.

    `compile` takes the optimizers of both. The state of a run is that of `trained` and of `variables`.
    """

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model | None, *, terms: Sequence[Term],
        adversarial: Adversarial, seen: Callable[[Any, list[Any]], Pair], heads: Sequence[Head] = (), seed: int = 0,
    ) -> None:
        super().__init__(name=f"{generator.name}_gan")
        self.generator, self.discriminator = generator, discriminator
        self.terms = tuple(term for term in terms if term.weight)
        self.adversarial, self.seen = adversarial, seen
        self.is_adversarial = discriminator is not None and adversarial.weight != 0
        self.heads = tuple(head for head in heads if head.weight)
        if self.heads:  # a variable, so that a step need not be traced again
            self._share = self.add_weight(shape=(), initializer="ones", trainable=False, name="heads")
        self._noise = keras.random.SeedGenerator(seed)
        self._means = {name: keras.metrics.Mean(name=name) for name in self._names()}
        self.built = True

    def _names(self) -> list[str]:
        names = ["loss", *(term.name for term in self.terms)]
        if self.discriminator is not None:
            names += ["adversarial", "discriminator", *(head.name for head in self.heads)]
        return names

    def compile(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, *, optimizer: keras.optimizers.Optimizer,
        discriminator_optimizer: keras.optimizers.Optimizer | None = None,
    ) -> None:
        """Builds both optimizers now, so that a checkpoint can be restored before the first step."""
        super().compile(optimizer=optimizer, loss=None, jit_compile=False)
        # At its end `fit` would put averages over the weights of the whole model, the discriminator's included.
        optimizer.finalize_variable_values = lambda _: None
        self.discriminator_optimizer = discriminator_optimizer
        for _, own, variables in self.trained:
            own.build(variables)

    @property
    def trained(self) -> list[tuple[str, keras.optimizers.Optimizer, list[Any]]]:
        """Name, optimizer and variables of everything that learns; the generator first."""
        parts = [("optimizer", self.optimizer, self.generator.trainable_variables)]
        if self.discriminator is not None and self.discriminator_optimizer is not None:
            parts.append((
                "discriminator_optimizer", self.discriminator_optimizer, self.discriminator.trainable_variables
            ))
        return parts

    @property
    def metrics(self) -> list[Any]:
        return list(self._means.values())

    def use_discriminator(self, is_wanted: bool) -> None:
        """Lets the discriminator take part from now on, or not; a step that was traced without it is traced again."""
        is_wanted = is_wanted and self.discriminator is not None and self.adversarial.weight != 0
        if is_wanted != self.is_adversarial:
            self.is_adversarial = is_wanted
            if self.train_function is not None:
                self.make_train_function(force=True)

    def weigh_heads(self, share: float) -> None:
        """From now on what the heads say counts `share` times their weights."""
        if self.heads:
            self._share.assign(share)

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.generator(inputs, training=training)

    def losses_of(self, inputs: Any, targets: list[Any], *, training: bool) -> tuple[Any, tuple[list, dict[str, Any]]]:
        """The generator's loss, its outputs, and every term without its weight (means over the batch)."""
        # In half precision the sums of a loss would lose what the last steps of a training are about.
        outputs = [ops.cast(one, "float32") for one in _listed(self.generator(inputs, training=training))]
        found = {term.name: ops.mean(term.loss(targets[term.output], outputs[term.output])) for term in self.terms}
        total = sum((term.weight * found[term.name] for term in self.terms), start=ops.zeros(()))
        if self.is_adversarial:
            said, *named = self._answers(self.seen(inputs, outputs), training=training)
            found["adversarial"] = ops.mean(losses.generator_loss(self.adversarial.kind, said))
            total = total + self.adversarial.weight * found["adversarial"]
            for head in self.heads:
                found[head.name] = losses.classification_loss(targets[head.target], named[head.answer - 1])
                total = total + self._share * head.weight * found[head.name]
        return total, (outputs, found)

    def discriminator_loss(self, true: Pair, painted: Pair, targets: list[Any], *, training: bool) -> Any:
        """The discriminator's loss on one pair of batches; paintings are taken as they are, without their history."""
        painted = (painted[0], ops.stop_gradient(painted[1]))
        real, *real_named = self._answers(true, training=training)
        fake, *fake_named = self._answers(painted, training=training)
        loss = losses.discriminator_loss(self.adversarial.kind, real, fake, smooth=self.adversarial.smooth)
        loss = self.adversarial.discriminator_weight * loss
        for head in self.heads:
            for named in (real_named, fake_named):
                said = losses.classification_loss(targets[head.target], named[head.answer - 1])
                loss = loss + self._share * head.weight * said
        if self.adversarial.kind == "wgan-gp" and training:
            loss = loss + self.adversarial.penalty * self._penalty(true, painted)
        return ops.mean(loss)

    def train_step(self, data: Any) -> dict[str, Any]:
        inputs, targets, _ = keras.utils.unpack_x_y_sample_weight(data)
        targets = _listed(targets)
        variables = self.generator.trainable_variables
        total, (outputs, found), gradients = value_and_gradients(
            lambda: self.losses_of(inputs, targets, training=True), variables
        )
        apply(self.optimizer, gradients, variables)
        if self.is_adversarial:
            true, painted = self.seen(inputs, targets), self.seen(inputs, outputs)
            for _ in range(self.adversarial.steps):
                found["discriminator"] = self._teach_discriminator(true, painted, targets)
        return self._noted({"loss": total, **found})

    def test_step(self, data: Any) -> dict[str, Any]:
        inputs, targets, _ = keras.utils.unpack_x_y_sample_weight(data)
        targets = _listed(targets)
        total, (outputs, found) = self.losses_of(inputs, targets, training=False)
        if self.is_adversarial:
            true, painted = self.seen(inputs, targets), self.seen(inputs, outputs)
            found["discriminator"] = self.discriminator_loss(true, painted, targets, training=False)
        return self._noted({"loss": total, **found})

    def _teach_discriminator(self, true: Pair, painted: Pair, targets: list[Any]) -> Any:
        assert self.discriminator is not None and self.discriminator_optimizer is not None
        variables = self.discriminator.trainable_variables
        loss, _, gradients = value_and_gradients(
            lambda: (self.discriminator_loss(true, painted, targets, training=True), None), variables
        )
        apply(self.discriminator_optimizer, gradients, variables)
        return loss

    def _answers(self, pair: Pair, *, training: bool) -> list[Any]:
        """What the discriminator says: true or painted, then what its heads name."""
        condition, picture = pair
        if training and self.adversarial.noise:
            shape = ops.shape(picture)
            picture = picture + keras.random.normal(shape, stddev=self.adversarial.noise, seed=self._noise)
        return [ops.cast(one, "float32") for one in self._asked(condition, picture, training=training)]

    def _asked(self, condition: Any, picture: Any, *, training: bool) -> list[Any]:
        assert self.discriminator is not None
        return _listed(self.discriminator(picture if condition is None else [condition, picture], training=training))

    def _penalty(self, true: Pair, painted: Pair) -> Any:
        condition, real = true
        share = keras.random.uniform((ops.shape(real)[0], 1, 1, 1), seed=self._noise)
        between = share * real + (1.0 - share) * painted[1]

        def answer(picture: Any) -> Any:
            logits = self._asked(condition, picture, training=True)[0]
            return ops.mean(logits, axis=tuple(range(1, len(logits.shape))))

        return losses.gradient_penalty(input_gradients(answer, between))

    def _noted(self, values: dict[str, Any]) -> dict[str, Any]:
        for name, value in values.items():
            self._means[name].update_state(value)
        return {name: self._means[name].result() for name in values}


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, (list, tuple)) else [values]
