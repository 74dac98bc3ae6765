"""What stays out of a bundle, and what stays as it was."""

import gzip

from tests.unit.packaging.test_texts import load

slim = load("slim")


def test_web_pages_are_blanked_in_place() -> None:
    page = gzip.compress(b"<!doctype html>" + bytes(range(256)) * 2000)
    small = gzip.compress(b"a picture")
    library = b"code" * 50_000 + page + b"more code" + small + b"\x1f\x8b\x08\x00 by chance" * 3
    slimmer = slim.without_web_pages(library)
    expected = library.replace(page, bytes(len(page))).replace(small, bytes(len(small)))
    assert slimmer == expected


def test_a_stream_that_is_cut_or_damaged_stays() -> None:
    page = gzip.compress(b"a page " * 9000)
    damaged = page[:-8] + b"\0" * 8
    for kept in (page[:-1], damaged, b"", b"\x1f\x8b\x08\x00"):
        assert slim.without_web_pages(kept) == kept
    assert slim.without_web_pages(page) == bytes(len(page))
