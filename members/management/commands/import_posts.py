"""``import_posts FILE [--json]``: who holds which post, and invitations for those without an account."""

from django.utils import timezone

from base.commands import Answer, AnsweringCommand
from base.dates import today
from members.management.files import read_file, refused_in_a_sentence
from members.posts import PostsImport, import_posts, read_posts


class Command(AnsweringCommand):
    help = "导入任职（.xlsx）；有岗无账号的人得到邀请码，只显示这一次，七天内有效"

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="任职表，.xlsx")

    def answer(self, *, file, **_options):
        with refused_in_a_sentence():
            done = import_posts(by=None, sheet=read_posts(read_file(file)), today=today(), now=timezone.now())
        return Answer(done.as_dict(), _lines(done), bool(done.report.refused))


def _lines(done: PostsImport) -> list[str]:
    counts, *findings = done.report.lines()
    lines = ["任职：" + counts, *findings]
    if done.invitations:
        lines.append("邀请码，只显示这一次，七天内有效，请当面或电话告知本人：")
    return lines + [f"  {org.label}  {issued.person.name}  {issued.code}" for issued, org in done.invitations]
