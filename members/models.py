"""Organisations, people, memberships, posts, accounts, categories, ties, events: the facts of floor 1.

What is derived from them for the lists alone lies in :mod:`members.derived`.
All intervals are half open and ``until`` is never null. Rows are ended or withdrawn, never deleted.
"""

from collections import defaultdict
from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import cached_property

from base.dates import DAWN, FAR, completed_years, today
from base.sealed import BlindIndexField, SealedTextField, blind_index, mask_address, mask_id, mask_phone
from members.derived import NameKey
from members.enums import (
    ADMINISTRATORS,
    SANCTIONS,
    Capability,
    CategoryKind,
    EventKind,
    OrganisationKind,
    Precision,
    Role,
    Standing,
    TieKind,
)
from members.letters import Correction, Invitation  # noqa: F401  models of this app, in a module of their own
from members.scope import Holding, Scope, ScopedQuerySet, path_end
from members.search import asks_for_number, sound, written
from members.standing import Seniority, seniority

PATH_SEGMENT = 5
PATH_LENGTH = PATH_SEGMENT * 8


class IntervalQuerySet(ScopedQuerySet):
    """Words for rows that hold for a while."""

    def on(self, day: date):
        """Rows that hold on ``day``."""
        return self.filter(since__lte=day, until__gt=day)


class OrganisationQuerySet(IntervalQuerySet):
    scope_path = "path"

    def within(self, organisation: "Organisation"):
        """``organisation`` and everything below it."""
        return self.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))


class Organisation(models.Model):
    """One party organisation. ``path`` is where it stands today: five digits for each level, so a subtree is a range.

    Written by the import of organisations; ``start_day`` by the first adoption of a policy.
    """

    code = models.CharField("党组织编码", max_length=40, unique=True)
    name = models.CharField("党组织名称", max_length=120)
    short_name = models.CharField("党组织简称", max_length=60, blank=True)
    kind = models.CharField("组织类别", max_length=16, choices=OrganisationKind)
    unit_name = models.CharField("单位名称", max_length=120, blank=True)
    founded_on = models.DateField("成立日期", null=True, blank=True)
    term_ends_on = models.DateField("届满日期", null=True, blank=True)
    phone = models.CharField("联系电话", max_length=40, blank=True)
    path = models.CharField("路径", max_length=PATH_LENGTH, unique=True, editable=False)
    start_day = models.DateField("启用日", default=FAR)
    since = models.DateField("自", default=DAWN)
    until = models.DateField("至", default=FAR)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "党组织"

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        return self.short_name or self.name

    @property
    def level(self) -> int:
        return len(self.path) // PATH_SEGMENT


class OrganisationParent(models.Model):
    """Which organisation stood under which, and when: the fact from which lineage is derived."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="parents")
    parent = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="children")
    since = models.DateField("自", default=DAWN)
    until = models.DateField("至", default=FAR)

    class Meta:
        verbose_name = "隶属关系"
        constraints = [
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="parent_interval"),
            models.UniqueConstraint(fields=["organisation", "until"], name="one_parent_at_a_time"),
        ]

    def __str__(self):
        return f"{self.organisation_id} under {self.parent_id}"


class Lineage(models.Model):
    """Derived: organisation × ancestor (itself at distance 0) × since / until. Rebuilt when a parent changes."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="lineage")
    ancestor = models.ForeignKey(Organisation, models.CASCADE, related_name="descent")
    distance = models.PositiveSmallIntegerField()
    since = models.DateField()
    until = models.DateField()

    class Meta:
        verbose_name = "世系"

    def __str__(self):
        return f"{self.organisation_id} < {self.ancestor_id}"


class PersonQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability):
        here = Membership.objects.on(scope.day).filter(scope.q("path", capability), person=OuterRef("pk"))
        return Q(Exists(here)) | Q(pk=scope.person)

    def holding(self, number: str):
        """Those whose identity number is ``number``."""
        return self.filter(id_index=blind_index(number)) if number else self.none()

    def matching(self, q: str):
        """Those whose name contains ``q``; if it is of letters, those whose initials or pinyin begin with it.

        Nobody is found by nothing, nor by a number (:func:`members.search.asks_for_number`).
        """
        if not (name := written(q)) or asks_for_number(q):
            return self.none()
        word = sound(q)
        return (
            self.filter(pk__in=NameKey.objects.beginning(word).values("person"))
            if word
            else self.filter(name__part=name)
        )


class Person(models.Model):
    """One person. A member is a person with a membership; administrators may have none.

    Written by the roster import. Identity number, phone, address are sealed; ``id_index`` finds equal numbers,
    ``id_tail`` those that end alike. Who writes names in bulk calls ``NameKey.objects.keep``.
    """

    name = models.CharField("姓名", max_length=60)
    sex = models.CharField("性别", max_length=2, choices=[("男", "男"), ("女", "女")], blank=True)
    ethnicity = models.CharField("民族", max_length=20, blank=True)
    birth_on = models.DateField("出生日期", null=True, blank=True)
    birth_precision = models.CharField("出生日期精度", max_length=5, choices=Precision, default=Precision.DAY)
    education = models.CharField("学历", max_length=20, blank=True)
    job = models.CharField("工作岗位", max_length=40, blank=True)
    joined_on = models.DateField("入党日期", null=True, blank=True)
    joined_precision = models.CharField("入党日期精度", max_length=5, choices=Precision, default=Precision.DAY)
    full_on = models.DateField("转正日期", null=True, blank=True)
    full_precision = models.CharField("转正日期精度", max_length=5, choices=Precision, default=Precision.DAY)
    seniority_months = models.SmallIntegerField("党龄校正值（月）", default=0)
    floating = models.BooleanField("流动党员", default=False)
    floating_to = models.CharField("外出流向", max_length=80, blank=True)
    id_number = SealedTextField("公民身份证号", blank=True)
    id_index = BlindIndexField("身份证号索引", of="id_number")
    id_tail = BlindIndexField("身份证号末四位索引", of="id_number", last=4)
    phone = SealedTextField("联系电话", blank=True)
    landline = SealedTextField("固定电话", blank=True)
    address = SealedTextField("家庭住址", blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "人员"
        # Django would give a text that is unique, or has an index of its own, two of them on PostgreSQL.
        constraints = [models.UniqueConstraint(fields=["id_index"], name="one_person_a_number")]
        indexes = [
            models.Index(fields=["name"], name="person_by_name", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["id_tail"], name="person_by_id_tail"),
            models.Index(fields=["joined_on"], condition=Q(full_on__isnull=True), name="person_without_full_date"),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Saved with the keys of the name."""
        super().save(*args, **kwargs)
        if "name" in (kwargs.get("update_fields") or ["name"]):
            NameKey.objects.keep([self])

    @property
    def masked_id(self) -> str:
        return mask_id(self.id_number)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    @property
    def masked_address(self) -> str:
        return mask_address(self.address)

    def age(self, on: date) -> int | None:
        """Completed years of age on a day, from the birth date of the personnel file."""
        return completed_years(self.birth_on, on) if self.birth_on else None

    def seniority(self, on: date) -> Seniority:
        """党龄 on a day, by the historical table (:mod:`members.standing`)."""
        return seniority(joined_on=self.joined_on, full_on=self.full_on, correction_months=self.seniority_months, on=on)


class Membership(models.Model):
    """Where a person's membership is and how it stands, from ``since`` to ``until``. Never two at once.

    ``path`` copies the organisation's present path, so lists of a subtree read one index.
    """

    person = models.ForeignKey(Person, models.PROTECT, db_index=False, related_name="memberships")  # two constraints do
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    standing = models.CharField("人员类别", max_length=16, choices=Standing)
    since = models.DateField("自")
    until = models.DateField("至", default=FAR)
    path = models.CharField(max_length=PATH_LENGTH, editable=False)

    class MembershipQuerySet(IntervalQuerySet):
        scope_path = "path"

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "组织关系"
        constraints = [
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="membership_interval"),
            models.UniqueConstraint(fields=["person", "until"], name="one_membership_ends_at_a_time"),
            models.UniqueConstraint(fields=["person", "since"], name="one_membership_begins_at_a_time"),
        ]
        indexes = [
            models.Index(fields=["path", "person"], name="membership_subtree"),
            models.Index(fields=["standing", "path", "person"], name="membership_by_standing"),
        ]

    def __str__(self):
        return f"{self.person_id} in {self.organisation_id} ({self.standing})"


class Post(models.Model):
    """任职: a person holds a role in an organisation. Credit for talks is derived from these rows, by day."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="posts")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="posts")
    role = models.CharField("职务", max_length=32, choices=Role)
    since = models.DateField("任职日期")
    until = models.DateField("至", default=FAR)

    class PostQuerySet(IntervalQuerySet):
        scope_path = "organisation__path"

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        constraints = [
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="post_interval"),
            models.UniqueConstraint(fields=["person", "organisation", "role", "since"], name="one_post_once"),
            models.UniqueConstraint(
                fields=["person"], condition=Q(role__in=ADMINISTRATORS, until=FAR), name="one_administrator_post"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "role", "since"], name="post_of_organisation")]

    def __str__(self):
        return f"{self.person_id} {self.get_role_display()} of {self.organisation_id}"


class AccountQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability):
        """Accounts of those who today hold posts within and none outside; without a post, of the members within.

        Of somebody who is neither a member nor holds a post, those whose last posts lay within.
        """
        posts = Post.objects.filter(person=OuterRef("person"))
        within, stays = scope.q("organisation__path", capability), Membership.objects.on(scope.day)
        stays = stays.filter(person=OuterRef("person"))
        here = Exists(posts.on(scope.day).filter(within)) | Exists(stays.filter(scope.q("path", capability)))
        left = Exists(posts.filter(within)) & ~Exists(stays)
        return (Q(here) | Q(left)) & ~Q(Exists(posts.on(scope.day).exclude(within)))


class AccountManager(BaseUserManager.from_queryset(AccountQuerySet)):
    def get_by_natural_key(self, username):
        return self.get(username=username)


class Account(AbstractBaseUser):
    """How a person signs in. What they may do comes from their posts of the day, never from this row."""

    username = models.CharField("账号", max_length=60, unique=True)
    person = models.OneToOneField(Person, models.PROTECT, null=True, related_name="account")
    is_active = models.BooleanField("启用", default=True)
    sessions = models.PositiveIntegerField("会话批次", default=0)
    large_type = models.BooleanField("大字版", null=True, help_text="空：没有岗位的用大字")
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    objects = AccountManager()

    class Meta:
        verbose_name = "账号"

    def __str__(self):
        return self.username

    def get_session_auth_hash(self) -> str:
        """What a session must know to go on: counting ``sessions`` up ends all of them, as a new password does."""
        return f"{super().get_session_auth_hash()}.{self.sessions}"

    @cached_property
    def scope(self) -> Scope:
        """What this account may see and do today; read from its posts anew on every request."""
        day = today()
        posts = (
            Post.objects.on(day).filter(person=self.person_id).select_related("organisation").order_by("since", "pk")
        )
        holdings = tuple(Holding(Role(post.role), post.organisation) for post in posts)
        tied = Tie.objects.on(day).filter(to=self.person_id) if self.person_id else Tie.objects.none()
        led = defaultdict(set)
        for kind, member in tied.order_by("kind", "person").values_list("kind", "person"):
            led[kind].add(member)
        tied = tuple((kind, tuple(sorted(members))) for kind, members in led.items())
        return Scope(day=day, person=self.person_id, holdings=holdings, tied=tied)


class CategoryQuerySet(IntervalQuerySet):
    def forgotten(self, scope: Scope, member: str, since: str = "") -> Q:
        """Rows that tell of sanctions which are all over, to all but those who hold the right to sensitive matters at a
        committee of the member, who is in the key ``member``; with a column of days only rows before their end.
        """
        sanctions = self.filter(person=OuterRef(member), kind__in=SANCTIONS)
        over = sanctions.filter(until__lte=scope.day, **({"until__gt": OuterRef(since)} if since else {}))
        stays = Membership.objects.on(scope.day).filter(person=OuterRef(member))
        above = Exists(stays.filter(scope.of_committees().q("path", Capability.SENSITIVE)))
        remembers = Q(above) & ~Q(**{member: scope.person or 0})
        return Q(Exists(over)) & ~Q(Exists(sanctions.on(scope.day))) & ~remembers


class Category(models.Model):
    """关怀对象类别: a member belongs to a kind, in a grade, for a while, on a stated basis."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="categories")
    kind = models.CharField("类别", max_length=24, choices=CategoryKind)
    grade = models.CharField("等次", max_length=24, blank=True)
    since = models.DateField("自")
    until = models.DateField("至", default=FAR)
    basis = models.CharField("依据", max_length=120, blank=True)
    source = models.CharField("来源", max_length=60, blank=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = "关怀对象类别"
        constraints = [models.CheckConstraint(condition=Q(since__lt=F("until")), name="category_interval")]

    def __str__(self):
        return f"{self.person_id} {self.kind}"


class Tie(models.Model):
    """联系关系: a member and the person or organisation that stands by them."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="ties")
    kind = models.CharField("联系关系", max_length=24, choices=TieKind)
    to = models.ForeignKey(Person, models.PROTECT, null=True, related_name="tied_to_me")
    to_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="tied_to_it")
    since = models.DateField("自")
    until = models.DateField("至", default=FAR)

    objects = IntervalQuerySet.as_manager()

    class Meta:
        verbose_name = "联系关系"
        constraints = [
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="tie_interval"),
            models.CheckConstraint(
                condition=Q(to__isnull=True) ^ Q(to_organisation__isnull=True), name="tie_to_one_end"
            ),
        ]

    def __str__(self):
        return f"{self.person_id} {self.kind}"


class Event(models.Model):
    """事由: what happened to a member or an organisation on a day, from which clocks run. Withdrawn, not deleted."""

    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="events")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="events")
    kind = models.CharField("事由", max_length=24, choices=EventKind)
    occurred_on = models.DateField("发生日期")
    due_on = models.DateField("期限", null=True)  # where the event states one itself, as a task does
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="entered_events")
    addressee = models.ForeignKey(Person, models.PROTECT, null=True, related_name="addressed_events")
    note = SealedTextField("说明", blank=True)
    source = models.CharField("来源", max_length=60, blank=True)
    withdrawn_on = models.DateField("撤回日期", null=True)
    withdrawn_reason = models.CharField("撤回理由", max_length=200, blank=True)

    class EventQuerySet(ScopedQuerySet):
        def scoped(self, scope: Scope, capability: Capability):
            """About members within, about oneself, and of organisations within; forgotten punishments never were."""
            here = Membership.objects.on(scope.day).filter(scope.q("path", capability), person=OuterRef("person"))
            ours = Q(scope.q("organisation__path", capability), person__isnull=True)
            over = Q(kind=EventKind.PUNISHMENT) & Category.objects.forgotten(scope, "person", "occurred_on")
            return (Q(Exists(here)) | Q(person=scope.person or 0) | ours) & ~over

        def standing(self):
            """Events that were not withdrawn."""
            return self.filter(withdrawn_on__isnull=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = "事由"
        indexes = [models.Index(fields=["kind", "occurred_on"], name="event_by_kind"),
                   models.Index(fields=["source"], condition=Q(kind="task"), name="task_by_source")]  # fmt: skip
        constraints = [
            models.CheckConstraint(condition=Q(person__isnull=False) | Q(organisation__isnull=False),
                                   name="event_has_a_subject"),
            models.CheckConstraint(condition=Q(due_on__gte=F("occurred_on")), name="event_due_after_it_occurred"),
        ]  # fmt: skip

    def __str__(self):
        return f"{self.person_id} {self.kind} {self.occurred_on}"

    @property
    def late(self) -> bool:
        return (self.entered_on - self.occurred_on).days > LATE_DAYS


LATE_DAYS = 2
"""Days after which what is entered carries the label 补录."""
