.PHONY: help build test race lint fuzz fault bench golden tidy check demo

help:            ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/'

build:           ## one static binary in bin/
	CGO_ENABLED=0 go build -trimpath -o bin/phutai ./cmd/phutai

test:            ## the tests that need only Go
	go test ./...

race:            ## the race detector on our own packages
	CGO_ENABLED=1 go test -race ./...

lint:            ## vet, golangci-lint and the rules of the house
	go vet ./...
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...
	go test ./internal/archtest

fuzz:            ## ten seconds for each decoder
	.ci/fuzz 10s

fault:           ## an hour of broken links, killed processes and full disks: 1,000 kills, a day of outage
	PHUTAI_REAL=1 go -C fault test -v -count=1 -timeout 3h -parallel 3 ./... -long -kills 1000
	PHUTAI_FAULT_CUTS=3000 go test -v -count=1 -timeout 3h -run 'Power|Disk|Clock' ./internal/lossy ./collector ./store ./alerting

bench:           ## Go benchmarks; comparisons with other programs stand in bench/
	go test -run xxx -bench . -benchmem ./...

golden:          ## rewrite golden files: read the diff before you commit
	go test ./alerting/... ./dashboards/... -update

tidy:            ## module files
	go mod tidy && go -C interop mod tidy && go -C bench mod tidy && go -C fault mod tidy

check:           ## what CI runs
	bash .ci/run

demo:            ## a simulated heat evening
	go run ./cmd/phutai demo
