# Every target sets up what it needs. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo run test check bench chaos bench-classify bench-learning train eval predict eval-pii knowledge eval-knowledge train-recommender eval-recommender train-behaviour policy report retrain simulate bench-loop topics fast-database models monitoring topics-plan acl sbom licences audit asyncapi schemas settings lock clean up down

VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready
DATABASE := $(or $(CARELOOP_CACHE),$(HOME)/.cache/careloop)/secantus
export PYTHONUNBUFFERED := 1

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

setup: $(READY) ## install everything, pinned by hash, into .venv

$(READY): deploy/locks/dev.txt deploy/locks/uv.txt
	@command -v python3 >/dev/null || { echo "Python 3.11 or 3.12 is needed: https://www.python.org/downloads/"; exit 1; }
	@python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || { echo "Python 3.11 or 3.12 is needed, not $$(python3 --version)"; exit 1; }
	@echo "setting up $(VENV) (once)"
	@test -x $(PYTHON) || python3 -m venv $(VENV)
	@$(PYTHON) -m pip install -q --disable-pip-version-check --require-hashes -r deploy/locks/uv.txt
	@$(VENV)/bin/uv pip install -q --python $(PYTHON) --require-hashes -r deploy/locks/dev.txt
	@touch $@

demo: $(READY) ## tickets through the five workers [INPUT=tickets.jsonl OUTPUT=responses.jsonl QUICK=1]
	@$(PYTHON) -m deploy.demo $(if $(INPUT),--input $(INPUT)) $(if $(OUTPUT),--output $(OUTPUT)) $(if $(QUICK),--quick)

run: $(READY) ## the whole system on this machine until Ctrl-C
	@$(PYTHON) -m deploy.run

test: $(READY) ## all tests, the fast ones first [ARGS="-m 'not slow'"]
	@$(PYTHON) -m pytest $(ARGS)

check: $(READY) ## style, types, and who may import whom
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

fast-database: ## build a faster embedded database, once, with cargo: some 10 minutes, 2 cores
	@command -v cargo >/dev/null || { echo "cargo is needed (Debian and Ubuntu: apt install cargo; or https://rustup.rs)"; exit 1; }
	@cargo install secantus-mdb --version 0.5.3-beta.196 --root $(DATABASE) --ignore-rust-version
	@echo "To use it: export CARELOOP_DATABASE=$(DATABASE)/bin/secantusd-rs"

bench: $(READY) ## speed, each with its yardstick in the same run [ARGS="--quick --minutes 2"]
	@$(PYTHON) -m tests.bench --out tests/bench/results.md $(ARGS)

chaos: $(READY) ## faults, each against the five real workers [ARGS="--quick --only broker-down"]
	@$(PYTHON) -m tests.chaos --out tests/chaos/results.md $(ARGS)

bench-classify: $(READY) ## classify against the bare encoder, full precision, no evidence
	@$(PYTHON) -m tests.bench classify

bench-learning: $(READY) ## what is learned of DATA=folder/intents, and real DATA/tickets read [ARGS=--finetune]
	@$(PYTHON) -m tests.bench strangers --data $(DATA)
	@$(PYTHON) -m tests.bench learning --data $(DATA) $(ARGS)

bench-loop: $(READY) ## the learners alone, against simulated customers whose truth is known
	@$(PYTHON) -m tests.bench.policy_learner
	@$(PYTHON) -m tests.bench.choosing

train: $(READY) ## the classifier, from the seed or from DATA="file.csv ..." [TAXONOMY= ENCODER= MODE=]
	@$(PYTHON) -m services.classify.train $(if $(DATA),--data $(DATA)) \
		$(if $(TAXONOMY),--taxonomy $(TAXONOMY)) $(if $(ENCODER),--encoder $(ENCODER)) \
		$(if $(MODE),--mode $(MODE))

eval: $(READY) ## how well it reads DATA="file.csv ...": report.json and a page [MODEL=version]
	@$(PYTHON) -m services.classify.evaluate --data $(DATA) $(if $(MODEL),--model $(MODEL))

predict: $(READY) ## label the messages of DATA=in.jsonl into OUT=out.jsonl [MODEL=version]
	@$(PYTHON) -m services.classify.predict --data $(DATA) --out $(OUT) $(if $(MODEL),--model $(MODEL))

eval-pii: $(READY) ## how well personal data is found in DATA="file.jsonl ..."
	@$(PYTHON) -m services.ingest.evaluate_pii --data $(DATA)

knowledge: $(READY) ## the knowledge base, from the seed or from DIR=folder
	@$(PYTHON) -m services.generate.knowledge $(if $(DIR),--dir $(DIR))

eval-knowledge: $(READY) ## are the QUERIES=file.csv (query,doc_id) answered from DIR=folder [OUT=]
	@$(PYTHON) -m services.generate.evaluate_knowledge --dir $(DIR) --queries $(QUERIES) \
		$(if $(OUT),--out $(OUT))

train-recommender: $(READY) ## what to recommend, from DATA=interactions.csv [ITEMS= OUT=]
	@$(PYTHON) -m services.personalize.train_recommender --data $(DATA) \
		$(if $(ITEMS),--items $(ITEMS)) $(if $(OUT),--out $(OUT))

eval-recommender: $(READY) ## recommendations against the last ones of DATA=interactions.csv [ITEMS= K= OUT=]
	@$(PYTHON) -m services.personalize.evaluate_recommender --data $(DATA) \
		$(if $(ITEMS),--items $(ITEMS)) $(if $(K),--k $(K)) $(if $(OUT),--out $(OUT))

train-behaviour: $(READY) ## the probability of TARGET=column, from DATA=file.csv [POSITIVE= ID= IGNORE= OUT=]
	@$(PYTHON) -m services.personalize.train_behaviour --data $(DATA) --target $(TARGET) \
		$(if $(POSITIVE),--positive $(POSITIVE)) $(if $(ID),--id $(ID)) \
		$(if $(IGNORE),--ignore $(IGNORE)) $(if $(OUT),--out $(OUT))

policy: $(READY) ## thresholds: show, compare, pin, unpin, rollback, propose [ARGS="pin 0.9 --intent refund"]
	@$(PYTHON) -m services.feedback.policy $(or $(ARGS),show)

report: $(READY) ## quality figures, and what customers tell as a page [OUT= LANGUAGE= DAYS= BY=intent]
	@$(PYTHON) -m services.feedback.report --by $(or $(BY),intent) $(if $(DAYS),--days $(DAYS))
	@$(PYTHON) -m services.feedback.insights --out $(or $(OUT),.careloop/report.html) \
		--language $(or $(LANGUAGE),zh) $(if $(DAYS),--days $(DAYS)) $(if $(MESSAGES),--messages $(MESSAGES))

retrain: $(READY) ## the classifier on what people said of it; promoted if better [ARGS="--now"]
	@$(PYTHON) -m deploy.retraining $(ARGS)

simulate: $(READY) ## six scenarios: customers whose truth is known, the real workers [ARGS="--seed 2"]
	@$(PYTHON) -m deploy.simulation $(ARGS)

topics: $(READY) ## create the topics on KAFKA_BOOTSTRAP_SERVERS
	@$(PYTHON) -m deploy.topics apply

asyncapi: $(READY) ## the contract as AsyncAPI 3.0, to deploy/asyncapi.json
	@$(PYTHON) -m deploy.asyncapi --out deploy/asyncapi.json

schemas: $(READY) ## write the golden schemas anew, after an intended change
	@$(PYTHON) -m deploy.schemas write

settings: $(READY) ## the page of all settings, to deploy/settings.md
	@$(PYTHON) -m deploy.settings write

models: $(READY) ## versions of the classifier; promote, rollback [ARGS='rollback --why "worse"']
	@$(PYTHON) -m deploy.models $(or $(ARGS),list)

monitoring: $(READY) ## Grafana's dashboards and Prometheus' rules, from deploy/monitoring
	@$(PYTHON) -m deploy.monitoring write

topics-plan: $(READY) ## what differs between topic cards and KAFKA_BOOTSTRAP_SERVERS [ARGS="--replication 3"]
	@$(PYTHON) -m deploy.topics plan $(ARGS)

acl: $(READY) ## who may do what on Kafka [ARGS="plan --upstream NAME"]
	@$(PYTHON) -m deploy.acl $(or $(ARGS),show)

sbom: $(READY) ## what every image has, as CycloneDX, to .careloop/sbom [OUT=folder]
	@$(PYTHON) -m deploy.supply sbom $(if $(OUT),--out $(OUT))

licences: $(READY) ## the licence of every package, and whether it is allowed
	@$(PYTHON) -m deploy.supply licences

audit: $(READY) ## known weaknesses of what is locked; needs a network [OSV_URL=]
	@$(PYTHON) -m deploy.supply audit $(if $(OSV_URL),--osv-url $(OSV_URL))

lock: $(READY) ## resolve the dependencies anew
	@$(PYTHON) -m deploy.lock --upgrade

up: ## the system in Docker: Kafka, MongoDB, five workers, and the daily jobs
	docker compose up --build --detach --wait

down: ## stop it; data stays in its volumes
	docker compose down

clean: ## forget the virtual environment, models and data
	rm -rf $(VENV) .careloop
