# Three commands: `make figures`, `make test`, `make docs`. All set up .venv first, and skip what is up to date.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOCS_READY := $(VENV)/.ready-for-docs
BENCH := $(BIN)/pytest --benchmark-only --override-ini=addopts= --override-ini=filterwarnings=default
PAGE := $(wildcard experiment/src/*) $(addprefix experiment/,build.mjs package.json package-lock.json texts.json)
SOURCES := $(shell find illusions stimuli models analyses -type f -not -name '*.pyc' 2>/dev/null)

.PHONY: help figures test pytest docs gallery experiment page-for-test lint matrix lowest newest release bench clean

help:
	@echo "make figures   set up .venv and write the figures to figures/"
	@echo "make test      set up .venv, check the style and the types, run the tests"
	@echo "make docs      set up .venv and build the site, site/index.html: every tutorial runs, every link is checked"
	@echo "make gallery   compute the predictions of every stimulus again, for the gallery of the site"
	@echo "make matrix    smoke test with the lowest and the newest versions of all dependencies"
	@echo "make release   all checks of a release: test, matrix, docs"
	@echo "make experiment  bundle the page of 'illusions experiment' (needs Node.js)"
	@echo "make bench     speed and memory against other implementations (minutes)"
	@echo "make clean     remove .venv, figures/ and caches"

figures: figures/index.html

figures/index.html: $(READY) $(SOURCES)
	$(BIN)/illusions figures -o figures

# With --jobs 2, checks and tests run at the same time.
test: lint pytest

# Two processes with one thread each; a file's tests stay together, in the order of tests/conftest.py.
pytest: $(READY) page-for-test
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

# -W: a warning is an error. --keep-going: say all of them. Tutorials that have not changed are not run again.
docs: $(DOCS_READY)
	$(BIN)/sphinx-build -W --keep-going -d .doctrees docs site
	$(BIN)/python docs/made/links.py site

gallery: $(READY)
	$(BIN)/python docs/made/predictions.py docs/gallery

experiment: experiment/dist/page.html

experiment/dist/page.html: $(PAGE)
	cd experiment && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && node build.mjs

# Without Node.js the tests of the page are skipped, and say so.
page-for-test:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory experiment; fi

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Dependencies as an installation gets them, without those of the tests: the lowest that pyproject.toml allows, and the newest.
# Not a part of `make test`: torch 2.5.0 with its CUDA libraries is several gigabytes.
matrix: lowest newest

lowest: CONSTRAINED = --constraint constraints-lowest.txt
lowest newest:
	$(PYTHON) -m venv --clear .venv-$@
	.venv-$@/bin/python -m pip install --quiet $(CONSTRAINED) .
	cd tests && ../.venv-$@/bin/python smoke.py

release: test matrix docs

bench: $(READY)
	$(BENCH) tests/benchmarks/test_streaming.py  # alone: the others keep freed memory, which hides growth
	$(BENCH) tests/benchmarks/test_memory.py tests/benchmarks/test_speed.py
	$(BIN)/python tests/benchmarks/compare_commands.py  # whole commands beside an earlier version

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11, 3.12 or 3.13 is needed; set PYTHON=…" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(DOCS_READY): $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[docs]'
	@touch $@

clean:
	rm -rf $(VENV) .venv-lowest .venv-newest figures build dist site .doctrees docs/generated jupyter_execute experiment/dist experiment/node_modules .pytest_cache .mypy_cache .ruff_cache
