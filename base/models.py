"""Rows of the foundation. They name people by number and text, never by foreign key."""

from django.db import models

from base.sealed import SealedTextField


class AuditRow(models.Model):
    """One act worth proving: who did what to whom, when, from where, and whether it was allowed.

    Written by :func:`base.audit.write` in the transaction of the act. The database itself refuses to change or delete
    it (:mod:`base.append_only`); :mod:`base.audit_seals` shows whether somebody did so past the database's refusal.
    """

    class Act(models.TextChoices):
        SIGN_IN = "sign_in", "登录"
        SIGN_OUT = "sign_out", "退出"
        REVEAL = "reveal", "查看敏感信息"
        SEARCH = "search", "检索"
        EXPORT = "export", "导出"
        WRITE = "write", "登记"
        WITHDRAW = "withdraw", "撤回"
        REMOVE = "remove", "系统移除"
        IMPORT = "import", "导入"
        ADOPT = "adopt", "采用制度"
        INVITE = "invite", "邀请开通账号"
        DENY = "deny", "拒绝"
        EDIT = "edit", "修改"
        WAIVE = "waive", "免办"
        READ = "read", "查阅"
        PRINT = "print", "打印"
        VERIFY = "verify", "核验审计"

    at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    account = models.BigIntegerField("账号", null=True, help_text="账号主键；命令与系统为空")
    actor = models.CharField("操作者", max_length=100, help_text="当时的姓名与岗位，命令行记为“命令”")
    address = models.CharField("来源地址", max_length=64, blank=True)
    act = models.CharField("行为", max_length=16, choices=Act)
    subject = models.CharField("对象", max_length=60, help_text="例如 person:5、record:8；不含姓名与号码")
    reason = models.CharField("理由", max_length=200, blank=True)
    allowed = models.BooleanField("是否允许", default=True)
    detail = models.JSONField("摘要", default=dict, blank=True)

    class Meta:
        verbose_name = "审计记录"
        indexes = [
            models.Index(fields=["subject", "at"], name="audit_by_subject"),
            models.Index(fields=["act", "id"], name="audit_by_act"),
        ]

    def __str__(self):
        return f"{self.at:%F %T} {self.actor} {self.act} {self.subject}"


class AuditSeal(models.Model):
    """A batch of audit rows, closed: whatever happens to one of them, or to a seal, can be shown afterwards.

    Written by :func:`base.audit_seals.seal`; append-only like the rows.
    """

    number = models.PositiveIntegerField("封条号", primary_key=True)
    first = models.BigIntegerField("第一条")
    last = models.BigIntegerField("最后一条")
    rows = models.PositiveIntegerField("条数")
    at = models.DateTimeField("封存时间")
    key = models.CharField("密钥", max_length=40, help_text="SEAL_KEYS 中的代号")
    marks = models.BinaryField("逐条摘要", help_text="每条的主键和带密钥的摘要，用来指出是哪一条")
    previous = models.CharField("上一号摘要", max_length=64, blank=True)
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = "审计封条"

    def __str__(self):
        return f"seal {self.number}"


class OnceKey(models.Model):
    """A form that has been carried out: its second click finds the first one's result here."""

    key = models.CharField("一次性键", max_length=64, unique=True)
    at = models.DateTimeField("时间", auto_now_add=True)
    result = models.CharField("结果", max_length=200, blank=True)

    class Meta:
        verbose_name = "一次性键"

    def __str__(self):
        return self.key


class Picture(models.Model):
    """A photo or scan that belongs to a row of a floor above. Its bytes lie in the file named by their digest.

    Written by :mod:`base.pictures`. Whoever shows it asks first who may see what ``subject`` names.
    """

    subject = models.CharField("属于", max_length=60, help_text="例如 record:8")
    organisation = models.BigIntegerField("党组织", help_text="主键；照片占用它的限额")
    digest = models.CharField("摘要", max_length=64, help_text="重绘后字节的 SHA-256，也是文件名")
    size = models.PositiveIntegerField("字节数")
    width = models.PositiveSmallIntegerField("宽")
    height = models.PositiveSmallIntegerField("高")
    name = SealedTextField("原名", help_text="只作说明，不用来找文件")
    account = models.BigIntegerField("账号", null=True, help_text="谁添加的，账号主键；命令为空")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "照片"
        constraints = [models.UniqueConstraint(fields=["subject", "digest"], name="one_picture_once_for_a_subject")]
        indexes = [
            models.Index(fields=["organisation"], name="pictures_by_organisation"),
            models.Index(fields=["digest"], name="pictures_by_digest"),
        ]

    def __str__(self):
        return f"picture {self.pk} of {self.subject}"


class Draft(models.Model):
    """What an account has typed into a form and not saved yet, as its browser would send it. Lives for a day.

    Written by :mod:`base.drafts`.
    """

    account = models.BigIntegerField("账号", help_text="账号主键")
    key = models.CharField("表单", max_length=80, help_text="例如 talk:m5")
    text = SealedTextField("内容")
    at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = "草稿"
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="one_draft_for_a_form")]

    def __str__(self):
        return f"draft {self.key} of account {self.account}"


class Job(models.Model):
    """Long work that an account asked for: it waits, runs beside the pages, and leaves a result for that account alone.

    Written by :mod:`base.jobs`, which also says where progress and files lie. Gone a day after it has ended.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "没有完成"
        CANCELLED = "cancelled", "已取消"

    kind = models.CharField("种类", max_length=40)
    account = models.BigIntegerField("账号", help_text="谁要的，账号主键")
    title = SealedTextField("标题")
    parameters = SealedTextField("参数", help_text="JSON：主键和表单的值，以及当时的操作者")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    cancelling = models.BooleanField("要求取消", default=False)
    claim = models.CharField("认领", max_length=32, blank=True, help_text="每次认领换一个；也是文件名的一部分")
    attempts = models.PositiveSmallIntegerField("认领次数", default=0)
    lease_until = models.DateTimeField("租期至", null=True)
    asked_at = models.DateTimeField("提出时间")
    started_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)
    expires_at = models.DateTimeField("保留至", null=True)
    file_name = models.CharField("文件名", max_length=200, blank=True)
    size = models.BigIntegerField("字节数", default=0)
    where = models.CharField("结果地址", max_length=300, blank=True)
    answer = SealedTextField("结果", help_text="JSON：结果页要显示的内容")
    error = models.CharField("原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "任务"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind"], condition=models.Q(state="running"), name="one_running_job_of_a_kind"
            )
        ]
        indexes = [
            models.Index(fields=["state", "asked_at"], name="jobs_by_state"),
            models.Index(fields=["account", "asked_at"], name="jobs_by_account"),
        ]

    def __str__(self):
        return f"job {self.pk} {self.kind} {self.state}"


class YearArrangement(models.Model):
    """放假安排: what the State Council arranged for a year that does not come with the product, or arranged anew.

    Written by :func:`base.arranging.set_arrangement`. ``off`` are weekdays, ``worked`` Saturdays and Sundays, as
    ``2027-02-08``.
    """

    year = models.PositiveSmallIntegerField("年份", unique=True)
    off = models.JSONField("放假的工作日")
    worked = models.JSONField("调休上班的周末", default=list, blank=True)
    basis = models.CharField("依据", max_length=120)
    entered_on = models.DateField("录入日期")
    account = models.BigIntegerField("录入账号", null=True)

    class Meta:
        verbose_name = "放假安排"

    def __str__(self):
        return f"working days of {self.year}"


class ClockRun(models.Model):
    """One piece of the timetable's work at one of its times: who took it, and that it was done.

    Written by :mod:`base.clock`. Work that comes round every few seconds keeps one row for good, without a slot.
    """

    entry = models.CharField("工作", max_length=40)
    slot = models.CharField("班次", max_length=20, blank=True, help_text="例如 2026-11-23 或 2026-W48")
    claims = models.PositiveIntegerField("认领次数", default=0)
    holder = models.CharField("认领者", max_length=100, blank=True, help_text="主机名:进程号")
    started_at = models.DateTimeField("开始时间", null=True)
    lease_until = models.DateTimeField("租期至", null=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    error = models.CharField("出错", max_length=60, blank=True, help_text="异常的类名，不含其文字")

    class Meta:
        verbose_name = "定时工作"
        constraints = [models.UniqueConstraint(fields=["entry", "slot"], name="one_run_of_a_slot")]

    def __str__(self):
        return f"{self.entry} {self.slot}"


class Heartbeat(models.Model):
    """When an engine that turns the clock was last alive. Written by :mod:`base.clock`."""

    engine = models.CharField("引擎", max_length=20, unique=True)
    at = models.DateTimeField("时间")
    host = models.CharField("主机", max_length=80)

    class Meta:
        verbose_name = "心跳"

    def __str__(self):
        return f"{self.engine} {self.at:%F %T}"
