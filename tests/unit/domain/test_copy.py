from desktop.domain.copy import copy_of
from desktop.domain.message import Conversation, Message, MessageState, Role, TextPart


def test_a_branch_becomes_a_conversation_of_its_own():
    row = Conversation(id="c", title="Title", created=1, updated=2, head_id="r", pinned=True, archived=True)
    prompt = Message(
        id="p", conversation_id="c", parent_id=None, role=Role.USER, parts=(TextPart("Hello"),), created=1
    )
    reply = Message(
        id="r",
        conversation_id="c",
        parent_id="p",
        role=Role.ASSISTANT,
        parts=(TextPart("Half"),),
        state=MessageState.STREAMING,
        created=2,
    )
    own, (first, second) = copy_of(row, (prompt, reply), 9)
    assert own.id != "c"
    assert (own.title, own.created, own.updated, own.head_id) == ("Title", 9, 9, second.id)
    assert (own.pinned, own.archived) == (False, False)
    assert {first.conversation_id, second.conversation_id} == {own.id}
    assert (first.parent_id, second.parent_id) == (None, first.id)
    assert {first.id, second.id}.isdisjoint({"p", "r"})
    assert (first.text, second.text) == ("Hello", "Half")
    assert second.state is MessageState.STOPPED
