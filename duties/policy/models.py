"""Policy → clause → rule, who adopted it, and where each rule reaches.

A rule is the lasting rule (policy + code); ``version`` counts its changes. Written by
:mod:`duties.policy.packs` and :mod:`duties.policy.adoption` only.
"""

from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from base.dates import FAR
from duties.policy.schema import RuleSpec
from members.enums import Capability
from members.models import PATH_SEGMENT, IntervalQuerySet, Membership, Organisation, Person
from members.scope import Scope, ScopedQuerySet


class AtOrganisation(IntervalQuerySet):
    """Rows that an organisation decided on: they lie where it stands."""

    scope_path = "organisation__path"


class Policy(models.Model):
    """制度: one document, loaded from one pack."""

    code = models.CharField("制度包", max_length=60, unique=True)
    title = models.CharField("名称", max_length=120)
    number = models.CharField("文号", max_length=60, blank=True, help_text="没有文号的留空")
    forwarded_as = models.CharField("转发文号", max_length=60, blank=True)
    issuer = models.CharField("发文机关", max_length=60)
    issued_on = models.DateField("发文日期", null=True)
    summary = models.CharField("提要", max_length=200, blank=True, help_text="自行归纳，一两句话")

    class Meta:
        verbose_name = "制度"

    def __str__(self):
        return self.title

    @property
    def quoted(self) -> str:
        """The title as a sentence names it."""
        return f"《{self.title}》"


class Clause(models.Model):
    """条: the place in the document a rule rests on, with a short paraphrase of our own."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="clauses")
    code = models.CharField("编号", max_length=20)
    printed = models.CharField("条款", max_length=40, help_text="文件中的写法，如“第6项”")
    heading = models.CharField("标题", max_length=60)
    gist = models.TextField("要点", help_text="自行归纳，不照抄原文")
    position = models.PositiveSmallIntegerField()
    spec = models.JSONField("条款内容", default=dict, help_text="机制、由什么落实、正文各段怎样开头")

    class Meta:
        verbose_name = "条款"
        constraints = [models.UniqueConstraint(fields=["policy", "code"], name="one_clause_once")]

    def __str__(self):
        return f"{self.policy.number} {self.printed}"


class Force(models.TextChoices):
    MUST = "must", "应当"
    USUALLY = "usually", "一般应"
    MAY = "may", "可以"


class RuleQuerySet(models.QuerySet):
    def adopted(self):
        """Those of policies that somebody follows or once followed: no duty comes from any other."""
        return self.filter(models.Exists(Adoption.objects.filter(policy=models.OuterRef("policy"))))


class Rule(models.Model):
    """One sentence of policy that runs: trigger × target × action × responsible × timing × force × sensitivity."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="rules")
    clause = models.ForeignKey(Clause, models.CASCADE, related_name="rules")
    code = models.CharField("规则", max_length=60)
    title = models.CharField("要做的事", max_length=60)
    mechanism = models.CharField("机制", max_length=4)
    action = models.CharField("办法", max_length=24)
    force = models.CharField("约束力", max_length=8, choices=Force)
    sensitive = models.BooleanField("敏感", default=False)
    sanction = models.BooleanField("因处分", default=False)
    replaces = models.CharField("代替", max_length=121, blank=True, help_text="制度/规则")
    spec = models.JSONField("规则内容")
    version = models.PositiveIntegerField("版本", default=1)
    position = models.PositiveSmallIntegerField(default=0)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = "规则"
        constraints = [models.UniqueConstraint(fields=["policy", "code"], name="one_rule_once")]

    def __str__(self):
        return f"{self.policy.code}/{self.code}"

    def replaced(self):
        """The rule whose place this one takes, as a queryset of one or none."""
        policy, _, code = self.replaces.partition("/")
        return Rule.objects.filter(policy__code=policy, code=code)

    @cached_property
    def parsed(self) -> RuleSpec:
        """The rule's content as the typed schema reads it."""
        return RuleSpec.model_validate({name: value for name, value in self.spec.items() if name != "own_numbers"})

    def under(self, adjustment: "Adjustment | None") -> RuleSpec:
        """The rule with the numbers of an adjustment; the pack's own where there is none, or it picked a proposal."""
        return self.parsed.adjusted(adjustment.numbers) if adjustment and adjustment.numbers else self.parsed

    @cached_property
    def variants(self) -> dict[int, RuleSpec]:
        """The rule as organisations adjusted it, by the number of the adjustment. Who reads many rules annotates them
        with ``adjusted`` beforehand, so that only those that were adjusted are asked.
        """
        if not getattr(self, "adjusted", True):
            return {}
        rows = self.adjustments.order_by("pk").values_list("pk", "numbers")
        return {pk: self.parsed.adjusted(numbers) for pk, numbers in rows if numbers}


class Adoption(models.Model):
    """采用: an organisation and all below it follow a policy, from a day, until a day."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="adoptions")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="adoptions")
    since = models.DateField("自")
    until = models.DateField("至", default=FAR)
    entered_on = models.DateField("录入日期", null=True, help_text="早先录入的没有")

    objects = AtOrganisation.as_manager()

    class Meta:
        verbose_name = "采用制度"
        constraints = [
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="adoption_interval"),
            models.UniqueConstraint(
                fields=["organisation", "policy", "until"],
                name="adopted_once",
                violation_error_message="这个党组织已经采用了这项制度。",
            ),
        ]

    def __str__(self):
        return f"{self.organisation_id} adopts {self.policy_id}"


class Adjustment(models.Model):
    """调整: numbers of a rule that an organisation set for itself and all below it, from a day, until a day.

    ``numbers`` names numbers of the rule's trigger, ``semesters`` included; empty where a proposal is only picked. The
    nearest one upward holds. Written by :mod:`duties.policy.adjusting`.
    """

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="adjustments")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="adjustments")
    since = models.DateField("自")
    until = models.DateField("至", default=FAR)
    numbers = models.JSONField("数字", default=dict)
    basis = models.CharField("依据", max_length=200, blank=True, help_text="如支委会、党委会决定")
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = AtOrganisation.as_manager()

    class Meta:
        verbose_name = "调整"
        constraints = [
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="adjustment_interval"),
            models.UniqueConstraint(fields=["rule", "organisation", "since"], name="adjusted_once_a_day"),
        ]

    def __str__(self):
        return f"{self.rule_id} in {self.organisation_id}"


def upward(paths: Iterable[str]) -> set[str]:
    """The paths of organisations standing at ``paths`` and of all above them."""
    return {path[:end] for path in paths for end in range(PATH_SEGMENT, len(path) + 1, PATH_SEGMENT)}


def places_of(scope: Scope) -> list[str]:
    """The paths of the organisations to which somebody belongs on the scope's day: by a post, as a member."""
    stays = Membership.objects.on(scope.day).filter(person=scope.person).order_by("pk")
    return [*(holding.organisation.path for holding in scope.holdings), *stays.values_list("path", flat=True)]


class DocumentQuerySet(ScopedQuerySet):
    scope_path = "organisation__path"

    def scoped(self, scope: Scope, capability: Capability):
        """To read: of organisations to which one belongs, of those above them, and of those one's posts cover."""
        here = scope.q("organisation__path", capability)
        if capability != Capability.VIEW:
            return here
        return here | Q(organisation__path__in=upward(places_of(scope)))


class Document(models.Model):
    """制度原文: the text of its document, as an organisation attached it; shown beside the rules, read by no rule.

    ``by_hand``: to which clause a paragraph belongs where its beginning does not tell: the paragraph's key
    (:class:`duties.policy.texts.Paragraph`) and the clause's code, empty for none.
    """

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="documents")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="documents")
    title = models.CharField("标题", max_length=120)
    number = models.CharField("文号", max_length=60, blank=True)
    text = models.TextField("正文")
    by_hand = models.JSONField("手工对应的条款", default=dict)
    attached_on = models.DateField("录入日期")
    attached_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "制度原文"
        constraints = [models.UniqueConstraint(fields=["policy", "organisation"], name="one_text_of_an_organisation")]

    def __str__(self):
        return self.title


class Responsibility(models.Model):
    """责任分工: which unit leads what a clause asks, and which assist, as an organisation that adopted the policy set
    it for itself and all below it; the nearest one upward holds. No rule reads it. Written by
    :mod:`duties.policy.units`.
    """

    clause = models.ForeignKey(Clause, models.CASCADE, related_name="responsibilities")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="responsibilities")
    lead = models.CharField("牵头单位", max_length=60)
    assist = models.JSONField("配合单位", default=list, help_text="一个单位一项")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "责任分工"
        constraints = [models.UniqueConstraint(fields=["clause", "organisation"], name="units_set_once")]

    def __str__(self):
        return f"{self.clause_id} in {self.organisation_id}"


class Reach(models.Model):
    """Derived: rule × organisation × since / until = adoptions × lineage × start day, united; ``adjustment`` says whose
    numbers hold there, ``None`` for those of the pack.
    """

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="reach")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="reach")
    since = models.DateField()
    until = models.DateField()
    adjustment = models.ForeignKey(
        Adjustment, models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="reach"
    )

    class Meta:
        verbose_name = "制度覆盖"
        indexes = [
            models.Index(fields=["rule", "organisation", "since"], name="reach_of_rule"),
            models.Index(fields=["rule", "since"], name="reach_from"),
        ]

    def __str__(self):
        return f"{self.rule_id} in {self.organisation_id}"
