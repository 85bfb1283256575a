"""The graphs of V3's own `baby`, `reader` and `tail` at their published size (spec of V3, section 10)."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


def official_baby() -> keras.Model:
    """PaintsChainer's U-Net, 18,646,403 parameters."""
    inputs = keras.Input((None, None, 4), name="sketch_and_hint")

    def down(x: Any, filters: int, name: str, *, stride: int) -> Any:
        x = layers.Conv2D(filters, 4 if stride == 2 else 3, strides=stride, padding="same", name=name)(x)
        return layers.ReLU(name=f"{name}_relu")(layers.BatchNormalization(name=f"{name}_bn")(x))

    def up(x: Any, filters: int, name: str) -> Any:
        x = layers.Conv2DTranspose(filters, 4, strides=2, padding="same", name=name)(x)
        return layers.ReLU(name=f"{name}_relu")(layers.BatchNormalization(name=f"{name}_bn")(x))

    e0 = down(inputs, 32, "c0", stride=1)
    skips, x = [e0], e0
    for i, filters in enumerate((64, 128, 256, 512)):
        x = down(x, filters, f"c{2 * i + 1}", stride=2)
        before = x
        x = down(x, filters, f"c{2 * i + 2}", stride=1)
        skips.append(x)
    x = layers.Concatenate(name="cat8")([before, x])
    for i, (filters, narrower) in enumerate(((512, 256), (256, 128), (128, 64), (64, 32))):
        level = 8 - 2 * i
        x = up(x, filters, f"dc{level}")
        x = down(x, narrower, f"dc{level - 1}", stride=1)
        x = layers.Concatenate(name=f"cat{level - 2}")([skips[3 - i], x])
    return keras.Model(inputs, layers.Conv2D(3, 3, padding="same", name="dc0")(x), name="baby")


def official_reader() -> keras.Model:
    """GoogLeNet with batch normalisation and twelve taps, 10,185,536 parameters (Ioffe & Szegedy 2015)."""
    inputs = keras.Input((None, None, 3), name="picture")
    x = _unit(inputs, 64, 7, "conv1", stride=2)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="pool1")(x)
    taps = [x]
    x = _unit(x, 192, 3, "conv2")
    x = layers.MaxPooling2D(3, strides=2, padding="same", name="pool2")(x)
    taps.append(x)
    plan = (
        ("3a", 64, 64, 64, 64, 96, "avg", 32), ("3b", 64, 64, 96, 64, 96, "avg", 64),
        ("3c", 0, 128, 160, 64, 96, "max", 0),
        ("4a", 224, 64, 96, 96, 128, "avg", 128), ("4b", 192, 96, 128, 96, 128, "avg", 128),
        ("4c", 128, 128, 160, 128, 160, "avg", 128), ("4d", 64, 128, 192, 160, 192, "avg", 128),
        ("4e", 0, 128, 192, 192, 256, "max", 0),
        ("5a", 352, 192, 320, 160, 224, "avg", 128), ("5b", 352, 192, 320, 192, 224, "max", 128),
    )
    for row in plan:
        x = _inception(x, *row)
        taps.append(x)
    return keras.Model(inputs, taps, name="reader")


def official_tail() -> keras.Model:
    """waifu2x's upconv_7 with "same" padding, 552,483 parameters."""
    inputs = x = keras.Input((None, None, 3), name="picture")
    for i, filters in enumerate((16, 32, 64, 128, 128, 256), start=1):
        x = layers.Conv2D(filters, 3, padding="same", name=f"conv{i}")(x)
        x = layers.LeakyReLU(negative_slope=0.1, name=f"relu{i}")(x)
    return keras.Model(inputs, layers.Conv2DTranspose(3, 4, strides=2, padding="same", name="double")(x), name="tail")


def _unit(x: Any, filters: int, kernel: int, name: str, *, stride: int = 1) -> Any:
    x = layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False, name=name)(x)
    return layers.ReLU(name=f"{name}_relu")(layers.BatchNormalization(name=f"{name}_bn")(x))


def _inception(
    x: Any, name: str, one: int, reduce3: int, three: int, reduce5: int, five: int, pool: str, project: int
) -> Any:
    """One inception block; `one == 0` makes it a stride-2 block whose pooling branch passes through."""
    stride = 1 if one else 2
    branches = [_unit(x, one, 1, f"{name}_1x1")] if one else []
    branches.append(_unit(_unit(x, reduce3, 1, f"{name}_3x3_reduce"), three, 3, f"{name}_3x3", stride=stride))
    deep = _unit(_unit(x, reduce5, 1, f"{name}_double_reduce"), five, 3, f"{name}_double1")
    branches.append(_unit(deep, five, 3, f"{name}_double2", stride=stride))
    make = layers.AveragePooling2D if pool == "avg" else layers.MaxPooling2D
    pooled = make(3, strides=stride, padding="same", name=f"{name}_pool")(x)
    branches.append(_unit(pooled, project, 1, f"{name}_pool_project") if project else pooled)
    return layers.Concatenate(name=f"{name}_cat")(branches)
