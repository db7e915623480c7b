"""The form of one level's report: what is reported, or what was arranged, and who has the next turn."""

from datetime import date

from django import forms

from base.fields import TextField
from base.once import OnceField
from duties.deeds import LONGEST
from duties.forms import CLERKS
from members.acting import actors_for
from members.models import Person
from visits.forms.choices import Day, say
from visits.upward import Way


class UpwardForm(forms.Form):
    """What the level whose turn it is does. Only the branch says who reported; above, whoever has the task did."""

    once = OnceField()
    on = Day(label="哪天报告的")
    people = forms.TypedMultipleChoiceField(label="谁报告的", coerce=int, widget=forms.CheckboxSelectMultiple)
    note = TextField(
        label="报告什么", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="现在的情况、本人遗愿和亲属意愿、需要上级做什么。加密保存，办理人和能在这里登记的人能看。",
    )  # fmt: skip
    paper = TextField(label="文件编号", required=False, max_length=60)
    to = forms.TypedChoiceField(label="报告给谁", coerce=int, widget=forms.RadioSelect)

    def __init__(self, data=None, *, account, way: Way, day: date, **more):
        super().__init__(data, **more)
        self.way = way
        self.records = way.report is None or bool(way.now and way.now.task.running)
        if way.report is None:
            here = actors_for(way.stay.organisation, account, day, but=way.event.person, also=CLERKS)
            self.fields["people"].choices = here
        else:
            del self.fields["people"]
        if not self.records:
            for name in ("on", "note", "paper"):
                del self.fields[name]
        if way.then is None:
            del self.fields["to"]
        else:
            self.fields["to"].label = f"报告给{way.then.organisation.label}的谁"
            self.fields["to"].choices = [
                (person.pk, f"{person.name}（{'、'.join(post.get_role_display() for post in posts)}）")
                for person, posts in way.then.holders.items()
            ]
        if way.now and way.then is None and self.records:
            self.fields["on"].label, self.fields["note"].label = "哪天安排的", "怎样安排看望慰问或吊唁"
            self.fields["note"].help_text = "谁去、哪天去、带什么。去过以后由去的同志登记走访或吊唁。加密保存。"
        sentences = {"on": "请填日期，例如 2026-11-20。", "people": "请勾选是谁。", "to": "请选报告给谁。"}
        say(self, {name: words for name, words in sentences.items() if name in self.fields})

    def given(self) -> dict:
        """The report as the service takes it."""
        given = self.cleaned_data
        return {
            "on": given.get("on"), "note": given.get("note", ""), "paper": given.get("paper", ""),
            "people": list(Person.objects.filter(pk__in=given.get("people", [])).order_by("pk")),
            "to": next((each for each in self.way.then.holders if each.pk == given["to"]), None)
            if self.way.then
            else None,
        }  # fmt: skip
