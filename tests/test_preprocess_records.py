"""Shards: both formats hold the same, byte for byte the same each time, and damage is noticed."""

from __future__ import annotations

import io
import json
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from preprocess_art import drawing

from preprocess import records
from preprocess.lines import draw_all
from preprocess.tfrecord import crc32c, encode_example, encode_file
from s2p.errors import InputError
from s2p.image import encode_image


def some_records(count: int = 3, flavours=("xdog", "hard")) -> list[records.Record]:
    made = []
    for number in range(count):
        picture = drawing(number, height=40 + number, width=50)
        made.append(records.Record(
            key=f"a/{number} \u7d75.png", sha256=f"{number}" * 64, color=encode_image(picture, "png"),
            lines=records.encode_lines(draw_all(picture, flavours)), height=40 + number, width=50,
            tags=(5, 2**40) if number else (), face=(0.1, 0.2, 0.3, 0.4) if number == 1 else records.NO_FACE,
        ))  # fmt: skip
    return made


def crc_by_the_book(data: bytes) -> int:
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
    return state ^ 0xFFFFFFFF


def test_checksum_of_the_standard():
    assert crc32c(b"123456789") == 0xE3069283


@given(st.binary(max_size=3000))
@settings(max_examples=60, deadline=None)
def test_checksum_agrees_with_the_definition(data):
    assert crc32c(data) == crc_by_the_book(data)


def test_tensorflow_reads_what_we_write(tmp_path):
    import tensorflow as tf

    made = some_records()
    path = tmp_path / "x.tfrecord"
    path.write_bytes(records.encode_tfrecord(made))
    read = [tf.train.Example.FromString(item) for item in tf.data.TFRecordDataset(str(path)).as_numpy_iterator()]
    assert len(read) == 3
    for record, example in zip(made, read):
        feature = example.features.feature
        assert feature["key"].bytes_list.value[0].decode() == record.key
        assert feature["color"].bytes_list.value[0] == record.color
        assert feature["lines"].bytes_list.value[0] == record.lines
        assert tuple(feature["tags"].int64_list.value) == record.tags
        assert np.allclose(feature["face"].float_list.value, record.face)
        assert example.SerializeToString(deterministic=True) == encode_example({
            "key": record.key, "sha256": record.sha256, "color": record.color, "lines": record.lines,
            "regions": b"", "parts": b"", "garments": b"",
            "height": record.height, "width": record.width, "tags": np.array(record.tags, np.int64),
            "face": np.array(record.face, np.float32),
        })  # fmt: skip


def test_negative_numbers_are_written_as_tensorflow_does():
    import tensorflow as tf

    data = encode_example({"n": [-1, 0, 2**62]})
    assert list(tf.train.Example.FromString(data).features.feature["n"].int64_list.value) == [-1, 0, 2**62]
    assert encode_file([]) == b""


def test_hdf5_returns_the_records_and_is_reproducible():
    made = some_records()
    first = records.encode_hdf5(made, ("xdog", "hard"))
    time.sleep(1.1)  # a time stamp inside would show
    assert records.encode_hdf5(made, ("xdog", "hard")) == first
    read = list(records.decode_hdf5(first))
    assert [r.key for r in read] == [r.key for r in made]
    assert read[1].tags == made[1].tags and read[1].color == made[1].color
    assert np.allclose(read[1].face, made[1].face) and read[0].face == records.NO_FACE
    assert list(records.decode_hdf5(records.encode_hdf5([], ("xdog",)))) == []


def test_decoding_gives_the_pictures_back():
    for count in (1, 2, 3, 4):
        flavours = ("xdog", "hard", "gradient", "bold")[:count]
        record = some_records(1, flavours)[0]
        example = records.decode(record)
        assert np.array_equal(example["color"], drawing(0, height=40, width=50))
        assert np.array_equal(example["lines"], draw_all(example["color"], flavours))
        assert example["regions"].max() == 0 and example["regions"].shape == (40, 50), "nothing is known"
        assert example["parts"].shape == (40, 50) and (example["parts"] == records.UNKNOWN_PART).all()
    with pytest.raises(InputError, match="1 to 4"):
        records.encode_lines(np.zeros((3, 3, 5), np.uint8))


def write(folder: str, name: str = "train-00000-of-00001") -> records.Shard:
    return records.write_shard(
        folder, name, split="train", fingerprint="f", records=some_records(), formats=("tfrecord", "hdf5"),
        flavours=("xdog", "hard"), report=[],
    )  # fmt: skip


def test_a_finished_shard_is_known_by_its_fingerprint_and_its_size(tmp_path):
    shard = write(str(tmp_path))
    assert records.finished_shard(str(tmp_path), shard.name, "f") == shard
    assert records.finished_shard(str(tmp_path), shard.name, "other") is None
    path = tmp_path / shard.files["hdf5"]["name"]
    path.write_bytes(path.read_bytes()[:-1])
    assert records.finished_shard(str(tmp_path), shard.name, "f") is None
    assert not list(tmp_path.rglob("*.part"))


def test_an_index_of_another_schema_is_refused(tmp_path):
    shard = write(str(tmp_path))
    records.write_index(str(tmp_path), shards=[shard], flavours=("xdog", "hard"), settings={})
    assert [e["key"] for e in records.read_hdf5(str(tmp_path))] == [r.key for r in some_records()]
    with pytest.raises(InputError, match="split"):
        list(records.read_hdf5(str(tmp_path), "test"))
    index = json.loads((tmp_path / "index.json").read_text())
    (tmp_path / "index.json").write_text(json.dumps({**index, "schema": 99}))
    with pytest.raises(InputError, match="schema 99"):
        records.read_index(str(tmp_path))


def test_files_that_are_no_shards_are_refused():
    import h5py

    with pytest.raises(InputError, match="not an HDF5 file"):
        list(records.decode_hdf5(b"nothing"))
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["x"] = 1
    with pytest.raises(InputError, match="not a shard"):
        list(records.decode_hdf5(buffer.getvalue()))
    with pytest.raises(InputError, match="no finished shards"):
        records.read_index("/nonexistent-folder")


def test_shards_of_schema_1_can_still_be_read(tmp_path):
    import h5py

    (record,) = some_records(1)
    old = tmp_path / "old.h5"
    old.write_bytes(records.encode_hdf5([record], ("xdog", "hard")))
    with h5py.File(old, "a") as file:
        file.attrs["schema"] = 1
        del file["regions"], file["parts"]
    (read,) = records.decode_hdf5(old.read_bytes())
    assert read == record and records.decode(read)["regions"].max() == 0
    assert (records.decode(read)["parts"] == records.UNKNOWN_PART).all()
    with h5py.File(old, "a") as file:
        file.attrs["schema"] = 99
    with pytest.raises(InputError, match="schema 99"):
        next(records.decode_hdf5(old.read_bytes()))
