import pytest

from desktop.base.host import is_own_network, is_this_computer


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.3.2.1", "::1", "0.0.0.0"]
)
def test_this_computer(host: str) -> None:
    assert is_this_computer(host)


@pytest.mark.parametrize(
    "host", ["", "example.com", "localhost.example.com", "192.168.1.4", "notlocalhost", "8.8.8.8"]
)
def test_other_computers(host: str) -> None:
    assert not is_this_computer(host)


@pytest.mark.parametrize(
    "host", ["localhost", "192.168.1.4", "10.0.0.7", "gpu", "gpu.local", "nas.home.arpa", "fd00::1"]
)
def test_the_network_around(host: str) -> None:
    assert is_own_network(host)


@pytest.mark.parametrize("host", ["", "example.com", "8.8.8.8", "local.example.com"])
def test_networks_far_away(host: str) -> None:
    assert not is_own_network(host)
