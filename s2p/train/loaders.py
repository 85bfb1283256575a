"""Batches made by other processes, for a GPU that eats faster than one core can cook."""

from __future__ import annotations

import dataclasses
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np

from s2p.train.recipe import Recipe


class Loaders:
    """Makes the batches of a recipe ahead of time; the same batches as in one process, in the same order.

    Args:
        recipe: whose batches are made.
        count: int. Processes.
        first, last: numbers of the first batch and of the one after the last.
    """

    def __init__(self, recipe: Recipe, *, count: int, first: int, last: int) -> None:
        values = {field.name: getattr(recipe, field.name) for field in dataclasses.fields(recipe) if field.init}
        recipe.gather(first, np.random.default_rng(0))  # makes here, once, what is kept on disk beside the pictures
        # Never fork: the libraries that compute have threads, and a forked GPU context is broken.
        self._pool = ProcessPoolExecutor(
            count, mp_context=get_context("spawn"), initializer=_begin, initargs=(type(recipe), values)
        )
        self._next, self._last, self._ahead = first, last, 3 * count
        self._waiting: dict[int, Future[Any]] = {}

    def gather(self, step: int) -> Any:
        """What the batch of that number is made of, as from `Recipe.gather`; asking in order is what makes it fast."""
        self._next = max(self._next, step)
        while self._next < min(step + self._ahead, self._last):
            self._waiting[self._next] = self._pool.submit(_make, self._next)
            self._next += 1
        return (self._waiting.pop(step, None) or self._pool.submit(_make, step)).result()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


_recipes: list[Recipe] = []  # of this process, one of the pool


def _begin(kind: type[Recipe], values: dict[str, Any]) -> None:
    import signal

    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches all; the run ends with its batch, and these with it
    cv2.setNumThreads(1)  # as many processes as cores
    _recipes[:] = [kind(**values)]


def _make(step: int) -> Any:
    (recipe,) = _recipes
    return recipe.gather(step, np.random.default_rng([recipe.seed, step]))
