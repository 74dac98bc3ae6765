"""What services say when something is wrong: their own words, and what they mean for the user."""

import json
import time
from email.utils import formatdate

import pytest

from desktop.domain.failure import FailureKind
from desktop.wire.problem import (
    MAX_WORDS,
    is_page,
    kind_of,
    may_retry,
    problem_in,
    problem_in_body,
    retry_after,
)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"error": {"message": "A", "code": 1}}, "A"),
        ({"error": "A"}, "A"),
        ({"message": "A", "request_id": "x"}, "A"),
        ({"object": "error", "message": {"detail": [{"msg": "A"}]}}, "A"),
        ({"detail": "A"}, "A"),
        ({"detail": [{"msg": "A", "type": "missing"}]}, "A"),
        ({"errors": [{"message": "A"}]}, "A"),
        ({"title": "A", "status": 422}, "A"),
        ({"title": "B", "detail": "A", "status": 402}, "A"),
        ([{"error": {"message": "A", "code": 400}}], "A"),
        ({"code": "invalid-argument", "error": "A"}, "A"),
        ({"error": {"message": "A", "metadata": {"raw": "B"}}}, "A: B"),
        ({"error": {"message": "A", "metadata": {"raw": '{"error":{"message":"B"}}'}}}, "A: B"),
        ({"error": {"message": "A", "metadata": {"reasons": ["b", "c"], "flagged_input": "d"}}}, "A (b, c)"),
        ({"error": {"message": "  "}, "message": "A"}, "A"),
        ({"error": {"error": {"message": "A"}}}, "A"),
        ({"error": {"message": {"message": "A"}}}, "A"),
        ({"error": {"detail": "A"}}, "A"),
        ({"error": [{"message": "A"}]}, "A"),
        ({"error": ["A"]}, "A"),
        ({"error": True, "message": "A"}, "A"),
        ({"error": {"code": "a_code", "message": None}}, "a_code"),
        ({"detail": {"error": {"message": "A"}}}, "A"),
        ({"detail": {"error": "A"}}, "A"),
        ({"detail": ["A", "B"]}, "A"),
        ({"success": False, "errors": [{"code": 10000, "message": "A"}], "result": None}, "A"),
        ({"errors": ["A"]}, "A"),
        ({"errors": [{"title": "B", "detail": "A"}]}, "A"),
        ({"errors": {"top_p": ["A"]}}, "A (top_p)"),
        ({"error_code": 110, "error_msg": "A"}, "A"),
        ({"error": "invalid_client", "error_description": "B"}, "invalid_client"),
        ({"code": 5, "message": "A", "details": []}, "A"),
        ({"code": 500, "msg": "A"}, "A"),
        ({"Message": "A"}, "A"),
        ({"__type": "ValidationException", "message": "A"}, "A"),
        ({"fault": {"faultstring": "A", "detail": {"errorcode": "x"}}}, "A"),
        ({"base_resp": {"status_code": 1004, "status_msg": "A"}}, "A"),
        ([{"unknown": 1}, {"error": {"message": "A"}}], "A"),
        ({"error": {"message": "\ud83dA"}}, "\ufffdA"),
        ("A", "A"),
        ({"error": {"message": 7}}, ""),
        ({}, ""),
        ([], ""),
        (None, ""),
    ],
)
def test_the_words_of_every_shape(payload: object, words: str) -> None:
    assert problem_in(payload).words == words


def test_a_refused_field_is_named() -> None:
    body = {"detail": [{"type": "extra_forbidden", "loc": ["body", "stream_options"], "msg": "Extra inputs"}]}
    assert problem_in(body).words == "Extra inputs (stream_options)"


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b'data: {"error": {"message": "A"}}\n\n', "text/event-stream", "A"),
        (b': wait\r\n\r\nevent: error\r\ndata: {"error":\r\ndata: {"message": "A"}}\r\n\r\n', "", "A"),
        (b'{"error": "A"}\n{"done": true}\n', "application/x-ndjson", "A"),
        (b'\xef\xbb\xbf{"error": "A"}', "application/json", "A"),
        (b'"A"', "application/json", "A"),
        (b"<html><body><h1>503 <b>Down</b></h1></body></html>", "text/html", "503 Down"),
        (
            b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>A &amp; B</Message></Error>",
            "application/xml",
            "A & B",
        ),
        (b"<html><head><title>502 Bad&nbsp;Gateway</title></head>", "text/html", "502 Bad\xa0Gateway"),
        (b"<html><body>nothing</body></html>", "text/html", ""),
        (b"  Service Unavailable\n", "text/plain", "Service Unavailable"),
        (b"{}", "application/json", ""),
        (b"null", "application/json", ""),
        (b"", "", ""),
        (b'{"unknown": "shape"}', "application/json", '{"unknown": "shape"}'),
        (b"a\x00\x1b[31mb\xc2\x9b", "text/plain", "a[31mb"),
    ],
)
def test_the_words_of_every_body(body: bytes, content_type: str, words: str) -> None:
    assert problem_in_body(body, content_type).words == words


def test_words_have_a_limit() -> None:
    words = problem_in({"error": "x" * 100_000}).words
    assert len(words) <= MAX_WORDS
    assert words.endswith("…")


def test_deep_json_is_no_trouble() -> None:
    assert problem_in_body(b"[" * 100_000).words.startswith("[")


KINDS = [
    (401, {"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}, FailureKind.KEY_REFUSED),
    (400, {"error": {"message": "API key not valid.", "details": [{"reason": "API_KEY_INVALID"}]}},
     FailureKind.KEY_REFUSED),
    (400, {"code": "invalid-argument", "error": "Incorrect API key provided."}, FailureKind.KEY_REFUSED),
    (402, {"error": {"message": "Insufficient credits", "code": 402}}, FailureKind.PAYMENT),
    (429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}},
     FailureKind.PAYMENT),
    (400, {"error": {"type": "invalid_request_error", "message": "Your credit balance is too low"}},
     FailureKind.PAYMENT),
    (403, {"error": {"message": "Country not supported", "code": "unsupported_country_region_territory"}},
     FailureKind.FORBIDDEN),
    (404, {"error": {"message": "The model `x` does not exist", "code": "model_not_found"}},
     FailureKind.NO_MODEL),
    (400, {"error": {"message": "The requested model 'x' does not exist.", "code": "model_not_found"}},
     FailureKind.NO_MODEL),
    (404, {"error": "model 'x' not found"}, FailureKind.NO_MODEL),
    (404, {"error": {"code": 404, "message": "models/x is not found for API version v1beta",
                     "status": "NOT_FOUND"}}, FailureKind.NO_MODEL),
    (404, {"detail": "Not Found"}, FailureKind.WRONG_ADDRESS),
    (405, {"detail": "Method Not Allowed"}, FailureKind.WRONG_ADDRESS),
    (400, {"error": {"message": "maximum context length is 8192 tokens", "code": "context_length_exceeded"}},
     FailureKind.TOO_LONG),
    (400, {"error": {"code": 400, "type": "exceed_context_size_error", "message": "too long"}},
     FailureKind.TOO_LONG),
    (400, {"error": {"message": "prompt is too long: 200001 tokens > 200000 maximum"}}, FailureKind.TOO_LONG),
    (413, {}, FailureKind.TOO_LONG),
    (429, {"error": {"message": "Slow down", "code": "rate_limit_exceeded"}}, FailureKind.RATE_LIMIT),
    (429, {}, FailureKind.RATE_LIMIT),
    (529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
     FailureKind.OVERLOADED),
    (503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}},
     FailureKind.OVERLOADED),
    (500, {"error": {"message": "oops"}}, FailureKind.SERVER),
    (502, {}, FailureKind.SERVER),
    (422, {"detail": [{"msg": "field required"}]}, FailureKind.BAD_REQUEST),
    (400, {"error": {"message": "Unsupported value: 'temperature'"}}, FailureKind.BAD_REQUEST),
    (418, {}, FailureKind.BAD_REQUEST),
    (407, {}, FailureKind.PROXY),
    (None, {"error": {"message": "Provider disconnected", "code": 502}}, FailureKind.SERVER),
    (None, {"error": {"type": "overloaded_error", "message": "Overloaded"}}, FailureKind.OVERLOADED),
    (None, {"error": {"message": "Something"}}, FailureKind.PROVIDER),
]  # fmt: skip


@pytest.mark.parametrize(("status", "payload", "kind"), KINDS)
def test_kinds(status: int | None, payload: object, kind: FailureKind) -> None:
    assert kind_of(status, problem_in(json.loads(json.dumps(payload)))) is kind


@pytest.mark.parametrize(
    ("headers", "payload", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, None, 1.5),
        ({"retry-after": "20"}, None, 20.0),
        ({"retry-after": "0.5"}, None, 0.5),
        ({"retry-after": "1", "retry-after-ms": "0"}, None, 1.0),
        ({"retry-after": "soon"}, None, None),
        ({"retry-after": "-3"}, None, None),
        ({"retry-after": "nan"}, None, None),
        ({"retry-after": "inf"}, None, None),
        ({}, {"error": {"details": [{"@type": "x"}, {"retryDelay": "46s"}]}}, 46.0),
        ({}, {"error": {"details": [{"retryDelay": "46.5s"}]}}, 46.5),
        ({}, {"error": {"details": "none"}}, None),
        ({}, None, None),
    ],
)
def test_waiting_times(headers: dict[str, str], payload: object, seconds: float | None) -> None:
    assert retry_after(headers, problem_in(payload)) == seconds


def test_a_waiting_time_as_a_date() -> None:
    seconds = retry_after({"retry-after": formatdate(time.time() + 60, usegmt=True)})
    assert seconds is not None
    assert 55 < seconds <= 61
    assert retry_after({"retry-after": formatdate(time.time() - 60, usegmt=True)}) == 0


@pytest.mark.parametrize(
    "text",
    ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"],
)
def test_a_date_counts_from_the_server_s_own_clock(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        headers = {"retry-after": text, "date": "Sun, 06 Nov 1994 08:49:30 GMT"}
        assert retry_after(headers) == 7
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("text", "content_type", "page"),
    [
        ("<!DOCTYPE html>", "", True),
        ("\n <HTML lang=en>", "text/plain", True),
        ("<div>", "text/html", True),
        ("<think>", "text/plain", False),
        ("html", "text/html", False),
    ],
)
def test_web_pages_are_known_by_their_beginning(text: str, content_type: str, page: bool) -> None:
    assert is_page(text, content_type) is page


def test_what_a_service_says_of_another_attempt() -> None:
    assert may_retry({"x-should-retry": "true"}) is True
    assert may_retry({"x-should-retry": " False"}) is False
    assert may_retry({"x-should-retry": "perhaps"}) is None
    assert may_retry({}) is None


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Invalid content type. image_url is only supported by certain models."),
        (404, "No endpoints found that support image input"),
        (
            500,
            "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
        ),
        (500, "this model is missing data required for image input"),
        (400, "Qwen/Qwen3-8B is not a multimodal model"),
        (400, "At most 0 image(s) may be provided in one prompt."),
        (422, "messages[0]: unknown variant `image_url`, expected `text` at line 1 column 96"),
        (400, "'claude-2.1' does not support image input."),
        (400, "Image input modality is not enabled for models/gemma-3-1b-it"),
        (400, "This model does not support images"),
        (None, "Image inputs are not supported by this model."),
    ],
)
def test_a_model_without_eyes_is_told_from_its_words(status: int | None, words: str) -> None:
    assert kind_of(status, problem_in({"error": {"message": words}})) is FailureKind.NO_IMAGES


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (
            400,
            "You uploaded an unsupported image. Make sure it has one of these formats: ['png'].",
        ),
        (400, "Could not process image"),
        (400, "This model does not support image format tiff"),
        (400, "image exceeds 5 MB maximum"),
        (400, "Unsupported parameter: 'temperature' is not supported with this model."),
        (400, "This model does not support tools. Images are fine."),
        (503, "Images are not supported while we are overloaded"),
    ],
)
def test_other_trouble_is_not_taken_for_it(status: int, words: str) -> None:
    found = kind_of(status, problem_in({"error": {"message": words}}))
    assert found not in (FailureKind.NO_IMAGES, FailureKind.NO_FILES)


@pytest.mark.parametrize(
    "words",
    [
        "This model does not support file input",
        "No endpoints found that support file input",
        "Invalid content type: unknown variant `file`, expected `text`",
        "PDF input is not supported",
        "document blocks are not supported by this model",
    ],
)
def test_a_model_that_reads_no_files_is_told_from_its_words(words: str) -> None:
    assert kind_of(400, problem_in({"error": {"message": words}})) is FailureKind.NO_FILES


@pytest.mark.parametrize(
    "words",
    [
        "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
        "the request exceeds the available context size, try increasing it",
        "Please reduce the length of the messages or completion.",
        "Input is too long for requested model.",
    ],
)
def test_a_conversation_that_is_too_long_is_told_from_its_words(words: str) -> None:
    assert kind_of(400, problem_in({"error": {"message": words}})) is FailureKind.TOO_LONG
