"""Policy → clause → rule, who adopted it, and where each rule reaches.

A rule is the lasting rule (policy + code); ``version`` counts its changes. Written by
:mod:`duties.policy.packs` and :mod:`duties.policy.adoption` only.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from base.dates import FAR
from duties.policy.schema import RuleSpec
from members.models import IntervalQuerySet, Organisation


class Policy(models.Model):
    """制度: one document, loaded from one pack."""

    code = models.CharField("制度包", max_length=60, unique=True)
    title = models.CharField("名称", max_length=120)
    number = models.CharField("文号", max_length=60)
    forwarded_as = models.CharField("转发文号", max_length=60, blank=True)
    issuer = models.CharField("发文机关", max_length=60)
    issued_on = models.DateField("发文日期", null=True)

    class Meta:
        verbose_name = "制度"

    def __str__(self):
        return self.title


class Clause(models.Model):
    """条: the place in the document a rule rests on, with a short paraphrase of our own."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="clauses")
    code = models.CharField("编号", max_length=20)
    printed = models.CharField("条款", max_length=40, help_text="文件中的写法，如“第6项”")
    heading = models.CharField("标题", max_length=60)
    gist = models.TextField("要点", help_text="自行归纳，不照抄原文")
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = "条款"
        constraints = [models.UniqueConstraint(fields=["policy", "code"], name="one_clause_once")]

    def __str__(self):
        return f"{self.policy.number} {self.printed}"


class Force(models.TextChoices):
    MUST = "must", "应当"
    USUALLY = "usually", "一般应"
    MAY = "may", "可以"


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
    replaces = models.CharField("代替", max_length=121, blank=True, help_text="制度/规则")
    spec = models.JSONField("规则内容")
    version = models.PositiveIntegerField("版本", default=1)
    position = models.PositiveSmallIntegerField(default=0)

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


class Adoption(models.Model):
    """采用: an organisation and all below it follow a policy, from a day, until a day."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="adoptions")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="adoptions")
    since = models.DateField("自")
    until = models.DateField("至", default=FAR)

    objects = IntervalQuerySet.as_manager()

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


class Reach(models.Model):
    """Derived: rule × organisation × since / until = adoptions × lineage × start day, united."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="reach")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="reach")
    since = models.DateField()
    until = models.DateField()

    class Meta:
        verbose_name = "制度覆盖"
        indexes = [models.Index(fields=["rule", "organisation", "since"], name="reach_of_rule")]

    def __str__(self):
        return f"{self.rule_id} in {self.organisation_id}"
