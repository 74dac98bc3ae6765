"""Choose the newest versions of everything Weir stands on and write them to pyproject.toml.

`python3 packaging/run.py pins` runs this. uv.lock is not kept in the repository, because it names the
registry of the machine that wrote it; the versions alone make every machine resolve to the same set.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

BLOCK = re.compile(r"(?m)^(constraint-dependencies|build-constraint-dependencies) = \[\n(?:    .*\n)*\]\n")
REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;]+)(?: *; *(.*))?$")


def main(uv: str) -> int:
    """Resolve without the present pins and write the new ones; return the exit status."""
    project = ROOT / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("README.md", "LICENSE"):
            shutil.copy(ROOT / file, folder)
        (folder / "pyproject.toml").write_text(BLOCK.sub("", text), encoding="utf-8")
        export = [uv, "export", "--quiet", "--all-groups", "--all-extras", "--no-hashes", "--no-header"]
        export += ["--no-annotate", "--no-emit-project", "--python", sys.executable]
        used = _output(export, folder)
        (folder / "build.in").write_text("hatchling\neditables\n", encoding="utf-8")
        compiled = [uv, "pip", "compile", "--quiet", "--universal", "--no-header", "--no-annotate"]
        built = _output([*compiled, "--python", sys.executable, "build.in"], folder)
    blocks = _block("constraint-dependencies", used) + _block("build-constraint-dependencies", built)
    project.write_text(replaced(text, blocks), encoding="utf-8", newline="\n")
    print(f"{len(used)} packages pinned, and {len(built)} to build with")
    return 0


def replaced(text: str, blocks: str) -> str:
    """Return pyproject.toml's text with `blocks` at the end of [tool.uv], and no older ones."""
    bare = BLOCK.sub("", text)
    before, heading, after = bare.partition("[tool.uv]\n")
    section, following, rest = after.partition("\n[")
    return f"{before}{heading}{section.rstrip()}\n{blocks}{following}{rest}"


def _block(name: str, requirements: list[str]) -> str:
    return f"{name} = [\n" + "".join(f'    "{line}",\n' for line in requirements) + "]\n"


def _output(command: list[str], folder: Path) -> list[str]:
    told = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True).stdout
    matches = [match for line in told.splitlines() if (match := REQUIREMENT.match(line.strip()))]
    return sorted(_constraint(match, matches) for match in matches)


def _constraint(match: re.Match[str], matches: list[re.Match[str]]) -> str:
    """Return `name==version`, with its marker only where another version is used elsewhere."""
    name, version, marker = match.groups()
    several = len({other[2] for other in matches if other[1] == name}) > 1
    return f"{name}=={version}" + (f"; {marker}" if several else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
