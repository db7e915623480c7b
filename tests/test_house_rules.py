"""The repository's own rules, read from its files: what no library checks for us.

Each rule is one test; where a rule has an exception, it stands beside the rule with its reason.
"""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Choices
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from members import enums

ROOT = settings.BASE_DIR
APPS = ("base", "members", "duties", "care", "visits", "awards", "fund", "ledgers", "config")


@cache
def files(*endings: str) -> tuple[Path, ...]:
    """The repository's own files, tracked or about to be, by the ends of their names; all of them without ends."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    found = sorted({ROOT / name for name in listed.split("\0") if name})
    return tuple(path for path in found if path.is_file() and (not endings or path.name.endswith(endings)))


def code() -> list[Path]:
    """Our modules: no tests, no migrations."""
    return [path for path in files(".py") if path.relative_to(ROOT).parts[0] in APPS and "migrations" not in path.parts]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def at(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def lines_matching(paths, pattern: str) -> list[str]:
    """``file:line`` of every line in which the pattern occurs."""
    wanted = re.compile(pattern)
    return [
        f"{at(path, number)} {line.strip()[:80]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if wanted.search(line)
    ]


def texts() -> list[Path]:
    return [path for path in files() if path.suffix not in {".png", ".ico", ".xlsx", ".woff2"}]


def imported(path: Path) -> set[str]:
    """Dotted names a module imports: ``base.dates.today`` for ``from base.dates import today``."""
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


# Files and folders


def test_every_folder_of_the_card_stands():
    folders = (*APPS, "duties/policy", "duties/engine", "templates", "static", "tests", "docs", "deploy", "bench")
    assert [name for name in folders if not (ROOT / name).is_dir()] == []


def test_nothing_lies_at_the_top_that_the_card_does_not_draw():
    drawn = {*APPS, "templates", "static", "tests", "docs", "deploy", "bench"}
    drawn |= {"manage.py", "pyproject.toml", "Makefile", "README.md", "requirements.lock", "requirements-dev.lock"}
    top = {path.relative_to(ROOT).parts[0] for path in files()}
    assert {name for name in top - drawn if not name.startswith(".")} == set()


def test_nothing_is_left_half_done():
    words = "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3, r"mark\.(skip|xfail)", r"pytest\.skip"])
    assert lines_matching([path for path in texts() if path != Path(__file__)], rf"\b({words})\b") == []


def test_no_file_names_a_place_of_one_machine():
    assert lines_matching(texts(), r"(?<![\w.])/(work|root|Users)[/]|(?<![\w.])/(tmp|home)[/][a-z]") == []


def test_modules_stay_short_enough_to_be_about_one_thing():
    long = {at(path, 0): len(path.read_text(encoding="utf-8").splitlines()) for path in code()}
    assert {name: lines for name, lines in long.items() if lines > 450} == {}


def test_no_module_is_named_for_nothing():
    nameless = {"utils", "util", "helpers", "managers", "selectors", "signals", "common", "misc"}
    assert [at(path, 0) for path in code() if path.stem in nameless] == []


# Imports


def test_imports_stand_at_the_top():
    ready = {ROOT / each / "apps.py" for each in ("duties/engine", "members", "config")}  # models: in ready() only
    large = {ROOT / "members/pinyin.py"}  # a dictionary that few processes need
    inside = [
        at(path, node.lineno)
        for path in [*code(), *files("conftest.py")]
        if path not in ready | large
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_imports_are_not_hidden_from_the_floors():
    hidden = {
        "typing.TYPE_CHECKING",
        "importlib",
        "importlib.import_module",
        "django.utils.module_loading.import_string",
    }
    assert [at(path, 0) for path in code() if imported(path) & hidden] == []
    assert lines_matching(code(), "__import__|TYPE_" + "CHECKING") == []


def test_apps_do_not_talk_in_signals():
    assert [at(path, 0) for path in code() if any("signals" in name for name in imported(path))] == []
    assert [at(path, 0) for path in code() if "django.dispatch.receiver" in imported(path)] == []


# Time

READS_THE_CLOCK = re.compile(r"(^|/)(views(/\w+)?|management/commands/\w+|middleware|navigation|tasks)\.py$")


ASKS_TODAY = {
    "members/models.py": "Account.scope: what an account may do comes from the posts of the day it is used",
    "members/counting.py": "a fact changes the numbers of members of today",
    "duties/engine/sweep.py": "a fact settles its duties as of today, or of the last swept day if that is later",
}


def test_only_views_and_commands_ask_what_day_it_is():
    asking = {path.relative_to(ROOT).as_posix() for path in code() if "base.dates.today" in imported(path)}
    assert {name for name in asking if not READS_THE_CLOCK.search(name)} == set(ASKS_TODAY)


def test_today_is_asked_of_base_dates_alone():
    own_clock = lines_matching(code(), r"\bdate\.today\(|\bdatetime\.(now|utcnow|today)\(|\btime\.time\(|localdate\(")
    assert [found for found in own_clock if not found.startswith("base/dates.py:")] == []


# Who may see what

OPEN_READS = {
    ("members/views/sign_in.py", "Account"): "before signing in nobody sees anything; the try is audited by number",
    ("members/views/sign_in.py", "AccessAttempt"): "the lock's own page says until when it lasts",
}
"""(module, model): why rows may be read there without ``visible_to``."""


MANAGERS = {"objects", "_default_manager", "_base_manager"}


def chains(module: ast.Module):
    """Every expression of the module that starts at a model's manager: (line, model, names called on it)."""
    above = {child: node for node in ast.walk(module) for child in ast.iter_child_nodes(node)}
    for manager in ast.walk(module):
        if not (isinstance(manager, ast.Attribute) and manager.attr in MANAGERS):
            continue
        names, link, up = [], manager, above[manager]
        while isinstance(up, ast.Attribute) or (isinstance(up, ast.Call) and up.func is link):
            if isinstance(up, ast.Attribute):
                names.append(up.attr)
            link, up = up, above[up]
        yield manager.lineno, ast.unparse(manager.value), names


def test_a_read_is_followed_from_its_manager_to_its_end():
    module = ast.parse("rows = (Person.objects\n .filter(name=other(Post.objects))\n .visible_to(user)[:3])")
    assert sorted(chains(module)) == [(1, "Person", ["filter", "visible_to"]), (2, "Post", [])]


def view_modules() -> list[Path]:
    return [path for path in code() if path.name == "views.py" or path.parent.name == "views"]


def test_pages_reach_rows_through_visible_to():
    open_reads = [
        f"{at(path, line)} {model}.{'.'.join(names)}"
        for path in view_modules()
        for line, model, names in chains(tree(path))
        if "visible_to" not in names and (path.relative_to(ROOT).as_posix(), model) not in OPEN_READS
    ]
    assert open_reads == []


def test_pages_fetch_one_row_from_a_scoped_set_and_not_from_a_model():
    models = {model.__name__ for model in apps.get_models()}
    bare = [
        at(path, node.lineno)
        for path in view_modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"get_object_or_404", "get_list_or_404"}
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in models
    ]
    assert bare == []


def test_every_exception_from_visible_to_is_still_needed():
    read = {
        (path.relative_to(ROOT).as_posix(), model)
        for path in view_modules()
        for _line, model, _names in chains(tree(path))
    }
    assert set(OPEN_READS) - read == set()


def test_the_django_admin_is_not_installed():
    assert not apps.is_installed("django.contrib.admin")
    assert [
        at(path, 0) for path in code() if any(name.startswith("django.contrib.admin") for name in imported(path))
    ] == []


# Models and queries


def test_no_model_has_an_order_of_its_own():
    ours = [model for model in apps.get_models() if model.__module__.split(".")[0] in APPS]
    assert [model.__name__ for model in ours if model._meta.ordering] == []


def test_filtered_relations_are_not_used():
    """A second filter on its alias opens a second join without a word."""
    assert lines_matching(code(), "Filtered" + "Relation") == []


# Templates and static files

TEMPLATES = ROOT / "templates"


def templates() -> list[Path]:
    return [path for path in files(".html", ".txt") if TEMPLATES in path.parents]


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"<style\b|\sstyle\s*=", id="inline style"),
        pytest.param(r"<script(?![^>]*\ssrc=)|javascript:", id="inline script"),
        pytest.param(r"\son[a-z]+\s*=\s*[\"']|\shx-on", id="handler attribute"),
        pytest.param(r"https?://|[\"'(]//\w", id="address of another site"),
    ],
)
def test_pages_keep_the_content_security_policy(pattern):
    assert lines_matching(templates(), pattern) == []


def test_our_static_files_name_no_other_site():
    ours = [path for path in files(".css", ".js", ".svg") if ROOT / "static" in path.parents]
    found = lines_matching(ours, r"https?://|url\([\"']?//|@import")
    assert [line for line in found if "http://www.w3.org/2000/svg" not in line] == []


def test_a_fragment_says_first_what_it_needs():
    fragments = [path for path in templates() if path.name.startswith("_")]
    assert [
        at(path, 1) for path in fragments if not path.read_text(encoding="utf-8").startswith(("{#", "{% comment"))
    ] == []


def test_components_are_included_with_only_what_they_are_given():
    assert [
        found
        for found in lines_matching(templates(), r"{%\s*include\s+[\"']components/")
        if not re.search(r"\bonly\b", found) and not _whole_line_has_only(found)
    ] == []


def _whole_line_has_only(found: str) -> bool:
    place = found.split(" ", 1)[0]
    name, number = place.rsplit(":", 1)
    line = (ROOT / name).read_text(encoding="utf-8").splitlines()[int(number) - 1]
    return all(re.search(r"\bonly\b", tag) for tag in re.findall(r"{%\s*include\s+[\"']components/.*?%}", line))


def test_every_form_that_posts_carries_its_token():
    form = re.compile(r"<form\b[^>]*method=[\"']post[\"'].*?</form>", re.DOTALL | re.IGNORECASE)
    posting = [(path, found) for path in templates() for found in form.findall(path.read_text(encoding="utf-8"))]
    assert [at(path, 0) for path, found in posting if "{% csrf_token %}" not in found] == []


def test_a_wide_table_scrolls_in_its_own_frame():
    tables = re.compile(r"(<div class=\"tbl-scroll\">\s*)?<table\b")
    bare = [path for path in templates() for framed in tables.findall(path.read_text(encoding="utf-8")) if not framed]
    assert [at(path, 0) for path in bare] == []


def test_buttons_say_what_happens_and_nobody_shouts():
    assert lines_matching(templates(), r"<button[^>]*>\s*(操作|处理|新增|编辑|删除|确定)\s*<") == []
    assert lines_matching([*templates(), *code()], "！|温馨提示|请知悉") == []


# Documents and locks


def test_the_glossary_pairs_every_model_and_every_closed_list():
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
    rows: dict[str, str] = {}
    for row in glossary.splitlines():
        if row.startswith("| `"):
            name = row.split("|")[1].strip()
            rows[name] = rows.get(name, "") + row
    missing = [
        model.__name__
        for model in apps.get_models()
        if model.__module__.split(".")[0] in APPS
        and model._meta.verbose_name not in rows.get(f"`{model.__name__}`", "")
    ]
    lists = [each for each in vars(enums).values() if isinstance(each, type) and issubclass(each, Choices)]
    missing += [
        each.__name__ for each in lists if each.__module__ == enums.__name__ and f"`{each.__name__}`" not in rows
    ]
    assert missing == []


def locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {canonicalize_name(pin[0]): pin[1] for pin in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)}


def test_the_locks_hold_what_pyproject_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = [Requirement(line) for line in project["project"]["dependencies"]]
    dev = runtime + [Requirement(line) for line in project["dependency-groups"]["dev"]]
    for name, asked in (("requirements.lock", runtime), ("requirements-dev.lock", dev)):
        pins = locked(name)
        stale = [
            str(each) for each in asked if not each.specifier.contains(pins.get(canonicalize_name(each.name), "0"))
        ]
        assert stale == [], f"{name}: run make lock"
        direct = (ROOT / name).read_text(encoding="utf-8").count("guanhuai (pyproject.toml")
        assert direct == len(asked), f"{name} holds what pyproject no longer asks for: run make lock"
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()


def test_the_locks_name_no_registry_and_hash_everything():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert re.findall(r"\w+://|--(index|extra-index|find-links)", text) == []
        assert re.findall(r"^[\w.-]+==[^\\\n]*$", text, re.MULTILINE) == [], "a pin without a hash"
