# make demo    the main job, from templates to plaques, on invented applicants
# make test    everything is set up and every test runs
# make check   reads only: style, types, layers, fast tests (under a minute)
# make fix     mends what can be mended by itself
# make bench   measures speed against what people would otherwise use
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# What is installed beside the base; `make demo EXTRAS=dev` is a lighter set-up.
EXTRAS ?= dev,all

# Where bytecode is not kept (as in many containers), every process of the tests compiles all anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check fix bench clean

demo: $(READY)
	$(BIN)/python docs/demo/demo.py

test: $(READY)
	$(BIN)/python -m pytest -n auto

check: $(READY)
	$(BIN)/ruff check pipeline tests docs bench
	$(BIN)/ruff format --check pipeline tests docs bench
	$(BIN)/mypy
	QUICK=1 $(BIN)/python -m pytest -n auto --dist loadfile -q -m "not slow"

fix: $(READY)
	$(BIN)/ruff check --fix pipeline tests docs bench
	$(BIN)/ruff format pipeline tests docs bench

bench: $(READY)
	$(BIN)/pip install --quiet -e '.[bench]'
	$(BIN)/python -m bench

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "需要 Python 3.11 或更高版本（当前：$$($(PYTHON) --version)）。可用 make PYTHON=/路径/python3 指定。"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "正在安装 python3-venv…"; apt-get update -qq && apt-get install -y -qq python3-venv; } || \
		{ echo "缺少 python3-venv，请先安装：sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -e '.[$(EXTRAS)]'
	@touch $(READY)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
