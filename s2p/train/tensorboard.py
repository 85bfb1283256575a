"""Metrics for TensorBoard, which works without TensorFlow."""

from __future__ import annotations

from pathlib import Path

import keras

from s2p.errors import DependencyMissingError


class TensorBoard(keras.callbacks.Callback):
    """Writes the metrics of every epoch into `OUT/tensorboard`; look at them with `tensorboard --logdir OUT`.

    Raises:
        DependencyMissingError: TensorBoard is not installed.
    """

    def __init__(self, out: Path) -> None:
        super().__init__()
        try:
            from tensorboard.summary import Writer
        except ImportError:
            raise DependencyMissingError(
                "tensorboard=true needs TensorBoard. Install it: pip install tensorboard"
            ) from None
        self._writer = Writer(str(out / "tensorboard"))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        for name, value in (logs or {}).items():
            self._writer.add_scalar(name, float(value), epoch + 1)
        self._writer.flush()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self._writer.close()
