"""How a service is reached, as values."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.domain.network import DIRECT, Network, ProxyAddressError, read_proxy
from desktop.domain.secret import Secret


@pytest.mark.parametrize(
    ("text", "url", "login"),
    [
        ("proxy.example:8080", "http://proxy.example:8080", None),
        ("  HTTP://Proxy.Example:8080/ ", "http://proxy.example:8080", None),
        ("https://proxy.example:443", "https://proxy.example:443", None),
        ("socks5://[::1]:1080", "socks5://[::1]:1080", None),
        ("socks5h://anna:geheim@p.example:1080", "socks5h://p.example:1080", "anna:geheim"),
        ("http://anna:p@ss://w/x?y#z@p.example:1", "http://p.example:1", "anna:p@ss://w/x?y#z"),
        ("http://an%40na:a%3Ab@p.example:1", "http://p.example:1", "an@na:a:b"),
        ("http://anna@p.example:1", "http://p.example:1", "anna:"),
        ("http://@p.example:1", "http://p.example:1", None),
        ("http://büro.example:80", "http://xn--bro-hoa.example:80", None),
    ],
)
def test_a_proxy_s_address(text: str, url: str, login: str | None) -> None:
    found = read_proxy(text)
    assert found.url == url
    assert found.login == (Secret(login) if login is not None else None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Enter the proxy’s address"),
        ("http://", "Enter the proxy’s address"),
        ("ftp://p.example:1", "begins with http://"),
        ("socks://p.example:1", "Begin the address with socks5://"),
        ("socks4://p.example:1", "SOCKS 4 can’t be used"),
        ("http://p.example", "The port is missing"),
        ("http://p.example:0", "a number from 1 to 65535"),
        ("http://p.example:65536", "a number from 1 to 65535"),
        ("http://p.example:http", "a number from 1 to 65535"),
        ("http://p.example:80/proxy.pac", "automatic configuration file"),
        ("http://p.example:80/v1", "Leave out what follows the port"),
        ("http://p.example:80?x=1", "Leave out what follows the port"),
        ("http://p example:80", "There is a space"),
        ("http://::1:8080", "has to look like"),
        ("http://:8080", "has to look like"),
        ("http://[::1:8080", "has to look like"),
        ("http://a\nb:c@p.example:1", "characters that can’t be sent"),
        (f"socks5://anna:{'x' * 256}@p.example:1", "at most 255"),
    ],
)
def test_what_is_no_proxy_is_said(text: str, words: str) -> None:
    with pytest.raises(ProxyAddressError, match=words) as caught:
        read_proxy(text)
    assert "xxx" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_a_proxy_or_is_said_not_to_be(text: str) -> None:
    with contextlib.suppress(ProxyAddressError):
        found = read_proxy(text)
        again = read_proxy(found.url)
        assert (again.url, again.login) == (found.url, None)


def test_what_an_endpoint_sets_comes_first() -> None:
    shared = Network(
        proxy="http://p:1", proxy_key="k", ca_file="/ca", connect_seconds=3, first_byte_seconds=4
    )
    own = Network(first_byte_seconds=5, between_bytes_seconds=6)
    assert own.over(shared) == Network(
        proxy="http://p:1",
        proxy_key="k",
        ca_file="/ca",
        connect_seconds=3,
        first_byte_seconds=5,
        between_bytes_seconds=6,
    )


def test_a_login_is_never_given_to_another_proxy() -> None:
    shared = Network(proxy="http://p:1", proxy_key="k")
    assert Network(proxy="http://q:1").over(shared).proxy_key == ""
    assert Network(proxy=DIRECT).over(shared).proxy_key == ""
