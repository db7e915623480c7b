"""Pictures that strangers made, drawn anew: what leaves here was written by us, pixel by pixel.

Nothing of the file that came is kept: no place, no camera, no comment, nothing behind its end. One format goes out,
JPEG. PDF is not taken: without a renderer it cannot be drawn anew, and as it comes it may hold scripts and other files.
Like workbooks (:mod:`base.unpacking`), pictures are opened behind a wall, in a process of its own with little memory
and little time: ``python -m base.images`` takes the file on its standard input and answers on its output.
"""

import hashlib
import json
import resource
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

HEAVIEST = 10 * 2**20
"""Bytes of a file that is read at all."""

PIXELS = {"JPEG": 40_000_000, "PNG": 40_000_000, "WEBP": 16_000_000}
"""Formats that are read, and the pixels of a picture that is decoded at all; telephones take 12 million, rarely more.
WebP's decoder needs three times the room for each of them.
"""

EDGE = 2560
"""Pixels of the longer edge of what is kept: an A4 scan stays legible."""

MEMORY = 768 * 2**20
"""Address space of the process that decodes."""

SECONDS = 20
"""Processor seconds, and seconds on the clock, that it has; the largest picture takes two on a calm machine."""

NOT_ONE = "不是能打开的 JPG、PNG 或 WebP 图片。PDF 请先转成图片；手机照片打不开的，请截图后再选。"


class ImageRefused(ValueError):
    """Its text is the end of a sentence that begins with the file's name."""


@dataclass(frozen=True)
class Drawn:
    """A picture drawn anew: JPEG bytes without metadata, and its size in pixels."""

    data: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def redraw(data: bytes) -> Drawn:
    """Draw a picture anew behind the wall.

    :raises ImageRefused: when it is too large, or is no picture that can be decoded to its end.
    """
    if len(data) > HEAVIEST:
        raise ImageRefused(f"超过 {HEAVIEST // 2**20} MB，请压缩或截图后再选。")
    try:
        process = subprocess.run(  # noqa: S603  our own module, no shell, no argument of anybody's
            [sys.executable, "-E", "-s", "-m", __spec__.name],
            cwd=Path(__file__).parent.parent, env={}, input=data, capture_output=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        head, _, drawn = process.stdout.partition(b"\n")
        said = json.loads(head)
    except (subprocess.TimeoutExpired, ValueError) as broken:
        raise ImageRefused(NOT_ONE) from broken
    if isinstance(said, str):
        raise ImageRefused(said)
    return Drawn(drawn, *said)


def main() -> None:
    """Read a file from standard input; write a line with the size and the drawn bytes, or with why it was refused."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        drawn = draw(sys.stdin.buffer.read())
        answer = json.dumps([drawn.width, drawn.height]).encode() + b"\n" + drawn.data
    except ImageRefused as refusal:
        answer = json.dumps(str(refusal)).encode()
    sys.stdout.buffer.write(answer)


def draw(data: bytes) -> Drawn:
    """Decode a picture here and now, and draw it anew: upright, at most :data:`EDGE` pixels long, nothing else in it.

    :raises ImageRefused: as :func:`redraw`.
    """
    try:
        return _drawn(data)
    except ImageRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise _too_many_pixels(PIXELS["JPEG"]) from bomb
    except Exception as broken:  # what a decoder raises over hostile bytes is not a closed list
        raise ImageRefused(NOT_ONE) from broken


def _drawn(data: bytes) -> Drawn:
    with Image.open(BytesIO(data), formats=tuple(PIXELS)) as file:
        most = PIXELS.get(file.format, PIXELS["JPEG"])  # a JPEG with more behind its first picture calls itself MPO
        if file.width * file.height > most:
            raise _too_many_pixels(most)
        image = _plain(file)
    # A canvas of our own: saving the decoded image would carry its comment over.
    canvas = Image.new("L" if image.mode in {"L", "LA"} else "RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A") if "A" in image.getbands() else None)
    out = BytesIO()
    canvas.save(out, "JPEG", quality=85, optimize=True)
    return Drawn(out.getvalue(), *canvas.size)


def _plain(image: Image.Image) -> Image.Image:
    """The picture small and upright, in grey or colour, with its transparency if it has any."""
    if image.mode.startswith("I"):  # 16 bits of grey; converting alone would cut off all but the darkest
        image = image.point(lambda value: value / 256).convert("L")
    elif image.mode in {"P", "PA", "1"}:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((EDGE, EDGE))
    with suppress(Exception):  # an orientation that cannot be read is none; the picture itself is sound
        image = ImageOps.exif_transpose(image)
    return image if image.mode in {"L", "LA", "RGB", "RGBA"} else image.convert("RGB")


def _too_many_pixels(most: int) -> ImageRefused:
    return ImageRefused(f"超过 {most // 10_000} 万像素，请缩小或截图后再选。")


if __name__ == "__main__":
    main()
