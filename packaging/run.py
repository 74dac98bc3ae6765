#!/usr/bin/env python3
"""Set up everything Weir needs, then run it.

    python3 packaging/run.py               start Weir (arguments go to it: ask "…", --version)
    python3 packaging/run.py tests         run the tests (arguments go to pytest)
    python3 packaging/run.py check         lint, format, types and import contracts
    python3 packaging/run.py translations  keep the translations in step with the code (update, compile, …)
    python3 packaging/run.py pins          choose the newest versions of everything and write them down

Needs nothing but Python 3.11 or newer with pip. Everything is put into this folder (.tools, .venv), except
that on Debian and Ubuntu, run as root, the system packages that Qt needs are installed.
"""

import os
import shutil
import ssl
import subprocess
import sys

OLDEST = (3, 11)


def _restart_with_newer_python():
    """Run this script with a newer Python of this computer, or say what is needed."""
    for minor in (14, 13, 12, 11):
        found = shutil.which("python3." + str(minor))
        if found:
            os.execv(found, [found, *sys.argv])
    sys.exit(
        "Weir needs Python 3.11 or newer; this is Python "
        + ".".join(str(number) for number in sys.version_info[:3])
        + ". Install a newer one and run this command with it."
    )


if sys.version_info < OLDEST:
    _restart_with_newer_python()

# What follows may use Python 3.11; no syntax above or below may be too new for an older parser.
from pathlib import Path  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
OLDEST_UV = (0, 8)
UV_VERSION = "0.13.8"

sys.path.insert(0, str(ROOT))

from desktop.base import system  # noqa: E402

# What the tests use beside Qt: a screen and a window manager, a real keyring, scripts' letters and emoji.
# What the Debian package is made and judged with stands beside them.
TEST_PACKAGES = (
    "appstream",
    "at-spi2-core",
    "binutils",
    "dbus",
    "desktop-file-utils",
    "dpkg-dev",
    "fontconfig",
    "fonts-dejavu-core",
    "fonts-inter",
    "fonts-noto-cjk",
    "fonts-noto-color-emoji",
    "fonts-noto-core",
    "gnome-keyring",
    "ibus",
    "ibus-hangul",
    "ibus-libpinyin",
    "iproute2",
    "libglib2.0-bin",
    "lintian",
    "metacity",
    "openbox",
    "shared-mime-info",
    "weston",
    "xauth",
    "wmctrl",
    "x11-utils",
    "xdotool",
    "xsettingsd",
    "xvfb",
)


class SetupError(Exception):
    """The set-up cannot go on; its text is one line for the terminal."""


def main(arguments: list[str]) -> int:
    """Do what the first argument says; return the exit status."""
    verb = arguments[0] if arguments else ""
    try:
        if verb == "tests":
            return tests(arguments[1:])
        if verb == "check":
            return check()
        if verb == "translations":
            return translations(arguments[1:])
        if verb == "pins":
            return pins()
        return start(arguments)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1


def start(arguments: list[str]) -> int:
    """Start Weir."""
    install_system_packages(for_tests=False)
    sync("--no-group", "dev", "--no-group", "sdk", "--inexact")
    return run([str(venv_program("python")), "-m", "desktop", *arguments], cwd=None)


def tests(arguments: list[str]) -> int:
    """Run the tests."""
    install_system_packages(for_tests=True)
    sync()
    return run([str(venv_program("python")), "-m", "pytest", *arguments])


def check() -> int:
    """Run everything that judges the code without running it; say what failed."""
    sync()
    python = str(venv_program("python"))
    commands = (
        [python, "-m", "ruff", "check", "."],
        [python, "-m", "ruff", "format", "--check", "."],
        [python, "-m", "mypy"],
        [str(venv_program("lint-imports"))],
        [python, str(ROOT / "packaging" / "tidy.py")],
    )
    failed = [command for command in commands if run(command) != 0]
    for command in failed:
        print("failed:", " ".join(command[1:] or command), file=sys.stderr)
    return 1 if failed else 0


def translations(arguments: list[str]) -> int:
    """Run packaging/translations.py, which says what it can do."""
    sync()
    return run([str(venv_program("python")), str(ROOT / "packaging" / "translations.py"), *arguments])


def pins() -> int:
    """Choose versions anew and write them to pyproject.toml."""
    uv = find_uv()
    return run([sys.executable, str(ROOT / "packaging" / "pins.py"), uv], env=uv_environment())


def run(command: list[str], cwd: "Path | None" = ROOT, env: "dict[str, str] | None" = None) -> int:
    """Run a command to its end, Ctrl-C included, and return its status as a shell would."""
    environment = {**(os.environ if env is None else env)}
    # From another folder `-m desktop` still finds the program.
    if cwd is None:
        environment["PYTHONPATH"] = os.pathsep.join(
            part for part in (str(ROOT), environment.get("PYTHONPATH", "")) if part
        )
    sys.stdout.flush()
    process = subprocess.Popen(command, cwd=cwd, env=environment)
    while True:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            # The terminal has told the program as well; it decides when it ends.
            continue
        return status if status >= 0 else 128 - status


# --- Python packages -----------------------------------------------------------------------------------


def venv_program(name: str) -> Path:
    """Return the path of a program of the virtual environment."""
    folder = VENV / ("Scripts" if os.name == "nt" else "bin")
    return folder / (name + (".exe" if os.name == "nt" else ""))


def sync(*options: str) -> None:
    """Bring .venv to the pinned versions. Raises SetupError."""
    command = [find_uv(), "sync", "--quiet", "--python", interpreter(), *options]
    if not VENV.is_dir():
        print("Setting up Weir in", VENV, "(once; some minutes)", file=sys.stderr)
    if subprocess.call(command, cwd=ROOT, env=uv_environment()) != 0:
        raise SetupError("The Python packages could not be installed; the lines above say why.")


def interpreter() -> str:
    """Return the Python to build on: this one, seen through any virtual environment it runs in."""
    return getattr(sys, "_base_executable", None) or sys.executable


def find_uv() -> str:
    """Return a uv that is new enough, installing one into .tools if there is none. Raises SetupError."""
    own = TOOLS / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    # `uv run` names itself in UV.
    for candidate in (shutil.which("uv"), os.environ.get("UV"), str(own), _uv_beside_python()):
        if candidate and _uv_version(candidate) >= OLDEST_UV:
            return candidate
    _install_uv()
    if not own.exists():
        raise SetupError("pip installed uv, but " + str(own) + " is not there.")
    return str(own)


def _uv_beside_python() -> "str | None":
    try:
        from uv import find_uv_bin  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None
    try:
        return str(find_uv_bin())
    except FileNotFoundError:
        return None


def _uv_version(program: str) -> tuple[int, ...]:
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        return tuple(int(part) for part in told.split()[1].split(".")[:2])
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError):
        return (0,)


def _install_uv() -> None:
    """Install uv with pip into a folder of ours, which a Python managed by its system allows too."""
    # A virtual environment may be without pip where the Python that it was made from has it.
    python = next(filter(_has_pip, (sys.executable, interpreter())), sys.executable)
    if not _has_pip(python):
        hint = "sudo apt-get install python3-pip" if shutil.which("apt-get") else python + " -m ensurepip"
        raise SetupError("This Python (" + python + ") has no pip, which fetches the rest: " + hint)
    environment = {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--root-user-action=ignore", "--upgrade", "--target", str(TOOLS), "uv==" + UV_VERSION]
    if subprocess.call(command, env=environment) != 0:
        raise SetupError("pip could not install uv; the lines above say why.")


def _has_pip(python: str) -> bool:
    quiet = subprocess.DEVNULL
    return subprocess.call([python, "-m", "pip", "--version"], stdout=quiet, stderr=quiet) == 0


def uv_environment() -> dict[str, str]:
    """Return the environment for uv: this Python and no other, and what pip knows of the network."""
    environment = dict(os.environ)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "UV_PYTHON", "UV_PROJECT_ENVIRONMENT"):
        environment.pop(name, None)
    environment["UV_PYTHON_DOWNLOADS"] = "never"
    settings = _pip_network_settings(environment)
    if _has_system_certificates():
        # As pip does: a company's own certificates are there. uv changed the name of this setting.
        settings.update(UV_SYSTEM_CERTS="1", UV_NATIVE_TLS="1")
    return {**settings, **environment}


def _has_system_certificates() -> bool:
    return not sys.platform.startswith("linux") or ssl.get_default_verify_paths().cafile is not None


def _pip_network_settings(environment: dict[str, str]) -> dict[str, str]:
    """Translate a mirror, a proxy and certificates from pip's settings; uv reads only its own."""
    names = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE", "trusted-host": "UV_INSECURE_HOST"}
    if "UV_INDEX_URL" in environment:
        del names["index-url"]
    found: dict[str, str] = {}
    for name, uv_name in names.items():
        value = environment.get("PIP_" + name.upper().replace("-", "_")) or _pip_config(name)
        if value:
            found[uv_name] = value
    proxy = environment.get("PIP_PROXY") or _pip_config("proxy")
    if proxy and not any(name in environment for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY")):
        found["HTTPS_PROXY"] = proxy
        found["HTTP_PROXY"] = proxy
    return found


_pip_lines: "list[str] | None" = None


def _pip_config(name: str) -> str:
    """Return a value of pip's configuration files, or nothing."""
    global _pip_lines
    if _pip_lines is None:
        command = [sys.executable, "-m", "pip", "config", "list"]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        _pip_lines = told.stdout.splitlines()
    for section in ("install", "global"):
        for line in _pip_lines:
            key, _, value = line.partition("=")
            if key == section + "." + name:
                return value.strip("'\"")
    return ""


# --- System packages -----------------------------------------------------------------------------------


def install_system_packages(for_tests: bool) -> None:
    """Install what Qt, or the tests, need of Debian's or Ubuntu's packages. Raises SetupError.

    Elsewhere nothing is done: the program itself names what is missing when it starts.
    """
    if not (sys.platform.startswith("linux") and shutil.which("apt-get") and shutil.which("dpkg-query")):
        return
    wanted = missing_packages(for_tests)
    if not wanted:
        return
    line = "apt-get install --no-install-recommends " + " ".join(wanted)
    if os.geteuid() != 0:
        raise SetupError("System packages are missing: sudo " + line)
    print("Installing system packages:", " ".join(wanted), file=sys.stderr)
    # Without package lists, or with old ones, only an update helps.
    if _apt_install(wanted, quietly=True) != 0:
        _apt(["update", "-qq"])
        wanted = missing_packages(for_tests)
        if _apt_install(wanted) != 0:
            raise SetupError("The system packages could not be installed. By hand: " + line)
    left = missing_packages(for_tests)
    if left:
        raise SetupError("These system packages are still missing: " + " ".join(left))


def missing_packages(for_tests: bool) -> list[str]:
    """Return the names, in this release, of the packages that are needed and not there."""
    libraries = system.CORE + system.ENGINE
    if for_tests or not os.environ.get("WAYLAND_DISPLAY"):
        libraries += system.XCB
    else:
        libraries += system.WAYLAND
    names = {system.debian_name(library.debian) for library in system.missing_libraries(libraries)}
    if for_tests:
        names.update(_not_installed(TEST_PACKAGES))
    return sorted(names)


def _not_installed(packages: tuple[str, ...]) -> list[str]:
    command = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\\n", *packages]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    there = {line.split()[0] for line in told.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in there]


def _apt_install(packages: list[str], quietly: bool = False) -> int:
    return _apt(["install", "-y", "-qq", "--no-install-recommends", *packages], quietly)


def _apt(arguments: list[str], quietly: bool = False) -> int:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", *arguments]
    return subprocess.call(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if quietly else None,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
