"""Pictures drawn anew: nothing of the file that came is in what is kept, and no file hurts the one who opens it."""

import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image

from base import images
from base.images import EDGE, HEAVIEST, ImageRefused, draw, redraw
from tests.base.hostile_pictures import BEHIND, PLACE, gradient, mutated, never, saved, whole, with_place

pytestmark = pytest.mark.anywhere

WHOLE, NEVER = whole(), never()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE.keys())
def test_what_is_kept_is_a_plain_jpeg_and_nothing_else(data):
    kept = draw(data).data
    assert (kept[:3], kept[-2:]) == (b"\xff\xd8\xff", b"\xff\xd9")
    image = opened(kept)
    assert (image.format, image.mode in {"L", "RGB"}, getattr(image, "n_frames", 1)) == ("JPEG", True, 1)
    assert not image.getexif()
    assert {"icc_profile", "comment", "exif", "xmp"}.isdisjoint(image.info)
    assert not [word for word in (PLACE, BEHIND, b"<script", b"PK\x03\x04", b"Exif") if word in kept]


@pytest.mark.parametrize("data", NEVER.values(), ids=NEVER.keys())
def test_what_is_no_picture_is_refused_with_a_sentence(data):
    with pytest.raises(ImageRefused, match=r"。$"):
        draw(data)


def test_however_a_file_is_broken_it_is_refused_or_drawn_and_never_more():
    ways = {"drawn": 0, "refused": 0}
    for name, data in mutated(rounds=12):
        try:
            kept = draw(data)
        except ImageRefused:
            ways["refused"] += 1
        else:
            ways["drawn"] += 1
            assert max(kept.width, kept.height) <= EDGE, name
            assert opened(kept.data).size == (kept.width, kept.height), name
            assert PLACE not in kept.data, name
    assert ways["refused"] > 50
    assert ways["drawn"] > 50


def test_behind_the_wall_the_same_comes_out():
    data = with_place(6)
    assert redraw(data) == draw(data)
    for name in ("pdf", "a png of a gigapixel", "a jpeg of too many pixels", "nothing"):
        with pytest.raises(ImageRefused) as behind:
            redraw(NEVER[name])
        with pytest.raises(ImageRefused) as here:
            draw(NEVER[name])
        assert str(behind.value) == str(here.value)


def test_the_largest_pictures_are_drawn_in_seconds_and_in_bounded_memory():
    """The process behind the wall has less memory than it would need without the limits on pixels."""
    kept = redraw(saved(Image.new("RGBA", (8000, 5000)), "PNG", compress_level=1))
    assert (kept.width, kept.height) == (EDGE, 1600)
    with pytest.raises(ImageRefused, match="超过 1600 万像素"):
        redraw(saved(Image.new("L", (4001, 4000)), "WEBP", method=0))
    with pytest.raises(ImageRefused, match="超过 4000 万像素"):
        redraw(saved(Image.new("1", (8001, 5000)), "PNG"))


def test_a_process_that_dies_behind_the_wall_refuses_the_file_and_no_more(monkeypatch):
    run = subprocess.run

    def dying(command, **more):
        return run([sys.executable, "-c", "import os; os.abort()"], **more)

    monkeypatch.setattr(images.subprocess, "run", dying)
    with pytest.raises(ImageRefused, match="不是能打开的"):
        redraw(WHOLE["a plain jpeg"])


def test_a_file_that_takes_too_long_is_refused(monkeypatch):
    def slow(command, *, timeout, **more):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(images.subprocess, "run", slow)
    with pytest.raises(ImageRefused):
        redraw(WHOLE["a plain jpeg"])


def test_a_heavy_file_is_refused_before_anything_opens_it(monkeypatch):
    monkeypatch.delattr(images.subprocess, "run")
    with pytest.raises(ImageRefused, match="超过 10 MB"):
        redraw(b"\xff\xd8" + bytes(HEAVIEST))


def test_a_photo_on_its_side_is_put_upright():
    assert opened(draw(with_place(1)).data).size == (60, 40)
    assert opened(draw(with_place(6)).data).size == (40, 60)


def test_a_large_picture_is_made_smaller_and_a_small_one_stays():
    kept = draw(saved(gradient(size=(4000, 3000)), "JPEG"))
    assert (kept.width, kept.height) == (2560, 1920)
    kept = draw(saved(gradient(size=(300, 200)), "PNG"))
    assert (kept.width, kept.height) == (300, 200)


def test_sixteen_bits_of_grey_keep_their_shades():
    """Pillow's own conversion cuts off all but the darkest 255 of 65,535."""
    assert 110 <= opened(draw(WHOLE["sixteen bits"]).data).getpixel((5, 5)) <= 125


def test_what_is_transparent_stands_on_white():
    hole = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    assert opened(draw(saved(hole, "PNG")).data).getpixel((5, 5)) == (255, 255, 255)
