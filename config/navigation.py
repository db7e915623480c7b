"""The rail and the bar: the pages that the account's posts allow, with the counts that ask for an act.

A context processor: what it gives is computed only if the page shows it, so fragments pay nothing.
"""

from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from awards.hours import Hours, own_hours
from awards.models import Honour
from base.dates import today
from config.visit_money.rows import to_reverse, waiting
from duties.board.desk import counts_for_rail
from duties.notices.models import Message
from duties.views.me import LARGE_TYPE
from fund.applying.mine import awaiting
from fund.applying.progress import Progress, own_progress
from fund.paydesk import to_pay
from fund.reading import broken_books
from fund.relief.telling import own_reliefs
from members.accounts import reads_large
from members.enums import Capability
from members.models import Organisation
from members.services import HOLDS_MEMBERS

WEEKDAYS = "一二三四五六日"

HONOURS_SHOWN = 5
"""Of one's own honours, on one's own page; a link leads to all."""


@dataclass(frozen=True)
class Entry:
    """One link; ``pages`` are the URL names on which it is the current one."""

    label: str
    icon: str
    name: str
    pages: frozenset[str] = frozenset()
    count: int = 0
    late: bool = False
    add: bool = False
    current: bool = False

    @property
    def url(self) -> str:
        return reverse(self.name)


@dataclass(frozen=True)
class Group:
    title: str
    entries: list[Entry]


DESK = ("工作台", "house-door", "desk", {"desk"})
BOARD = ("应办事项", "list-check", "duty_board", {
    "duty_board", "duty_why", "duty_waive", "duty_hand_on", "duty_arrange", "duty_tie",
})  # fmt: skip
MEMBERS = ("党员", "people", "members", {
    "members", "member", "member_reveal", "member_search", "bonds", "tie", "tie_new", "category",
    "slips", "slip", "slips_all", "slip_revoke",
})  # fmt: skip
REGISTERS = ("帮扶台账", "life-preserver", "registers", {
    "registers", "register", "entry", "entry_new", "entry_edit", "entry_act", "entry_print", "member_entries",
    "subsidy_amounts",
    "entry_task", "difficulty_reports", "difficulty_report_new", "difficulty_report",
})  # fmt: skip
TALKS = ("谈心谈话", "chat-square-text", "talks", {
    "talks", "talk", "talk_new", "talk_several", "talk_withdraw", "already_done", "addendum_new",
    "talk_confirm", "talk_print",
})  # fmt: skip
VISITS = (
    "走访慰问", "house-heart", "visits",
    {
        "visits", "visit", "visit_new", "visit_several", "visit_print", "visit_withdraw", "greeting_new",
        "condolence_new", "report_upward", "visits_due",
    },
)  # fmt: skip
CAMPAIGNS = ("节日走访", "calendar-heart", "campaigns", {
    "campaigns", "campaign", "campaign_new", "campaign_plan", "campaign_act", "campaign_names", "campaign_add",
    "campaign_restore", "campaign_confirm", "campaign_hand", "campaign_undo", "campaign_sheet", "campaign_rota",
    "campaign_checks", "campaign_summary", "campaign_back", "campaign_unreturn",
})  # fmt: skip
REQUESTS = ("约谈", "telephone-inbound", "talk_requests", {
    "talk_requests", "talk_request", "talk_request_new", "talk_request_withdraw", "talk_request_arrange",
    "talk_request_wish", "talk_request_agree", "talk_request_late", "talk_request_print",
})  # fmt: skip
TASKS = ("帮扶任务", "person-check", "tasks", {"tasks", "task", "task_new", "task_move", "task_withdraw"})
ASKS = ("党员申请", "envelope-paper", "asks", {"asks", "ask", "ask_decide", "ask_withdraw"})
HELP = ("申请帮扶", "file-earmark-plus", "help_new", {"help_new"})
ASK = ("约书记谈话", "chat-square-text", "talk_request_new", {"talk_request_new"})
FUND_HELP = ("申请帮扶资金", "cash-coin", "application_new", {
    "application_new", "application_edit", "application_submit", "application_withdraw", "application_print",
    "application_picture_add", "application_picture_remove",
})  # fmt: skip
MY_APPLICATIONS = ("我的资金申请", "folder2-open", "my_applications", {"my_applications", "my_application"})
BIRTHDAYS = ("政治生日", "cake2", "birthdays", {
    "birthdays", "birthday", "birthday_cards", "greeting_texts", "greeting_text",
})  # fmt: skip
CEREMONIES = ("宣誓仪式", "flag", "ceremonies", {
    "ceremonies", "ceremony", "ceremony_new", "ceremony_print", "ceremony_withdraw", "ceremony_absent",
})  # fmt: skip
STUDIES = ("集中学习", "book", "studies", {
    "studies", "study", "study_new", "study_withdraw", "attendance_withdraw", "study_hours", "study_roll",
})  # fmt: skip
ALLOWANCES = ("奖励补贴", "gift", "allowances", {
    "allowances", "allowance", "allowance_new", "allowance_sheet", "allowance_withdraw",
})  # fmt: skip
CARE_PLANS = ("年度计划", "calendar-check", "care_plans", {
    "care_plans", "care_plan", "care_plan_new", "care_plan_edit", "care_plan_print",
})  # fmt: skip
ASSESSMENTS = ("书记考核", "clipboard-check", "assessments", {
    "assessments", "assessment", "assessment_new", "assessment_print", "assessment_withdraw",
})  # fmt: skip
HONOURS = ("荣誉表彰", "award", "honours", {
    "honours", "honour", "honour_new", "honour_print", "honour_change", "honour_revoke", "honour_restore",
    "honour_withdraw", "honourees", "member_honours",
})  # fmt: skip
STORIES = ("典型宣传", "newspaper", "stories", {
    "stories", "story", "story_new", "story_change", "story_withdraw",
    "namings", "naming", "naming_new", "naming_change", "naming_end", "naming_withdraw",
})  # fmt: skip
FIFTY = ("光荣在党50年", "award", "medals", {
    "medals", "medals_year", "medal", "medal_new", "award_new", "medal_step", "medal_end", "medal_back",
    "medal_withdraw", "medals_print", "medals_sheet", "fifty", "fifty_names",
})  # fmt: skip
DEEDS = ("办理记录", "check2-square", "deeds", {"deeds", "deed", "deed_new", "deed_withdraw"})
ACTIVITIES = ("活动", "people-fill", "activities", {
    "activities", "activity", "activity_new", "activity_print", "activity_withdraw",
    "activity_picture_add", "activity_picture_remove",
})  # fmt: skip
CONTACT_POINTS = ("联系点", "pin-map", "contact_points", {"contact_points", "contact_point", "contact_point_new"})
SELECTIONS = ("评选表彰", "award", "selections", {
    "selections", "selection", "selection_new", "selection_places", "selection_act", "selection_nominate",
    "selection_endorse", "selection_review", "selection_decide", "selection_back", "selection_sheet",
    "selection_commended", "selection_notice", "nominee", "nominee_print",
})  # fmt: skip
CALENDAR = ("日历", "calendar3", "calendar", {"calendar"})
MEETINGS = ("上会", "person-video3", "meetings", {
    "meetings", "meeting", "meeting_new", "meeting_papers", "meeting_print",
})  # fmt: skip
NOTICES = ("公示", "megaphone", "notices", {
    "notices", "notice", "notice_new", "notice_finish", "notice_print", "notice_result", "objection_new",
    "objection_answer", "working_days",
})  # fmt: skip
FUND_RULES = ("资金管理办法", "file-ruled", "fund_regulation", {"fund_regulation", "fund_regulation_follow"})
APPLICATIONS = ("申请", "file-earmark-text", "applications", {
    "applications", "application", "application_step", "application_reveal",
})  # fmt: skip
RELIEFS = ("党费减免", "receipt-cutoff", "reliefs", {
    "reliefs", "relief", "relief_new", "relief_step", "relief_edit", "relief_withdraw", "relief_stop", "relief_end",
    "relief_reveal", "relief_print",
})  # fmt: skip
ENCOURAGEMENT = (
    HONOURS, SELECTIONS, FIFTY, BIRTHDAYS, CEREMONIES, STORIES, STUDIES, CARE_PLANS, ASSESSMENTS, ALLOWANCES,
)  # fmt: skip
"""What stands under 激励 in the rail."""
EVENTS = ("登记事由", "flag", "event_new", {"event_new", "event_withdraw", "organisation_event_new"})
LEDGERS = ("台账", "journal-text", "ledgers", {
    "ledgers", "ledger", "ledger_export", "ledger_import", "layouts", "layout_new", "layout_edit", "layout_book",
    "layout_drop",
})  # fmt: skip
EVIDENCE = ("条款佐证", "clipboard-check", "evidence", {"evidence", "evidence_rows"})
INDICATORS = ("督查指标", "bar-chart-steps", "indicators", {
    "indicators", "indicator_rows", "indicators_entered", "indicators_late",
})  # fmt: skip
YEARLY = ("述职", "file-earmark-person", "yearly_report", {"yearly_report"})
SUPERVISIONS = ("督办", "megaphone-fill", "supervisions", {
    "supervisions", "supervision", "supervision_new", "supervision_answer", "supervision_back", "supervision_withdraw",
    "supervision_answer_withdraw",
})  # fmt: skip
REPORTS = ("情况报告", "file-arrow-up", "reports", {
    "reports", "report", "report_new", "report_answer", "report_back", "report_complete", "report_withdraw",
    "report_print", "report_summaries",
})  # fmt: skip
BUNDLE = ("迎检包", "archive", "bundle", {"bundle", "bundle_make"})
FUND = ("资金总览", "wallet2", "fund", {
    "fund", "fund_new", "fund_uses", "fund_budget", "fund_statement", "fund_donors", "fund_bank", "fund_bank_new",
    "book_checks",
})  # fmt: skip
JOURNAL = ("流水", "list-columns", "journal", {
    "journal", "voucher", "voucher_print", "voucher_reverse", "fund_income", "fund_pass_down", "donation_receipt",
    "donation_certificate",
})  # fmt: skip
POLICIES = ("制度", "bookmark", "policies", {
    "policies", "policy", "policy_document", "policy_text", "policy_paragraph", "policy_adopt", "adoption_end", "rule",
    "rule_adjust", "why_not", "clause", "policy_units", "policy_units_edit",
})  # fmt: skip
ORGANISATIONS = ("党组织", "diagram-3", "organisations", {
    "organisations", "organisation", "organisation_edit", "organisation_new", "organisation_events",
})  # fmt: skip
POSTS = ("任职", "person-badge", "posts", {"posts", "post", "post_new"})
IMPORT = ("导入", "upload", "roster_import", {"roster_import", "organisations_import", "posts_import"})
JOBS = ("后台任务", "hourglass-split", "jobs", {"jobs", "job"})
RECORD = (
    "记一笔",
    "plus-square-fill",
    "record_new",
    {"record_new", "talk_new", "talk_several", "visit_new", "deed_new", "event_new"},
)
ME = ("我的", "person", "me", {"me", "me_reveal", "help_new", "correction_new"})
PAYMENTS = ("待发放", "cash-stack", "payments", {
    "payments", "grant", "payment_new", "grant_payee", "grant_back", "grant_account", "batch", "batch_settle",
    "batch_list", "batch_drop", "batch_sheet", "payments_sheet", "payment_receive", "payment_fail", "payment_slip",
    "batch_new",
})  # fmt: skip
VISIT_MONEY = ("待记账", "journal-plus", "visit_money", {"visit_money"})
OPENNESS = ("党务公开", "megaphone", "openness", {"openness", "disclosure", "disclosure_new"})
RUNS = ("补助发放", "people", "runs", {"runs", "run", "run_new", "run_decide", "run_drop"})
ACCOUNTS = ("账号", "person-lock", "accounts", {"accounts", "account", "account_invitations", "account_invite"})
GRANTS = ("授权", "key", "grants", {"grants", "post", "post_new"})
WORKING_DAYS = ("放假安排", "calendar-week", "working_days", {"working_days"})
HEALTH = ("运行情况", "activity", "health", {"health"})
AUDIT = ("审计", "shield-check", "audit", {"audit", "audit_export"})


class Navigation:
    """What the frame of a page shows, for one request."""

    def __init__(self, request):
        self.request = request
        self.account = request.user
        match = request.resolver_match
        self.page = match.url_name if match else ""

    @cached_property
    def may(self) -> frozenset[Capability]:
        """What the account may do somewhere."""
        return frozenset(each for each in Capability if self.account.scope.may(each))

    @cached_property
    def groups(self) -> list[Group]:
        """The rail."""
        if Capability.VIEW not in self.may:
            return [Group("", self._without_view())]
        overdue, members = counts_for_rail(self.account, self.day)
        top = [
            self._entry(DESK),
            self._entry(BOARD, count=overdue, late=True),
            self._entry(MEMBERS, count=members),
            self._entry(CALENDAR),
        ]
        kept = (
            REGISTERS, TALKS, VISITS, CAMPAIGNS, REQUESTS, ASKS, TASKS, ACTIVITIES, CONTACT_POINTS, DEEDS,
        )  # fmt: skip
        record = [self._entry(page) for page in kept]
        if Capability.RECORD in self.may:
            record.append(self._entry(EVENTS))
        out = (LEDGERS, EVIDENCE, BUNDLE) if Capability.EXPORT in self.may else ()
        read = [self._entry(page) for page in out]
        pages = (INDICATORS, YEARLY, REPORTS, SUPERVISIONS, OPENNESS, POLICIES, ORGANISATIONS, POSTS)
        read += [self._entry(page) for page in pages]
        if Capability.IMPORT in self.may:
            read.append(self._entry(IMPORT))
        if {Capability.EXPORT, Capability.IMPORT} & self.may:
            read.append(self._entry(JOBS))
        honoured = [self._entry(page) for page in ENCOURAGEMENT]
        return [Group("", top), Group("记录", record), Group("激励", honoured), *self._money, Group("查阅", read)]

    @cached_property
    def _money(self) -> list[Group]:
        """Applications, with those that wait for one; the books, for those who read them: a break found in books that
        one keeps asks for an act.
        """
        if not {Capability.VIEW, Capability.READ_BOOKS} & self.may:
            return []
        entries = [self._entry(APPLICATIONS, count=awaiting(self.account).count())]
        if Capability.VIEW in self.may:
            entries.append(self._entry(RELIEFS))
        if self._near_a_fund:
            entries = [self._entry(FUND, count=broken_books(self.account)), *entries]
            entries += [self._entry(MEETINGS), self._entry(NOTICES)]
            if {Capability.PAY, Capability.FUND} & self.may:
                entries.append(self._entry(PAYMENTS, count=self.to_pay))
            if Capability.KEEP_BOOKS in self.may:
                entries.append(self._entry(VISIT_MONEY, count=self.to_book))
            if Capability.FUND in self.may:
                entries.append(self._entry(RUNS))
            entries += [self._entry(JOURNAL), self._entry(FUND_RULES)]
        return [Group("资金", entries)]

    @property
    def _near_a_fund(self) -> bool:
        """Whether books are read where funds stand: a branch has none, and its secretary finds applications alone."""
        places = (h.organisation.kind for h in self.account.scope.holdings if h.allows(Capability.READ_BOOKS))
        return any(kind not in HOLDS_MEMBERS for kind in places)

    @cached_property
    def bar(self) -> list[Entry]:
        """The bar at the foot of a phone."""
        if Capability.VIEW not in self.may:
            return self._without_view()
        entries = [self._entry(DESK), self._entry(("应办", *BOARD[1:])), self._entry(MEMBERS), self._entry(ME)]
        if Capability.RECORD in self.may:
            entries.insert(2, self._entry(RECORD, add=True))
        return entries

    def _without_view(self) -> list[Entry]:
        """For those who see no business: a member without a post, an administrator, a cashier."""
        kept = {Capability.ACCOUNTS: ACCOUNTS, Capability.GRANT: GRANTS, Capability.READ_AUDIT: AUDIT}
        entries = [each for group in self._money for each in group.entries]
        entries += [self._entry(page) for capability, page in kept.items() if capability in self.may]
        if Capability.ACCOUNTS in self.may:
            entries += [self._entry(WORKING_DAYS), self._entry(JOBS), self._entry(HEALTH)]
        return [*entries, self._entry(ME)]

    @cached_property
    def to_pay(self) -> int:
        """Grants that wait for the account to pay them."""
        return to_pay(self.account)

    @cached_property
    def to_book(self) -> int:
        """Visits whose money waits to be booked or reversed."""
        return waiting(self.account).count() + to_reverse(self.account).count()

    @cached_property
    def own(self) -> list[Entry]:
        """What a member does for himself: shown on his own page."""
        requests, relief = ("我的约谈", *REQUESTS[1:]), ("我的党费减免", *RELIEFS[1:])
        given = ("我的奖励补贴", *ALLOWANCES[1:])
        pages = (
            ASK,
            HELP,
            FUND_HELP,
            MY_APPLICATIONS,
            relief,
            requests,
            SELECTIONS,
            given,
            OPENNESS,
            POLICIES,
        )
        return [self._entry(page) for page in pages]

    @cached_property
    def matters(self) -> list[Progress]:
        """One's own applications to a fund, as far as they are: shown on one's own page."""
        return own_progress(self.account, self.day) if self.account.person_id else []

    @cached_property
    def reliefs(self) -> list[tuple]:
        """One's own applications for less dues that run or are in force: shown on one's own page."""
        return own_reliefs(self.account, self.day) if self.account.person_id else []

    @cached_property
    def hours(self) -> Hours | None:
        """One's own study hours of this year: shown on one's own page."""
        return own_hours(self.account.person, self.day.year) if self.account.person_id else None

    @cached_property
    def honoured(self) -> list[Honour]:
        """One's own honours, the latest: shown on one's own page."""
        own = Honour.objects.standing().filter(person=self.account.person_id or 0).order_by("-granted_on", "-pk")
        return list(own[:HONOURS_SHOWN])

    @cached_property
    def elsewhere(self) -> list[Group]:
        """What the bar has no room for: shown on one's own page."""
        return [group for group in self.groups if group.title]

    def _entry(self, page: tuple, **more) -> Entry:
        label, icon, name, pages = page
        return Entry(label, icon, name, frozenset(pages), current=self.page in pages, **more)

    @cached_property
    def places(self) -> list[Organisation]:
        """The organisations whose desk the account may open by a post of its own."""
        places = {h.organisation.pk: h.organisation for h in self.account.scope.holdings if h.allows(Capability.VIEW)}
        return list(places.values())

    @property
    def place(self) -> str:
        home = self.account.scope.home
        return home.label if home else ""

    @cached_property
    def unread(self) -> int:
        """Messages not read yet, for the mark in the top bar."""
        return Message.objects.visible_to(self.account).unread().count()

    @property
    def may_search(self) -> bool:
        return Capability.VIEW in self.may

    @cached_property
    def day(self):
        return today()

    @property
    def date(self) -> str:
        return f"{self.day.month}月{self.day.day}日 周{WEEKDAYS[self.day.weekday()]}"

    @property
    def name(self) -> str:
        return str(self.account.person or self.account)

    @property
    def title(self) -> str:
        return self.account.scope.title

    @property
    def large(self) -> bool:
        return reads_large(self.account)


class Outside:
    """The frame before sign-in: no rail, no name."""

    groups = bar = places = elsewhere = matters = reliefs = ()
    hours = None
    place = name = title = date = ""
    may_search = False

    def __init__(self, request):
        self.large = request.COOKIES.get(LARGE_TYPE) == "1"


def context(request):
    """``nav`` for every template."""
    user = getattr(request, "user", None)
    return {"nav": Navigation(request) if user and user.is_authenticated else Outside(request)}
