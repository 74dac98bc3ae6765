"""Where columns stand in the room there is."""

from math import ceil


def columns_in_row(count: int, width: int, height: int, least_width: int, least_height: int) -> int:
    """Return how many of `count` columns stand in a row; all of them where they have to be scrolled.

    Rows are filled evenly: four columns that do not fit beside each other make two rows of two. Where
    there is no height for the rows, all stay in one that is wider than the room. Lengths are in pixels.
    """
    fitting = max(1, width // max(1, least_width))
    if fitting >= count:
        return count
    rows = ceil(count / fitting)
    return ceil(count / rows) if height // rows >= least_height else count
