"""What pages about pictures share: the form that adds some, and one picture as the browser may have it."""

from django import forms
from django.http import Http404, HttpResponse

from base import audit
from base.fields import PicturesField
from base.models import Picture
from base.once import OnceField
from base.pictures import opened

ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""What the browser may do with a picture opened by itself: show it, in the middle of its own black page."""


class AddForm(forms.Form):
    """Pictures that came to hand after what they belong to was saved."""

    once = OnceField()
    pictures = PicturesField(required=True, help_text="JPG、PNG、WebP，每张不超过 10 MB。位置等拍摄信息不保存。")


def shown(picture: Picture, *, audited: bool = False) -> HttpResponse:
    """One picture. Drawn by us, named by number, shown by the browser without any right of its own; audited.

    :param audited: whether the page that shows it said so already.

    :raises Http404: where its file is missing.
    """
    try:
        data = opened(picture)
    except FileNotFoundError as missing:
        raise Http404 from missing
    if not audited:
        audit.write(audit.Act.READ, picture.subject, field=f"picture:{picture.pk}")
    return HttpResponse(data, headers={
        "Content-Type": "image/jpeg", "Content-Disposition": f'inline; filename="{picture.pk}.jpg"',
        "Content-Security-Policy": ALONE, "Cross-Origin-Resource-Policy": "same-origin", "Accept-Ranges": "none",
    })  # fmt: skip
