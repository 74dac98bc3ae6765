"""Draw the program's icon in every size and form that the systems want, from resources/icons/weir.svg.

    python packaging/icons.py FOLDER

Run by packaging/build.py with the Python that has Qt. Writes hicolor/<size>/apps/*.png, weir.ico
(Windows) and weir.icns (macOS); the last two are boxes of PNG images, put together here.
"""

import struct
import sys
from pathlib import Path

NAME = "chat.weir.Weir"
SVG = Path(__file__).resolve().parents[1] / "resources" / "icons" / "weir.svg"
HICOLOR = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO = (16, 24, 32, 48, 64, 128, 256)
# Apple's four-letter names of PNG images by their size in pixels.
ICNS = ((b"ic11", 32), (b"ic12", 64), (b"ic07", 128), (b"ic08", 256), (b"ic09", 512), (b"ic10", 1024))


def main(folder: Path) -> None:
    """Write every form of the icon below `folder`."""
    sizes = {*HICOLOR, *ICO, *(size for _, size in ICNS)}
    images = {size: draw(size) for size in sorted(sizes)}
    for size in HICOLOR:
        file = folder / "hicolor" / f"{size}x{size}" / "apps" / f"{NAME}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(images[size])
    scalable = folder / "hicolor" / "scalable" / "apps" / f"{NAME}.svg"
    scalable.parent.mkdir(parents=True, exist_ok=True)
    scalable.write_bytes(SVG.read_bytes())
    (folder / "weir.ico").write_bytes(ico([(size, images[size]) for size in ICO]))
    (folder / "weir.icns").write_bytes(icns([(name, images[size]) for name, size in ICNS]))


def draw(size: int) -> bytes:
    """Return the icon as a PNG image, `size` pixels wide and high."""
    from PySide6.QtCore import QBuffer, QIODevice, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(SVG)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def ico(images: list[tuple[int, bytes]]) -> bytes:
    """Return an .ico file of PNG images: a directory of 16 bytes each, then the images (0 means 256)."""
    at = 6 + 16 * len(images)
    directory = struct.pack("<HHH", 0, 1, len(images))
    for size, png in images:
        directory += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(png), at)
        at += len(png)
    return directory + b"".join(png for _, png in images)


def icns(images: list[tuple[bytes, bytes]]) -> bytes:
    """Return an .icns file: each image under its name and length, both within the whole one's."""
    body = b"".join(name + struct.pack(">I", len(png) + 8) + png for name, png in images)
    return b"icns" + struct.pack(">I", len(body) + 8) + body


if __name__ == "__main__":
    main(Path(sys.argv[1]))
