"""Exports of other programs, made from their published structure, with as many conversations as wanted."""

import base64
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one pixel."""

BASE = 1_760_000_000
NO_PARENT = "00000000-0000-0000-0000-000000000000"


def uuid(*numbers: int) -> str:
    """Return something that looks like the ids of these programs."""
    return "-".join(f"{number:08x}" for number in numbers)


def chatgpt(number: int) -> dict[str, Any]:
    """Return a conversation: an edited prompt, a tool's steps, thoughts, a picture, a file."""
    at = BASE + number * 100
    mapping: dict[str, Any] = {}

    def put(name: str, parent: str | None, message: dict[str, Any] | None) -> None:
        mapping[name] = {"id": name, "parent": parent, "children": [], "message": message}
        if parent is not None:
            mapping[parent]["children"].append(name)

    def says(role: str, second: float, content: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {
            "id": uuid(number, int(second)),
            "author": {"role": role, "name": more.pop("author", None), "metadata": {}},
            "create_time": at + second,
            "update_time": None,
            "content": content,
            "status": "finished_successfully",
            "end_turn": None,
            "weight": 1.0,
            "recipient": more.pop("recipient", "all"),
            "metadata": more.pop("metadata", {}),
        }

    def text(*parts: Any) -> dict[str, Any]:
        return {"content_type": "text", "parts": list(parts)}

    model = {"model_slug": "gpt-4o"}
    put("root", None, None)
    put(
        "system", "root", says("system", 0, text(""), metadata={"is_visually_hidden_from_conversation": True})
    )
    put("asks", "system", says("user", 1, text(f"Question {number}?")))
    put("first", "asks", says("assistant", 2, text("The first answer."), metadata=model))
    put("edited", "system", says("user", 3, text(f"Question {number}, put better: 東京?")))
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Looking", "content": "Where is it?"}]}
    put("thinks", "edited", says("assistant", 4, thoughts, metadata=model))
    code = {"content_type": "code", "language": "unknown", "text": "print(6 * 7)"}
    put("calls", "thinks", says("assistant", 5, code, recipient="python", metadata=model))
    output = {"content_type": "execution_output", "text": "42"}
    put("runs", "calls", says("tool", 6, output, author="python"))
    put(
        "answers",
        "runs",
        says("assistant", 7, text("It is **42**.\ue200cite\ue202turn0search0\ue201"), metadata=model),
    )
    pictured = {
        "content_type": "multimodal_text",
        "parts": [
            {
                "content_type": "image_asset_pointer",
                "asset_pointer": f"file-service://file-Picture{number:06d}",
                "size_bytes": len(PNG),
                "width": 1,
                "height": 1,
            },
            "What is this?",
        ],
    }
    attachments = [
        {"id": f"file-Picture{number:06d}", "name": "dot.png", "mime_type": "image/png"},
        {"id": f"file-Notes{number:06d}", "name": "notes.txt", "mime_type": "text/plain"},
    ]
    put("shows", "answers", says("user", 8, pictured, metadata={"attachments": attachments}))
    put("sees", "shows", says("assistant", 9, text("One dot."), metadata=model))
    return {
        "id": uuid(number),
        "conversation_id": uuid(number),
        "title": f"Conversation {number}",
        "create_time": at + 0.25,
        "update_time": at + 9.5,
        "mapping": mapping,
        "current_node": "sees",
        "default_model_slug": "gpt-4o",
        "is_archived": number % 10 == 3,
        "is_starred": number % 10 == 4,
        "moderation_results": [],
        "safe_urls": [],
    }


def chatgpt_zip(path: Path, count: int, files: int = 50, with_assets: int = 3) -> Path:
    """Write an export as it comes since 2026: many JSON files, and the files of the first conversations."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        each = -(-count // files)
        for index in range(files):
            rows = [chatgpt(number) for number in range(index * each, min(count, (index + 1) * each))]
            archive.writestr(f"conversations-{index:03d}.json", json.dumps(rows))
        archive.writestr("user.json", '{"id": "user-1", "email": "somebody@example.com"}')
        archive.writestr("chat.html", "<html></html>")
        for number in range(with_assets):
            archive.writestr(f"file-Picture{number:06d}-dot.png", PNG)
            archive.writestr(f"file-Notes{number:06d}-notes.txt", f"Notes of {number}")
    return path


def claude(number: int) -> dict[str, Any]:
    """Return a conversation: two answers to one prompt, thoughts, a tool, a document."""
    day = f"2026-03-{1 + number % 28:02d}T10:00"

    def message(name: int, parent: int | None, sender: str, second: int, *content: Any) -> dict[str, Any]:
        return {
            "uuid": uuid(number, name),
            "text": "",
            "content": list(content),
            "sender": sender,
            "created_at": f"{day}:{second:02d}.123456Z",
            "updated_at": f"{day}:{second:02d}.123456Z",
            "attachments": [],
            "files": [],
            "parent_message_uuid": "00000000-0000-4000-8000-000000000000"
            if parent is None
            else uuid(number, parent),
        }

    def text(words: str) -> dict[str, Any]:
        return {"type": "text", "text": words, "citations": []}

    prompt = message(1, None, "human", 1, text(f"Read this, {number}."))
    prompt["attachments"] = [
        {
            "file_name": "plan.md",
            "file_size": 9,
            "file_type": "text/markdown",
            "extracted_content": "# A plan",
        }
    ]
    prompt["files"] = [{"file_name": "photo.jpg", "file_uuid": uuid(number, 99)}]
    return {
        "uuid": uuid(number),
        "name": f"Claude {number}",
        "summary": "",
        "created_at": f"{day}:00.000000Z",
        "updated_at": f"{day}:30.000000Z",
        "account": {"uuid": uuid(7)},
        "chat_messages": [
            prompt,
            message(2, 1, "assistant", 2, {"type": "thinking", "thinking": "Hm."}, text("One answer.")),
            message(
                3,
                1,
                "assistant",
                3,
                {"type": "tool_use", "id": "t1", "name": "artifacts", "input": {"title": "Plan"}},
                {"type": "tool_result", "name": "artifacts", "content": [{"type": "text", "text": "OK"}]},
                text("Another answer."),
            ),
            message(4, 3, "human", 4, text("Good.")),
        ],
    }


def open_webui(number: int) -> dict[str, Any]:
    """Return a row: a prompt with a picture, two models' answers, one with its thoughts folded in."""
    at = BASE + number * 100
    prompt, one, other = uuid(number, 1), uuid(number, 2), uuid(number, 3)
    thoughts = (
        '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 seconds</summary>\n'
        "&gt; It is &lt;simple&gt;.\n</details>\nTwo."
    )
    messages = {
        prompt: {
            "id": prompt,
            "parentId": None,
            "childrenIds": [one, other],
            "role": "user",
            "content": f"One plus one, {number}?",
            "files": [{"type": "image", "url": "data:image/png;base64," + base64.b64encode(PNG).decode()}],
            "timestamp": at,
            "models": ["llama3", "qwen3"],
        },
        one: {
            "id": one,
            "parentId": prompt,
            "childrenIds": [],
            "role": "assistant",
            "content": thoughts,
            "model": "qwen3",
            "timestamp": at + 1,
            "done": True,
            "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15},
        },
        other: {
            "id": other,
            "parentId": prompt,
            "childrenIds": [],
            "role": "assistant",
            "content": "2",
            "model": "llama3",
            "timestamp": at + 2,
            "done": True,
        },
    }
    return {
        "id": uuid(number),
        "user_id": uuid(1),
        "title": f"Sum {number}",
        "chat": {
            "title": f"Sum {number}",
            "models": ["llama3", "qwen3"],
            "history": {"messages": messages, "currentId": one},
            "messages": [],
            "timestamp": at * 1000,
        },
        "created_at": at,
        "updated_at": at + 60,
        "archived": False,
        "pinned": number % 10 == 1,
        "meta": {"tags": ["maths"]},
    }


def librechat(number: int, *, is_nested: bool = False, length: int = 2) -> dict[str, Any]:
    """Return an export of one conversation with two answers at its end; nested where asked for."""
    flat: list[dict[str, Any]] = []
    parent = NO_PARENT
    for step in range(length):
        is_prompt = step % 2 == 0
        flat.append(
            {
                "messageId": uuid(number, step),
                "parentMessageId": parent,
                "sender": "User" if is_prompt else "GPT-4o",
                "text": f"Step {step} of {number}",
                "isCreatedByUser": is_prompt,
                "createdAt": f"2026-05-01T08:{step // 60 % 60:02d}:{step % 60:02d}.000Z",
                "model": None if is_prompt else "gpt-4o",
                "endpoint": "openAI",
            }
        )
        parent = uuid(number, step)
    flat.append(
        {**flat[-1], "messageId": uuid(number, length), "text": "", "createdAt": "2026-05-01T09:59:59.000Z"}
    )
    flat[-1]["content"] = [{"type": "think", "think": "Hm."}, {"type": "text", "text": {"value": "Again."}}]
    head = {
        "conversationId": uuid(number),
        "endpoint": "openAI",
        "title": f"Libre {number}",
        "exportAt": "Fri May 01 2026",
        "branches": True,
        "recursive": is_nested,
        "options": {"model": "gpt-4o", "endpoint": "openAI"},
    }
    if not is_nested:
        return {**head, "messages": flat}
    by_id = {message["messageId"]: {**message, "children": []} for message in flat}
    roots = []
    for message in by_id.values():
        above = by_id.get(message["parentMessageId"])
        (roots if above is None else above["children"]).append(message)
    return {**head, "messages": roots}


def write_json(path: Path, rows: Iterator[Any] | list[Any]) -> Path:
    """Write a list as JSON, a row at a time."""
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number, row in enumerate(rows):
            file.write(",\n" if number else "")
            json.dump(row, file, ensure_ascii=False)
        file.write("]")
    return path


def librechat_zip(path: Path, count: int) -> Path:
    """Write the exports of many conversations, one file each, in a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            row = librechat(number, is_nested=number % 2 == 1)
            archive.writestr(f"export/Libre {number}.json", json.dumps(row))
    return path
