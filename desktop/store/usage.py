"""What replies took, as SQL sums it up, and as a file with one row for each of them.

Counted is all that is on disk: what is in the bin and what was deleted of a conversation was paid for all
the same; what was deleted for good is gone. A copy, as a fork makes one, is the same reply and counts once.
Summaries are requests of their own and count as replies.
"""

import asyncio
import csv
import datetime
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO, TypeVar

from desktop.base.tongue import translate
from desktop.domain.failure import StorageError
from desktop.domain.usage import CURRENCY, Sums, UsageReport, Used
from desktop.store.writer import Reader

T = TypeVar("T")

_DAY_MS = 86_400_000
_HOUR_MS = 3_600_000

_COLUMNS = "input, output, cached, reasoning, cost, first_ms, total_ms"
_COUNTED = "(input IS NOT NULL OR output IS NOT NULL)"
# In the order of the table, so that copies, which have all of it in common, are next to each other.
_REPLIES = f"SELECT DISTINCT endpoint, model, created, {_COLUMNS} FROM used WHERE created >= ? AND {_COUNTED}"
_UNCOUNTED = f"""
    SELECT (created + {{shift}}) / {_DAY_MS} AS day, endpoint, model, count(*)
    FROM used WHERE created >= ? AND NOT {_COUNTED} GROUP BY endpoint, model, day
"""
_SUMMARIES = """
    SELECT DISTINCT
        coalesce(json_extract(cut.value, '$.endpoint'), '') AS endpoint,
        coalesce(json_extract(cut.value, '$.model'), '') AS model,
        json_extract(cut.value, '$.at') AS created,
        json_extract(cut.value, '$.usage.input') AS input,
        json_extract(cut.value, '$.usage.output') AS output,
        json_extract(cut.value, '$.usage.cached') AS cached,
        json_extract(cut.value, '$.usage.reasoning') AS reasoning,
        json_extract(cut.value, '$.usage.cost') AS cost,
        json_extract(cut.value, '$.timing.first_ms') AS first_ms,
        json_extract(cut.value, '$.timing.total_ms') AS total_ms
    FROM conversation, json_each(CASE WHEN json_valid(meta) THEN meta ELSE '{}' END, '$.context.cuts') AS cut
    WHERE instr(meta, '"cuts"') AND cut.type = 'object' AND json_extract(cut.value, '$.at') >= ?
        AND json_extract(cut.value, '$.usage') IS NOT NULL
"""
_SUMS = f"""
    SELECT
        (created + {{shift}}) / {_DAY_MS} AS day, endpoint, model, count(*), count(cost), total(cost),
        total(input), total(output), total(cached), total(reasoning), total(first_ms), count(first_ms),
        total(output * (total_ms > first_ms)),
        total((total_ms - first_ms) * (total_ms > first_ms) * (output > 0))
    FROM ({{rows}}) GROUP BY endpoint, model, day
"""
_OF_REPLIES = (
    f"FROM used CROSS JOIN message ON message.seq = message_seq WHERE used.created >= ? AND {_COUNTED}"
)
_BINNED_CONVERSATIONS = f"""
    SELECT count(*) FROM conversation CROSS JOIN message ON conversation_id = conversation.id
    CROSS JOIN used ON message_seq = message.seq
    WHERE conversation.deleted_at IS NOT NULL AND used.created >= ? AND {_COUNTED}
"""
_BINNED_MESSAGES = f"""
    SELECT count(*) FROM message JOIN conversation ON conversation.id = conversation_id
    CROSS JOIN used ON message_seq = message.seq
    WHERE message.deleted_at IS NOT NULL AND conversation.deleted_at IS NULL
        AND used.created >= ? AND {_COUNTED}
"""
_ROWS = f"""
    SELECT 'reply', used.created, used.endpoint, used.model, {_COLUMNS}, state,
        (SELECT title FROM conversation WHERE id = conversation_id)
    FROM used CROSS JOIN message ON message.seq = message_seq
    WHERE used.created >= ? AND {_COUNTED}
    ORDER BY used.created, used.endpoint, used.model
"""

HEAD = (
    "kind", "time", "endpoint", "model", "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens",
    "cost", "currency", "first_token_ms", "total_ms", "tokens_per_second", "state",
)  # fmt: skip
# What makes a spreadsheet take a text for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class DiskUsage:
    """Sums up what was used, on a thread of its own, so that no other read waits for years of it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def read_usage(self, since: datetime.date | None, until: datetime.date) -> UsageReport:
        """Return what was used from the beginning of a day on, or ever. Cancelling it stops it at once.

        Raises StorageError.
        """
        return await self._reader.run(lambda sql: read_usage(sql, since, until))

    async def export_usage(
        self,
        file: Path,
        since: datetime.date | None,
        *,
        endpoint: str | None = None,
        model: str | None = None,
        with_titles: bool = False,
    ) -> int:
        """Write a row for each reply to a CSV file, which appears when it is whole; return how many.

        `endpoint` and `model` narrow it. Raises StorageError.
        """

        def export(sql: sqlite3.Connection) -> int:
            rows = reply_rows(sql, since, endpoint, model)
            try:
                return _write_whole(file, lambda out: write_csv(out, rows, with_titles=with_titles))
            except OSError as problem:
                why = problem.strerror or translate("Store", "the disk gave no reason")
                raise StorageError(
                    translate("Store", "The file could not be written: {why}.").format(why=why)
                ) from problem

        return await asyncio.wrap_future(self._reader.submit(export))


def read_usage(
    connection: sqlite3.Connection, since: datetime.date | None, until: datetime.date
) -> UsageReport:
    """Return what was used by day of this computer's calendar, endpoint and model."""
    start = _midnight(since) if since is not None else 0
    first = start or _first_of(connection)
    shift = _shift(first, until)
    used: list[Used] = []
    # One after the other: together they would be sorted anew instead of read in the order of the index.
    for rows in (_REPLIES, _SUMMARIES):
        used += map(_used, connection.execute(_SUMS.format(shift=shift, rows=rows), (start,)))
    for day, endpoint, model, count in connection.execute(_UNCOUNTED.format(shift=shift), (start,)):
        used.append(Used(_date(day), endpoint, model, Sums(uncounted=count)))
    binned = sum(
        int(connection.execute(question, (start,)).fetchone()[0])
        for question in (_BINNED_CONVERSATIONS, _BINNED_MESSAGES)
    )
    return UsageReport(tuple(used), since, until, binned)


def _used(row: Sequence[Any]) -> Used:
    replies, priced, cost, *counts = row[3:]
    names = ("input", "output", "cached", "reasoning", "first_ms", "first_count", "timed_output", "timed_ms")
    numbers = {name: int(value) for name, value in zip(names, counts, strict=True)}
    return Used(_date(row[0]), row[1], row[2], Sums(replies=replies, priced=priced, cost=cost, **numbers))


def _date(day: int) -> datetime.date:
    return datetime.date(1970, 1, 1) + datetime.timedelta(days=day)


def reply_rows(
    connection: sqlite3.Connection, since: datetime.date | None, endpoint: str | None, model: str | None
) -> Iterator[tuple[Any, ...]]:
    """Yield kind, time, endpoint, model, counts, cost, times, state and title of each reply, oldest first."""
    start = _midnight(since) if since is not None else 0
    summaries = connection.execute(_SUMMARIES, (start,)).fetchall()
    waiting = sorted((row[2], row) for row in summaries)
    last: tuple[Any, ...] | None = None
    for row in connection.execute(_ROWS, (start,)):
        while waiting and waiting[0][0] <= row[1]:
            yield from _fitting(_summary_row(waiting.pop(0)[1]), endpoint, model)
        # A copy has all of it in common with what it was made of, and stands beside it.
        if last is None or row[:11] != last[:11]:
            yield from _fitting(row, endpoint, model)
        last = row
    for _, summary in waiting:
        yield from _fitting(_summary_row(summary), endpoint, model)


def _summary_row(row: Sequence[Any]) -> tuple[Any, ...]:
    endpoint, model, created, *counts = row
    return ("summary", created, endpoint, model, *counts, "finished", "")


def _fitting(row: tuple[Any, ...], endpoint: str | None, model: str | None) -> Iterator[tuple[Any, ...]]:
    if endpoint in (None, row[2]) and model in (None, row[3]):
        yield row


def write_csv(out: TextIO, rows: Iterator[tuple[Any, ...]], *, with_titles: bool) -> int:
    """Write rows of `reply_rows` as RFC 4180 has it, unknown values empty; return how many."""
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow((*HEAD, "conversation") if with_titles else HEAD)
    count = 0
    for (
        kind,
        created,
        endpoint,
        model,
        given,
        made,
        cached,
        reasoning,
        cost,
        first,
        total,
        state,
        title,
    ) in rows:
        moment = datetime.datetime.fromtimestamp(created / 1000).astimezone()
        speed = None
        if _is_number(made) and _is_number(first) and _is_number(total) and total > first:
            speed = round(made * 1_000 / (total - first), 2)
        values = (
            kind, moment.isoformat(timespec="seconds"), _safe(endpoint), _safe(model), given, made, cached,
            reasoning, _decimal(cost), CURRENCY if cost is not None else None, first, total, speed, state,
        )  # fmt: skip
        writer.writerow((*values, _safe(title or "")) if with_titles else values)
        count += 1
    return count


def _safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _decimal(cost: Any) -> str | None:
    """Return a cost without the exponent that some programs can't read."""
    return f"{cost:.10f}".rstrip("0").rstrip(".") if _is_number(cost) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _write_whole(file: Path, write: Callable[[TextIO], T]) -> T:
    """Write a file beside its place, then put it there. Raises OSError; nothing is left then."""
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        # The mark at the beginning tells spreadsheets that it is UTF-8.
        with partial.open("w", encoding="utf-8-sig", newline="") as out:
            done = write(out)
        partial.replace(file)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return done


def _first_of(connection: sqlite3.Connection) -> int:
    """Return the time of the oldest reply, now where there is none."""
    found = connection.execute("SELECT min(created) FROM used").fetchone()[0]
    return int(found) if found is not None else _ms(datetime.datetime.now().astimezone())


def _midnight(day: datetime.date) -> int:
    return _ms(datetime.datetime.combine(day, datetime.time()).astimezone())


def _ms(moment: datetime.datetime) -> int:
    return round(moment.timestamp() * 1_000)


def _shift(first_ms: int, until: datetime.date) -> str:
    """Return SQL for how far this computer's clock is ahead of UTC at `created`, in milliseconds.

    It changes twice a year at most; asking SQLite for the date of each reply takes longer than all the rest.
    """
    changes: list[tuple[int, int]] = []
    day = datetime.datetime.fromtimestamp(first_ms / 1_000).astimezone().date()
    offset = _offset(day)
    while day <= until:
        after = day + datetime.timedelta(days=1)
        if (following := _offset(after)) != offset:
            changes.append((_change(day, offset), offset))
            offset = following
        day = after
    cases = "".join(f" WHEN created < {at} THEN {shift}" for at, shift in changes)
    return f"(CASE{cases} ELSE {offset} END)" if cases else str(offset)


def _offset(day: datetime.date) -> int:
    midnight = datetime.datetime.combine(day, datetime.time()).astimezone()
    return round((midnight.utcoffset() or datetime.timedelta()).total_seconds() * 1_000)


def _change(day: datetime.date, before: int) -> int:
    """Return when within a day the clock was put forward or back, to the quarter of an hour."""
    start = _midnight(day)
    for quarter in range(4 * 26):
        at = start + quarter * _HOUR_MS // 4
        moment = datetime.datetime.fromtimestamp(at / 1_000).astimezone()
        if round((moment.utcoffset() or datetime.timedelta()).total_seconds() * 1_000) != before:
            return at
    return start + _DAY_MS
