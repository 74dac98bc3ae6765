"""What half a million replies took, summed up by day and model, against adding them up row by row."""

import contextlib
import datetime
import tempfile
import time
from pathlib import Path
from sqlite3 import Connection

from desktop.base.clock import today
from desktop.store.database import connect_reader, open_database
from desktop.store.usage import read_usage
from tests.benchmarks.figures import Figure, alternately, measures

REPLIES = 500_000
DAYS = 3 * 365
RUNS = 3
# As long as a page may keep somebody waiting who opens it.
MONTH_MS = 300.0

_FILL = """
    WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < ?1)
    INSERT INTO used SELECT
        'Endpoint ' || (n % 3), 'model-' || (n % 7), ?2 - n * ?3 / ?1, n,
        100 + n % 9000, 10 + n % 900, 0, NULL,
        iif(n % 7, n % 100 / 10000.0, NULL), 200 + n % 3000, 4000 + n % 9000
    FROM number ORDER BY 1, 2, 3
"""
_ALL = "SELECT created, endpoint, model, input, output, cached, cost, first_ms, total_ms FROM used"


@measures("usage.sum")
def summed() -> Figure:
    """Measure the sums of everything against reading every row; `month` is what the page opens with."""
    with tempfile.TemporaryDirectory(prefix="weir-usage-") as folder:
        file = Path(folder) / "history.db"
        database = open_database(file, Path(folder) / "backups")
        connection = database.connection
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN")
        connection.execute(_FILL, (REPLIES, round(time.time() * 1_000), DAYS * 86_400_000))
        connection.execute("COMMIT")
        database.close()
        with contextlib.closing(connect_reader(file)) as reader:
            ours, floor = alternately(RUNS, lambda: _timed(reader, None), lambda: _added(reader))
            month = min(_timed(reader, 30) for _ in range(RUNS))
    detail = {
        "replies": REPLIES,
        "all_ms": round(ours),
        "row_by_row_ms": round(floor),
        "month_ms": round(month),
    }
    return Figure("usage.sum", ours / floor, 2.0, detail, also=month < MONTH_MS)


def _timed(connection: Connection, days: int | None) -> float:
    since = today() - datetime.timedelta(days=days) if days is not None else None
    began = time.perf_counter()
    read_usage(connection, since, today())
    return (time.perf_counter() - began) * 1_000


def _added(connection: Connection) -> float:
    sums: dict[tuple[int, str, str], list[float]] = {}
    began = time.perf_counter()
    for created, endpoint, model, *values in connection.execute(_ALL):
        found = sums.setdefault((created // 86_400_000, endpoint, model), [0.0] * 6)
        for place, value in enumerate(values):
            found[place] += value or 0
    return (time.perf_counter() - began) * 1_000
