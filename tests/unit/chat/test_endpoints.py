from dataclasses import replace

from desktop.chat.ports import FoundServer
from desktop.domain.delta import TextDelta
from desktop.domain.endpoint import Endpoint, ModelInfo, ModelRef
from desktop.domain.failure import Failure, FailureKind
from desktop.domain.secret import Secret
from tests.support.chatting import EMBEDDED, SERVICE, ChatRoom, until
from tests.support.memory import MemorySettings

KEY = Secret("sk-test-0123456789abcdef")


async def loaded(**preferences: str) -> ChatRoom:
    room = ChatRoom(settings=MemorySettings(SERVICE, **preferences))
    room.endpoints.load()
    await until(lambda: room.endpoints.is_ready)
    return room


async def test_the_model_on_this_computer_is_there_without_any_setting(qapp):
    room = await loaded()
    assert [item.id for item in room.endpoints.endpoints] == ["local", "service"]
    assert room.endpoints.choice == ModelRef("local", EMBEDDED.default_model)
    assert not room.endpoints.has_choice_on_disk
    await room.close()


async def test_a_choice_is_remembered(qapp):
    room = await loaded()
    room.endpoints.choose(ModelRef("service", "model-y"))
    await until(lambda: room.settings.preference("model") == "service\tmodel-y")
    again = await loaded(model="service\tmodel-y")
    assert again.endpoints.choice == ModelRef("service", "model-y")
    await room.close()
    await again.close()


async def test_a_choice_whose_endpoint_is_gone_falls_back(qapp):
    room = await loaded(model="gone\tx")
    assert room.endpoints.choice == ModelRef("local", EMBEDDED.default_model)
    room.endpoints.choose(ModelRef("service", "model-x"))
    room.endpoints.remove("service")
    assert room.endpoints.choice == ModelRef("local", EMBEDDED.default_model)
    await until(lambda: all(item.id != "service" for item in room.settings.endpoints))
    await room.close()


async def test_a_broken_file_is_said_and_the_rest_works(qapp):
    room = ChatRoom()
    said: list[str] = []
    room.endpoints.failed.connect(said.append)
    room.settings.problem = "endpoints.toml, line 3: expected a value."
    room.endpoints.load()
    await until(lambda: room.endpoints.is_ready)
    assert said == ["endpoints.toml, line 3: expected a value."]
    assert room.endpoints.endpoints == (EMBEDDED,)
    await room.close()


async def test_a_key_goes_to_the_keyring_and_is_shown_masked(qapp):
    room = await loaded()
    assert room.endpoints.key_words("local") == "No key needed"
    assert room.endpoints.key_words("service") == "No key yet"
    room.endpoints.store_key("service", KEY)
    await until(lambda: room.endpoints.key_source("service") is not None)
    assert room.vault.stored == {"service": KEY}
    assert room.endpoints.key_words("service") == "sk-tes••••••••cdef, in Test keyring"
    room.endpoints.delete_key("service")
    await until(lambda: room.endpoints.key_source("service") is None)
    assert room.vault.stored == {}
    await room.close()


async def test_without_a_keyring_a_key_lasts_for_this_run(qapp):
    room = await loaded()
    said: list[str] = []
    room.endpoints.failed.connect(said.append)
    room.vault.problem = "There is no keyring."
    room.endpoints.store_key("service", KEY)
    await until(lambda: room.endpoints.key_source("service") is not None)
    assert said == ["There is no keyring."]
    assert room.endpoints.key_words("service") == "sk-tes••••••••cdef, for this run only"
    room.vault.held.clear()
    room.endpoints.read_key("service")
    await until(lambda: room.endpoints.key_source("service") is None)
    assert room.endpoints.key_words("service") == "There is no keyring."
    await room.close()


async def test_a_key_from_the_environment_is_used_and_said(qapp):
    room = await loaded()
    room.vault.environment["SERVICE_API_KEY"] = KEY.reveal()
    room.endpoints.read_key("service")
    await until(lambda: room.endpoints.key_source("service") is not None)
    assert room.endpoints.key_words("service") == "sk-tes••••••••cdef, from SERVICE_API_KEY, for this run"
    assert room.vault.stored == {}
    await room.close()


async def test_a_known_service_with_its_key_in_the_environment_is_there_for_this_run(qapp):
    room = ChatRoom(settings=MemorySettings())
    room.endpoints._environment = {"SERVICE_API_KEY": KEY.reveal()}
    room.vault.environment = {"SERVICE_API_KEY": KEY.reveal()}
    room.endpoints.load()
    await until(lambda: room.endpoints.is_ready)
    assert [item.id for item in room.endpoints.endpoints] == ["local", "service"]
    room.endpoints.choose(ModelRef("service", "model-x"))
    room.desk.send("Hello")
    await until(lambda: room.sender.keys == [KEY])
    await until(lambda: "from SERVICE_API_KEY" in room.endpoints.key_words("service"))
    room.endpoints.add(Endpoint(id="other", name="Other", base_url="http://127.0.0.1:9/v1"))
    await until(lambda: bool(room.settings.endpoints))
    assert [item.id for item in room.settings.endpoints] == ["local", "other"]
    room.endpoints.store_key("service", KEY)
    await until(lambda: [item.id for item in room.settings.endpoints] == ["local", "service", "other"])
    await room.close()


async def test_two_endpoints_of_one_service_keep_their_keys_apart(qapp):
    room = await loaded()
    second = room.endpoints.add(SERVICE, KEY)
    assert second == "service-2"
    await until(lambda: room.endpoints.key_source("service-2") is not None)
    assert set(room.vault.stored) == {"service-2"}
    await room.close()


async def test_listed_models_come_first_and_typed_ones_stay(qapp):
    room = await loaded()
    assert [model.id for model in room.endpoints.models("service")] == ["model-x", "model-y"]
    room.vault.stored["service"] = KEY
    room.sender.models = (ModelInfo(id="model-new"), ModelInfo(id="model-y"))
    heard: list[str] = []
    room.endpoints.models_changed.connect(heard.append)
    room.endpoints.refresh_models("service")
    await until(lambda: bool(heard))
    assert [model.id for model in room.endpoints.models("service")] == ["model-new", "model-y", "model-x"]
    assert room.sender.keys == [KEY]
    await room.close()


async def test_a_test_uses_the_typed_key_and_stores_nothing(qapp):
    room = await loaded()
    heard: list[tuple[str, object]] = []
    room.endpoints.tested.connect(lambda *what: heard.append(what))
    room.endpoints.test(SERVICE, KEY)
    await until(lambda: len(heard) == 1)
    room.sender.failure = Failure(kind=FailureKind.KEY_REFUSED, endpoint="Test service")
    room.endpoints.test(SERVICE, KEY)
    await until(lambda: len(heard) == 2)
    assert heard == [("service", room.sender.models), ("service", room.sender.failure)]
    assert room.vault.stored == {}
    await room.close()


async def test_a_found_server_is_added_once_and_chosen(qapp):
    room = await loaded()
    ollama = Endpoint(id="ollama", name="Ollama", base_url="http://127.0.0.1:11434/v1")
    room.finder.servers = (FoundServer("Ollama", ollama, ("qwen3:8b", "llama3.2")),)
    room.endpoints.find_servers()
    await until(lambda: bool(room.endpoints.found))
    room.endpoints.use_found(room.endpoints.found[0])
    room.endpoints.use_found(room.endpoints.found[0])
    assert room.endpoints.choice == ModelRef("ollama", "qwen3:8b")
    assert [item.id for item in room.endpoints.endpoints] == ["local", "service", "ollama"]
    await room.close()


async def test_a_model_file_takes_the_place_of_the_demo(qapp):
    room = await loaded()
    room.endpoints.use_model_file(replace(EMBEDDED, model_file="/models/m.gguf", default_model="M"))
    assert room.endpoints.choice == ModelRef("local", "M")
    assert [item.model_file for item in room.endpoints.endpoints] == ["/models/m.gguf", ""]
    room.endpoints.use_demo()
    assert room.endpoints.endpoints[0] == EMBEDDED
    await room.close()


async def test_an_endpoint_without_a_list_of_models_is_tested_with_a_greeting(qapp):
    room = await loaded()
    room.sender.models = None
    room.sender.steps = [[], [TextDelta("Hel")], [TextDelta("lo.")]]
    heard = []
    room.endpoints.tested.connect(lambda *outcome: heard.append(outcome))
    own = Endpoint(id="own", name="Mine", provider="custom", base_url="https://mine.test/ask", models=("m",))
    room.endpoints.test(own, Secret("typed"))
    await until(lambda: bool(heard))
    assert heard == [("own", "Hel")]
    assert room.sender.closed == 1
    assert [message.text for message in room.sender.prompts[0].messages] == ["Hello"]
    room.sender.steps = [[]]
    room.endpoints.test(own, Secret("typed"))
    await until(lambda: len(heard) == 2)
    assert heard[1][1].kind is FailureKind.EMPTY
    await room.close()


async def test_nothing_goes_to_another_model_while_the_chosen_one_is_being_read(qapp):
    room = ChatRoom(settings=MemorySettings(SERVICE, model="service\tmodel-x"))
    said: list[str] = []
    room.desk.current.refused.connect(said.append)
    assert not room.endpoints.is_choice_there
    assert not room.desk.send("Hello")
    assert said == ["Your endpoints are still being read. Send again in a moment."]
    room.endpoints.load()
    await until(lambda: room.endpoints.is_ready)
    assert room.endpoints.is_choice_there
    room.endpoints.choose(ModelRef("service", "model-x"))
    room.endpoints.remove("service")
    assert room.endpoints.is_choice_there, "an endpoint that is gone is not waited for"
    await room.close()
