import socket
import ssl

import pytest

from desktop.domain.failure import Failure, FailureKind
from desktop.domain.secret import Secret
from desktop.wire.failures import Place, completed, failed, failed_answer, failed_connection, failed_proxy


@pytest.mark.parametrize(
    ("url", "address", "host"),
    [
        ("https://api.example.com/v1/chat?key=abc#x", "https://api.example.com/v1/chat", "api.example.com"),
        ("https://user:pass@example.com:8443/v1", "https://example.com:8443/v1", "example.com"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1", "::1"),
        ("example.com/v1?key=abc", "example.com/v1", ""),
        ("user:pass@example.com", "example.com", ""),
        ("http://[::1?key=abc", "http://[::1", ""),
        ("", "", ""),
    ],
)
def test_an_address_has_no_query_and_no_user(url: str, address: str, host: str) -> None:
    place = Place(url=url)
    assert (place.address, place.host) == (address, host)


@pytest.mark.parametrize(
    ("key", "words", "hidden"),
    [
        ("my-own-key", "Key my-own-key is wrong, my-own-key!", "Key ••• is wrong, •••!"),
        ("abc", "abc is wrong, abcdef is another word", "••• is wrong, abcdef is another word"),
        ("", "nothing to hide", "nothing to hide"),
        ("", "Bearer some-token-here", "Bearer •••"),
        ("", "sk-1234567890abcdef", "•••"),
    ],
)
def test_the_key_is_hidden_in_words(key: str, words: str, hidden: str) -> None:
    assert Place(key=Secret(key)).hide(words) == hidden


def test_no_repr_shows_the_key() -> None:
    place = Place(url="https://x", key=Secret("my-own-key"))
    assert "my-own-key" not in repr(place)
    assert "my-own-key" not in repr(failed(FailureKind.SERVER, place, words="my-own-key"))


def test_a_reader_s_failure_gets_its_place() -> None:
    place = Place(endpoint="E", model="m", url="https://x/v1?y", key=Secret("my-own-key"))
    failure = completed(Failure(kind=FailureKind.PROVIDER, words="bad my-own-key"), place).failure
    assert (failure.endpoint, failure.model, failure.address) == ("E", "m", "https://x/v1")
    assert failure.words == "bad •••"


def test_a_401_without_a_key_asks_for_one() -> None:
    body = b'{"error": {"message": "Missing Authentication header"}}'
    assert failed_answer(401, {}, body, Place()).failure.kind is FailureKind.NO_KEY
    with_key = failed_answer(401, {}, body, Place(key=Secret("k")))
    assert with_key.failure.kind is FailureKind.KEY_REFUSED


def test_an_answer_without_words_gets_those_of_its_status() -> None:
    assert failed_answer(502, {}, b"", Place()).failure.words == "HTTP 502 Bad Gateway"
    assert failed_answer(599, {}, b"", Place()).failure.words == "HTTP 599"


def test_a_page_with_an_error_status() -> None:
    page = b"<html><head><title>Blocked</title></head></html>"
    failure = failed_answer(403, {"content-type": "text/html"}, page, Place()).failure
    assert (failure.kind, failure.words) == (FailureKind.NOT_A_STREAM, "Blocked")
    failure = failed_answer(502, {"content-type": "text/html"}, page, Place()).failure
    assert failure.kind is FailureKind.SERVER


def caused(outer: Exception, *inner: BaseException) -> Exception:
    current: BaseException = outer
    for error in inner:
        current.__cause__ = error
        current = error
    return outer


def test_causes_are_found_however_deep() -> None:
    import httpx

    dns = caused(httpx.ConnectError("x"), OSError("all failed"), socket.gaierror(-2, "unknown"))
    assert failed_connection(dns, Place()).failure.kind is FailureKind.DNS
    group = ExceptionGroup(
        "all failed", [ConnectionRefusedError(111, "refused"), OSError(101, "unreachable")]
    )
    both = caused(httpx.ConnectError("x"), group)
    assert failed_connection(both, Place()).failure.kind is FailureKind.CONNECT_TIMEOUT
    tls = caused(httpx.ConnectError("x"), ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong"))
    assert failed_connection(tls, Place()).failure.kind is FailureKind.TLS


def test_a_proxy_takes_the_blame_only_for_the_connection() -> None:
    import httpx

    refused = httpx.ConnectError("x")
    assert failed_proxy(refused, Place(), "http://p:1").failure.kind is FailureKind.PROXY
    assert failed_connection(refused, Place()).failure.kind is FailureKind.REFUSED_CONNECTION


def test_no_text_of_a_protocol_error_is_shown() -> None:
    import httpx

    error = httpx.LocalProtocolError("Illegal header value b'Bearer my-own-key'")
    failure = failed_connection(error, Place()).failure
    assert failure.kind is FailureKind.BAD_REQUEST
    assert "Bearer" not in failure.words
