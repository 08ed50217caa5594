# Every command of the project. `make help` lists them. Works with GNU make 3.81 (macOS) and newer.

SHELL := /bin/sh
BIN := .venv/bin
READY := .venv/.ready
# The scripts in .venv hold its path: a moved or copied folder needs a new one, and so does a Python that is gone.
AGAIN := $(shell [ -x .venv/bin/python ] && [ "$$(cat .venv/.ready 2>/dev/null)" = "$$(pwd -P)" ] || echo again)
ARGS ?=
# Some tests wait for files, processes and databases: one worker more than there are cores.
WORKERS ?= $(shell n=$$(($$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1)); [ "$$n" -le 8 ] || n=8; echo $$n)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml

# Pyright asks the network for a newer version at each run otherwise.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests start some dozens of processes, each of which would compile everything anew where this is set.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: again help setup demo demo-pipeline test check format format-check lint types layers lock openapi openapi-check docs golden bench-parse bench-match bench-engine bench-discs faults chaos hardware clean

help: ## List these commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## Make .venv with the locked dependencies and .venv/bin/mediastead (nothing when up to date)

$(READY): requirements-dev.txt pyproject.toml $(AGAIN)
	@sh .ci/setup $@

demo: setup ## Build a sample library, scan it, show what was found and serve it (ARGS=--once: stop after the summary)
	@$(BIN)/mediastead demo $(ARGS)

demo-pipeline: setup ## Make a small DVD image, and have a film made of it: rip, remux, transcode, organize
	@$(BIN)/mediastead demo-pipeline $(ARGS)

test: setup ## Run all tests, on SQLite and PostgreSQL (ARGS="-k words" for some of them)
	@$(BIN)/pytest -q -n $(WORKERS) --dist worksteal $(ARGS)

check: format-check lint types layers openapi-check test ## All that must hold before a change lands

format: setup ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --select I --fix --quiet .

format-check: setup ## Is the code formatted?
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run make format."; exit 1; }

lint: setup ## Lint (ruff)
	@$(BIN)/ruff check --quiet .

types: setup ## Check the types (pyright, strict in backend/)
	@$(BIN)/pyright

layers: setup ## Do rooms import only what stands below them? (import-linter)
	@$(BIN)/lint-imports

lock: setup ## Choose the newest allowed versions anew, and write both lock files
	@$(COMPILE) --upgrade --output-file requirements.txt
	@$(COMPILE) --upgrade --group dev --output-file requirements-dev.txt

openapi: setup ## Write openapi/openapi.json from the code
	@$(BIN)/mediastead openapi openapi/openapi.json

openapi-check: setup ## Is openapi/openapi.json what the code says?
	@$(BIN)/mediastead openapi --check openapi/openapi.json

docs: setup ## Write the settings into the guide for administrators
	@MEDIASTEAD_TEST_WRITE_DOCUMENTS=1 $(BIN)/pytest -q -k settings_of_the_code tests/unit/demo/test_documents.py

golden: setup ## Write the decisions of the golden set anew (read the diff)
	@$(BIN)/python -m tests.golden.write

bench-parse: setup ## Measure how well names are read
	@$(BIN)/python bench/parse.py $(ARGS)

bench-match: setup ## Measure how well files are identified
	@$(BIN)/python bench/match.py $(ARGS)

bench-discs: setup ## Measure how often titles of discs are taken for the right episodes
	@$(BIN)/python bench/discs.py $(ARGS)

bench-engine: setup ## Measure how long stage jobs wait for a host, and how many are done a second
	@$(BIN)/python bench/engine.py $(ARGS)

faults: setup ## Kill and refuse organizing at every call of the disk and every commit, and try 2,000 orders of all that happens (hours)
	@MEDIASTEAD_TEST_FAULTS=all $(BIN)/pytest -q -n 2 tests/flow/organizing/test_faults.py tests/flow/machine

chaos: setup ## Kill servers, hosts and PostgreSQL at 200 moments while items are made (a quarter of an hour)
	@MEDIASTEAD_TEST_CHAOS=100 $(BIN)/pytest -q -s tests/flow/pipeline/test_chaos.py

hardware: setup ## Try what other machines have: a disc (MEDIASTEAD_TEST_DISC=/dev/sr0), MakeMKV, encoders of a graphics card
	@$(BIN)/pytest -q -n 0 -s -rs tests/flow/stages/test_hardware.py

clean: ## Remove .venv, caches and the demo's data
	@rm -rf .venv demo-data .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
