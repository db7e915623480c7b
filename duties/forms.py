"""The forms of events, of what was done, and of answers for duties. They offer only what the account may choose; the
service checks what can have happened.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django import forms

from base.fields import TextField
from base.once import OnceField
from duties.deeds import LONGEST, WHAT
from duties.engine.models import Action, Duty
from duties.policy import documents
from duties.policy.documents import LONGEST as LONGEST_TEXT
from duties.policy.models import Clause
from duties.policy.schema import PLAIN_ACTIONS
from members.acting import actors_for, stood_elsewhere
from members.enums import (
    EVENT_GROUPS,
    OF_PEOPLE,
    ON_PAGES_OF_THEIR_OWN,
    ORGANISATION_EVENTS,
    Capability,
    EventKind,
    Role,
)
from members.models import Membership, Organisation, Person, Post
from members.office_forms import day_field
from members.services import HOLDS_MEMBERS

TAKEN_BACK = "已经撤回过，理由以第一次写的为准。"
WHOM = dict.fromkeys(("required", "invalid"), "没有说是哪位党员，请点“换人”重新选。")
"""What the hidden field of the member says when somebody changed it."""

SPARE = "其他情形（目前没有制度要求）"
ALWAYS = frozenset({EventKind.TRANSFER_IN, EventKind.TRANSFER_OUT, EventKind.DEATH})
"""Kinds from which something follows whatever policy says: memberships change."""


class EventForm(forms.Form):
    """Something happened to one member, from the closed list."""

    once = OnceField()
    member = forms.IntegerField(widget=forms.HiddenInput, error_messages=WHOM)
    kind = forms.ChoiceField(
        label="发生了什么", widget=forms.RadioSelect,
        error_messages={
            "required": "请选发生了什么。", "invalid_choice": "“%(value)s”不在你能登记的事由里，请从列表里选。",
        },
    )  # fmt: skip
    occurred_on = forms.DateField(
        label="哪天发生的", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填发生日期，例如 2026-11-20。", "invalid": "请填发生日期，例如 2026-11-20。"},
        help_text="期限从这一天算起，不是从登记那天。",
    )  # fmt: skip
    to = forms.ModelChoiceField(
        Organisation.objects.none(), label="转到哪个支部", required=False, empty_label="选“组织关系转入”时填写",
        error_messages={"invalid_choice": "没有这个支部，或不在你的范围内。请从列表里选。"},
    )  # fmt: skip
    note = TextField(
        label="说明", required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="加密保存。不写也照样生成应办。",
    )  # fmt: skip
    sure = forms.BooleanField(
        label="我已与家属或单位核实", required=False, widget=forms.CheckboxInput(attrs={"form": "event-form"})
    )

    def __init__(self, data=None, *, account, rehearsing: bool = False, **more):
        super().__init__(data, **more)
        self.rehearsing = rehearsing
        branches = Organisation.objects.visible_to(account, Capability.RECEIVE).filter(kind__in=HOLDS_MEMBERS)
        branches = branches.on(account.scope.day)
        self.receives = branches.count() > 1
        if self.receives:
            self.fields["to"].queryset = branches.order_by("path")
        else:
            del self.fields["to"]
        elsewhere = ON_PAGES_OF_THEIR_OWN | (set() if self.receives else {EventKind.TRANSFER_IN})
        self.fields["kind"].choices = [
            (title, [(kind.value, kind.label) for kind in kinds if kind not in elsewhere])
            for title, kinds in EVENT_GROUPS
        ]

    def grouped(self, read: Collection[str]) -> list[dict]:
        """The kinds by group, as the page lays them out: what policy asks nothing about comes last.

        :param read: the kinds from which something follows where the member stands.
        """
        chosen, spare, groups = self["kind"].value(), [], []
        for title, choices in self.fields["kind"].choices:
            asked = [choice for choice in choices if choice[0] in read or choice[0] in ALWAYS]
            spare += [choice for choice in choices if choice not in asked]
            groups.append((title, asked))
        shown = [(title, choices) for title, choices in [*groups, (SPARE, spare)] if choices]
        opened = next((title for title, choices in shown if chosen in dict(choices)), shown[0][0])
        return [
            {
                "title": title, "open": title == opened, "hint": "、".join(label for _v, label in choices),
                "choices": [{"value": v, "label": label, "checked": v == chosen} for v, label in choices],
            }
            for title, choices in shown
        ]  # fmt: skip

    def clean(self):
        given = super().clean()
        kind = given.get("kind")
        if kind == EventKind.TRANSFER_IN and "to" in self.fields and not given.get("to") and "to" not in self.errors:
            self.add_error("to", "请选转到哪个支部。")
        if kind == EventKind.DEATH and not given.get("sure") and not self.rehearsing:
            self.add_error("sure", "登记去世前请再核实一次，并在这里打勾。")
        return given

    @property
    def is_death(self) -> bool:
        """Whether the form, as it was sent, says that the member died."""
        return self.is_bound and self["kind"].value() == EventKind.DEATH


class OrganisationEventForm(forms.Form):
    """Something happened to an organisation as a whole. ``read``: the kinds from which something follows there."""

    once = OnceField()
    kind = forms.ChoiceField(
        label="发生了什么", widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选发生了什么。"),
    )  # fmt: skip
    occurred_on = day_field("发生日期", hint="期限从这一天算起，不是从登记那天。")
    source = TextField(
        label="依据", required=False, max_length=60, help_text="文号或会议，例如 防汛指〔2026〕7 号。不写姓名。",
    )  # fmt: skip

    def __init__(self, data=None, *, read: Collection[str], **more):
        super().__init__(data, **more)
        awaited = set(read) - OF_PEOPLE - ON_PAGES_OF_THEIR_OWN
        others = [kind for _title, kinds in EVENT_GROUPS for kind in kinds if kind in awaited]
        kinds = dict.fromkeys([*others, *ORGANISATION_EVENTS])
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]


CLERKS = (Role.DEPARTMENT_CLERK, Role.ORGANISER)
"""Who writes reports and plans besides those who talk and visit."""


@dataclass(frozen=True)
class About:
    """Whom a deed is about: a member where the membership is, or the organisation alone; the duty it was opened from.

    ``hidden``: the basis of the duty is not for the reader.
    """

    organisation: Organisation
    membership: Membership | None = None
    duty: Duty | None = None
    hidden: bool = False

    @property
    def person(self) -> Person | None:
        return self.membership.person if self.membership else None

    @property
    def key(self) -> str:
        return f"m{self.membership.person_id}" if self.membership else f"o{self.organisation.pk}"

    @property
    def actions(self) -> list[str]:
        """What may be chosen: the duty's own first. Whatever an organisation itself owes is entered here."""
        if self.duty is None or self.hidden:
            return list(PLAIN_ACTIONS)
        spec = self.duty.rule.parsed
        owes_itself = spec.subject == "organisation" and not spec.selected
        own = [action for action in spec.actions if owes_itself or action in PLAIN_ACTIONS]
        return list(dict.fromkeys([*own, *PLAIN_ACTIONS]))


class DeedForm(forms.Form):
    """What has no form of its own: what, when, who, in a few words."""

    once = OnceField()
    member = forms.IntegerField(required=False, widget=forms.HiddenInput, error_messages=WHOM)
    organisation = forms.IntegerField(required=False, widget=forms.HiddenInput)
    action = forms.ChoiceField(
        label="办的是什么", error_messages=dict.fromkeys(("required", "invalid_choice"), "请选办的是什么。")
    )
    on = day_field("办理日期")
    people = forms.TypedMultipleChoiceField(
        label="谁办的", coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("required", "invalid_choice", "invalid_list"), "请从列表里勾选是谁办的。"),
    )  # fmt: skip
    note = TextField(
        label="办了什么", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写清做法和结果。加密保存，办理人和能在这里登记的人能看，其他人只见事项和日期。",
    )  # fmt: skip
    paper = TextField(
        label="文件或材料编号", required=False, max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "例如：支字〔2026〕3 号"}),
    )  # fmt: skip

    def __init__(self, data=None, *, account, about: About, day: date, **more):
        super().__init__(data, **more)
        self.account, self.about = account, about
        actions = [(action, Action(action).label) for action in about.actions]
        self.fields["action"].choices = [("", "请选"), *actions]
        people = dict(actors_for(about.organisation, account, day, but=about.person, also=CLERKS))
        if about.duty and about.duty.actor:
            people.setdefault(about.duty.actor_id, about.duty.actor.name)
        self.fields["people"].choices = list(people.items())

    def clean(self):
        given = super().clean()
        if given.get("on") and self.about.person:
            for words in stood_elsewhere(self.account, [self.about.person], given["on"], what=WHAT).values():
                self.add_error("on", words)
        return given

    def deed(self) -> dict:
        """The deed as the service takes it."""
        given, about = self.cleaned_data, self.about
        return {
            "action": given["action"], "on": given["on"], "note": given["note"], "paper": given["paper"],
            "people": list(Person.objects.filter(pk__in=given["people"]).order_by("pk")),
            "member": about.person, "organisation": None if about.membership else about.organisation,
            "event": about.duty.event if about.duty else None,
        }  # fmt: skip


class WithdrawForm(forms.Form):
    """Why something is taken back."""

    once = OnceField()
    reason = TextField(
        label="为什么撤回", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )  # fmt: skip


class DocumentForm(forms.Form):
    """The text of a policy's document, pasted. What stands attached already is replaced only by who says so."""

    once = OnceField()
    title = TextField(label="标题", max_length=120, error_messages={"required": "请填文件标题，照印发的写。"})
    number = TextField(label="文号", required=False, max_length=60, help_text="没有文号的留空。")
    text = TextField(
        label="正文", max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 18}),
        error_messages={"required": "请粘贴正文。"},
        help_text="整篇粘贴，不用排版。各条的开头与印发的一致，就能自动对到条款。最多六万字。",
    )  # fmt: skip
    sure = forms.BooleanField(
        label="我确认用这一份替换现有的正文", required=False, error_messages={"required": "替换前请在这里打勾。"}
    )

    def __init__(self, data=None, *, replaces: bool, **more):
        super().__init__(data, **more)
        if replaces:
            self.fields["sure"].required = True
        else:
            del self.fields["sure"]


class DocumentRemoveForm(forms.Form):
    """Saying that an attached text is to go."""

    once = OnceField()
    sure = forms.BooleanField(label="我确认移除这份正文", error_messages={"required": "移除前请在这里打勾。"})


BY_BEGINNING, NO_CLAUSE = "auto", "none"


class ParagraphForm(forms.Form):
    """To which clause a paragraph of an attached text belongs. ``key`` says which paragraph the reader saw."""

    once = OnceField()
    key = forms.CharField(max_length=40, widget=forms.HiddenInput, error_messages={"required": "没有说是哪一段。"})
    clause = forms.ChoiceField(
        label="这一段对应", error_messages=dict.fromkeys(("required", "invalid_choice"), "请从列表里选。"),
        help_text="后面没有自己对上条款的各段，跟着这一段。",
    )  # fmt: skip

    def __init__(self, data=None, *, clauses: Iterable[Clause], **more):
        super().__init__(data, **more)
        listed = [(f"c{each.code}", f"{each.printed} {each.heading}") for each in clauses]
        self.fields["clause"].choices = [(BY_BEGINNING, "按段落开头自动对"), (NO_CLAUSE, "不属于任何条款"), *listed]

    @property
    def code(self) -> str | None:
        """The clause's code as :func:`duties.policy.documents.assign_paragraph` takes it."""
        chosen = self.cleaned_data["clause"]
        return {BY_BEGINNING: documents.BY_BEGINNING, NO_CLAUSE: documents.NO_CLAUSE}.get(chosen, chosen[1:])


UNDONE = (
    ("above", "已由上级统一办理"),
    ("declined", "本人书面不需要"),
    ("away", "长期在外无法联系"),
    ("other", "其他"),
)
"""Why a duty need not be done: the usual reasons."""


class WaiveForm(forms.Form):
    """Why some duties need not be done."""

    once = OnceField()
    why = forms.ChoiceField(
        label="为什么免办", choices=UNDONE, widget=forms.RadioSelect,
        error_messages={"required": "请选为什么免办。", "invalid_choice": "请从列出的理由里选。"},
    )  # fmt: skip
    text = TextField(
        label="具体情况", required=False, max_length=150, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="选“其他”时要写。理由和决定人一起列在“免办与作废”里，不写病情、处分。",
    )  # fmt: skip

    def clean(self):
        given = super().clean()
        if given.get("why") == "other" and not given.get("text", "").strip() and "text" not in self.errors:
            self.add_error("text", "选了“其他”，请写明理由。")
        return given

    @property
    def reason(self) -> str:
        """The reason as it is kept."""
        why, text = dict(UNDONE)[self.cleaned_data["why"]], self.cleaned_data["text"].strip()
        return text if self.cleaned_data["why"] == "other" else "，".join(filter(None, (why, text)))


def _titles(posts: list[Post]) -> str:
    return "、".join(f"{post.organisation.label}{post.get_role_display()}" for post in posts)


class OfPeople(forms.Form):
    """A form that offers some people with their posts. ``offered``: each with their posts, as ``doers`` finds them."""

    def __init__(self, data=None, *, offered: dict[Person, list[Post]], **more):
        super().__init__(data, **more)
        self.people = {str(person.pk): person for person in offered}
        self.choices = [(str(person.pk), f"{person.name}（{_titles(posts)}）") for person, posts in offered.items()]


NOBODY = "没有这个人，或此人在这些事所在的党组织和上级都没有任职。请从列表里选。"


class HandOnForm(OfPeople):
    """To whom some duties are handed on."""

    once = OnceField()
    to = forms.ChoiceField(label="转给谁", error_messages={"required": "请选转给谁。", "invalid_choice": NOBODY})
    reason = TextField(
        label="说明", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例如出差到哪天。接办的人看得到。",
    )  # fmt: skip

    def __init__(self, data=None, **more):
        super().__init__(data, **more)
        self.fields["to"].choices = [("", "请选"), *self.choices]

    def clean_to(self) -> Person:
        return self.people[self.cleaned_data["to"]]


class ArrangeForm(OfPeople):
    """When some duties are to be done, and who goes."""

    once = OnceField()
    on = forms.DateField(
        label="安排在", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=dict.fromkeys(("required", "invalid"), "请填安排在哪天，例如 2026-12-03。"),
    )  # fmt: skip
    person = forms.ChoiceField(label="由谁去", required=False, error_messages={"invalid_choice": NOBODY})

    def __init__(self, data=None, **more):
        super().__init__(data, **more)
        self.fields["person"].choices = [("", "先不定人"), *self.choices]

    def clean_person(self) -> Person | None:
        return self.people.get(self.cleaned_data["person"])
