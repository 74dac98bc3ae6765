"""Endpoints and preferences: text that people edit stays theirs, and no key gets into it."""

import asyncio
import errno
import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from desktop.base.paths import Paths, user_paths
from desktop.domain.endpoint import Endpoint, KeyRef
from desktop.domain.failure import StorageError
from desktop.domain.network import Network
from desktop.store import DiskSettings, SettingsFileError, Store, open_store
from desktop.store.endpoints import EndpointsFile
from desktop.store.preferences import PreferencesFile
from desktop.store.secrets_guard import secret_fields

FULL = Endpoint(
    id="mine",
    name="My “server”",
    provider="openai-chat",
    base_url="http://localhost:8000/v1",
    key=KeyRef("mine", ("MY_KEY", "OTHER_KEY")),
    models=("a", "b/c:d"),
    default_model="a",
    headers=(("X-Title", "Weir"), ("x-beta", "yes, both")),
    network=Network(
        proxy="socks5://proxy.example:1080",
        proxy_key="network/proxy/mine",
        ca_file="/etc/company.pem",
        connect_seconds=3,
        first_byte_seconds=90.5,
        between_bytes_seconds=300,
    ),
    body={"max_tokens": 5, "nested": {"list": [1, 2.5, "x", True], "deep": {"er": {}}}, "rows": [{"a": 1}]},
)
LOCAL = Endpoint(id="local", name="On this computer", embedded=True, model_file="/models/x y.gguf")

EDITED = """\
# My own words at the top.

[[endpoint]] # first
id = "one"
name = "One"   # as in the song
provider = "openai-chat"
base_url = "https://one.example/v1"
colour = "green"
key = "one"

[endpoint.headers]
# why this header
X-One = "1"

# All about two.
[[endpoint]]
id = 'two'
name = "Two"
models = [
  "m1", # the good one
  "m2",
]

[other]
thing = 1
"""


@pytest.fixture
def file(paths: Paths) -> EndpointsFile:
    paths.config.mkdir(parents=True)
    return EndpointsFile(paths.endpoints)


async def test_endpoints_come_back_as_they_were(store: Store, paths: Paths) -> None:
    assert await store.settings.read_endpoints() == ()
    await store.settings.write_endpoints((FULL, LOCAL))
    assert await store.settings.read_endpoints() == (FULL, LOCAL)
    await store.settings.write_endpoints((LOCAL, FULL))
    assert await store.settings.read_endpoints() == (LOCAL, FULL)
    await store.settings.write_endpoints(())
    assert await store.settings.read_endpoints() == ()


def test_the_file_explains_every_field(file: EndpointsFile, paths: Paths) -> None:
    file.write((replace(FULL, body={"a": None}), FULL.__class__(id="x", name="X", body={"b": 1})))
    text = paths.endpoints.read_text(encoding="utf-8")
    fields = {name for table in tomllib.loads(text)["endpoint"] for name in table}
    header = text[: text.index("\n[[endpoint]]")]
    explained = set(re.findall(r"^#\s+(?:\[endpoint\.)?(\w+)\]?\s", header, re.MULTILINE))
    assert fields - {"body_json"} <= explained


def test_null_in_the_body_survives_although_toml_has_none(file: EndpointsFile) -> None:
    endpoint = replace(FULL, body={"stop": None, "n": 1})
    file.write((endpoint,))
    assert file.read() == (endpoint,)
    file.write((FULL,))
    assert file.read() == (FULL,)


def test_headers_of_one_name_are_joined(file: EndpointsFile) -> None:
    file.write((replace(FULL, headers=(("X-A", "1"), ("X-A", "2"))),))
    assert file.read()[0].headers == (("X-A", "1, 2"),)


def test_what_the_user_wrote_stays(file: EndpointsFile, paths: Paths) -> None:
    paths.endpoints.write_text(EDITED, encoding="utf-8")
    one, two = file.read()
    file.write((replace(one, name="Uno"), two))
    assert paths.endpoints.read_text(encoding="utf-8") == EDITED.replace('"One"', '"Uno"')


def test_comments_move_and_go_with_their_endpoint(file: EndpointsFile, paths: Paths) -> None:
    paths.endpoints.write_text(EDITED, encoding="utf-8")
    one, two = file.read()
    file.write((two, one, LOCAL))
    text = paths.endpoints.read_text(encoding="utf-8")
    assert text.startswith("# My own words at the top.\n\n# All about two.\n[[endpoint]]\nid = 'two'")
    assert text.index('"m1", # the good one') < text.index("# as in the song") < text.index("[other]")
    assert file.read() == (two, one, LOCAL)
    file.write((one,))
    text = paths.endpoints.read_text(encoding="utf-8")
    assert "# All about two" not in text
    assert 'colour = "green"' in text
    assert "# why this header" in text
    assert tomllib.loads(text)["other"] == {"thing": 1}


@pytest.mark.parametrize(
    "text",
    [
        'endpoint = [{id = "a", name = "A", base_url = "http://x/v1"}]\n',
        '[[ "endpoint" ]]\nid = "a"\nname = "A"\nbase_url = "http://x/v1"\nbody.n = """\n[[endpoint]]\n"""\n',
        '[[endpoint]]\r\nid = "a"\r\nname = "A"\r\nbase_url = "http://x/v1"\r\n',
        '\ufeff[[endpoint]]\nid = "a"\nname = "A"\nbase_url = "http://x/v1"\n',
        '[[endpoint]]\nname = "A"\nbase_url = "http://x/v1"\n',
        '[[endpoint]]\nid = "a"\n"name" = "A"\nbase_url = "http://x/v1"\nbody = {a.b = 1, c = [[1], [2]]}\n',
    ],
)
def test_unusual_ways_of_writing_are_read_and_never_spoilt(
    file: EndpointsFile, paths: Paths, text: str
) -> None:
    paths.endpoints.write_bytes(text.encode())
    (found,) = file.read()
    assert (found.id, found.name, found.base_url) == ("a", "A", "http://x/v1")
    changed = replace(found, base_url="http://y/v1")
    file.write((changed, LOCAL))
    assert file.read() == (changed, LOCAL)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[[endpoint]]\nname = "A"\nbase_url = http://x\n', 3, "not valid TOML"),
        ('[[endpoint]]\nname = "A\n', 2, "not valid TOML"),
        ('[[endpoint]]\nname = "A"\nname = "B"\n', 3, "not valid TOML"),
        ('[endpoint]\nname = "A"\n', 1, "double brackets"),
        ('[[endpoint]]\nname = "A"\n\n[[endpoint]]\nname = 7\n', 5, "“name” has to be text"),
        ('[[endpoint]]\nname = "A"\nmodels = "gpt"\n', 3, "list of texts"),
        ('[[endpoint]]\nname = "A"\nembedded = "yes"\n', 3, "true or false"),
        ('[[endpoint]]\nname = "A"\nproxy = "http://p"\n', 3, "“proxy” has to be"),
        ('[[endpoint]]\nname = "A"\nproxy = "http://anna@p:1"\n', 3, "“proxy” has to be"),
        ('[[endpoint]]\nname = "A"\nconnect_seconds = 500\n', 3, "from 1 to 120"),
        ('[[endpoint]]\nname = "A"\nbetween_bytes_seconds = true\n', 3, "a number of seconds"),
        ('[[endpoint]]\nname = "A"\nheaders = 3\n', 3, "[endpoint.headers]"),
        ('[[endpoint]]\nname = "A"\n[endpoint.headers]\nX-N = 3\n', 4, "header “X-N”"),
        ('[[endpoint]]\nname = "A"\nbody_json = "[1]"\n', 3, "JSON object"),
        ('# c\n[[endpoint]]\nbase_url = "http://x"\n', 2, "needs a name"),
        ('[[endpoint]]\nname = "A"\nid = "x"\n[[endpoint]]\nname = "B"\nid = "x"\n', 6, "another id"),
    ],
)
def test_a_broken_file_names_the_line_and_is_left_alone(
    file: EndpointsFile, paths: Paths, text: str, line: int, words: str
) -> None:
    paths.endpoints.write_text(text, encoding="utf-8")
    for call in (file.read, lambda: file.write((FULL,))):
        with pytest.raises(SettingsFileError) as caught:
            call()
        assert caught.value.line == line
        assert str(caught.value).startswith(f"endpoints.toml, line {line}: ")
        assert words in str(caught.value)
    assert paths.endpoints.read_text(encoding="utf-8") == text
    assert len(list(paths.config.iterdir())) == 1


def test_text_that_is_not_utf_8_names_the_line(file: EndpointsFile, paths: Paths) -> None:
    paths.endpoints.write_bytes(b'[[endpoint]]\nname = "caf\xe9"\n')
    with pytest.raises(SettingsFileError, match="line 2: this is not UTF-8"):
        file.read()


SECRETS = [
    ('api_key = "abc"', 3),
    ('Authorization = "x"', 3),
    ('apiKey = "abc"', 3),
    ('token = "abc"', 3),
    ('key = "sk-proj-0123456789abcdefghij"', 3),
    ('base_url = "https://me:secret@example.com/v1"', 3),
    ('base_url = "https://example.com/v1?key=AIzaSomething"', 3),
    ('proxy = "http://anna:geheim@proxy.example:1"', 3),
    ('models = []\n[endpoint.headers]\nx-api-key = "abc"', 5),
    ('[endpoint.headers]\nX-Custom = "Bearer abcdefgh123"', 4),
    ('[endpoint.body]\na = 1\nclient_secret = "abc"', 5),
    ('[endpoint.body.options]\npassword = "abc"', 4),
    ('body_json = \'{"x": null, "password": "abc"}\'', 3),
    ('"api_key" = "abc"', 3),
]


@pytest.mark.parametrize(("field", "line"), SECRETS)
def test_a_key_in_the_file_is_refused_and_not_repeated(
    file: EndpointsFile, paths: Paths, field: str, line: int
) -> None:
    text = f'[[endpoint]]\nname = "A"\n{field}\n'
    paths.endpoints.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsFileError, match="Settings, Endpoints") as caught:
        file.read()
    assert caught.value.line == line
    value = field.rpartition("=")[2].strip("\"' }")
    assert value not in str(caught.value).replace("system", "")
    assert paths.endpoints.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "endpoint",
    [
        replace(FULL, headers=(("Authorization", "Bearer abcdefgh"),)),
        replace(FULL, headers=(("X-Thing", "sk-ant-0123456789abcdefgh"),)),
        replace(FULL, body={"a": [{"api_key": "x"}]}),
        replace(FULL, base_url="https://u:p@example.com"),
        replace(FULL, key=KeyRef("sk-proj-0123456789abcdefghij")),
        replace(FULL, network=Network(proxy="http://anna:geheim@proxy.example:1")),
    ],
)
def test_a_key_is_never_written(file: EndpointsFile, paths: Paths, endpoint: Endpoint) -> None:
    with pytest.raises(SettingsFileError, match="looks like a secret"):
        file.write((endpoint,))
    assert not paths.endpoints.exists()


def test_what_only_sounds_like_a_key_is_fine(file: EndpointsFile) -> None:
    endpoint = replace(
        FULL,
        base_url="https://example.com/v1?api-version=2",
        body={"max_tokens": 7, "logit_bias": {}, "prompt_cache_key": "weir", "tokenizer": "x", "keep": "y"},
        headers=(("X-Token-Limit", "9"), ("api-key", "{key}"), ("Authorization", "Token {key}")),
        models=("or-something-long-4o", "sk"),
    )
    file.write((endpoint,))
    assert file.read() == (endpoint,)


def test_two_endpoints_of_one_id_are_refused(file: EndpointsFile) -> None:
    with pytest.raises(StorageError, match="same id"):
        file.write((FULL, replace(LOCAL, id="mine")))


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    file: EndpointsFile, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write((FULL,))
    before = paths.endpoints.read_bytes()

    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(SettingsFileError, match="No space left"):
        file.write((LOCAL,))
    assert paths.endpoints.read_bytes() == before
    assert list(paths.config.iterdir()) == [paths.endpoints]


@pytest.mark.skipif(os.name != "posix", reason="links need rights on other systems")
def test_a_linked_file_stays_a_link(file: EndpointsFile, paths: Paths, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("# mine\n", encoding="utf-8")
    paths.endpoints.symlink_to(real)
    file.write((LOCAL,))
    assert paths.endpoints.is_symlink()
    assert real.read_text(encoding="utf-8").startswith("# mine\n\n[[endpoint]]")


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
ENDPOINTS = st.builds(
    Endpoint,
    id=NAMES.filter(bool),
    name=NAMES.filter(bool),
    base_url=NAMES,
    key=st.none() | st.builds(KeyRef, NAMES.filter(bool), st.lists(NAMES, max_size=2).map(tuple)),
    models=st.lists(NAMES, max_size=3).map(tuple),
    default_model=NAMES,
    headers=st.dictionaries(NAMES, NAMES, max_size=3).map(lambda headers: tuple(headers.items())),
    body=st.dictionaries(NAMES, VALUES, max_size=3),
    embedded=st.booleans(),
    model_file=NAMES,
)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.lists(ENDPOINTS, max_size=3, unique_by=lambda each: each.id), min_size=1, max_size=3))
def test_any_endpoints_come_back_after_any_change(
    tmp_path_factory: pytest.TempPathFactory, versions: list[list[Endpoint]]
) -> None:
    every = [endpoint for version in versions for endpoint in version]
    assume(not any(list(secret_fields({"h": dict(each.headers), "b": each.body})) for each in every))
    paths = user_paths(tmp_path_factory.mktemp("any"))
    file = EndpointsFile(paths.endpoints)
    for version in versions:
        file.write(version)
        assert file.read() == tuple(version)


# Preferences


def read_preferences(paths: Paths) -> PreferencesFile:
    preferences = PreferencesFile(paths.preferences)
    preferences.read()
    return preferences


async def test_a_preference_is_known_at_once_and_in_the_next_run(paths: Paths) -> None:
    store = open_store(paths)
    assert store.settings.preference("look", "system") == "system"
    writing = asyncio.ensure_future(store.settings.write_preference("look", "dark"))
    await asyncio.sleep(0)
    assert store.settings.preference("look") == "dark"
    await writing
    await store.settings.write_preference("window.size", '800 × 600 "wide"\n')
    await store.close()
    again = open_store(paths)
    assert again.settings.preference("look") == "dark"
    assert again.settings.preference("window.size") == '800 × 600 "wide"\n'
    await again.close()


async def test_the_last_value_counts_however_many_are_written_together(paths: Paths) -> None:
    store = open_store(paths)
    await asyncio.gather(*(store.settings.write_preference("n", str(number)) for number in range(50)))
    await store.close()
    assert read_preferences(paths).get("n", "") == "49"


async def test_a_cancelled_write_is_still_done(paths: Paths) -> None:
    store = open_store(paths)
    writing = asyncio.ensure_future(store.settings.write_preference("a", "kept"))
    await asyncio.sleep(0)
    writing.cancel()
    await store.close()
    assert read_preferences(paths).get("a", "") == "kept"


async def test_what_was_edited_meanwhile_is_kept(paths: Paths) -> None:
    paths.config.mkdir(parents=True)
    paths.preferences.write_text('# mine\na = "1" # one\n[look]\nfont = "Serif"\n', encoding="utf-8")
    store = open_store(paths)
    assert store.settings.preference("look.font") == "Serif"
    with paths.preferences.open("a", encoding="utf-8") as stream:
        stream.write("size = 12\nwide = true\n")
    await store.settings.write_preference("a", "2")
    await store.settings.write_preference("look.font", "Sans")
    await store.settings.write_preference("b.c", "3")
    await store.close()
    text = paths.preferences.read_text(encoding="utf-8")
    assert text.startswith('# mine\na = "2" # one\n')
    assert 'font = "Sans"' in text
    again = read_preferences(paths)
    found = [again.get(name, "") for name in ("a", "look.font", "b.c", "look.size", "look.wide")]
    assert found == ["2", "Sans", "3", "12", "true"]


async def test_broken_preferences_stop_nothing_and_are_left_alone(
    paths: Paths, expect_log: Callable[[str], None]
) -> None:
    expect_log("preferences are not used")
    paths.config.mkdir(parents=True)
    paths.preferences.write_text("look = dark\n", encoding="utf-8")
    store = open_store(paths)
    assert store.settings.preference("look", "system") == "system"
    assert isinstance(store.settings.problem, SettingsFileError)
    assert store.settings.problem.line == 1
    with pytest.raises(StorageError, match="line 1"):
        await store.settings.write_preference("a", "b")
    assert store.settings.preference("a") == "b"
    await store.close()
    assert paths.preferences.read_text(encoding="utf-8") == "look = dark\n"


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.text(), max_size=4))
def test_any_preferences_come_back(tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]) -> None:
    paths = user_paths(tmp_path_factory.mktemp("any"))
    preferences = PreferencesFile(paths.preferences)
    for name, value in values.items():
        preferences.put(name, value)
    preferences.write()
    again = read_preferences(paths)
    assert again.problem is None
    for name in values:
        assert again.get(name, "missing") == preferences.get(name, "")


def test_settings_need_no_history(paths: Paths) -> None:
    async def run() -> None:
        settings_files = DiskSettings(paths)
        await settings_files.write_endpoints((LOCAL,))
        assert await settings_files.read_endpoints() == (LOCAL,)
        await asyncio.wrap_future(settings_files.close())

    asyncio.run(run())
    assert not paths.history.exists()
