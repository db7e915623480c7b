"""Applications to a fund: what was asked, every step that was taken, and who had which part in it.

Only :mod:`fund.applying.steps` writes steps and states. The database itself keeps steps, parts and decisions from being
changed or removed, and one person from having two parts in one application.
"""

from datetime import date

from django.db import models
from django.db.models import Q

from base.sealed import SealedTextField, blind_index
from care.models import Facts
from fund.models.books import Fund, OfFundQuerySet
from fund.regulation.files import SHELF
from fund.regulation.reckoning import yuan
from fund.regulation.schema import Class, Regulation
from fund.regulation.steps import OVER, Move, Stage, label_of
from fund.regulation.words import Hand
from members.enums import Capability, Role
from members.models import PATH_LENGTH, Event, Organisation, Person
from members.scope import Scope, ScopedQuerySet


class FundRegulation(models.Model):
    """资金管理办法: what a fund follows from a day on until its next row. Never changed: a new text is a new row."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="regulations")
    code = models.CharField("编号", max_length=60)
    title = models.CharField("名称", max_length=120)
    text = models.TextField("全文", help_text="TOML")
    since = models.DateField("自")
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "资金管理办法"
        constraints = [models.UniqueConstraint(fields=["fund", "since"], name="one_regulation_a_day")]

    def __str__(self):
        return f"{self.code} of fund {self.fund_id} since {self.since}"

    @property
    def parsed(self) -> Regulation:
        return SHELF.parsed(self.text, self.code)


class Filer(models.TextChoices):
    """Who filled the application in."""

    SELF = "self", "本人"
    BRANCH = "branch", "党支部代填"
    RELATIVE = "relative", "亲属委托代填"


class ApplicationQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """To look at: where the member stands; one's own and those one filed; for who reads the books of the fund,
        whatever was submitted to it. Nobody else sees a draft but who filed it and where it is filed for.
        """
        here = scope.q("path", capability)
        if capability != Capability.VIEW:
            return here
        paid = scope.q("fund__organisation__path", Capability.READ_BOOKS) & ~Q(state=Stage.DRAFT)
        if scope.person is None:
            return here | paid
        return here | paid | Q(person=scope.person) | Q(filed_by=scope.person)

    def running(self):
        """Those that are not over: drafts too."""
        return self.exclude(state__in=OVER)

    def awaiting(self, *codes: str):
        """Those that wait for one of these steps."""
        return self.filter(state__in=codes)

    def submitted(self):
        return self.exclude(state=Stage.DRAFT)

    def told(self):
        """Those of which the time line of a member tells, with what :meth:`Application.story` reads."""
        return self.submitted().filter(submitted_on__isnull=False).prefetch_related("grants__payments")


class Application(models.Model):
    """资金申请: one member asks one fund for help in one class of its regulation.

    ``state`` as :mod:`fund.regulation.steps` has it, ``serial`` the number of the last step taken, ``round`` how often
    it was submitted. ``organisation`` is where the member stood when it was last submitted. ``content`` is what only
    those who handle it read: reason, household, income, account. ``account_mark`` finds the same account elsewhere.
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="applications")
    person = models.ForeignKey(Person, models.PROTECT, related_name="fund_applications", verbose_name="申请人")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="fund_applications")
    path = models.CharField(max_length=PATH_LENGTH)
    regulation = models.ForeignKey(FundRegulation, models.PROTECT, related_name="applications")
    year = models.PositiveSmallIntegerField("年度", null=True)
    number = models.PositiveIntegerField("编号", null=True)
    kind = models.CharField("帮扶类别", max_length=40)
    grade = models.CharField("档次", max_length=20, blank=True)
    urgent = models.BooleanField("紧急", default=False)
    asked = models.PositiveBigIntegerField("申请金额（分）")
    granted = models.PositiveBigIntegerField("核定金额（分）", null=True)
    state = models.CharField("状态", max_length=60, default=Stage.DRAFT)
    round = models.PositiveSmallIntegerField("第几次提交", default=0)
    serial = models.PositiveIntegerField("最后一步", default=0)
    content = Facts("申请内容")
    account_mark = models.CharField("收款账号标记", max_length=64, blank=True, db_index=True)
    filer = models.CharField("填写人", max_length=12, choices=Filer)
    filed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="filed_applications")
    agreed_on = models.DateField("本人同意核查和公示的日期", null=True)
    drafted_on = models.DateField("起草日期")
    submitted_on = models.DateField("提交日期", null=True)
    due_on = models.DateField("这一步的期限", null=True)
    decided_on = models.DateField("研究日期", null=True)
    ended_on = models.DateField("办结日期", null=True)
    waiting = models.ForeignKey(Event, models.PROTECT, null=True, related_name="fund_applications")

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "资金申请"
        constraints = [
            models.UniqueConstraint(fields=["fund", "year", "number"], name="one_application_for_a_number"),
            models.UniqueConstraint(
                fields=["fund", "person", "kind"], condition=~Q(state__in=OVER), name="one_running_application"
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["fund", "state", "id"], name="applications_by_state"),
            models.Index(fields=["path", "id"], name="applications_in_subtree"),
            models.Index(fields=["person", "id"], name="applications_of_person"),
        ]

    def __str__(self):
        return f"application {self.pk}"

    @property
    def label(self) -> str:
        """2026-052; before it was submitted for the first time 草稿."""
        return f"{self.year}-{self.number:03}" if self.number else "草稿"

    @property
    def class_of(self) -> Class:
        """The class of its regulation it is made in."""
        return next(each for each in self.regulation.parsed.classes if each.code == self.kind)

    @property
    def state_words(self) -> str:
        return label_of(self.regulation.parsed, self.state)

    def story(self) -> list[tuple[date, str, str]]:
        """Its days on the time line of the member, each with a label and words: when it was handed in, decided, paid,
        ended otherwise. Neither class nor reason.
        """
        found = [(self.submitted_on, "申请帮扶资金", f"{self.label}，{yuan(self.asked)} 元")]
        if self.decided_on and self.granted:
            found.append((self.decided_on, "集体研究", f"{self.label}，核定 {yuan(self.granted)} 元"))
        for grant in self.grants.all():
            paid = [each for each in grant.payments.all() if each.on and each.state != "failed"]
            found += [(each.on, "发放帮扶资金", f"{self.label}，{yuan(grant.fen)} 元") for each in paid]
        if self.state in (Stage.WITHDRAWN, Stage.REFUSED, Stage.DIED):
            found.append((self.ended_on, "申请帮扶资金", f"{self.label}，{Stage(self.state).label}"))
        return found

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def editable(self) -> bool:
        """Whether what is asked may still change: before it is submitted, and after it was sent back."""
        return self.state in (Stage.DRAFT, Stage.RETURNED)


def account_mark_of(number: str) -> str:
    """A keyed digest of a bank account's number, the same whatever spaces were typed; empty for none."""
    digits = "".join(each for each in number if each.isalnum())
    return blind_index(f"fund.account:{digits}") if digits else ""


class Taken(models.Model):
    """经过: one step taken, in order. Only grows; ``unique (application, serial)`` lets one of two at once through.

    ``before`` and ``after`` are states; ``opinion`` is read by those who handle the application. ``facts`` holds what
    the step settled in figures: the vote of a branch (``body``, ``minutes``, ``entitled``, ``present``, ``agree`` …),
    grounds found and the reasons for setting them aside.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="taken")
    serial = models.PositiveIntegerField("序号")
    round = models.PositiveSmallIntegerField("第几次提交")
    step = models.CharField("步骤", max_length=40, blank=True)
    title = models.CharField("步骤名称", max_length=60)
    move = models.CharField("办法", max_length=12, choices=Move)
    before = models.CharField("之前", max_length=60)
    after = models.CharField("之后", max_length=60)
    on = models.DateField("日期")
    at = models.DateTimeField("录入时间")
    account = models.BigIntegerField("账号", null=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    role = models.CharField("职务", max_length=32, choices=Role, blank=True)
    post = models.CharField("当时职务", max_length=120, blank=True)
    fen = models.PositiveBigIntegerField("金额（分）", null=True)
    opinion = SealedTextField("意见", blank=True)
    facts = Facts("情况")

    class Meta:
        verbose_name = "申请经过"
        constraints = [models.UniqueConstraint(fields=["application", "serial"], name="one_step_for_a_serial")]

    def __str__(self):
        return f"step {self.serial} of application {self.application_id}"


class Part(models.Model):
    """经手: the one hand a person has in an application. Only grows; the database refuses a second hand."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="parts")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    hand = models.CharField("经手", max_length=8, choices=Hand)
    step = models.CharField("步骤", max_length=40, blank=True)

    class Meta:
        verbose_name = "申请经手人"
        constraints = [models.UniqueConstraint(fields=["application", "person"], name="one_hand_of_a_person")]

    def __str__(self):
        return f"{self.hand} of application {self.application_id}"
