"""Photos of a visit: whoever may read its text sees them; to everybody else there are none."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import Client

from base.images import draw
from base.models import AuditRow, Draft, Picture
from tests.base.hostile_pictures import PLACE, gradient, never, png_that_says, saved, with_place
from tests.duties.acts import once_in
from tests.world import account
from visits.models import Visit

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'"[A-Za-z0-9]{64}"')


@pytest.fixture(autouse=True)
def folder(settings, tmp_path, monkeypatch):
    settings.PICTURES = tmp_path / "pictures"
    monkeypatch.setattr("base.pictures.redraw", draw)  # the wall has its own tests
    return settings.PICTURES


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary))


def photo(name="合影.jpg", data=None):
    return SimpleUploadedFile(name, data or with_place())


def fill(client, whom, *photos, **more) -> dict:
    page = client.get("/visits/new/", {"member": whom.pk})
    return {
        "once": once_in(page), "member": whom.pk, "on": "2026-11-20", "how": "home", "met": "member",
        "reason": re.search(r'<option value="([^"]+)"', page.content.decode())[1],
        "people": page.wsgi_request.user.person_id, "text": "家里都好。", "pictures": list(photos), **more,
    }  # fmt: skip


@pytest.fixture
def visit(world, secretary) -> Visit:
    """A visit to 李建国 with one photo."""
    assert secretary.post("/visits/new/", fill(secretary, world.li, photo())).status_code == 302
    return Visit.objects.get()


def url(visit, picture=None):
    return f"/visits/{visit.pk}/pictures/{(picture or Picture.objects.get()).pk}/"


def test_a_photo_comes_with_the_visit_and_is_shown_on_its_page(visit, secretary):
    picture = Picture.objects.get()
    assert (picture.subject, picture.name) == (f"record:{visit.record_id}", "合影.jpg")
    assert picture.organisation == visit.record.organisation_id
    body = secretary.get(f"/visits/{visit.pk}/").content.decode()
    assert f'<img src="{url(visit)}" width="60" height="40" loading="lazy" alt="照片 1">' in body
    assert "<bdi>合影.jpg</bdi>" in body


def test_what_is_sent_can_do_nothing_but_be_looked_at(visit, secretary):
    sent = secretary.get(url(visit))
    assert sent.status_code == 200
    assert sent.content[:3] == b"\xff\xd8\xff"
    assert PLACE not in sent.content
    expected = {
        "Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Cache-Control": "no-store",
        "Content-Disposition": f'inline; filename="{Picture.objects.get().pk}.jpg"', "X-Frame-Options": "DENY",
    }  # fmt: skip
    assert {name: sent.headers[name] for name in expected} == expected


def test_only_the_head_and_only_a_part(visit, secretary):
    whole = secretary.get(url(visit))
    head = secretary.head(url(visit))
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(len(whole.content)))
    part = secretary.get(url(visit), headers={"range": "bytes=0-3"})
    assert (part.status_code, len(part.content), part.headers["Accept-Ranges"]) == (200, len(whole.content), "none")
    assert secretary.post(url(visit)).status_code == 405


def test_looking_at_a_photo_is_written_down(visit, secretary):
    secretary.get(url(visit))
    row = AuditRow.objects.get(act="read", detail__field__startswith="picture")
    assert row.subject == f"record:{visit.record_id}"


def test_whoever_may_not_read_the_text_gets_no_photo_by_any_way(world, visit, sign_in):
    """The branch above sees day and kind of the visit; others, and the member himself, not even a photo's existence."""
    picture, missing = url(visit), f"/visits/{visit.pk}/pictures/999999/"
    for person in (world.general_secretary, world.sibling_secretary, world.outsider, world.clerk, world.li):
        client = sign_in(account(person))
        for way in (client.get, client.head):
            assert way(picture).status_code == 404
            assert way(picture, headers={"range": "bytes=0-3"}).status_code == 404
        here, there = (TOKEN.sub("", client.get(page).content.decode()) for page in (picture, missing))
        assert here == there
        assert client.post(f"{picture}remove/").status_code == 404
        assert client.get(f"/visits/{visit.pk}/pictures/new/").status_code == 404
        page = client.get(f"/visits/{visit.pk}/").content.decode()
        assert "pictures" not in page
        assert "合影" not in page
    assert Client().get(picture).headers["Location"].startswith("/sign-in/")
    assert Picture.objects.exists()


def test_a_photo_is_only_found_under_its_own_visit(world, visit, secretary):
    other = fill(secretary, world.zhao, photo("另一张.png", saved(gradient(size=(9, 9)), "PNG")))
    assert secretary.post("/visits/new/", other).status_code == 302
    theirs = Visit.objects.exclude(pk=visit.pk).get()
    mine = Picture.objects.order_by("pk").first()
    assert secretary.get(url(visit, mine)).status_code == 200
    assert secretary.get(url(theirs, mine)).status_code == 404
    assert secretary.post(f"{url(theirs, mine)}remove/", {"once": "k"}).status_code == 404


def test_the_organisation_commissioner_of_the_branch_sees_it_too(world, visit, sign_in):
    assert sign_in(account(world.commissioner)).get(url(visit)).status_code == 200


def test_a_missing_file_is_a_missing_page(visit, secretary, folder):
    for file in folder.iterdir():
        file.unlink()
    assert secretary.get(url(visit)).status_code == 404


def test_a_visit_needs_no_photo_and_a_bad_one_stops_it_with_a_sentence(world, secretary):
    for name, data, sentence in (
        ("扫描.pdf", never()["pdf"], "不是能打开的 JPG、PNG 或 WebP 图片"),
        ("画.svg", never()["svg"], "不是能打开的 JPG、PNG 或 WebP 图片"),
        ("两亿像素.png", png_that_says(20_000, 10_000), "万像素，请缩小或截图后再选。"),
    ):
        refused = secretary.post("/visits/new/", fill(secretary, world.li, photo(name, data), text="看望"))
        body = refused.content.decode()
        assert refused.status_code == 422
        assert f"“{name}”" in body
        assert sentence in body
        assert "看望" in body
    assert not Visit.objects.exists()
    assert secretary.post("/visits/new/", fill(secretary, world.li)).status_code == 302


def test_a_photo_that_came_with_a_refused_form_is_not_chosen_again(world, secretary):
    refused = secretary.post("/visits/new/", fill(secretary, world.li, photo(), text=""))
    assert refused.status_code == 422
    kept = re.search(r'name="pictures_kept" value="([^"]+)"', refused.content.decode())[1]
    assert secretary.post("/visits/new/", fill(secretary, world.li, pictures_kept=kept)).status_code == 302
    assert Picture.objects.get().name == "合影.jpg"


def test_a_full_quota_refuses_the_photo_and_keeps_the_form(world, secretary, settings):
    settings.PICTURE_QUOTA = 10
    refused = secretary.post("/visits/new/", fill(secretary, world.li, photo(), text="看望"))
    body = refused.content.decode()
    assert "所在党组织的照片已用满" in body
    assert "看望" in body
    assert not Visit.objects.exists()
    kept = re.search(r'name="pictures_kept" value="([^"]+)"', body)[1]
    without = fill(secretary, world.li, pictures_kept=kept, pictures_drop="on")
    assert secretary.post("/visits/new/", without).status_code == 302


def test_photos_are_added_later_once_and_taken_off_again(visit, secretary):
    page = f"/visits/{visit.pk}/pictures/new/"
    sent = {"once": once_in(secretary.get(page)), "pictures": [photo("二.png", saved(gradient(size=(9, 9)), "PNG"))]}
    assert secretary.post(page, sent).headers["Location"] == f"/visits/{visit.pk}/"
    again = photo("三.png", saved(gradient(size=(8, 8)), "PNG"))
    assert secretary.post(page, {**sent, "pictures": [again]}).status_code == 302  # the second click
    assert Picture.objects.count() == 2
    last = Picture.objects.order_by("pk").last()
    confirm = f"{url(visit, last)}remove/"
    assert "不能恢复" in secretary.get(confirm).content.decode()
    assert Picture.objects.count() == 2
    gone = secretary.post(confirm, {"once": once_in(secretary.get(confirm))}, follow=True)
    assert "照片已去掉。" in gone.content.decode()
    assert secretary.get(url(visit, last)).status_code == 404
    assert Picture.objects.count() == 1


def test_adding_nothing_is_refused(visit, secretary):
    page = f"/visits/{visit.pk}/pictures/new/"
    refused = secretary.post(page, {"once": once_in(secretary.get(page))})
    assert (refused.status_code, "请选照片。" in refused.content.decode()) == (422, True)


def test_whoever_may_not_take_the_visit_back_sees_photos_but_changes_none(world, visit, sign_in):
    client = sign_in(account(world.commissioner))
    assert "去掉" not in client.get(f"/visits/{visit.pk}/").content.decode()
    for page in (f"/visits/{visit.pk}/pictures/new/", f"{url(visit)}remove/"):
        assert client.get(page).status_code == 403


def test_the_photos_of_a_withdrawn_visit_stay_and_stay_as_they_are(visit, secretary):
    page = f"/visits/{visit.pk}/withdraw/"
    assert secretary.post(page, {"once": once_in(secretary.get(page)), "reason": ""}).status_code == 302
    assert secretary.get(url(visit)).status_code == 200
    for page in (f"/visits/{visit.pk}/pictures/new/", f"{url(visit)}remove/"):
        refused = secretary.post(page, {"once": "k"})
        assert refused.status_code == 403
        assert "这次走访已于 2026-11-23 撤回，照片不再改动。" in refused.content.decode()
    assert Picture.objects.exists()


def test_the_page_asks_the_same_of_the_database_for_one_photo_and_for_many(
    visit, secretary, django_assert_max_num_queries, django_assert_num_queries
):
    page = f"/visits/{visit.pk}/"
    secretary.get(page)  # the message of saving is shown, and gone
    with django_assert_max_num_queries(40) as one:
        secretary.get(page)
        count = len(one)
    sent = {"once": "many", "pictures": [photo(f"{n}.png", saved(gradient(size=(9, n)), "PNG")) for n in range(3, 15)]}
    secretary.post(f"/visits/{visit.pk}/pictures/new/", sent)
    secretary.get(page)
    with django_assert_num_queries(count):
        assert secretary.get(page).content.decode().count("<img") == 13


def test_what_was_typed_about_a_visit_is_kept_until_it_is_saved(world, secretary):
    sent = fill(secretary, world.li)
    secretary.post("/drafts/", {"draft": f"visit:m{world.li.pk}", "text": "没人陪护。", "how": "hospital"})
    body = secretary.get("/visits/new/", {"member": world.li.pk}).content.decode()
    assert "上次没保存的内容，10:00，已填回。" in body
    assert "没人陪护。" in body
    assert 'value="hospital" id="id_how_1" checked' in re.sub(r"\s+required", "", body)
    assert "没人陪护" not in secretary.get("/visits/new/", {"member": world.zhao.pk}).content.decode()
    assert secretary.post("/visits/new/", sent).status_code == 302
    assert not Draft.objects.exists()
