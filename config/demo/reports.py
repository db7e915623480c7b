"""Reports of the demo: one that waits, one answered and handed on, one sent back, one outside, and summaries."""

from datetime import date, timedelta

from ledgers.indicators import Span
from ledgers.reporting.acts import Said, answer, receive, send, send_back
from ledgers.reporting.models import Report
from ledgers.reporting.summaries import kept, title_of, words
from members.models import Account, Organisation, Post

GENERAL, CLERK = "程立新", "林清"
TOP = "云河水文局党委"
Kind = Report.Kind
SENT = (
    ("机关第二党支部", Kind.VISITS, "重阳节走访慰问老党员情况",
     "支部委员分三组走访 9 名老党员，送去慰问品，听了他们对支部工作的意见。两位同志住得远，提出能不能就近参加组织生活。"
     "已和社区党组织联系。", 20, 21, "机关二支〔{year}〕6 号", ""),
    ("机关第二党支部", Kind.MATTER, "汛期值守人员轮休安排有困难",
     "支部有 7 名党员连续值守超过一个月，轮休排不开，建议从别的科室抽人顶班，请总支协调。", 2, 3, "", ""),
    ("平川勘测局党总支", Kind.MATTER, "测站供暖改造推迟",
     "上游测站供暖改造推迟到明年，驻站党员今冬取暖仍用电暖器，已逐站检查线路。", 9, 16, "", ""),
    ("机关党总支", Kind.ADVICE, "建议统一走访慰问品的采购",
     "各支部分头买，价格和品种不一，建议由局里定一个目录，支部照目录选。", 5, 5, "", ""),
    ("云河水文局党委", Kind.MEETING, "三季度关怀帮扶工作研究情况",
     "组织部召集机关党委、工会、财务研究三季度关怀帮扶工作，定了年底前走访和资金安排，明确了各部门分工。", 30, 31,
     "云水党〔{year}〕18 号", "省水利厅党组"),
)  # fmt: skip
"""By which organisation, kind, title, words; sent how many days ago, happened how many days ago, paper, outside."""

SUMMARIES = ("机关党总支", "离退休第一党支部")
"""Who sent the summary of this year already, three days ago."""


def enter_reports(*, today: date) -> None:
    """Send them as the product would, by the secretary or the clerk; the clerk and the general branch act on them."""
    made = {}
    for where, kind, title, text, ago, happened, paper, outside in SENT:
        on = today - timedelta(days=ago)
        said = Said(kind, title, text, today - timedelta(days=happened), paper.format(year=on.year), outside)
        made[title] = send(by=_writer(where, on), organisation=_place(where), said=said, today=on)
    for where in SUMMARIES:
        _summary(where, today - timedelta(days=3))
    general, clerk = _account(GENERAL), _account(CLERK)
    visits, returned = made[SENT[0][2]], made[SENT[2][2]]
    said = "已和社区党组织说好，两位老党员从下月起就近参加。请支部把参加情况记下来。"
    answer(by=general, report=visits, text=said, today=today - timedelta(days=17))
    _hand_on(visits, general, today - timedelta(days=16))
    reason = "请补充涉及几个测站、多少名驻站党员，今冬谁负责看线路。"
    send_back(
        by=clerk, report=returned, reason=reason, due_on=today + timedelta(days=3), today=today - timedelta(days=4)
    )


def _hand_on(below: Report, by: Account, on: date) -> None:
    below = Report.objects.with_names().defer(None).get(pk=below.pk)
    said = Said(below.kind, below.title, below.text, below.happened_on)
    made = send(by=by, organisation=below.superior, said=said, today=on, below=below)
    receive(by=_account(CLERK), report=made, today=on + timedelta(days=3))


def _summary(where: str, on: date) -> None:
    by, here, span = _writer(where, on), _place(where), Span(on.year, on)
    figures = kept(by, here, span)
    said = Said(
        Kind.SUMMARY, title_of(on.year), words(by, here, span), on, year=on.year, figures=figures, figures_on=on
    )
    made = send(by=by, organisation=here, said=said, today=on)
    receive(by=_account(CLERK), report=made, today=on + timedelta(days=2))


def _place(where: str) -> Organisation:
    return Organisation.objects.get(short_name=where)


def _account(name: str) -> Account:
    return Account.objects.select_related("person").get(person__name=name)


def _writer(where: str, on: date) -> Account:
    """The clerk for the committee, else the secretary of that day."""
    if where == TOP:
        return _account(CLERK)
    post = Post.objects.on(on).filter(organisation__short_name=where, role="secretary").order_by("pk").first()
    return Account.objects.select_related("person").get(person=post.person_id)
