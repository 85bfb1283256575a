"""A convolution whose gradient by its input is an ordinary convolution, too.

The kernels that TensorFlow has for that gradient on a CPU are several times slower without oneDNN; with it they are a
little faster (figures in `s2p.models.stroke_renderers`).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable(package="s2p")
class PlainConv2D(layers.Conv2D):
    """`Conv2D` of stride 1, `valid`, or `same` with an odd kernel; the same numbers and gradients."""

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        if keras.backend.backend() != "tensorflow":
            return super().convolution_op(inputs, kernel)
        import tensorflow as tf

        height, width = self.kernel_size
        padding = self.padding.upper()
        around = [[0, 0], [height - 1] * 2, [width - 1] * 2, [0, 0]]

        @tf.custom_gradient
        def convolved(x: Any, weights: Any) -> Any:
            def pull(upstream: Any) -> tuple[Any, Any]:
                turned = tf.transpose(weights[::-1, ::-1], [0, 1, 3, 2])
                wide = upstream if padding == "SAME" else tf.pad(upstream, around)
                by_input = tf.nn.conv2d(wide, turned, 1, "SAME" if padding == "SAME" else "VALID")
                by_kernel = tf.raw_ops.Conv2DBackpropFilter(
                    input=x, filter_sizes=tf.shape(weights), out_backprop=upstream, strides=[1, 1, 1, 1],
                    padding=padding,
                )
                return by_input, by_kernel

            return tf.nn.conv2d(x, weights, 1, padding), pull

        return convolved(tf.convert_to_tensor(inputs), tf.convert_to_tensor(kernel))
