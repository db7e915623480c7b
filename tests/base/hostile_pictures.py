"""Pictures nobody should send, made here: whole ones of every kind, and from each of them broken and doubled ones."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

from PIL import Image, PngImagePlugin

PLACE = b"GPS-of-a-home"
"""Stands in the metadata of some of them, and must stand in nothing that is kept."""

BEHIND = b"PK-or-script-behind-the-picture"


def gradient(mode: str = "RGB", size=(60, 40)) -> Image.Image:
    image = Image.linear_gradient("L").resize(size)
    return image if mode == "L" else Image.merge("RGB", [image, image.rotate(90, expand=False), image]).convert(mode)


def saved(image: Image.Image, kind: str, **more) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def with_place(orientation: int = 1) -> bytes:
    """A photo as a telephone takes it: on its side, with the place, a maker, a comment, a profile."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = PLACE.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (34.0, 45.0, 0.0), 29: PLACE.decode()})
    return saved(gradient(), "JPEG", exif=exif, comment=PLACE, icc_profile=PLACE * 20)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_that_says(width: int, height: int, body: bytes = b"") -> bytes:
    """A PNG of a few bytes that claims to be so large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(body or b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + data + chunk(b"IEND", b"")


def text_bomb() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("x", "0" * 20_000_000, zip=True)
    return saved(gradient(), "PNG", pnginfo=info)


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("Run.class", BEHIND)
    return out.getvalue()


def whole() -> dict[str, bytes]:
    """Pictures that can be drawn, by what is odd about them."""
    grey16 = Image.frombytes("I;16", (30, 20), struct.pack("<H", 30_000) * 600)
    apng = [gradient().rotate(angle) for angle in (0, 90, 180)]
    transparent = gradient("RGBA")
    transparent.putalpha(100)
    kinds = {
        "a plain jpeg": saved(gradient(), "JPEG"), "a plain png": saved(gradient(), "PNG"),
        "a plain webp": saved(gradient(), "WEBP"), "a photo with its place": with_place(),
        "a photo on its side": with_place(6), "grey": saved(gradient("L"), "JPEG"),
        "cmyk": saved(gradient("CMYK"), "JPEG"), "palette": saved(gradient("P"), "PNG"),
        "black and white": saved(gradient("1"), "PNG"), "sixteen bits": saved(grey16, "PNG"),
        "transparent": saved(transparent, "PNG"), "grey and transparent": saved(transparent.convert("LA"), "PNG"),
        "a palette with a hole": saved(gradient("P"), "PNG", transparency=0),
        "an animated png": saved(apng[0], "PNG", save_all=True, append_images=apng[1:]),
        "an animated webp": saved(apng[0], "WEBP", save_all=True, append_images=apng[1:]),
        "a jpeg that is an archive": saved(gradient(), "JPEG") + archive(),
        "a png that is an archive": saved(gradient(), "PNG") + archive(),
        "a jpeg with a script behind": saved(gradient(), "JPEG") + b"<script>alert(1)</script>" + BEHIND,
        "a jpeg with a script in it": saved(gradient(), "JPEG", comment=b"<script>" + PLACE + b"</script>"),
        "a png with words": saved(gradient(), "PNG", pnginfo=_words()),
        "one pixel": saved(gradient(size=(1, 1)), "PNG"),
        "a hair": saved(Image.new("L", (1, 50_000)), "PNG"), "progressive": saved(gradient(), "JPEG", progressive=True),
        "interlaced by two pictures": saved(gradient(), "MPO", save_all=True, append_images=[gradient()]),
    }  # fmt: skip
    return kinds


def _words() -> PngImagePlugin.PngInfo:
    words = PngImagePlugin.PngInfo()
    words.add_text("place", PLACE.decode())
    words.add_itxt("XML:com.adobe.xmp", f"<x>{PLACE.decode()}</x>")
    return words


def never() -> dict[str, bytes]:
    """What is no picture of ours, whatever its name says."""
    return {
        "nothing": b"", "one byte": b"\xff", "zeros": bytes(5000), "words": "照片".encode() * 100,
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "html": b"<!doctype html><script>alert(1)</script>",
        "xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>',
        "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF",
        "zip": archive(), "gif": saved(gradient("P"), "GIF"), "bmp": saved(gradient(), "BMP"),
        "tiff": saved(gradient(), "TIFF"), "ico": saved(gradient(), "ICO"), "ppm": saved(gradient(), "PPM"),
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) run\n",
        "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200),
        "a png of a gigapixel": png_that_says(40_000, 40_000), "a png one pixel too many": png_that_says(40_000_001, 1),
        "a png that says nothing": png_that_says(0, 0), "a png of two gigapixels": png_that_says(2**31 - 1, 1),
        "a png without its picture": png_that_says(500, 500), "a bomb of words": text_bomb(),
        "a webp that says much": _webp_that_says(16_383, 16_383),
        "only a jpeg's beginning": saved(gradient(), "JPEG")[:60],
        "a gif with a jpeg's end": b"GIF89a" + saved(gradient(), "JPEG"),
        "a script that is a gif": b"GIF89a=1;alert(1);//",
        "a jpeg of too many pixels": _jpeg_that_says(65_000, 65_000),
    }  # fmt: skip


def _jpeg_that_says(width: int, height: int) -> bytes:
    data = bytearray(saved(gradient(), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _webp_that_says(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x10\0\0\0" + size
    return b"RIFF" + struct.pack("<I", len(body)) + body


def mutated(rounds: int, seed: int = 8) -> Iterator[tuple[str, bytes]]:
    """Of each whole picture ``rounds`` broken ones: cut off, bits turned over, lengths changed, two in one."""
    dice = random.Random(seed)
    files = whole()
    for name, data in files.items():
        for number in range(rounds):
            broken = bytearray(data)
            way = number % 4
            if way == 0:
                del broken[dice.randrange(1, len(broken)) :]
            elif way == 1:
                for _ in range(dice.randrange(1, 40)):
                    broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
            elif way == 2:
                at = dice.randrange(min(200, len(broken) - 4))
                broken[at : at + 4] = dice.choice([b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\0\0\xff\xff"])
            else:
                broken[dice.randrange(len(broken)) :] = dice.choice(list(files.values()))
            yield f"{name}, {number}", bytes(broken)
