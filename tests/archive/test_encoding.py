"""Bytes -> text."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.archive.encoding import decode, read_lines
from pipeline.errors import ArchiveError

ENGLISH = "The university’s president said “we agree” – with the Universität Zürich and the École too."


@pytest.mark.parametrize(
    "encoding, name",
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_encoding_of_a_text_is_detected(encoding: str, name: str) -> None:
    assert decode(ENGLISH.encode(encoding)) == (ENGLISH, name)


@pytest.mark.parametrize(
    "encoding, text",
    [
        ("gb18030", "双方计划在先进计算、新能源技术、自动驾驶等前沿领域建立国际合作，共同推动科研创新与人才培养。" * 3),
        ("shift_jis", "これは日本語の文章です。大学間の協力について話し合いました。" * 3),
    ],
)
def test_encoding_of_a_text_in_another_script_is_guessed(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding))[0] == text


def test_lines_in_an_encoding_of_their_own_are_told() -> None:
    data = "One – two\n".encode() + "Zürich said “yes” to them\n".encode("cp1252") + b"last"
    stream = io.BufferedReader(io.BytesIO(data))  # type: ignore[arg-type]
    assert list(read_lines(stream, None, 1000)) == [
        (1, "One – two\n", None),
        (2, "Zürich said “yes” to them\n", "cp1252"),
        (3, "last", None),
    ]


def test_long_lines_are_passed_over_without_losing_count() -> None:
    stream = io.BufferedReader(io.BytesIO(b"ok\r\n" + b"x" * 5_000_000 + b"\rok\n"))  # type: ignore[arg-type]
    (_, first, _), (number, fault, _), (last, third, _) = read_lines(stream, None, 100)
    assert (first, third) == ("ok\n", "ok\n")
    assert (number, last) == (2, 3) and isinstance(fault, ArchiveError)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf_8_is_read_as_it_is_written(text: str) -> None:
    if text.startswith("\ufeff"):
        text = text.lstrip("\ufeff") or "x"
    assert decode(text.encode())[0] == text


@given(st.binary())
def test_any_bytes_are_text_or_an_archive_error(data: bytes) -> None:
    try:
        text, _ = decode(data)
    except ArchiveError:
        return
    assert "\r" not in text
