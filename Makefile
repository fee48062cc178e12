# Thin on purpose: every target is a script or a build command that also works on its own.

# A shell cannot trap a signal that was ignored when it began, as SIGINT is for `make run &` in a script.
SIGNALS := env --default-signal=INT,TERM,HUP

.DEFAULT_GOAL := help
.PHONY: help run test bench bench-stored bench-backlog bench-plugins bench-nodes bench-fairness bench-crashes
.PHONY: chaos fuzz sanitize build services services-down install format-check clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## serve on 127.0.0.1:5143 with private servers, run the demonstration, stay until Ctrl-C
	@exec $(SIGNALS) scripts/run

test: ## everything, from nothing: build, unit and server tests, end to end with faults
	@exec $(SIGNALS) scripts/test

bench: ## measure throughput, latency, CPU and memory with a release build
	@exec $(SIGNALS) scripts/bench/run

bench-stored: ## measure lists, throughput and start-up with ten million events stored
	@exec $(SIGNALS) scripts/bench/run stored

bench-backlog: ## measure memory and others' latency while a million events wait
	@exec $(SIGNALS) scripts/bench/run backlog

bench-nodes: ## measure one, two and three serve processes on one PostgreSQL and RabbitMQ, all on this machine
	@exec $(SIGNALS) scripts/bench/run nodes

bench-fairness: ## measure what quiet tenants notice of a flood and of broken destinations
	@exec $(SIGNALS) scripts/bench/run fairness

bench-crashes: ## measure what an isolated library that crashes costs its neighbours
	@exec $(SIGNALS) scripts/bench/run crashes

chaos: ## break one to three nodes and their servers by the plan of a seed: SEED=17 or SEED=1-200
	@exec $(SIGNALS) scripts/chaos $(or $(SEED),1-20)

fuzz: ## feed every reader of bytes from outside with growing inputs, SECONDS each (60)
	@exec $(SIGNALS) scripts/fuzz --seconds $(or $(SECONDS),60)

sanitize: ## unit and server tests under the address, undefined-behaviour and thread sanitizers (SANITIZER=thread)
	@exec $(SIGNALS) scripts/sanitize $(SANITIZER)

bench-plugins: ## measure one call into a plugin, in the host and in a process of its own
	@exec $(SIGNALS) scripts/bench/plugins

build: ## debug build of the host and the shipped plugins
	swift build

services: ## start the private PostgreSQL and RabbitMQ alone (scripts/services help tells more)
	@exec scripts/services up

services-down: ## stop them; their data stays
	@exec scripts/services down

install: ## a release build below PREFIX (/usr/local; DESTDIR for a stage): binary, plugins, headers, pkg-config file
	@exec scripts/install

format-check: ## say what swift-format would change
	@exec scripts/format-check

clean: ## stop the private servers, remove their data and everything that was built
	@scripts/services wipe
	rm -rf .build .build-* .run .venv
