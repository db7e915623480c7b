"""``tidy [--json]``: remove what has had its time, and name the pictures whose file is missing."""

from django.utils import timezone

from base import drafts, jobs, pictures
from base.commands import Answer, AnsweringCommand


class Command(AnsweringCommand):
    help = "清理：删去没有记录的照片文件、过期草稿、过期任务和它们的文件，报告缺文件的照片（每天或每周运行一次）"

    def answer(self, **_options):
        now = timezone.now()
        expired = drafts.tidy(now=now)
        ended = jobs.tidy(now=now)
        found = pictures.tidy(now=now)
        lines = [f"删去没有记录的照片文件 {found.removed} 个、过期草稿 {expired} 份、过期任务 {ended} 个。"]
        lines += [f"照片 {row.pk}（{row.subject}）缺文件 {row.digest}，请从备份恢复。" for row in found.missing]
        missing = [{"picture": row.pk, "subject": row.subject, "file": row.digest} for row in found.missing]
        document = {
            "files_removed": found.removed,
            "drafts_removed": expired,
            "jobs_removed": ended,
            "missing": missing,
        }
        return Answer(document, lines, refused=bool(missing))
