"""Every window says under X11 which program it belongs to, and has its icon."""

import subprocess
from pathlib import Path

from tests.flows.place import configure
from tests.support.program import ROOT, Program

APP_ID = "chat.weir.Weir"
KEYS = {"Weir": "", "Settings": "ctrl+comma", "Keyboard shortcuts": "F1", "Attach files": "ctrl+shift+a"}


def about(weir: Program, title: str) -> tuple[str, str]:
    """Return the visible window with a title, and what the X server knows of it."""

    def found() -> tuple[str, str] | None:
        search = [
            "xdotool",
            "search",
            "--onlyvisible",
            "--name",
            f"^{title}$",
        ]
        windows = subprocess.run(search, check=False, capture_output=True, text=True).stdout.split()
        for each in windows:
            shown = subprocess.run(["xprop", "-id", each], check=False, capture_output=True, text=True)
            if "_NET_WM_ICON(CARDINAL)" in shown.stdout:
                return each, shown.stdout
        return None

    window, text = weir.until(found, f"a window {title!r} with an icon")
    return str(window), str(text)


def test_every_window_has_the_programs_id_and_icon(tmp_path: Path):
    (entry,) = (ROOT / "packaging" / "linux").glob("*.desktop")
    assert entry.stem == APP_ID
    assert f"StartupWMClass={APP_ID}" in entry.read_text(encoding="utf-8")
    with Program(configure(tmp_path / "weir", "http://127.0.0.1:9/v1")) as weir:
        weir.widget("Prompt")
        for title, keys in KEYS.items():
            weir.settle()
            if keys:
                weir.key(keys)
            window, text = about(weir, title)
            assert f'WM_CLASS(STRING) = "{APP_ID}", "Weir"' in text
            assert f'_KDE_NET_WM_DESKTOP_FILE(UTF8_STRING) = "{APP_ID}"' in text
            assert all(f"Icon ({size} x {size})" in text for size in (16, 32, 64, 128))
            if keys:
                subprocess.run(["wmctrl", "-i", "-c", window], check=True)
                weir.until(lambda: title not in weir.ask("titles"), f"the end of {title!r}")  # noqa: B023
        assert weir.errors == ""
