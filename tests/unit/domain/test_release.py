import pytest

from desktop.domain.release import is_newer


@pytest.mark.parametrize(
    ("version", "than", "is_later"),
    [
        ("0.2.0", "0.1.0", True),
        ("v0.1.1", "0.1.0", True),
        ("0.10.0", "0.9.9", True),
        ("1.0", "1.0.0", False),
        ("0.1.0", "0.1.0", False),
        ("0.0.9", "0.1.0", False),
        ("1.0.0-rc1", "0.1.0", False),
        ("nightly", "0.1.0", False),
        ("", "0.1.0", False),
        ("9" * 5000, "0.1.0", False),
    ],
)
def test_which_version_follows_which(version: str, than: str, is_later: bool):
    assert is_newer(version, than) is is_later
