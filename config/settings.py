"""One settings module, read from the environment.

``DJANGO_DEBUG=1`` starts without further settings; its keys are fixed so that restarts keep sessions and
sealed fields readable. Without it every secret must be given, and a missing one stops the start.
"""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DJANGO_DEBUG", False)
DEMO = env.bool("DJANGO_DEMO", False)
"""Demo mode: invented people, one-click sign-in for each role. Never with real data."""

SECRET_KEY = env.str("DJANGO_SECRET_KEY", "development-only-key-not-a-secret" if DEBUG else env.NOTSET)
SEAL_KEYS = env.list("SEAL_KEYS", default=["dev:ZGV2ZWxvcG1lbnQtb25seS1rZXktMzItYnl0ZXMhISE="] if DEBUG else env.NOTSET)
SEAL_INDEX_KEY = env.str("SEAL_INDEX_KEY", "development-only-index-key" if DEBUG else env.NOTSET)
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else env.NOTSET)
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "base",
    "members",
    "duties.policy",
    "duties.engine",
    "duties.notices",
    "duties",
    "care",
    "visits",
    "awards",
    "fund",
    "ledgers",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "base.headers.HeadersMiddleware",
    "members.middleware.SessionClockMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "members.middleware.OriginMiddleware",
    "axes.middleware.AxesMiddleware",
    "config.views.ErrorPagesMiddleware",
    "members.middleware.DenialMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.context",
            ],
            "builtins": ["base.templatetags.words"],
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'demo.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Writers take turns from their first statement on: a fact and a sweep never interleave.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Compiling a statement by LLVM takes longer than running it; parallel workers start more than a page's LIMIT needs.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c jit=off -c max_parallel_workers_per_gather=0"
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "members.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "members.backends.AccountBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "members.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "members.passwords.UnlikeTheAccount"},
    {"NAME": "members.passwords.Uncommon"},
    {"NAME": "members.passwords.NotOnlyDigits"},
    {"NAME": "members.passwords.NotAboutTheHolder"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = "sign_in"

AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "members.views.sign_in.locked_out"
AXES_VERBOSE = False

REDIS_URL = env.str("REDIS_URL", "")
"""Celery's broker, ``redis://…`` or ``redis+socket:///…``. Without it no Celery runs: enough for the demo."""

CELERY_BROKER_URL = REDIS_URL
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
# A worker's child that dies gives its task back: safe, since whatever the clock runs may be done twice.
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 540, 600
# More than twice the longest time limit but that of long work (config.tasks.LONG), or a task would be given out twice.
CELERY_VISIBILITY_TIMEOUT = 1800
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_VISIBILITY_TIMEOUT,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 1,
}
# A page that nudges must not hang where Redis is down.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

UPLOADS = env.path("DJANGO_UPLOADS", default=str(BASE_DIR / "var" / "uploads"))
"""Where uploaded files wait, sealed, between preview and import; every web process must see the same folder."""

PICTURES = env.path("DJANGO_PICTURES", default=str(BASE_DIR / "var" / "pictures"))
"""Where photos and scans lie, sealed; belongs into the backup beside the database."""

PICTURE_QUOTA = env.int("DJANGO_PICTURE_QUOTA_MB", 1024) * 2**20
"""Bytes of pictures that one organisation may have."""

JOBS = env.path("DJANGO_JOBS", default=str(BASE_DIR / "var" / "jobs"))
"""Where long work says how far it is and leaves its sealed results, for a day; web processes and workers share it."""

STATIC_URL = "/static/"
STATIC_ROOT = env.path("DJANGO_STATIC_ROOT", default=str(BASE_DIR / "static_root"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "base.assets.PackageFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# The idle limit; members.middleware.SessionClockMiddleware keeps it running without a write for each page.
SESSION_COOKIE_AGE = 30 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("DJANGO_HTTPS", True)
    SECURE_SSL_REDIRECT = env.bool("DJANGO_HTTPS", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked by the machine itself, past the proxy
    SECURE_HSTS_SECONDS = 31_536_000 if SECURE_SSL_REDIRECT else 0
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_HANDLERS = ["base.uploads.BodyLimit", *global_settings.FILE_UPLOAD_HANDLERS]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

PLAIN_ACTIONS = (
    "report", "plan", "training", "selection", "assessment", "disclosure", "review", "lecture", "branch_life",
    "research", "commend", "invitation", "service", "aid", "referral", "reminder", "clearing", "handling",
)  # fmt: skip
"""As duties.policy.schema.PLAIN_ACTIONS, which cannot be read before the settings are."""

ACTION_FORMS = {
    "talk": ("talk_new", "登记谈话"),
    "visit": ("visit_new", "登记走访"),
    "greeting": ("greeting_new", "登记祝贺"),
    "condolence": ("condolence_new", "登记吊唁"),
    "study": ("study_new", "登记学习"),
    "oath": ("ceremony_new", "登记宣誓"),
    **dict.fromkeys(PLAIN_ACTIONS, ("deed_new", "登记办理")),
    "commend": ("honour_new", "登记表彰"),
}
"""Which form carries out an action: the floor of the nucleus links to the floors above by URL name only."""

TOGETHER_FORMS = {
    "greeting": ("ceremony_new", "登记集体政治生日"),
    "oath": ("ceremony_new", "登记宣誓"),
    "selection": ("selections", "去评选表彰"),
    "assessment": ("assessments", "去登记考核"),
    "plan": ("care_plans", "去写年度计划"),
    "training": ("study_roll", "登记培训"),
    "disclosure": ("disclosure_new", "登记公开"),
    "report:M55": ("report_new", "写报告"),
}
"""The same where an organisation itself owes it, by action, or by action and mechanism: the form, or the list in which
it is begun and gone on with, since awarding, assessing and approving close it. Whatever is not named here is entered in
the plain form.
"""

QUICK_FORMS = (
    ("talk_new", "登记谈话", "chat-square-text"),
    ("talk_several", "登记几次谈话", "chat-square-dots"),
    ("visit_new", "登记走访", "house-heart"),
    ("deed_new", "登记办理", "check2-square"),
)
"""What the workbench and the phone's middle button offer to record, besides an event."""

ALREADY_DONE = "already_done"
"""Where the talks are entered that were held before a policy was adopted."""


REGISTER_FORM = "entry_new"
"""Where a member is entered in a register: its name and the member follow in the address."""

TIE_REGISTERS = {"pairing": "pairing", "leader_contact": "leader"}
"""Kinds of tie that a register writes, with its name: their form is the register's, not that of ties by hand."""

TIE_KEEPER = "entry_act"
"""Where a tie is ended or taken back that an entry of a register made, by the entry's number."""

CATEGORY_KEEPERS = {"entry": "entry_act", "relief": "relief", "honours": "member_honours"}
"""The same for categories that no hand made, by the word their source begins with; the number follows in it, or it is
the page of the member.
"""

EVENT_REGISTERS = {
    **dict.fromkeys(("illness", "hospital"), ("illness", "列入重病党员台账")),
    **dict.fromkeys(
        ("need", "disaster", "family_change", "family_accident", "task_hardship"),
        ("difficulty", "列入困难党员台账"),
    ),
    "punishment": ("discipline", "列入受处分党员帮教"),
    "death": ("household", "因公牺牲的，建家庭档案"),
}
"""To which register an event may lead, and the link's words: to ``REGISTER_FORM`` with the register and the event."""

SEVERAL_ENTRIES = ("discipline",)
"""Registers in which each event makes an entry of its own."""

EVENT_DEEDS = {"false_report": ("clearing", "登记澄清正名")}
"""To which deed an event leads, where no duty of it asks for the same: the action, and the link's words."""

EVENT_FORMS = {
    "honour": ("honour_new", "honours", "登记荣誉表彰"),
    "commendation": ("honour_new", "honours", "登记表扬"),
}
"""To which form an event leads until rows that point down to it stand: the form, how the event names them, the link."""

CATEGORY_FORMS = (("honour_new", "登记荣誉"),)
"""Forms about a member from which a category follows, offered where his categories stand."""

MECHANISM_PAGES = {"M24": "report_upward"}
"""Mechanisms whose duties about an event are done on a page of that event instead of the plain form."""

SOURCE_PAGES = {"upward": "report_upward"}
"""The same for tasks, by what their source names first; the number of the page follows in the source."""

MEMBER_PAGES = (("member_entries", "帮扶台账"), ("member_honours", "荣誉"))
"""Pages about one member that the floors above add to the member's own."""

MEMBER_FORMS = {
    "living": (
        ("talk_new", "登记谈话"),
        ("visit_new", "登记走访"),
        ("deed_new", "登记办理"),
        ("talk_request_new", "登记约谈"),
        ("task_new", "布置任务"),
        ("honour_new", "登记荣誉"),
        ("application_new", "代填资金申请"),
        ("relief_new", "代填党费减免申请"),
    ),
    "dead": (
        ("condolence_new", "登记吊唁"),
        ("visit_new", "登记走访"),
        ("deed_new", "登记办理"),
        ("task_new", "布置任务"),
    ),
}
"""What a member's page offers to record."""

MEDAL_OF_THE_DEAD = env.str("MEDAL_OF_THE_DEAD", "")
"""What becomes of the medal of who died after being listed: ``relative`` (a relative receives it), ``died`` (it is not
handed over), or nothing: the death is recorded and the approver decides. No published text says (domain.md 2.2).
"""
if MEDAL_OF_THE_DEAD not in ("", "relative", "died"):
    raise ImproperlyConfigured(f"MEDAL_OF_THE_DEAD is {MEDAL_OF_THE_DEAD}, not relative, died or nothing")

TASK_PAGES = {
    "medals:verify": ("medals_year", "去核查", "核查光荣在党50年人选"),
    "medals:recommend": ("medals_year", "去推荐", "推荐光荣在党50年人选"),
    "medals:ask": ("medals_year", "去办理", "征求执纪执法部门意见"),
    "medals:review": ("medals_year", "去审核", "审核光荣在党50年人选"),
    "medals:approve": ("medals_year", "去批准", "批准光荣在党50年名单"),
    "medals:hand": ("medals_year", "去颁发", "颁发光荣在党50年纪念章"),
    "campaign:confirm": ("campaign_confirm", "去确认", "确认节日走访名单"),
    "campaign:hand": ("campaign_hand", "去发放", "送节日慰问"),
    "application:step": ("application", "去办理", "办理资金申请"),
    "relief:step": ("relief", "去办理", "办理党费减免"),
    "supervision:answer": ("supervision", "去答复", "答复督办"),
    "report:receive": ("report", "去签收", "签收情况报告"),
    "report:complete": ("report", "去补充", "补充情况报告"),
    "selection:nominate": ("selection_nominate", "去推荐", "推荐评选表彰人选"),
    "selection:endorse": ("selection_endorse", "去审核", "审核支部推荐的人选"),
}
"""Where tasks of a source are closed that has pages of its own, by what the source is and what is asked of it: the
page, what its link says, what such a task is called."""

ANSWERED_BELOW = {"supervision": ("supervision", "sender")}
"""Tasks that nobody answers of whoever gave them, by the word their source begins with: the row that points down to the
event, and its organisation that gave the task. They are handed on to those alone who record below it."""

NUMBERED_FORMS = {"campaign": "campaign_add"}
"""Forms about a member and one thing besides, whose number stands in the address: what a picker calls the thing."""

ASK_PAGES = {"request": "talk_request", "help": "ask", "correction": "ask"}
"""Which page shows what a member asked for, by the kind of event."""

TASK_SOURCES = {
    "talk": ("talk", "谈话"), "visit": ("visit", "走访慰问"), "entry": ("entry", "台账条目"),
    "assessment": ("assessment", "书记考核"),
}  # fmt: skip
"""Which page shows what a task came from, and how it is called, by the word its source begins with."""

OWN_TASK_SOURCES = ("assessment",)
"""To these only whoever has the task or gave it is led; not everybody who sees the task may open them."""
SOURCE_WORDS = {
    "honours": "荣誉表彰登记", "fifty": "核对入党时间", "upward": "逐级报告",
    **{kind: title for kind, (_page, title) in TASK_SOURCES.items()},
}  # fmt: skip
"""How what an event came from is called, by the word its source begins with; :data:`TASK_PAGES` come first."""

RECORD_PAGES = {
    "talk": (("talk", "talk"),),
    "visit": (("visit", "visit"),),
    "greeting": (("visit", "visit"), ("ceremony", "ceremony_record__ceremony"), ("deed", "deed")),
    "condolence": (("visit", "visit"),),
    "study": (("study", "attendance__session"),),
    "oath": (("ceremony", "ceremony_record__ceremony"), ("deed", "deed")),
    **dict.fromkeys(PLAIN_ACTIONS, (("deed", "deed"),)),
}
"""Which pages show records of an action, and for each the row that points down to the record, whose number it takes."""

WITHDRAWN_WITH = {
    "training": ("training_session", "study_withdraw", "这次轮训连同各人的学时一起登记，要一起撤回，请在这里办。"),
    "assessment": ("assessment", "assessment_withdraw", "这是书记考核的记录，连同考核一起撤回，请在这里办。"),
    "commend": ("honour", "honour_withdraw", "这是荣誉登记的记录，连同荣誉一起撤回，请在这里办。"),
    "report": ("report", "report_withdraw", "这是情况报告的记录，连同报告一起撤回，请在这里办。"),
    "selection": ("selection", "selection_back", "这是评选表彰的记录，连同表彰一起撤回，请在这里办。"),
    "plan": ("care_plan", "care_plan", "这是年度计划的记录，把计划退回草稿时一起撤回，请在这里办。"),
    "handling": ("supervision_answer", "supervision_answer_withdraw", "这是督办的答复，连同文字一起撤回，请在这里办。"),
}
"""Deeds that were entered with something else: the row that points down to the record, the page that takes back both,
and what it says. The action is the key."""

GREETED_BY = (("visit", "get_how_display"),)
"""Rows that point down to a greeting, and what of them says in which way it was done."""

NAMED_IN = (("activity", "activity", "activity__participants"),)
"""Records that name members besides whom they are about: the page, the row that points down to the record, whose number
it takes and whose ``title`` the time line says, and its rows with ``person`` and ``organisation``."""

TOLD_BY = (
    ("fund_applications", "application"), ("dues_reliefs", "relief"), ("assessments", "assessment"),
    ("allowances", "allowance"), ("honours", "honour"), ("medals", "medal"), ("nominations", "nominee"),
    ("stories", "story"), ("namings", "naming"),
)  # fmt: skip
"""Rows of floors above that tell of a member on the time line: how a person names them, and the page of one. Their
queryset has ``told`` for what it fetches, a row ``story``: each day with a label and words."""

ENTRY_FORMS = {"difficulty": (("application_new", "代填资金申请"), ("relief_new", "代填党费减免申请"))}
"""What the page of an entry of a register offers besides, about its member: forms by URL name, and the links' words."""

PICKER_FORMS = (
    "event_new", "talk_request_new", "application_new", "relief_new", "honour_new", "story_new", "naming_new",
    "medal_new", "award_new",
)  # fmt: skip
"""Forms about one member, besides those of ``ACTION_FORMS``, to which a picker may lead."""

ORGANISATION_PAGES = (
    ("activities", "活动"),
    ("honours", "荣誉"),
    ("medals", "光荣在党50年"),
    ("contact_points", "联系点"),
    ("reports", "情况报告"),
    ("calendar", "日历"),
)
"""Pages that the floors above narrow to one organisation, offered on the organisation's own."""
