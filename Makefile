# Deepglass: what can be made here. `make` alone prints the list.
# Windows without make: CONTRIBUTING.md has the plain commands.

PYTHON ?= python3
VENV = .venv
PEERS = .venv-peers
SCRIPTS = $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN = $(VENV)/$(SCRIPTS)
PEERS_BIN = $(PEERS)/$(SCRIPTS)
TORCH_INDEX ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=
WORKERS ?= 2
KILLS ?= 1000
RUNS ?= 200
SEED ?= 0

.DEFAULT_GOAL = help
.PHONY: help install demo dev test lint course peers bench soak clean

help:
	@echo "make install   Deepglass in $(VENV), for use"
	@echo "make demo      train a small network on handwritten digits: accuracy and a report, in seconds"
	@echo "make dev       the tools of the developers too"
	@echo "make test      the tests           (PYTEST_ARGS='-k iris' picks, WORKERS=1 runs them in one process)"
	@echo "make lint      ruff, mypy, import-linter"
	@echo "make course    the 300 rows of the course: which of them work, shown by running them"
	@echo "make bench     speed beside other libraries, in 25 minutes (do nothing else meanwhile; BENCH_ARGS='--only iris')"
	@echo "make peers     the other libraries for it, in $(PEERS)"
	@echo "make soak      before a release: 1000 kills over 200 runs, then the slow tests (KILLS=50 RUNS=10 for fewer, SEED=1)"
	@echo "make clean     remove what was made here; your runs/ stay"
	@echo ""
	@echo "PYTHON=python3.12     the Python to start from (3.11 or newer)"
	@echo "TORCH_INDEX=ADDRESS   the package index that torch alone is taken from, such as one for your GPU"

install: $(VENV)/installed
dev: $(VENV)/developer

# The first of these Pythons that is new enough. A stamp file says that the work is done.
$(VENV)/installed: pyproject.toml constraints.txt
	@set -e; found=; \
	for python in "$(PYTHON)" python3.13 python3.12 python3.11; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Deepglass needs Python 3.11 or newer, and $(PYTHON) is not. Install one and name it: make PYTHON=python3.12 ..." >&2; \
		exit 1; \
	fi; \
	if [ ! -x $(BIN)/python ] && [ ! -x $(BIN)/python.exe ]; then \
		echo "Making $(VENV) with $$found."; "$$found" -m venv $(VENV); \
	fi
	$(if $(TORCH_INDEX),$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --index-url $(TORCH_INDEX) -c constraints.txt torch)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/developer: $(VENV)/installed
	@$(BIN)/python -c "import tomllib; \
	print(*tomllib.load(open('pyproject.toml', 'rb'))['dependency-groups']['dev'], sep='\n')" > $(VENV)/developer.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r $(VENV)/developer.txt
	@touch $@

demo: install
	$(BIN)/deepglass train digits --set data.augment.shift=1

test: dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGS)

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

course: dev
	$(BIN)/python tools/course.py

peers: $(PEERS)/installed
$(PEERS)/installed: benchmarks/peers.txt | $(VENV)/installed
	$(BIN)/python -m venv $(PEERS)
	$(if $(TORCH_INDEX),$(PEERS_BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --index-url $(TORCH_INDEX) -c benchmarks/peers.txt torch)
	$(PEERS_BIN)/python -m pip install --quiet --disable-pip-version-check -c benchmarks/peers.txt torch lightning keras jax skorch scikit-learn
	@touch $@

bench: dev peers
	$(BIN)/python benchmarks/speed.py $(BENCH_ARGS)

soak: dev
	OMP_NUM_THREADS=1 $(BIN)/python tools/soak.py --kills $(KILLS) --runs $(RUNS) --seed $(SEED)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m slow $(PYTEST_ARGS)

clean:
	rm -rf $(VENV) $(PEERS) build dist site .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache src/*.egg-info
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
