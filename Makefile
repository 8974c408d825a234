# Two commands: `make figures` and `make test`. Both set up .venv first, and do only what is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH := $(BIN)/pytest --benchmark-only --override-ini=addopts= --override-ini=filterwarnings=default
SOURCES := $(shell find illusions stimuli models analyses -type f -not -name '*.pyc' 2>/dev/null)

.PHONY: help figures test lint bench clean

help:
	@echo "make figures   set up .venv and write the figures to figures/"
	@echo "make test      set up .venv, check the style and the types, run the tests"
	@echo "make bench     speed and memory against other implementations (minutes)"
	@echo "make clean     remove .venv, figures/ and caches"

figures: figures/index.html

figures/index.html: $(READY) $(SOURCES)
	$(BIN)/illusions figures -o figures

test: $(READY) lint
	$(BIN)/pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BENCH) tests/benchmarks/test_streaming.py  # alone: the others keep freed memory, which hides growth
	$(BENCH) tests/benchmarks/test_memory.py tests/benchmarks/test_speed.py

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=…" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) figures build dist .pytest_cache .mypy_cache .ruff_cache
