# The same commands for people and for CI. `make` alone lists them.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
POSTGRES ?= postgresql:///test?host=/var/run/postgresql

.PHONY: help demo runtime test test-browser test-postgres messages check lint format types layers lock clean

help:  ## list these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

demo: $(VENV)/runtime  ## set everything up and run Reynard with demo data (PORT=8000)
	$(BIN)/reynard demo --port $(PORT)

runtime: $(VENV)/runtime  ## install what running Reynard needs

test: $(VENV)/development  ## set everything up and run the tests, on SQLite
	$(BIN)/python -m pytest -n auto --ignore=tests/browser

test-browser: $(VENV)/development  ## the pages in a real browser (needs Chromium)
	$(BIN)/python -m pytest tests/browser

test-postgres: $(VENV)/development  ## the tests of the desk on PostgreSQL (POSTGRES=postgresql://…)
	DATABASE_URL='$(POSTGRES)' $(BIN)/python -m pytest -n auto -m 'database or postgres' \
		tests/desk tests/api tests/ops tests/web tests/mail tests/webhooks

messages: $(VENV)/development  ## gather the texts of the pages into their catalogues, and compile these (needs gettext)
	cd src/reynard && $(CURDIR)/$(BIN)/reynard makemessages --all --no-location --no-wrap --no-obsolete
	cd src/reynard && $(CURDIR)/$(BIN)/reynard compilemessages

check: lint types layers  ## everything that reads the code without running it

lint: $(VENV)/development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/development  ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/development
	$(BIN)/mypy

layers: $(VENV)/development
	$(BIN)/lint-imports

lock: $(VENV)/development  ## write the lock files anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --custom-compile-command 'make lock' pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --custom-compile-command 'make lock' --group dev -c requirements.lock \
		pyproject.toml -o requirements-dev.lock

clean:  ## remove what the commands above made, but no data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Reynard needs Python 3.11 or newer."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/runtime: $(VENV)/bin/python requirements.lock pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/development: $(VENV)/runtime requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
