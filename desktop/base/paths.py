"""Where Weir keeps its files."""

import os
from dataclasses import dataclass
from pathlib import Path

DATA_DIR_VARIABLE = "WEIR_DATA_DIR"
APP_NAME = "weir"


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders that Weir writes to. Nothing is created by asking."""

    config: Path
    data: Path
    cache: Path
    log: Path

    @property
    def endpoints(self) -> Path:
        """The endpoints and their settings, readable, without keys."""
        return self.config / "endpoints.toml"

    @property
    def prompts(self) -> Path:
        """The prompts that are kept to be used again."""
        return self.config / "prompts.toml"

    @property
    def personas(self) -> Path:
        """System prompts with a name, a model and options."""
        return self.config / "personas.toml"

    @property
    def preferences(self) -> Path:
        """What the user prefers: the chosen model, the window's size, the look."""
        return self.config / "preferences.toml"

    @property
    def models(self) -> Path:
        """The models that services listed, to be shown before they are asked again."""
        return self.cache / "models.json"

    @property
    def history(self) -> Path:
        """The conversations, an SQLite database."""
        return self.data / "history.db"

    @property
    def backups(self) -> Path:
        """Copies of the history."""
        return self.data / "backups"

    @property
    def log_file(self) -> Path:
        """What the program did, without any text of a conversation and without keys."""
        return self.log / "weir.log"

    @property
    def crashes(self) -> Path:
        """Reports of crashes, which are sent nowhere."""
        return self.log / "crashes"

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every folder that Weir writes to."""
        return (self.config, self.data, self.cache, self.log)

    def create(self) -> None:
        """Create the folders, readable by their owner alone. Raises OSError."""
        for folder in self.folders:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def user_paths(data_dir: str | Path | None = None) -> Paths:
    """Return the platform's folders, or everything within one folder.

    `data_dir`, else the environment variable WEIR_DATA_DIR, names that one folder.
    """
    chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE)
    if chosen:
        root = Path(chosen).expanduser().absolute()
        return Paths(config=root, data=root, cache=root / "cache", log=root / "log")
    from platformdirs import PlatformDirs

    folders = PlatformDirs(APP_NAME, appauthor=False, roaming=True)
    return Paths(
        config=folders.user_config_path,
        data=folders.user_data_path,
        cache=folders.user_cache_path,
        log=folders.user_log_path,
    )


def resources() -> Path:
    """Return the folder of icons, presets and translations: inside an installed package, else beside it."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"
