# Two commands on a fresh machine: `make demo` and `make test`.

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin

.PHONY: demo test test-slow fuzz lint bench sample clean

demo: $(BIN)/galseg
	rm -rf demo_output
	$(BIN)/galseg demo --output demo_output --sample annotations --train_config configs/train_smoke.yaml

test: $(VENV)/.test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto

test-slow: $(VENV)/.test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto -m "slow or not slow"

fuzz: $(VENV)/.test
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),2)

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.bench
	$(BIN)/python -m pytest benchmarks -o python_files='bench_*.py' -s

sample: $(BIN)/galseg
	$(BIN)/python -m galseg.dataset.sample annotations

$(BIN)/pip:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --upgrade pip

$(BIN)/galseg: $(BIN)/pip pyproject.toml
	$(BIN)/pip install -e .
	touch $@

$(VENV)/.%: $(BIN)/galseg pyproject.toml
	$(BIN)/pip install -e ".[$*]"
	touch $@

clean:
	rm -rf $(VENV) demo_output build *.egg-info .mypy_cache .pytest_cache .ruff_cache
