# `make` alone lists what there is. Needs Node 20 or later with npm; everything else is fetched and cached.
.DEFAULT_GOAL := help
RUN := @scripts/bootstrap.sh

.PHONY: help console screenshots demo test unit lint bench bench-tracker bench-scale bench-neighbour bench-idle soak generate dev-cluster image cluster cluster-down test-cluster chaos kind kind-down test-kind fuzz clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

demo: ## 200 purchase orders through a private RabbitMQ and PostgreSQL, with trouble; DEMO_ARGS="--orders 40 --keep"
	$(RUN) node examples/inbound-distribution/demo.ts $(DEMO_ARGS)

test: ## everything: types, lint, generated files, unit tests, tests on real parts; TEST_ARGS="test/operator" for some
	$(RUN) node test/run.ts $(TEST_ARGS)

unit: ## unit tests alone: no parts are started
	$(RUN) vitest run --project unit

lint: ## types, biome, generated files up to date
	$(RUN) node test/run.ts --static

bench: ## the pipeline beside C, Go, Java, Camel and amqplib on one private RabbitMQ; BENCH_ARGS="--documents 50000 --rounds 3"
	$(RUN) node bench/pipeline/run.ts $(BENCH_ARGS)

bench-tracker: ## the journal into PostgreSQL, questions to it, a million armed deadlines; BENCH_ARGS="--sizes 100000,1000000,5000000"
	$(RUN) node bench/tracker/entries.ts $(BENCH_ARGS)
	$(RUN) node bench/tracker/deadlines.ts
	$(RUN) node bench/tracker/queries.ts

bench-scale: ## 1,000 integrations of 500 partners, then 10,000 resources: until Ready, at rest, edits; BENCH_ARGS="--integrations 200"
	$(RUN) node bench/scale/run.ts $(BENCH_ARGS)

bench-neighbour: ## what a backlog and a costly mapping do to a quiet integration of the same runtime; BENCH_ARGS="--rounds 1"
	$(RUN) node --no-warnings bench/neighbour.ts $(BENCH_ARGS)

bench-idle: ## a runtime with 1,000 integrations that have nothing to do, beside plain consumers; BENCH_ARGS="--integrations 200"
	$(RUN) node --no-warnings bench/idle.ts $(BENCH_ARGS)

soak: ## ten minutes of steady traffic; fails if memory, heap, descriptors or latency grow; SOAK_ARGS="--minutes 3 --rate 100"
	$(RUN) node bench/soak.ts $(SOAK_ARGS)

console: ## the console's page, from its sources; crossdock dev and the demo do it by themselves
	$(RUN) vite build console

screenshots: ## docs/screenshots: each page of the console, with the demo's data, in a real browser
	$(RUN) node console/screenshots.ts

generate: ## write what is generated from crds/manifests: types, schemas, the reference; and the table of the chart's values
	$(RUN) node crds/generate.ts
	$(RUN) node charts/generate.ts
	$(RUN) node tracker/api/generate.ts

dev-cluster: ## etcd, kube-apiserver, RabbitMQ, PostgreSQL, the operator and a runtime, to use with kubectl; Ctrl-C ends it
	$(RUN) node test/support/dev-cluster.ts $(DEV_CLUSTER_ARGS)

image: ## the image of operator, runtime and tracker, as an archive in build/images
	$(RUN) node images/build.ts

cluster: ## a real Kubernetes node on this machine (Linux, root) with the chart and an example in it; stays up
	$(RUN) node test/cluster/main.ts up

cluster-down: ## take that down; nothing is left of it but images in the cache
	$(RUN) node test/cluster/main.ts down

test-cluster: ## the suite on a real node: install, kills, rotation, upgrades, autoscalers, drain, uninstall; and by a real Argo CD
	$(RUN) node test/run.ts --cluster $(TEST_ARGS)

chaos: ## faults all the time on a node of its own, orders all the time; nothing may be lost; CHAOS_ARGS="--seed 7 --minutes 5"
	$(RUN) node test/cluster/chaos/main.ts $(CHAOS_ARGS)

kind: ## the same by kind, three nodes on Docker or Podman (DOCKER_HOST, KIND_EXPERIMENTAL_PROVIDER, KIND_NODE_IMAGE); stays up
	$(RUN) node test/cluster/main.ts up kind

kind-down: ## take that down
	$(RUN) node test/cluster/main.ts down kind

test-kind: ## the suite of test-cluster on a cluster by kind
	@CROSSDOCK_CLUSTER=kind scripts/bootstrap.sh node test/run.ts --cluster $(TEST_ARGS)

fuzz: ## damaged files of every format to its decoder, about a minute; FUZZ_ARGS="300 SEED"
	$(RUN) node --no-warnings runtime/formats/fuzz.ts $(FUZZ_ARGS)

clean: ## remove node_modules and what tests and benches wrote; the cache outside the clone stays
	rm -rf node_modules coverage bench/out build
