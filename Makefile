# What one does with this repository. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup run test test-sqlite test-postgresql test-browser check fix lock bench money kill

PORT ?= 8000
ARGS ?=
# The first Python here that is new enough and can make a virtual environment; give PYTHON=… to choose another.
PYTHON ?= $(shell for each in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$each -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$each && break; done)
BIN := .venv/bin
READY := .venv/.installed

help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv and install what requirements-dev.lock names, by hash
	@:

$(READY): requirements-dev.lock
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer with venv is needed (Debian: apt-get install python3 python3-venv)." >&2; exit 1; }
	@[ -x $(BIN)/python ] && $(BIN)/python -c '' 2>/dev/null || { echo "Making .venv with $(PYTHON)"; rm -rf .venv; $(PYTHON) -m venv .venv; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@echo "Installing requirements-dev.lock"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r requirements-dev.lock
	@touch $@

run: export DJANGO_DEBUG := 1
run: export DJANGO_DEMO := 1
run: export DJANGO_RUNSERVER_HIDE_WARNING := true
run: MANAGE := env -u DATABASE_URL $(BIN)/python manage.py
run: setup ## the demo: invented people on SQLite, http://127.0.0.1:8000 (PORT=… for another)
	@mkdir -p var
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) load_demo
	@printf '\n  http://127.0.0.1:%s/sign-in/\n  %s\n  %s\n\n' "$(PORT)" \
		"The sign-in page has one button for each role of the demo; no password is asked." "Ctrl-C stops the server."
	@exec $(MANAGE) runserver --skip-checks 127.0.0.1:$(PORT)

test: test-sqlite test-postgresql test-browser ## the suite on SQLite, what asks for a database again on a private PostgreSQL, and in a browser (ARGS=… for pytest)

test-sqlite: setup ## the suite on SQLite only
	@echo "The suite on SQLite"
	@env -u DATABASE_URL -u CHROMIUM $(BIN)/pytest -n auto $(ARGS)

test-postgresql: setup ## the suite on PostgreSQL only: a private server, or the one TEST_DATABASE_URL names
	@env -u CHROMIUM deploy/testservices.sh $(BIN)/pytest -n auto $(ARGS)

test-browser: setup ## everyday tasks in Chromium, on a telephone and on a desk (CHROMIUM=… names the program)
	@env -u DATABASE_URL deploy/testbrowser.sh $(BIN)/pytest -n 2 tests/browser $(ARGS)

check: export DJANGO_DEBUG := 1
check: setup ## style, templates, floors, missing migrations, coverage of the documents, deployment settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py coverage_reference --check
	@deploy/check-production.sh $(BIN)/python

fix: setup ## mend what ruff can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

LOCKING := pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links
lock: setup ## write both lock files anew from pyproject.toml (ARGS=--upgrade for newer versions)
	$(BIN)/uv $(LOCKING) $(ARGS) pyproject.toml -o requirements.lock
	$(BIN)/uv $(LOCKING) $(ARGS) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

SIZE ?= 100k
# As in production, where a commit waits for the disk.
DURABLE := -c fsync=on -c synchronous_commit=on -c full_page_writes=on
bench: export DJANGO_SETTINGS_MODULE := bench.settings
bench: export POSTGRESQL_OPTIONS := -c shared_buffers=2GB -c work_mem=64MB -c maintenance_work_mem=512MB -c max_wal_size=8GB $(if $(filter posting,$(ONLY)),$(DURABLE))
bench: setup ## the promises of speed (SIZE=10k, 100k or 1m; ONLY=sweep,policies,campaigns,fifty,posting,books,fact,pages,ledger,ledgers,roster,search; WRITE=1 keeps the table)
	@deploy/testservices.sh $(BIN)/python -m bench $(SIZE) $(if $(ONLY),--only $(ONLY)) $(if $(WRITE),--write)

OPERATIONS ?= 100000
money: export DJANGO_SETTINGS_MODULE := bench.settings
money: setup ## OPERATIONS=100000 of eight connections that want more money than there is, then with guards broken (SEED=… again)
	@deploy/testservices.sh $(BIN)/python -m bench.money --operations $(OPERATIONS) $(if $(SEED),--seed $(SEED)) $(ARGS)

ROUNDS ?= 20
kill: export DJANGO_SETTINGS_MODULE := bench.settings
kill: export POSTGRESQL_OPTIONS := $(DURABLE)
kill: setup ## parts of the machinery killed at random, ROUNDS=20 times, in sweeps and sends of 20,000 members (ARGS=…)
	@deploy/testservices.sh $(BIN)/python -m bench.kill --rounds $(ROUNDS) $(ARGS)
