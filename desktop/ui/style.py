"""The style sheet of every window, made from the theme."""

from PySide6.QtGui import QFontMetrics, QGuiApplication

from desktop.ui.theme import (
    GROUP_PX,
    RADIUS_CARD,
    RADIUS_CONTROL,
    SMALL_PX,
    TITLE_PX,
    Theme,
)

BUTTON_HEIGHT = 34
PILL_HEIGHT = 28
SEND_HEIGHT = 30
FIELD_HEIGHT = 36
SCROLL_BAR = 12
BIG_TITLE_PX = 24.0
ROW_PX = 13.3

_SHEET = """
* {{ outline: 0; }}
QWidget[surface="page"] {{ background: {bg}; }}
QWidget[surface="side"] {{ background: {side}; }}
QLabel {{ color: {text}; background: transparent; }}
QLabel[tone="muted"] {{ color: {muted}; }}
QLabel[tone="faint"] {{ color: {faint}; }}
QLabel[tone="ok"] {{ color: {ok}; }}
QLabel[tone="warn"] {{ color: {warn}; }}
QLabel[tone="bad"] {{ color: {bad}; }}
QLabel[type="small"] {{ font-size: {small_pt}; }}
QLabel[type="group"] {{ font-size: {group_pt}; font-weight: 600; color: {faint}; }}
QLabel[type="strong"] {{ font-weight: 600; }}
QLabel[type="title"] {{ font-size: {title_pt}; font-weight: 600; }}
QLabel[type="big"] {{ font-size: {big_pt}; font-weight: 700; }}
QLabel[badge="plain"] {{
    color: {muted}; border: {thin} solid {line}; border-radius: {badge_r}px; padding: 1px {p8}px;
    font-size: {group_pt};
}}
QLabel[badge="warn"] {{
    color: {warn}; background: {warn_soft}; border-radius: {badge_r}px; padding: 2px {p8}px;
    font-size: {group_pt}; font-weight: 600;
}}

QPushButton {{
    color: {text}; background: {card}; border: {thin} solid {line}; border-radius: {r8}px;
    padding: 0 {p12}px; min-height: {button_in}px; max-height: {button_in}px; font-weight: 500;
}}
QPushButton:hover {{ background: {prompt}; }}
QPushButton:pressed {{ background: {pressed}; }}
QPushButton:disabled {{ color: {faint}; background: {side}; }}
QPushButton:focus {{
    border: {ring} solid {accent}; padding: 0 {p12_less}px;
    min-height: {button_in2}px; max-height: {button_in2}px;
}}
QPushButton[kind="primary"] {{
    color: {on_accent}; background: {accent}; border: {thin} solid {accent}; border-radius: {button_r}px;
    padding: 0 {p16}px; font-weight: 600; font-size: {row_pt};
}}
QPushButton[kind="primary"]:hover {{ background: {accent_deep}; border-color: {accent_deep}; }}
QPushButton[kind="primary"]:disabled {{ color: {muted}; background: {prompt}; border-color: {prompt}; }}
QPushButton[kind="primary"]:focus {{ border: {ring} solid {text}; padding: 0 {p16_less}px; }}
QPushButton[kind="danger"] {{ color: {bad}; }}
QPushButton[kind="danger"]:hover {{ background: {bad_soft}; }}
QPushButton[kind="danger"]:disabled {{ color: {faint}; }}
QPushButton[kind="send"], QPushButton[kind="stop"] {{
    border-radius: {send_r}px; padding: 0 {p14}px; font-weight: 600;
    min-height: {send_in}px; max-height: {send_in}px;
}}
QPushButton[kind="send"] {{ color: {on_accent}; background: {accent}; border: {thin} solid {accent}; }}
QPushButton[kind="send"]:hover {{ background: {accent_deep}; border-color: {accent_deep}; }}
QPushButton[kind="send"]:disabled {{ color: {muted}; background: {prompt}; border-color: {prompt}; }}
QPushButton[kind="stop"] {{ color: {bg}; background: {text}; border: {thin} solid {text}; }}
QPushButton[kind="stop"]:disabled {{ color: {bg}; background: {muted}; border-color: {muted}; }}
QPushButton[kind="send"]:focus, QPushButton[kind="stop"]:focus {{
    border: {ring} solid {focus_on_fill}; padding: 0 {p14_less}px;
    min-height: {send_in2}px; max-height: {send_in2}px;
}}
QPushButton[kind="stop"]:focus {{ border-color: {accent}; }}
QPushButton[kind="pill"] {{
    color: {muted}; background: transparent; border-radius: {pill_r}px; padding: 0 {p12}px;
    min-height: {pill_in}px; max-height: {pill_in}px; font-size: {small_pt}; font-weight: 400;
}}
QPushButton[kind="pill"]:hover, QPushButton[kind="pill"]:checked {{ color: {text}; background: {prompt}; }}
QPushButton[kind="pill"]:focus {{
    padding: 0 {p12_less}px; min-height: {pill_in2}px; max-height: {pill_in2}px;
}}
QPushButton[kind="text"] {{
    color: {muted}; background: transparent; border: {ring} solid transparent; border-radius: {r8}px;
    padding: 0 {p4}px; min-height: {text_in}px; max-height: {text_in}px; font-weight: 400;
    font-size: {row_pt};
}}
QPushButton[kind="text"]:hover {{ color: {text}; }}
QPushButton[kind="text"][on="yes"] {{ color: {text}; font-weight: 600; }}
QPushButton[kind="text"][on="yes"]:focus {{ border: {ring} solid {accent}; }}
QPushButton[kind="text"]:disabled {{ color: {faint}; }}
QPushButton[kind="text"]:focus {{ border: {ring} solid {accent}; padding: 0 {p4}px;
    min-height: {text_in}px; max-height: {text_in}px; }}
QPushButton[kind="action"] {{
    color: {accent}; background: transparent; border: {ring} solid transparent; border-radius: {r8}px;
    padding: 0 {p4}px; min-height: {text_in}px; max-height: {text_in}px; font-weight: 600;
}}
QPushButton[kind="action"]:hover {{ background: {accent_soft}; }}
QPushButton[kind="action"]:focus {{ border: {ring} solid {accent}; padding: 0 {p4}px;
    min-height: {text_in}px; max-height: {text_in}px; }}
QToolButton {{
    background: transparent; border: {ring} solid transparent; border-radius: {r8}px; padding: {tool}px;
}}
QToolButton:hover, QToolButton:open, QToolButton:checked {{ background: {prompt}; }}
QToolButton:pressed {{ background: {pressed}; }}
QToolButton:focus {{ border: {ring} solid {accent}; }}
QToolButton[kind="framed"] {{ background: {card}; border: {thin} solid {line}; }}
QToolButton[kind="framed"]:hover {{ background: {prompt}; }}
QToolButton[kind="framed"]:focus {{ border: {ring} solid {accent}; }}
QToolButton::menu-indicator {{ image: none; }}

QLineEdit, QPlainTextEdit[kind="field"], QComboBox {{
    color: {text}; background: {card}; border: {thin} solid {edge}; border-radius: {r8}px;
    padding: 0 {p10}px; selection-background-color: {selection}; selection-color: {text};
    placeholder-text-color: {faint};
}}
QLineEdit, QComboBox {{ min-height: {field_in}px; max-height: {field_in}px; }}
QLineEdit:focus, QComboBox:focus {{
    border: {ring} solid {accent}; padding: 0 {p10_less}px;
    min-height: {field_in2}px; max-height: {field_in2}px;
}}
QLineEdit:disabled, QComboBox:disabled {{ color: {faint}; background: {side}; }}
QPlainTextEdit[kind="field"] {{ padding: {p4}px {p6}px; }}
QPlainTextEdit[kind="field"]:focus {{ border: {ring} solid {accent}; padding: {p4_less}px {p6_less}px; }}
QLineEdit[kind="search"] {{ padding-right: {p64}px; font-size: {row_pt}; }}
QLineEdit[kind="title"] {{
    font-size: {title_pt}; font-weight: 600; padding: 0 {p6}px; background: {bg};
    min-height: {pill_in}px; max-height: {pill_in}px;
}}
QLabel[kind="keys"] {{
    color: {faint}; background: {bg}; border: {thin} solid {line}; border-radius: 4px; padding: 0 {p4}px;
    font-size: {keys_pt};
}}
QComboBox::drop-down {{ border: 0; width: {p20}px; }}
QComboBox QAbstractItemView {{
    color: {text}; background: {card}; border: {thin} solid {line}; padding: {p4}px;
    selection-background-color: {accent_soft}; selection-color: {text};
}}
QCheckBox, QRadioButton {{ color: {text}; spacing: {p8}px; padding: {p4}px;
    border: {ring} solid transparent; border-radius: {r8}px; }}
QCheckBox:focus, QRadioButton:focus {{ border: {ring} solid {accent}; }}

QCheckBox::indicator, QRadioButton::indicator {{
    width: {radio}px; height: {radio}px; border: {thin} solid {faint};
    border-radius: {radio_r}px; background: {card};
}}
QCheckBox::indicator {{ border-radius: {p4}px; }}
QCheckBox::indicator:checked, QRadioButton::indicator:checked {{
    width: {radio_on}px; height: {radio_on}px; border: {radio_ring}px solid {accent};
}}

QPlainTextEdit[kind="prompt"] {{
    color: {text}; background: transparent; border: 0;
    selection-background-color: {selection}; selection-color: {text}; placeholder-text-color: {faint};
}}
QFrame[kind="card"] {{ background: {card}; border: {thin} solid {line}; border-radius: {card_r}px; }}
QFrame[kind="card"][tone="accent"] {{ border: {thin} solid {accent}; }}
QFrame[kind="column"] {{ background: {bg}; border: {thin} solid {line}; border-radius: {card_r}px; }}
QFrame[kind="column"][tone="accent"] {{ border: {thin} solid {accent}; }}
QFrame[kind="chip"] {{ background: {prompt}; border: none; border-radius: {r8}px; }}
QFrame[kind="float"] {{ background: {card}; border: {thin} solid {line}; border-radius: {card_r}px; }}
QFrame[kind="notice"] {{
    background: {card}; border: {thin} solid {line}; border-left: 3px solid {accent}; border-radius: {r8}px;
}}
QFrame[kind="notice"][tone="warn"] {{ background: {warn_soft}; border-left-color: {warn}; }}
QFrame[kind="notice"][tone="bad"] {{ background: {bad_soft}; border-left-color: {bad}; }}
QProgressBar {{ background: {pressed}; border: 0; border-radius: 2px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: 2px; }}
QFrame[kind="recorder"] {{ background: {accent_soft}; border: {ring} solid {accent}; border-radius: {r8}px; }}
QFrame[kind="line"] {{ background: {line}; border: 0; }}

QListView {{ background: transparent; border: 0; }}
QListWidget[kind="nav"] {{
    background: {side}; color: {text}; padding: {p12}px {p8}px; border-right: {thin} solid {line};
}}
QListWidget[kind="nav"]::item {{
    min-height: {nav}px; padding: 0 {p8}px; margin-bottom: 2px; border-radius: {r8}px;
    border: {ring} solid transparent;
}}
QListWidget[kind="nav"]::item:hover {{ background: {prompt}; }}
QListWidget[kind="nav"]::item:selected {{ background: {accent_soft}; color: {text}; }}
QListWidget[kind="nav"]::item:selected:active:focus {{ border: {ring} solid {accent}; }}
QSlider::groove:horizontal {{ height: {p4}px; background: {pressed}; border-radius: 2px; }}
QSlider::{slid}-page:horizontal {{ background: {accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{
    background: {accent}; width: {p16}px; height: {p16}px; margin: -{p6}px 0; border-radius: {p8}px;
}}
QSlider:focus {{ border: {ring} solid {accent}; border-radius: {r8}px; }}
QScrollArea {{ background: transparent; border: 0; }}
QScrollArea[kind="reading"] {{ border: {ring} solid transparent; border-radius: {r8}px; }}
QScrollArea[kind="reading"]:focus {{ border: {ring} solid {accent}; }}
QScrollArea > QWidget > QWidget[surface="page"] {{ background: {bg}; }}
QScrollBar:vertical {{ background: transparent; width: {p12}px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: {p12}px; margin: 0; }}
QScrollBar::handle {{ background: {scroll}; border: 3px solid transparent; border-radius: {p6}px; }}
QScrollBar::handle:vertical {{ min-height: {p40}px; margin: 0 3px; border: 0; border-radius: {p3}px; }}
QScrollBar::handle:horizontal {{ min-width: {p40}px; margin: 3px 0; border: 0; border-radius: {p3}px; }}
QScrollBar::handle:hover {{ background: {faint}; }}
QScrollBar[idle="yes"]::handle, QScrollBar[idle="yes"]::handle:hover {{ background: transparent; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

QMenu {{
    color: {text}; background: {card}; border: {thin} solid {line}; border-radius: {r8}px; padding: {p4}px;
}}
QMenu::item {{ padding: {p6}px {p16}px {p6}px {p12}px; border-radius: 6px; }}
QMenu::item:selected {{ background: {accent_soft}; }}
QMenu::item:disabled {{ color: {faint}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: {p4}px {p8}px; }}
QToolTip {{ color: {text}; background: {card}; border: {thin} solid {line}; padding: {p4}px {p6}px; }}
"""


def _mixed(first: str, second: str, share: float) -> str:
    pairs = ((int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def style_sheet(theme: Theme) -> str:
    """Return the sheet for a window: colours and sizes of the theme as it is now."""
    colors = theme.colors.named()
    look = theme.look
    grown = look.focus_px - look.line_px
    sizes = {f"p{size}": theme.px(size) for size in (3, 4, 6, 8, 10, 12, 14, 16, 20, 40, 64)}
    less = {f"{name}_less": max(0, sizes[name] - grown) for name in ("p4", "p6", "p10", "p12", "p14", "p16")}
    heights: dict[str, int] = {}
    for name, height in (
        ("button", BUTTON_HEIGHT),
        ("send", SEND_HEIGHT),
        ("pill", PILL_HEIGHT),
        ("field", FIELD_HEIGHT),
        ("text", PILL_HEIGHT),
    ):
        heights[f"{name}_in"] = theme.px(height) - 2 * (look.focus_px if name == "text" else look.line_px)
        heights[f"{name}_in2"] = theme.px(height) - 2 * look.focus_px
        heights[f"{name}_r"] = theme.px(height) // 2
    points = {
        "small_pt": SMALL_PX,
        "group_pt": GROUP_PX,
        "title_pt": TITLE_PX,
        "big_pt": BIG_TITLE_PX,
        "keys_pt": GROUP_PX - 1,
        "row_pt": ROW_PX,
    }
    return _SHEET.format(
        **colors,
        **sizes,
        **less,
        **heights,
        **{name: f"{theme.points(px):.2f}pt" for name, px in points.items()},
        # The same size with a wider ring.
        tool=max(1, theme.px(4) + 2 - look.focus_px),
        thin=f"{look.line_px}px",
        ring=f"{look.focus_px}px",
        accent_deep=_mixed(colors["accent"], colors["text"], 0.18),
        focus_on_fill=colors["text"],
        scroll=_mixed(colors["line"], colors["faint"], 0.22),
        radio=2 * (theme.px(16) // 2) - 2 * look.line_px,
        radio_r=theme.px(16) // 2,
        radio_on=2 * (theme.px(16) // 2) - 2 * theme.px(5),
        radio_ring=theme.px(5),
        nav=theme.px(32),
        # Style sheets know the two sides of a slider's handle, not which way it reads.
        slid="add" if QGuiApplication.isRightToLeft() else "sub",
        r8=theme.px(RADIUS_CONTROL),
        card_r=theme.px(RADIUS_CARD),
        badge_r=QFontMetrics(theme.font(GROUP_PX)).height() // 2 + 1,
    )
