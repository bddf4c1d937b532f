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

.PHONY: run test lint texts pictures bench load faults hostile lock audit sbom setup clean

run: setup
	PORT=$(PORT) $(BIN)/penjaga up

test: setup
	$(BIN)/penjaga encoder build
	$(BIN)/python -m pytest -n 2 --dist worksteal
	$(BIN)/python -m pytest -n 2 --dist worksteal --stack=outgrown -k "not postgresql" \
		tests/domain tests/web tests/contracts

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

# What one machine takes; wants Debian's wrk and redis-server.
load: setup
	$(BIN)/penjaga encoder build
	$(BIN)/python -m tests.load.throughput --data $(SHARED)/data

# Sends hostile requests to the real application and reads hostile texts; the same ones for the same seed.
N ?= 100000
SEED ?= 1
hostile: setup
	$(BIN)/python -m tests.hostile --inputs $(N) --seed $(SEED)

# Pins what pyproject.toml asks for, with the hashes of its files; versions stay as they are unless asked for by
# UPGRADE=NAME, or UPGRADE=all.
LOCK := --quiet --universal --python-version 3.11.5 --generate-hashes --no-emit-index-url --no-emit-package torch \
	--no-annotate --no-header $(if $(UPGRADE),$(if $(filter all,$(UPGRADE)),--upgrade,--upgrade-package $(UPGRADE)))
lock: setup
	$(BIN)/uv pip compile $(LOCK) pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile $(LOCK) pyproject.toml --extra dev -o requirements-dev.txt

# Asks for known vulnerabilities of what is pinned; fails also where that cannot be told.
audit: setup
	$(BIN)/pip-audit --strict --disable-pip --no-deps -r requirements-dev.txt -r requirements-torch.txt

# Writes the software bill of materials of a release (CycloneDX).
sbom: setup
	mkdir -p build
	cat requirements.txt requirements-torch.txt | $(BIN)/cyclonedx-py requirements --pyproject pyproject.toml \
		--output-reproducible --output-format JSON -o build/sbom.json -

# Faults on a real installation under load: RUNS runs from SEED, each of SECONDS with RATE messages a second.
RUNS ?= 20
SECONDS ?= 120
RATE ?= 50

faults: setup
	$(BIN)/penjaga encoder build
	$(BIN)/python -m tests.faults --runs $(RUNS) --seed $(SEED) --seconds $(SECONDS) --rate $(RATE)

setup: $(READY) $(CATALOGUES)

# Everything by hash. torch alone by its version: its build without GPU code stands on an index of its own, so that
# which file is the right one differs by machine.
$(READY): pyproject.toml requirements-dev.txt requirements-torch.txt
	$(PYTHON) -c 'import sys; sys.exit("Penjaga needs Python 3.11; set PYTHON=/path/to/python3.11") if sys.version_info[:2] != (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-torch.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

$(CATALOGUES): $(READY) $(wildcard triage/translations/*/LC_MESSAGES/*.po)
	$(BIN)/pybabel --quiet compile --statistics -d triage/translations
	touch $@

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
