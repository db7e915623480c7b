"""Pages with several forms: which of them was sent, carried out once, and what comes back if it is refused."""

from collections.abc import Callable

from django.forms import Form

from base.once import new_key, submitted

DONE = "这一步刚才已经办好，没有再办一次。"
"""What a second click on an act of office reads."""


def bound(request, act: str, form: type[Form], **more) -> Form:
    """The form of one act of a page: with what was sent, if it is the one that was; else fresh."""
    sent = request.method == "POST" and request.POST.get("act") == act
    initial = {"once": new_key(), **more.pop("initial", {})}
    return form(request.POST if sent else None, initial=initial, auto_id=f"{act}_%s", **more)


def carried_out(request, forms: dict[str, Form], acts: dict[str, Callable[[Form], str]], **words) -> str | None:
    """Carry out the act that was sent, once; where its result is, or ``None`` if none was or it is refused."""
    form = next((form for form in forms.values() if form.is_bound), None)
    if form is None:
        return None
    act = request.POST["act"]
    return submitted(request, form, lambda: acts[act](form), **{"repeated": DONE, **words})


def status_of(forms: dict[str, Form]) -> int:
    """422 if a form of the page was refused."""
    return 422 if any(form.errors for form in forms.values() if form.is_bound) else 200
