"""The batches of a recipe on their way to `fit`: by `tf.data` where TensorFlow trains, by NumPy alone for PyTorch.

Both call the same functions. `Recipe.gather` plays the artist, with OpenCV and SciPy, from the number of a step, so a
run that goes on sees what an uninterrupted one would have seen. What it made, mostly whole numbers, becomes what
networks take by the operations of `s2p.tensors` (`Recipe.tensors`), in the graph of the `tf.data.Dataset` or on arrays.

Cuts and mixed lines stay in `gather`: of their pixels hints and wrong drafts are made, by flood fill, warps and
distances along lines, which have no counterpart in a graph (56 % of the time of a painter's sample; cuts and lines
23 %). There is nothing to gain: a cut of 338 px made 256 costs 3.4 ms of CPU by TensorFlow, 1.0 by OpenCV, and 2.3 by
OpenCV called in a graph.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import keras
import numpy as np

from s2p.train.loaders import Loaders
from s2p.train.recipe import Recipe

AHEAD = 8  # batches that are ready before they are wanted
_QUIET = 0.1  # seconds without a call after which TensorFlow is sure to make none any more
_AT_ONCE = 2  # batches that one process makes side by side, where OpenCV and NumPy let go of Python's lock


class Batches(keras.utils.PyDataset):
    """Batches of a recipe by number: number `step` is made from the seed and `step`, whatever came before.

    Args:
        recipe: whose batches are made.
        first: int. Number of the first step.
        steps: int. Of an epoch; the recipe's by default.
    """

    def __init__(self, recipe: Recipe, *, first: int, steps: int | None = None) -> None:
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=AHEAD)
        self.recipe, self.first = recipe, first
        self._steps = recipe.epoch_steps if steps is None else steps
        self.last = recipe.epochs * recipe.epoch_steps
        self.loaders = Loaders(recipe, count=recipe.loaders, first=first, last=self.last) if recipe.loaders else None

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, index: int) -> Any:
        return self.at(self.first + index)

    def at(self, step: int) -> Any:
        """Batch number `step` of the run, which began with 0: `(inputs, targets)`, as from `Recipe.batch`."""
        return self.recipe.tensors(self.gathered(step))

    def gathered(self, step: int) -> Any:
        """What that batch is made of, as from `Recipe.gather`."""
        made = self.gathered_here(step) if self.loaders is None else self.loaders.gather(step)
        return keras.tree.map_structure(_array, made)

    def gathered_here(self, step: int) -> Any:
        """As `gathered`, in this process whatever makes the others."""
        return self.recipe.gather(step, np.random.default_rng([self.recipe.seed, step]))

    def on_epoch_end(self) -> None:
        self.first += self._steps

    def close(self) -> None:
        """Ends the processes that made batches."""
        if self.loaders is not None:
            self.loaders.close()


class Stream:
    """The same batches as a `tf.data.Dataset`, from the first step of `batches` to the last of the run.

    Close it before the program lets go of it, if it has not been read to its end.

    Attributes:
        dataset: of `(inputs, targets)`, tuples of tensors; sizes that differ from step to step are free.
        error: what the making of a batch has raised, which TensorFlow only tells in words of its own.
    """

    def __init__(self, batches: Batches) -> None:
        import tensorflow as tf

        self.error: Exception | None = None
        self._batches = batches
        with tf.device("CPU:0"):  # where datasets run
            self._last = tf.Variable(tf.constant(batches.last, tf.int64), trainable=False)
        self._calls, self._changed = 0, threading.Condition()
        # A second one as well: two in a row differ wherever a size is free. What it needs is read here, by one thread.
        made = [keras.tree.lists_to_tuples(batches.gathered_here(batches.first + i)) for i in (0, 1)]
        shapes = [[np.shape(leaf) for leaf in keras.tree.flatten(batch)] for batch in made]
        free = [_common(*pair) for pair in zip(*shapes, strict=True)]
        types = [tf.as_dtype(_array(leaf).dtype) for leaf in keras.tree.flatten(made[0])]

        def make(step: Any) -> Any:
            leaves = tf.numpy_function(self._leaves, [step], types)
            for leaf, shape in zip(leaves, free, strict=True):
                leaf.set_shape(shape)
            return keras.tree.lists_to_tuples(batches.recipe.tensors(keras.tree.pack_sequence_as(made[0], leaves)))

        counted = tf.data.Dataset.counter(batches.first).take_while(lambda step: step < self._last)
        at_once = 1 if batches.loaders is not None else min(_AT_ONCE, os.cpu_count() or 1)  # loaders work ahead anyway
        self.dataset = counted.map(make, num_parallel_calls=at_once, deterministic=True).prefetch(AHEAD)

    def close(self) -> None:
        """Ends the stream and waits for the batches that are being made.

        TensorFlow lets go of a dataset while it holds Python's lock, and waits for its own threads: one that is about
        to call Python then would wait for ever, or end the process with an error where the interpreter has gone.
        """
        self._last.assign(0)
        with self._changed:
            while self._calls or self._changed.wait(_QUIET):
                self._changed.wait_for(lambda: not self._calls)

    def _leaves(self, step: Any) -> list[np.ndarray]:
        self._count(1)
        try:
            return keras.tree.flatten(self._batches.gathered(int(step)))
        except Exception as error:
            self.error = self.error or error
            raise
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._changed:
            self._calls += more
            self._changed.notify_all()


def _array(leaf: Any) -> np.ndarray:
    values = np.asarray(leaf)
    return values.astype(keras.config.floatx()) if values.dtype == np.float64 else values


def _common(one: tuple[int, ...], other: tuple[int, ...]) -> list[int | None]:
    """The sizes that two batches share; their number of samples is always free, as Keras has it."""
    return [None, *(a if a == b else None for a, b in zip(one[1:], other[1:], strict=True))]
