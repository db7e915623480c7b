"""Photos on records: what a form takes, what lies on the disk, whose they are, what is swept away."""

import os
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from cryptography.exceptions import InvalidTag
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from base import pictures
from base.fields import PicturesField
from base.images import HEAVIEST, draw, redraw
from base.models import AuditRow, Picture
from base.pictures import MOST, attach, keep, label_of, opened, pictures_of, remove, tidy
from base.uploads import LARGEST
from tests.base.hostile_pictures import gradient, never, saved, with_place

pytestmark = pytest.mark.django_db
PHOTO = with_place()


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch):
    settings.PICTURES = tmp_path / "pictures"
    # Without the wall, which has its own tests: a process for each picture takes its time.
    monkeypatch.setattr(pictures, "redraw", lambda data: draw(data) if len(data) <= HEAVIEST else redraw(data))
    return settings.PICTURES


class Report(forms.Form):
    text = forms.CharField()
    pictures = PicturesField()


def sent(*files, text="看望了", **more) -> Report:
    """The form as a browser sends it with these files, pairs of a name and bytes."""
    uploads = [SimpleUploadedFile(name, data) for name, data in files]
    return Report({"text": text, **more}, MultiValueDict({"pictures": uploads}))


def kept_in(form: Report) -> str:
    """The token with which a refused form says what it has."""
    return unescape(str(form["pictures"])).partition('name="pictures_kept" value="')[2].partition('"')[0]


def give(*photos, subject="record:8", organisation=1):
    attach(by=None, subject=subject, organisation=organisation, pictures=list(photos), now=timezone.now())


def photo(number: int, name="照片.jpg"):
    return keep(saved(gradient(size=(20 + number, 20)), "PNG"), name)


# On the disk


def test_a_kept_picture_is_sealed_private_and_named_by_its_bytes(folder):
    kept = keep(PHOTO, "合影.jpg")
    (path,) = folder.iterdir()
    assert path.name == kept.digest
    assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert b"\xff\xd8\xff" not in path.read_bytes()
    give(kept)
    assert opened(Picture.objects.get())[:3] == b"\xff\xd8\xff"


def test_a_file_put_in_the_place_of_another_does_not_open(folder):
    one, other = photo(1), photo(2)
    give(one)
    (folder / one.digest).write_bytes((folder / other.digest).read_bytes())
    with pytest.raises(InvalidTag):
        opened(Picture.objects.get())


def test_the_same_picture_is_one_file_and_once_on_a_record(folder):
    give(photo(1), photo(1))
    give(photo(1))
    give(photo(1), subject="record:9")
    assert len(list(folder.iterdir())) == 1
    assert [each.subject for each in pictures_of("record:8", "record:9")] == ["record:8", "record:9"]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("合影.jpg", "合影.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\照片\\走访.png", "走访.png"),
        ("gpj.\u202eexe.jpg", "gpj.exe.jpg"),
        ("a\0b\nc\u200b.jpg", "abc.jpg"),
        ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
        ("", ""),
    ],
)
def test_a_name_is_only_a_label(name, label):
    assert label_of(name) == label


def test_a_long_name_is_cut_in_the_middle_and_shows_its_end():
    assert len(label_of("长" * 300 + ".jpg")) == 80
    assert label_of("长" * 300 + ".jpg").endswith("长.jpg")


def test_a_picture_without_a_name_gets_one():
    assert keep(PHOTO, "\u202e").name == "照片"


# Whose they are


def test_who_gave_what_to_which_record_is_written_down_without_its_name(cast):
    give(photo(1, "李建国住院.jpg"))
    row = AuditRow.objects.get(subject="record:8")
    assert (row.act, row.detail) == ("write", {"pictures": 1})
    remove(Picture.objects.get())
    assert AuditRow.objects.get(act="remove").detail == {"of": "record:8"}
    assert not Picture.objects.exists()


def test_a_record_has_twenty_at_most():
    give(*[photo(number) for number in range(MOST)])
    with pytest.raises(ValidationError, match="最多 20 张照片，已有 20 张，这次又选了 1 张"):
        give(photo(50))
    assert Picture.objects.count() == MOST


def test_an_organisation_has_its_quota(settings):
    settings.PICTURE_QUOTA = photo(1).size + photo(2).size - 1
    give(photo(1))
    with pytest.raises(ValidationError, match="所在党组织的照片已用满"):
        give(photo(2), subject="record:9")
    give(photo(2), subject="record:10", organisation=2)
    assert Picture.objects.count() == 2


def test_a_picture_whose_file_went_meanwhile_is_not_given(folder):
    gone = photo(1)
    (folder / gone.digest).unlink()
    with pytest.raises(ValidationError, match="已过期，请重新选"):
        give(gone)


# In a form


def test_a_form_needs_no_pictures():
    form = sent()
    assert form.is_valid()
    assert form.cleaned_data["pictures"] == []


def test_a_form_takes_several_and_says_nothing_while_it_is_accepted():
    form = sent(("一.jpg", PHOTO), ("二.png", saved(gradient(size=(9, 9)), "PNG")))
    assert form.is_valid()
    assert [each.name for each in form.cleaned_data["pictures"]] == ["一.jpg", "二.png"]


def test_what_is_refused_is_named_and_the_rest_is_kept():
    form = sent(("好.jpg", PHOTO), ("坏.jpg", never()["pdf"]), ("大.jpg", bytes(HEAVIEST + 1)))
    assert form.errors == {
        "pictures": [
            "“坏.jpg”不是能打开的 JPG、PNG 或 WebP 图片。PDF 请先转成图片；手机照片打不开的，请截图后再选。",
            "“大.jpg”超过 10 MB，请压缩或截图后再选。",
        ]
    }
    assert "已收到 1 张，不用再选：好.jpg" in str(form["pictures"])
    again = sent(pictures_kept=kept_in(form))
    assert again.is_valid()
    assert [each.name for each in again.cleaned_data["pictures"]] == ["好.jpg"]


def test_pictures_are_not_chosen_again_when_something_else_was_refused():
    form = sent(("一.jpg", PHOTO), text="")
    assert list(form.errors) == ["text"]
    again = sent(("二.png", saved(gradient(size=(9, 9)), "PNG")), pictures_kept=kept_in(form))
    assert again.is_valid()
    assert [each.name for each in again.cleaned_data["pictures"]] == ["一.jpg", "二.png"]
    dropped = sent(pictures_kept=kept_in(form), pictures_drop="on")
    assert dropped.is_valid()
    assert dropped.cleaned_data["pictures"] == []


@pytest.mark.parametrize("token", ["x", "a:b:c", "W10:1:x"])
def test_nobody_names_pictures_that_a_form_did_not_have(token):
    assert sent(pictures_kept=token).errors == {"pictures": ["选过的照片已过期，请重新选。"]}


def test_after_a_day_pictures_are_chosen_again(monkeypatch):
    token = kept_in(sent(("一.jpg", PHOTO), text=""))
    monkeypatch.setattr("django.core.signing.time.time", lambda: timezone.now().timestamp() + 86_401)
    assert "已过期" in str(sent(pictures_kept=token).errors)


def test_a_name_that_would_be_markup_is_shown_as_text():
    page = str(sent(("<b onclick=x>.jpg", PHOTO), text="")["pictures"])
    assert "<b" not in page
    assert "&lt;b onclick=x&gt;.jpg" in page


def test_too_many_are_refused_before_any_is_opened(monkeypatch):
    monkeypatch.setattr("base.fields.keep", None)
    form = sent(*[(f"{number}.jpg", PHOTO) for number in range(MOST + 1)])
    assert form.errors == {"pictures": ["一次最多 20 张，选了 21 张，请少选几张。"]}


def test_a_file_is_not_read_further_than_it_may_be_heavy(monkeypatch):
    read = []
    monkeypatch.setattr(SimpleUploadedFile, "read", lambda self, size=-1: read.append(size) or b"")
    sent(("大.jpg", b"x")).is_valid()
    assert read == [HEAVIEST + 1]


def test_what_is_larger_than_any_form_is_not_even_read(client):
    kind = "multipart/form-data; boundary=x"
    huge = client.generic("POST", "/sign-in/", b"--x--", content_type=kind, CONTENT_LENGTH=str(LARGEST + 1))
    assert huge.status_code == 400
    assert "没有保存" in huge.content.decode()
    assert "每次不超过 20 张" in huge.content.decode()


# Swept away


def aged(path, days=2):
    then = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


def test_after_a_rollback_the_file_is_swept_and_what_a_record_has_stays(folder):
    lost, had = photo(1), photo(2)
    with transaction.atomic():
        give(lost)
        transaction.set_rollback(True)
    give(had)
    for path in folder.iterdir():
        aged(path)
    found = tidy(now=timezone.now())
    assert (found.removed, found.missing) == (1, [])
    assert [path.name for path in folder.iterdir()] == [had.digest]


def test_a_file_that_still_waits_for_its_record_stays_and_so_does_one_just_taken_up(folder):
    waiting, old = photo(1), photo(2)
    aged(folder / old.digest)
    with transaction.atomic():
        give(old)
        transaction.set_rollback(True)
    assert tidy(now=timezone.now()).removed == 0
    assert {path.name for path in folder.iterdir()} == {waiting.digest, old.digest}


def test_a_half_written_file_is_swept(folder, monkeypatch):
    monkeypatch.setattr(pictures.os, "replace", lambda part, whole: None)
    photo(1)
    for path in folder.iterdir():
        aged(path)
    assert tidy(now=timezone.now()).removed == 1


def test_the_command_names_pictures_whose_file_is_missing(folder):
    gone = photo(1)
    give(gone)
    (folder / gone.digest).unlink()
    said = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("tidy", stdout=said)
    assert ended.value.code == 2
    assert f"（record:8）缺文件 {gone.digest}，请从备份恢复。" in said.getvalue()


def test_the_command_is_content_without_a_folder():
    said = StringIO()
    call_command("tidy", stdout=said)
    assert said.getvalue() == "删去没有记录的照片文件 0 个、过期草稿 0 份、过期任务 0 个。\n"
