import pytest

from desktop.ui.compare.places import columns_in_row


@pytest.mark.parametrize(
    ("count", "width", "height", "in_row"),
    [
        (2, 1000, 600, 2),
        (3, 1000, 600, 3),
        (4, 1200, 600, 4),
        (4, 1000, 600, 2),
        (4, 1000, 400, 4),
        (3, 700, 600, 2),
        (2, 400, 600, 1),
        (2, 400, 400, 2),
        (4, 200, 2000, 1),
        (4, 0, 0, 4),
    ],
)
def test_columns_stand_in_even_rows_where_there_is_height_else_in_one(count, width, height, in_row):
    assert columns_in_row(count, width, height, 300, 250) == in_row


def test_a_least_width_of_nothing_divides_nothing():
    assert columns_in_row(3, 100, 100, 0, 50) == 3
