# Thin targets over standard tools. A fresh machine needs Python 3.11, make and, for the
# tests, Node 20; the rest is brought by these targets, or named when it cannot be.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check
# What conn_core's tests reach, branches counted; raise it, never lower it.
CORE_COVERAGE := 98

.PHONY: help demo test lint pytest wheel bench screens parts constraints audit clean
.DEFAULT_GOAL := help

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/ready ## JupyterLab with a practice service, offline; Ctrl-C leaves nothing behind
	$(BIN)/jupyter connections demo

test: parts lint pytest wheel ## everything

lint: $(VENV)/ready ## style, types and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# A file's tests stay together: what they share (servers, browsers) is started once.
WORKERS := --numprocesses=auto --maxprocesses=4 --dist=loadfile

# PYTEST_ARGS="tests/core -k vault" runs a part, without the coverage gate: see CONTRIBUTING
pytest: parts ## the tests, with coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --cache-clear $(WORKERS) --durations=10 $(PYTEST_ARGS) || $(BIN)/python scripts/once_more.py $$?
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-empty
	$(BIN)/coverage report --include='conn_core/*' --format=total --fail-under=$(CORE_COVERAGE)

wheel: $(VENV)/ready ## build the wheel and try it in a new environment, without the sources
	$(BIN)/python scripts/check_wheel.py

bench: parts ## speed against peers, as ratios
	$(PIP) install --constraint constraints.txt --group bench
	@$(BIN)/python -m compileall -q conn_core conn_magics server_ext widgets  # as an installation does
	$(BIN)/python -m benchmarks

screens: parts ## pictures of every screen, for docs/screens.md
	$(BIN)/python scripts/screens.py

parts: $(VENV)/ready tests/peers/node_modules/ready
	@$(BIN)/python scripts/machine.py chromium postgres glewlwyd nginx ip

$(VENV)/ready: pyproject.toml constraints.txt
	@$(PYTHON) scripts/machine.py venv
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade 'pip>=25.1'
	$(PIP) install --constraint constraints.txt --editable '.[aws,hub,lab,jobs,postgres]' --group tests --group lint
	@touch $@

tests/peers/node_modules/ready: tests/peers/package-lock.json
	@$(PYTHON) scripts/machine.py node
	cd tests/peers && npm ci --silent
	@touch $@

constraints: $(VENV)/ready ## write down what is installed here
	@sed -n '/^#/p' constraints.txt > constraints.new
	@$(BIN)/python -m pip freeze --exclude-editable | grep '==' >> constraints.new
	mv constraints.new constraints.txt

# Not a part of `make test`: it asks the advisory service of the package index. Strict, or
# versions that it could not ask about would pass as clean.
audit: ## known holes in the tested versions, as of today
	$(PYTHON) -m venv build/audit
	build/audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.9'
	build/audit/bin/pip-audit --strict --no-deps --disable-pip --requirement constraints.txt

clean: ## remove what these targets made
	rm -rf $(VENV) build dist .coverage .coverage.* htmlcov test-results tests/peers/node_modules tests/peers/glewlwyd tests/peers/nginx
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
