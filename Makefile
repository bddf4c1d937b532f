# Set-up, tests, checks and figures. `make run` and `make test` need Python 3.11 and make, nothing else.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
# Where benchmarks find the measurement data; tests that need it are skipped where it is not.
SHARED ?= ../shared

BIN := .venv/bin
READY := .venv/.ready
CATALOGUES := .venv/.catalogues
PENJAGA_ENCODERS ?= $(CURDIR)/data/encoders
export PENJAGA_ENCODERS

.PHONY: run test lint texts pictures bench faults setup clean

run: setup
	PORT=$(PORT) $(BIN)/penjaga up

test: setup
	$(BIN)/penjaga encoder build
	$(BIN)/python -m pytest -n 2 --dist worksteal

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Brings the catalogues up to the texts of the code and the templates; what is new waits for its translation.
texts: setup
	mkdir -p .cache
	$(BIN)/pybabel --quiet extract -F babel.cfg -k N_ --add-location=file --project=Penjaga --version=0 -o .cache/messages.pot triage
	$(BIN)/pybabel --quiet update -i .cache/messages.pot -d triage/translations \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 110

# Draws the screens of docs/layar.md anew.
pictures: setup
	$(BIN)/penjaga encoder build
	$(BIN)/python -m tests.browser.pictures

bench: setup
	$(BIN)/penjaga encoder build
	$(BIN)/penjaga bench
	$(BIN)/penjaga evaluate --data $(SHARED)/data
	$(BIN)/python -m tests.load.journey --data $(SHARED)/data

# Faults on a real installation under load: RUNS runs from SEED, each of SECONDS with RATE messages a second.
RUNS ?= 20
SEED ?= 1
SECONDS ?= 120
RATE ?= 50

faults: setup
	$(BIN)/penjaga encoder build
	$(BIN)/python -m tests.faults --runs $(RUNS) --seed $(SEED) --seconds $(SECONDS) --rate $(RATE)

setup: $(READY) $(CATALOGUES)

# torch first and pinned: an open range would take the newest build, with gigabytes for GPUs.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Penjaga needs Python 3.11; set PYTHON=/path/to/python3.11") if sys.version_info[:2] != (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

$(CATALOGUES): $(READY) $(wildcard triage/translations/*/LC_MESSAGES/*.po)
	$(BIN)/pybabel --quiet compile --statistics -d triage/translations
	touch $@

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
