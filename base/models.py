"""Rows of the foundation. They name people by number and text, never by foreign key."""

from django.db import models


class AuditRow(models.Model):
    """One act worth proving: who did what to whom, when, from where, and whether it was allowed.

    Written by :func:`base.audit.write` in the transaction of the act; never changed, never deleted.
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
        indexes = [models.Index(fields=["subject", "at"], name="audit_by_subject")]

    def __str__(self):
        return f"{self.at:%F %T} {self.actor} {self.act} {self.subject}"


class OnceKey(models.Model):
    """A form that has been carried out: its second click finds the first one's result here."""

    key = models.CharField("一次性键", max_length=64, unique=True)
    at = models.DateTimeField("时间", auto_now_add=True)
    result = models.CharField("结果", max_length=200, blank=True)

    class Meta:
        verbose_name = "一次性键"

    def __str__(self):
        return self.key
