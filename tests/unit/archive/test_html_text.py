"""Markdown as HTML: which way its parts are read."""

from desktop.archive.html_text import html_of


def test_blocks_of_a_mixed_text_have_directions_of_their_own():
    made = html_of(
        "# عنوان\n\nمرحبا `f(x)` هنا\n\nEnglish\n\n- بند\n- two\n\n> اقتباس\n\n"
        "| الاسم | b |\n|---|---|\n| c | د |"
    )
    for piece in (
        '<h1 dir="rtl">',
        '<p dir="rtl">مرحبا <code>f(x)</code> هنا</p>',
        '<p dir="ltr">English</p>',
        '<ul dir="rtl">\n<li dir="rtl">',
        '<li dir="ltr">',
        '<blockquote dir="rtl">',
        '<table cellspacing="0" dir="rtl">',
        '<th dir="ltr">b</th>',
        '<td dir="rtl">د</td>',
    ):
        assert piece in made


def test_a_text_that_reads_one_way_needs_no_directions():
    assert "dir=" not in html_of("# Title\n\nWords, été, 日本\n\n- one")
