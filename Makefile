# A fresh clone needs `make up` or `make test` and nothing before; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# What an activated environment leaves in the shell must not lead Python or pip elsewhere.
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH PIP_TARGET PIP_PREFIX
export PIP_USER := 0

# What says which database is meant. `make up` and `make test` never touch that one.
SAID := DATABASE_URL DBCTL_URL DBCTL_ENV POSTGRES_HOST POSTGRES_DB

# The message reaches the shell as a variable, so that quotes and dollars in it stay text.
override msg := $(value msg)
export msg

.DEFAULT_GOAL := help
.PHONY: help up test lint docs db-migrate db-upgrade db-downgrade db-history db-current db-reset clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

up: $(VENV)/.installed ## make .venv, install, bring the sample up on SQLite (data.db)
	@unset $(SAID); $(BIN)/dbctl up
	@echo "dbctl is $(BIN)/dbctl, or: . $(BIN)/activate"

test: $(VENV)/.dev ## run the tests, on SQLite and on a PostgreSQL from a wheel; args="-k up" picks
	$(BIN)/python -m pytest -n auto $(args)

lint: $(VENV)/.dev ## ruff, mypy, import-linter, deptry, codespell
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/codespell

docs: $(VENV)/.dev ## write the pages and modules that are made from the commands
	$(BIN)/python -m tests.docs.words_module
	$(BIN)/python -m tests.docs.commands_page
	$(BIN)/python -m tests.docs.json_page

db-migrate: $(VENV)/.installed ## write a revision from the models' changes: msg="add posts"
	@$(if $(msg),,$(error say what changes: make db-migrate msg="add posts"))
	@$(BIN)/dbctl migrate -m "$$msg"

db-upgrade: $(VENV)/.installed ## run pending revisions
	@$(BIN)/dbctl upgrade

db-downgrade: $(VENV)/.installed ## undo the last revision; asks, unless yes=1
	@$(BIN)/dbctl downgrade $(if $(yes),--yes )-1

db-history: $(VENV)/.installed ## list the revisions
	@$(BIN)/dbctl history --indicate-current

db-current: $(VENV)/.installed ## show the database's revision
	@$(BIN)/dbctl current

db-reset: $(VENV)/.installed ## drop the database and bring it up again; asks, unless yes=1
	@$(BIN)/dbctl reset $(if $(yes),--yes)

clean: ## remove .venv and what the tools leave behind
	rm -rf $(VENV) build dist .*_cache .hypothesis

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "installing dbctl into $(VENV)"
	@$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "installing dbctl and what its tests need into $(VENV)"
	@$(PIP) --editable ".[dev]"
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "error: dbctl needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1 | head -n 1)" >&2; \
		echo "hint: name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "error: $(PYTHON) cannot make a virtual environment" >&2; \
		echo "hint: on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
