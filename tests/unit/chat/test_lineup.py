from desktop.chat.lineup import Lineup
from desktop.domain.endpoint import ModelRef
from tests.support.chatting import ChatRoom, until

A, B = ModelRef("one", "a"), ModelRef("two", "b")


def test_up_to_four_models_have_a_place_and_one_may_be_there_twice():
    lineup = Lineup()
    changes: list[int] = []
    lineup.changed.connect(lambda: changes.append(len(lineup.refs)))
    assert lineup.add(A)
    assert not lineup.is_ready
    assert lineup.add(A)
    assert lineup.is_ready
    assert lineup.add(B)
    assert lineup.add(B)
    assert lineup.is_full
    assert not lineup.add(A)
    assert lineup.refs == (A, A, B, B)
    lineup.remove(1)
    lineup.remove(7)
    lineup.remove(-1)
    assert lineup.refs == (A, B, B)
    lineup.keep(lambda ref: ref == B)
    assert lineup.refs == (B, B)
    lineup.take((A, B, A, B, A))
    assert lineup.refs == (A, B, A, B)
    lineup.note()
    lineup.clear()
    lineup.clear()
    assert (lineup.refs, lineup.last) == ((), (A, B, A, B))
    assert changes == [1, 2, 3, 4, 3, 2, 4, 0]


async def test_a_lineup_stays_for_a_new_conversation_and_goes_with_another_one(qapp):
    room = ChatRoom()
    room.desk.send("First")
    await until(lambda: room.desk.current.turn is None)
    first = room.desk.current.conversation.id
    room.desk.lineup.take((A, B))
    room.desk.start_new()
    assert room.desk.lineup.refs == (A, B)
    room.desk.open(first)
    await until(lambda: room.desk.current.conversation.id == first)
    assert room.desk.lineup.refs == ()
    await room.close()
