# Each target does its own set-up first (tools/setup.sh): the first time takes some minutes,
# after that it takes no time and no network.
PYTHON ?= python3
BIN := .venv/bin
# Two processes, a file in one of them. Each computes with one thread: several that wait for one
# another, while the other process has a core, take ten times as long. A test that fails is run once
# more, on a machine that others use, too. The end of the run lists what was run again, which is a
# fault to mend, and what was skipped, with its reason.
TWO := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder \
	--reruns 1 -r Rs
export PYTHON

.PHONY: run test test-all load lint bench demos experiments docs site clean setup setup-dev

run: setup                  ## start the app on http://localhost:8501
	$(BIN)/streamlit run app.py

test: setup-dev             ## the tests, without the long sweeps and the load test
	$(TWO) -m "not sweep and not load"

test-all: setup-dev         ## the tests with the long sweeps
	$(TWO) -m "not load"

load: setup-dev             ## the long tests: many jobs, a dispatcher killed again and again
	GOMP_SPINCOUNT=20000 $(BIN)/python -m pytest -m load

lint: setup-dev             ## check style, formatting and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: setup-dev            ## measure against other libraries
	$(BIN)/python -m benchmarks.bench
	$(BIN)/python -m benchmarks.drawing
	$(BIN)/python -m benchmarks.stage
	$(BIN)/python -m benchmarks.sweep
	$(BIN)/python -m benchmarks.training

demos: setup-dev            ## train every preset's demo, over an hour, into docs/training.md
	$(BIN)/python -m benchmarks.demos

experiments: setup-dev      ## try every claim of the course with one seed, into docs/experiments.md
	$(BIN)/python -m benchmarks.experiments

docs: setup-dev             ## write the generated part of the documentation
	$(BIN)/python -m cnnviz.docs

site: setup-dev             ## docs/ as a site, into build/site
	$(BIN)/python -m venv build/site-venv
	build/site-venv/bin/python -m pip install -q -r requirements-docs.txt
	build/site-venv/bin/mkdocs build

clean:                      ## remove everything that these targets made
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@tools/setup.sh run

setup-dev:
	@tools/setup.sh dev
