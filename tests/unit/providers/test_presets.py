from pathlib import Path
from urllib.parse import urlsplit

from desktop.base.paths import resources
from desktop.domain.endpoint import KeyRef
from desktop.providers.presets import load_presets
from desktop.providers.registry import all_providers


def test_every_preset_names_a_provider_an_address_and_where_its_key_may_be():
    presets = load_presets(resources())
    assert len({preset.id for preset in presets}) == len(presets) >= 7
    for preset in presets:
        assert preset.provider in all_providers()
        assert not preset.base_url.endswith("/")
        assert preset.default_model in ("", *preset.models)
        if preset.key is None:
            assert urlsplit(preset.base_url).hostname == "localhost"
            continue
        assert urlsplit(preset.base_url).scheme == "https"
        assert preset.key.name == preset.id
        assert all(name.endswith(("_API_KEY", "_TOKEN")) for name in preset.key.variables)


def test_a_service_with_two_keys_names_both():
    (superagent,) = (item for item in load_presets(resources()) if item.id == "superagent")
    assert superagent.header_keys == (
        ("superAgentKey", KeyRef("superagent/superAgentKey", ("SUPER_AGENT_KEY",))),
    )


def test_every_protocol_but_the_user_s_own_has_a_preset():
    named = {preset.provider for preset in load_presets(resources())}
    assert named == set(all_providers()) - {"custom"}


def test_a_broken_file_costs_the_presets_and_nothing_else(tmp_path: Path, caplog):
    assert load_presets(tmp_path) == ()
    (tmp_path / "endpoints").mkdir()
    (tmp_path / "endpoints" / "presets.toml").write_text("[[preset]\n")
    assert load_presets(tmp_path) == ()
    assert "can't be read" in caplog.text
    caplog.clear()
