"""What is read of a GGUF file, and what is said of one that cannot be used."""

import os
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.local.gguf import GgufError, GgufModel, GgufProblem, read_model
from tests.support.gguf import LLAMA, Tensor, gguf_bytes


def _write(folder: Path, data: bytes, name: str = "model.gguf") -> Path:
    file = folder / name
    file.write_bytes(data)
    return file


def _problem(file: Path) -> tuple[GgufProblem, str]:
    with pytest.raises(GgufError) as caught:
        read_model(file)
    return caught.value.problem, str(caught.value)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_header_says_what_the_model_is(tmp_path: Path, version: int) -> None:
    data = gguf_bytes(LLAMA, [Tensor("a", (8, 4)), Tensor("b", (16,))], version=version)
    model = read_model(_write(tmp_path, data))
    assert model == GgufModel(
        path=tmp_path / "model.gguf",
        name="Tiny Llama",
        architecture="llama",
        file_bytes=len(data),
        parameters=48,
        quantisation="Q4_K_M",
        context_tokens=2048,
        licence="apache-2.0",
        has_chat_template=True,
        cache_bytes_per_token=4 * 2 * 16 * 2,
        parts=1,
    )
    assert model.warnings == ()


def test_memory_grows_with_the_context(tmp_path: Path) -> None:
    model = read_model(_write(tmp_path, gguf_bytes(LLAMA)))
    assert model.memory_bytes(4096) - model.memory_bytes(0) == 4096 * model.cache_bytes_per_token
    assert model.memory_bytes(0) > model.file_bytes


def test_heads_may_differ_by_layer(tmp_path: Path) -> None:
    pairs = {**LLAMA, "llama.attention.head_count_kv": [2, 0, 0, 2], "llama.attention.key_length": 32}
    model = read_model(_write(tmp_path, gguf_bytes(pairs)))
    assert model.cache_bytes_per_token == 4 * (32 + 8) * 2


def test_a_base_model_is_warned_of(tmp_path: Path) -> None:
    pairs = {key: value for key, value in LLAMA.items() if key != "tokenizer.chat_template"}
    model = read_model(_write(tmp_path, gguf_bytes(pairs)))
    assert not model.has_chat_template
    assert "No chat template" in model.warnings[0]


def test_a_model_for_searching_is_warned_of(tmp_path: Path) -> None:
    model = read_model(_write(tmp_path, gguf_bytes({"general.architecture": "bert"})))
    assert "cannot chat" in model.warnings[0]


def test_a_header_may_say_little(tmp_path: Path) -> None:
    model = read_model(_write(tmp_path, gguf_bytes({"general.architecture": "new"}), "Some Model.gguf"))
    assert (model.name, model.context_tokens, model.quantisation) == ("Some Model", None, "")
    assert model.memory_bytes(4096) > model.file_bytes


def test_values_of_unexpected_types_are_passed_over(tmp_path: Path) -> None:
    pairs = {**LLAMA, "general.name": 7, "llama.context_length": "long", "llama.block_count": True}
    model = read_model(_write(tmp_path, gguf_bytes(pairs)))
    assert (model.name, model.context_tokens) == ("model", None)


def test_a_vocabulary_longer_than_a_block_is_passed_over(tmp_path: Path) -> None:
    tokens = [f"token{number}" * (number % 5) for number in range(200_000)] + ["x" * 3_000_000, ""]
    pairs = {"general.architecture": "llama", "tokenizer.ggml.tokens": tokens, **LLAMA}
    pairs["tokenizer.ggml.tokens"] = tokens
    data = gguf_bytes(pairs)
    assert len(data) > 4 << 20
    assert read_model(_write(tmp_path, data)).has_chat_template


@pytest.mark.parametrize("data", [b"", b"GGU", b"PK\x03\x04 and so on", b"<!DOCTYPE html><html>"])
def test_another_kind_of_file_is_refused(tmp_path: Path, data: bytes) -> None:
    assert _problem(_write(tmp_path, data)) == (GgufProblem.NOT_GGUF, "This is not a GGUF file.")


def test_every_cut_of_a_file_is_noticed(tmp_path: Path) -> None:
    data = gguf_bytes(LLAMA)
    for length in range(4, len(data), 7):
        problem, sentence = _problem(_write(tmp_path, data[:length]))
        assert problem is GgufProblem.CUT_SHORT, length
        assert "cut short" in sentence


def test_a_cut_far_from_the_end_says_how_much_is_missing(tmp_path: Path) -> None:
    data = gguf_bytes(LLAMA, [Tensor("a", (1000, 1000))])
    assert (
        _problem(_write(tmp_path, data[:5000]))[1]
        == "The file is cut short: 4 MB are missing. Download it again."
    )


@pytest.mark.parametrize(
    ("version", "words"),
    [(0, "version 0"), (4, "version 4"), (3 << 24, "big-endian"), (1 << 16, "big-endian")],
)
def test_another_version_is_refused(tmp_path: Path, version: int, words: str) -> None:
    data = b"GGUF" + struct.pack("<IQQ", version, 0, 0)
    problem, sentence = _problem(_write(tmp_path, data))
    assert problem is GgufProblem.OTHER_VERSION
    assert words in sentence


def test_missing_and_unreadable_files_are_told_apart(tmp_path: Path) -> None:
    assert _problem(tmp_path / "gone.gguf") == (
        GgufProblem.MISSING,
        "The file “gone.gguf” is no longer there.",
    )
    assert _problem(tmp_path)[0] is GgufProblem.UNREADABLE
    assert _problem(Path("nul\0byte.gguf"))[0] is GgufProblem.UNREADABLE


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ({"general.type": "adapter", "general.architecture": "llama"}, "an adapter"),
        ({"general.type": "mmproj", "general.architecture": "clip"}, "sees pictures"),
        ({"general.architecture": "clip"}, "sees pictures"),
        ({}, "no language model"),
    ],
)
def test_files_beside_a_model_are_refused(tmp_path: Path, pairs: dict[str, str], words: str) -> None:
    problem, sentence = _problem(_write(tmp_path, gguf_bytes(pairs)))
    assert problem is GgufProblem.NOT_A_MODEL
    assert words in sentence


def _parts(folder: Path, count: int) -> list[Path]:
    return [
        _write(
            folder,
            gguf_bytes({**LLAMA, "split.no": number, "split.count": count}),
            f"big-{number + 1:05d}-of-{count:05d}.gguf",
        )
        for number in range(count)
    ]


def test_the_first_part_stands_for_all(tmp_path: Path) -> None:
    files = _parts(tmp_path, 3)
    model = read_model(files[0])
    assert model.parts == 3
    assert model.file_bytes == sum(file.stat().st_size for file in files)


def test_a_later_part_names_the_first(tmp_path: Path) -> None:
    problem, sentence = _problem(_parts(tmp_path, 4)[1])
    assert problem is GgufProblem.LATER_PART
    assert sentence == "This is part 2 of 4: choose the first part, “big-00001-of-00004.gguf”."


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    files = _parts(tmp_path, 3)
    files[2].unlink()
    problem, sentence = _problem(files[0])
    assert problem is GgufProblem.PART_MISSING
    assert "Part 3 of 3 is missing: “big-00003-of-00003.gguf”" in sentence


def test_a_renamed_part_is_refused(tmp_path: Path) -> None:
    problem, sentence = _problem(_parts(tmp_path, 2)[0].rename(tmp_path / "mine.gguf"))
    assert problem is GgufProblem.PART_MISSING
    assert "part 1 of 2" in sentence


def _claim(pairs: int, rest: bytes) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, 0, pairs) + rest


@pytest.mark.parametrize(
    "data",
    [
        _claim(1 << 60, b""),
        b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0),
        _claim(1, struct.pack("<Q", 0) + bytes(64)),
        _claim(1, struct.pack("<Q", 1) + b"k" + struct.pack("<I", 99) + bytes(64)),
        _claim(1, struct.pack("<Q", 1) + b"k" + struct.pack("<IIQ", 9, 9, 1 << 40) + bytes(64)),
        _claim(1, struct.pack("<Q", 1) + b"k" + struct.pack("<IIQ", 9, 9, 1) * 9 + bytes(64)),
        gguf_bytes({"general.architecture": "llama", "general.alignment": 0}),
        gguf_bytes({"general.architecture": "llama"}, [Tensor("deep", (1, 1, 1, 1, 1))]),
    ],
)
def test_nonsense_is_called_damage(tmp_path: Path, data: bytes) -> None:
    assert _problem(_write(tmp_path, data))[0] is GgufProblem.DAMAGED


@pytest.mark.parametrize("kind", [4, 8, 10])
def test_a_length_beyond_the_file_costs_nothing(tmp_path: Path, kind: int) -> None:
    data = _claim(1, struct.pack("<Q", 1) + b"k" + struct.pack("<IIQ", 9, kind, (1 << 64) - 1) + bytes(64))
    file = _write(tmp_path, data)
    tracemalloc.start()
    try:
        assert _problem(file)[0] is GgufProblem.CUT_SHORT
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(os.name == "nt", reason="a sparse file is a matter of the file system there")
def test_a_header_without_end_is_given_up(tmp_path: Path) -> None:
    file = _write(tmp_path, _claim(1, struct.pack("<Q", 1) + b"k" + struct.pack("<IIQ", 9, 0, 1 << 39)))
    os.truncate(file, 1 << 40)
    assert _problem(file)[0] is GgufProblem.DAMAGED


_WHOLE = gguf_bytes(LLAMA)


@st.composite
def _mangled(draw: st.DrawFn) -> bytes:
    data = bytearray(_WHOLE)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(4, len(data) - 1))
        piece = draw(st.binary(min_size=1, max_size=8))
        data[at : at + len(piece)] = piece
    return bytes(data[: draw(st.integers(4, len(data)))])


_HEADS = st.builds(
    lambda version, tensors, pairs, rest: b"GGUF" + struct.pack("<IQQ", version, tensors, pairs) + rest,
    st.sampled_from([1, 2, 3]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.binary(max_size=300),
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.one_of(st.binary(max_size=300), _HEADS, _mangled()))
def test_any_bytes_end_in_a_model_or_a_named_problem(tmp_path: Path, data: bytes) -> None:
    file = _write(tmp_path, data)
    tracemalloc.start()
    try:
        outcome: GgufModel | str = read_model(file)
    except GgufError as error:
        outcome = str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4 << 20
    if isinstance(outcome, str):
        assert outcome.endswith(".")
    else:
        assert 0 < len(outcome.name) <= 200
        assert outcome.memory_bytes(4096) > 0
