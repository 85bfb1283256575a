"""Recurrent layers of Keras 2, the convolutional one included."""

from __future__ import annotations

from typing import Any

import keras

from s2p.legacy.convolutions import windows
from s2p.legacy.kind import Kind, Shapes, bias
from s2p.legacy.options import Options

RECURRENT = ("SimpleRNN", "GRU", "LSTM", "ConvLSTM2D")


def _sequence(options: Options) -> dict[str, Any]:
    if options.flag("stateful", False):
        raise options.fail("a stateful layer depends on what was painted before; it is not supported.")
    options.absent("time_major")
    return {
        "activation": options.activation(default="tanh"),
        "use_bias": options.flag("use_bias", True),
        "return_sequences": options.flag("return_sequences", False),
        "return_state": options.flag("return_state", False),
        "go_backwards": options.flag("go_backwards", False),
        "kernel_initializer": "zeros",
        "recurrent_initializer": "zeros",
    }


def recurrent(layer: Any, gates: int) -> Kind:
    def build(options: Options, **common: Any) -> Any:
        settings = _sequence(options)
        if gates > 1:
            settings["recurrent_activation"] = options.activation("recurrent_activation", "hard_sigmoid")
        if gates == 3:
            settings["reset_after"] = options.flag("reset_after", False)
        return layer(options.whole("units"), **settings, **common)

    def weights(options: Options, shape: tuple) -> Shapes:
        units = options.whole("units")
        width = units * gates
        bias = (2, width) if gates == 3 and options.flag("reset_after", False) else (width,)
        used = {"bias": bias} if options.flag("use_bias", True) else {}
        return {"kernel": (shape[-1], width), "recurrent_kernel": (units, width), **used}

    return Kind(build, weights)


def conv_lstm_build(options: Options, **common: Any) -> Any:
    settings = {**windows(options, 2), **_sequence(options)}
    settings["recurrent_activation"] = options.activation("recurrent_activation", "hard_sigmoid")
    settings["dilation_rate"] = options.wholes("dilation_rate", 2, 1)
    return keras.layers.ConvLSTM2D(options.whole("filters"), **settings, **common)


def conv_lstm_weights(options: Options, shape: tuple) -> Shapes:
    kernel, filters = options.wholes("kernel_size", 2), options.whole("filters")
    width = 4 * filters
    return {
        "kernel": (*kernel, shape[-1], width),
        "recurrent_kernel": (*kernel, filters, width),
        **bias(options, width),
    }
