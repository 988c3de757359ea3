# How to build, run, check and measure 敲门. Each target is one thing a person wants; `make` lists them.
# Only Go is needed.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help build run check test fuzz soak bench need-go

# The example campaign: one scheme that ships, and the records reported under it.
SCHEME := shuangyashan-winter-2023
EXAMPLE := --scheme $(SCHEME) --records examples/winter-2023.jsonl --as-of 2024-04-30

# Files that `go generate` writes and the repository keeps.
GENERATED := 'examples/*.jsonl'

# How long each fuzz target runs: make fuzz FUZZTIME=10m
FUZZTIME ?= 60s

help: ## 列出这些命令
	@awk -F ':.*## ' '/^[a-z ]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: need-go ## 编译出 bin/qiaomen（单个文件，不依赖系统库）
	@CGO_ENABLED=0 go build -trimpath -o bin/qiaomen ./cmd/qiaomen

run: build ## 用示例数据算一次：排名、得分卡、方案检查
	@echo '—— 排名 ——'
	@bin/qiaomen score $(EXAMPLE)
	@echo
	@echo '—— 得分卡：集贤县 ——'
	@bin/qiaomen explain --unit jixian $(EXAMPLE)
	@echo
	@echo '—— 方案检查 ——'
	@bin/qiaomen lint schemes/$(SCHEME)/scheme.yaml

check: need-go ## 检查：格式、vet、staticcheck、生成的文件、go.mod
	@bad=$$(go tool gofumpt -l .); \
	if [ -n "$$bad" ]; then \
		printf '格式不对，请运行 go tool gofumpt -w .\n%s\n' "$$bad" >&2; exit 1; \
	fi
	@go vet ./...
	@go tool staticcheck ./...
	@go generate ./...
	@git --no-pager -c safe.directory='*' diff --exit-code --stat -- $(GENERATED) || \
		{ echo '生成的文件与仓库里的不一样：若是有意改动，请 git add 之后再检查' >&2; exit 1; }
	@go mod tidy -diff || { echo 'go.mod 不整齐，请运行 go mod tidy' >&2; exit 1; }

# Nothing here runs concurrently yet; the race detector joins with the first goroutine.
test: check ## 检查，然后跑全部测试
	@go test -count=1 ./...

# Each line of the list is "package target". What a target finds stays under testdata/fuzz as a test.
fuzz soak: need-go ## 每个模糊测试各跑 FUZZTIME（默认 60s）
	@go test -list '^Fuzz' ./... | awk '/^Fuzz/ {names[++n] = $$1} \
		/^ok/ {for (i = 1; i <= n; i++) print $$2, names[i]; n = 0}' | \
	while read -r package name; do \
		echo "—— $$package $$name ——"; \
		go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null; \
	done

bench: need-go ## 测速：计分
	@go run ./bench/score

need-go:
	@command -v go >/dev/null || { echo '找不到 go：请安装 go.mod 所写的版本或更新的 Go，见 https://go.dev/dl/' >&2; exit 1; }
