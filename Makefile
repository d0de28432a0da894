# Each target does everything it needs from a fresh clone: Python 3.11, pip and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
WHEEL  := .build/wheel

.PHONY: help demo test lint types unit smoke benchmark clean

help:           ## what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/'

$(READY): pins.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r pins.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: $(READY)  ## make a chest phantom, find its nodules, say how well
	$(BIN)/resmtnet demo demo_out --overwrite

test: lint types unit smoke  ## all that CI runs

lint: $(READY)  ## style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

$(WHEEL): $(READY) FORCE
	rm -rf $(WHEEL) build
	$(BIN)/python -m build --quiet --wheel --no-isolation --outdir $(WHEEL) .

types: $(WHEEL)  ## mypy --strict on what the wheel holds
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --upgrade --target .build/site $(WHEEL)/*.whl
	MYPYPATH=.build/site $(BIN)/mypy --package resmtnet

unit: $(READY)  ## the tests
	$(BIN)/python -m pytest

smoke:          ## the install steps of the container images, in an environment of its own
	rm -rf .venv-smoke
	PYTHON=$(PYTHON) docker/install.sh .venv-smoke dicomweb
	cd .venv-smoke && bin/resmtnet demo smoke_out --overwrite

benchmark: $(READY)  ## what a scan costs, beside MONAI and pydicom; memory; reading in each coding
	$(BIN)/python tests/benchmarks/stages.py
	$(BIN)/python tests/benchmarks/memory.py
	$(BIN)/python tests/benchmarks/batch_memory.py
	$(BIN)/python tests/benchmarks/decoding.py

clean:
	rm -rf $(VENV) .venv-smoke .build build *.egg-info

FORCE:
