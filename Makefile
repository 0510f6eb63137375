# One verb per job. `make demo` and `make test` do all of their own set-up.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --constraint constraints.txt

.DEFAULT_GOAL := help
# kept bytecode: without it each of the hundreds of processes that the tests start compiles panelsim anew
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help demo test check format lint types layers unit eval build lock clean

help: ## Show the verbs
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv/demo.stamp: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing panelsim with its embedded model's runtime and its charts ..."
	$(INSTALL) --editable '.[embedded,reports]'
	@touch $@

.venv/dev.stamp: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing panelsim with all extras ..."
	$(INSTALL) --editable '.[embedded,reports,server,client,workers,telemetry,analysis,dev]'
	@touch $@ .venv/demo.stamp

demo: .venv/demo.stamp ## A headline test on the embedded model: no key, no server
	$(BIN)/panelsim test \
	    "Forecast your quarter within 5% by Friday" \
	    "The future of revenue is here" \
	    --n 9 --out panelsim-report/demo

test: .venv/dev.stamp check unit ## Every check and test, the network off but for set-up

check: lint types layers ## Format, lint, types and layers

format: .venv/dev.stamp ## Put the code in its form
	$(BIN)/ruff check --fix src tests benchmarks
	$(BIN)/ruff format src tests benchmarks

lint: .venv/dev.stamp ## Ruff: rules and format
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks

types: .venv/dev.stamp ## Mypy, strict, tests too
	$(BIN)/mypy

layers: .venv/dev.stamp ## Import-linter: a module imports from below only
	$(BIN)/lint-imports

unit: .venv/dev.stamp ## Tests; two small models (130 MB) are fetched once into the user cache
	$(BIN)/panelsim models pull smollm2-135m
	$(BIN)/panelsim models pull use-m3
	$(BIN)/pytest -n 2 --dist worksteal -m "not alone"
	$(BIN)/pytest -n 2 --dist loadfile -m alone

eval: .venv/dev.stamp ## Every recorded benchmark, the network off: each figure must be the one that was kept
	$(BIN)/panelsim eval run --check-results

build: .venv/dev.stamp ## The wheel and the source archive
	$(BIN)/python -m build

lock: .venv/dev.stamp ## Pin what is installed; versions only, no addresses
	$(BIN)/python -m pip freeze --exclude-editable | grep -v ' @ ' > constraints.txt

clean: ## Remove what was built
	rm -rf .venv build dist panelsim-report .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
