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
