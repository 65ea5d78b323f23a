# make setup | run | test | check | train | evaluate-model
PYTHON ?= python3
OUT ?= out
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ICU := $(VENV)/.icu

.PHONY: setup run test check train evaluate-model bench

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

# followthemoney, with which a test reads an export, needs PyICU, which comes as source: where it can't be built, that test is skipped
$(ICU): $(STAMP) requirements-icu.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-icu.lock \
	|| echo "PyICU can't be built here (a compiler, pkg-config and the headers of ICU are needed): a test of exports will be skipped"
	touch $@

run: setup
	$(BIN)/coopfacts run data/archive --out $(OUT)

test: setup $(ICU)
	$(BIN)/python -m pytest -n 2

check: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check ".[check]"
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) test

# torch comes from the index that pip is told: PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make train
train: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[train]"
	$(BIN)/python -m weasel assets models
	$(BIN)/python -m weasel run all models

evaluate-model: setup
	$(BIN)/python -m weasel run gold models
	$(BIN)/python -m weasel run evaluate models
