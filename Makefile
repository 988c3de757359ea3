# How to build, run, check and measure 敲门. Each target is one thing a person wants; `make` lists them.
# Only Go is needed to build and run. The tests also open what is written in LibreOffice, keep records in PostgreSQL and
# look for data races with the help of gcc; `make test` installs what is missing of these from Debian's packages.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help build run check test fuzz soak bench need-go need-office need-postgres need-tools need-gcc probe need-probe
.NOTPARALLEL: # apt-get refuses to run twice at once; Go uses every core by itself

# The example campaign: one scheme that ships, and the records reported under it.
SCHEME := shuangyashan-winter-2023
EXAMPLE := --scheme $(SCHEME) --records examples/winter-2023.jsonl --as-of 2024-04-30

# Files that `go generate` writes and the repository keeps.
GENERATED := 'examples/*.jsonl'

# The packages with goroutines: their tests run once more under the race detector.
RACE := ./journal ./store/... ./blob/...
# The doors have goroutines where something goes on while others ask.
RACE_WEB := Stream|Hook|Upload|Import|Graceful|SentAgain

# How long each fuzz target runs: make fuzz FUZZTIME=10m
FUZZTIME ?= 60s

help: ## 列出这些命令
	@awk -F ':.*## ' '/^[a-z ]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: need-go ## 编译出 bin/qiaomen（单个文件，不依赖系统库）
	@CGO_ENABLED=0 go build -trimpath -o bin/qiaomen ./cmd/qiaomen

run: build ## 用示例数据走一遍：排名、得分卡、方案检查、通报、台账库
	@echo '—— 排名 ——'
	@bin/qiaomen score $(EXAMPLE)
	@echo
	@echo '—— 得分卡：集贤县 ——'
	@bin/qiaomen explain --unit jixian $(EXAMPLE)
	@echo
	@echo '—— 方案检查 ——'
	@bin/qiaomen lint schemes/$(SCHEME)/scheme.yaml
	@echo
	@echo '—— 写到 out/ ——'
	@mkdir -p out
	@bin/qiaomen notice $(EXAMPLE) --out out/通报
	@bin/qiaomen export $(EXAMPLE) --out out/排名和台账.xlsx
	@bin/qiaomen template --scheme $(SCHEME) --out out/填报.xlsx
	@bin/qiaomen compare $(EXAMPLE) > out/口径比较.txt && echo out/口径比较.txt
	@bin/qiaomen advise --unit youyi $(EXAMPLE) > out/还差什么-友谊县.txt && echo out/还差什么-友谊县.txt
	@bin/qiaomen similar --corpus examples/names/ledger.tsv --queries examples/names/reported.tsv --explain > out/可能相同.tsv && echo out/可能相同.tsv
	@echo
	@echo '—— 台账库（SQLite，在 out/台账）——'
	@examples/first-hour out/台账

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

# .ci/with-postgres starts a PostgreSQL for the tests, and removes it after them.
test: need-office need-postgres need-tools need-gcc check ## 检查，然后跑全部测试
	@.ci/with-postgres go test -count=1 -timeout 20m ./...
	@if [ -n '$(RACE)' ] && { [ -n "$${CI:-}" ] || $(compiles); }; then \
		CGO_ENABLED=1 .ci/with-postgres go test -race -count=1 $(RACE); \
		CGO_ENABLED=1 .ci/with-postgres go test -race -count=1 -run '$(RACE_WEB)' ./web; \
	fi

# Each line of the list is "package target". What a target finds stays under testdata/fuzz as a test.
fuzz: need-go ## 每个模糊测试各跑 FUZZTIME（默认 60s）
	@go test -list '^Fuzz' ./... | awk '/^Fuzz/ {names[++n] = $$1} \
		/^ok/ {for (i = 1; i <= n; i++) print $$2, names[i]; n = 0}' | \
	while read -r package name; do \
		echo "—— $$package $$name ——"; \
		go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$package" </dev/null; \
	done

# How often a long test tries each fault. A process is killed at random KILLS times on each engine, and POINTS times at
# each named point of a write; file systems fail and connections are cut CUTS times; an act is sent again RETRIES times,
# by twenty at once; two programs write on one database in TURNS turns; KEYS projects are each reported by four at once.
FAULTS := KILLS=1000 POINTS=50 CUTS=200 RETRIES=200 TURNS=200 KEYS=200

# How many random histories of an office each engine and profile gets, and of how many steps: make soak ROUNDS=20
ROUNDS ?= 200
STEPS ?= 400

# An S3 server for the store of evidence; tests of every change use one within the process.
VERSITYGW := github.com/versity/versitygw/cmd/versitygw@v1.8.0

# What is too long for every change: many more random books and checks, faults a thousand times, then the fuzz targets.
soak: need-go need-postgres need-tools ## 久测：更多随机记录，反复杀进程、断电、争抢首报，再跑模糊测试
	@BOOKS=20000 .ci/with-postgres go test -count=1 -timeout 60m . ./schemes ./workbook -rapid.checks=2000
	@$(FAULTS) .ci/with-postgres go test -count=1 -timeout 6h ./store
	@.ci/with-postgres env ROUNDS=$(ROUNDS) STEPS=$(STEPS) go test -count=1 -timeout 6h -run 'TestRandomPeople|TestMatrix' ./office -rapid.checks=$(ROUNDS)
	@$(FAULTS) .ci/with-postgres go test -count=1 -timeout 2h -run 'Race|Sent|Keys|Unknown|Tabs|Clock|Insiders' ./office
	@$(FAULTS) CUTS=50 go test -count=1 -timeout 4h -run 'TestServer' ./cmd/qiaomen
	@GOBIN=$(CURDIR)/bin go install $(VERSITYGW)
	@QIAOMEN_TEST_VERSITYGW=$(CURDIR)/bin/versitygw go test -count=1 -run Versity ./blob
	@$(MAKE) --no-print-directory probe
	@$(MAKE) --no-print-directory fuzz

# .ci/probe says what is asked and what is left out: make probe PROBE=quick
probe: need-go need-postgres need-probe ## 用 sqlmap 和 wapiti 从外面攻击运行的服务，没有发现才算过
	@PROBE=$(PROBE) .ci/with-postgres .ci/probe

bench: need-go need-postgres ## 测速：计分、排名、服务、判重、台账库
	@go run ./bench/score
	@go run ./bench/rank
	@go run ./bench/serve
	@.ci/with-postgres go run ./bench/similar
	@.ci/with-postgres go test -run '^$$' -bench . ./store ./blob ./journal

need-go:
	@command -v go >/dev/null || { echo '找不到 go：请安装 go.mod 所写的版本或更新的 Go，见 https://go.dev/dl/' >&2; exit 1; }

# What the tests open documents with: LibreOffice, the tools that read a PDF, a Chinese font.
OFFICE := libreoffice-writer libreoffice-calc poppler-utils fontconfig fonts-noto-cjk

need-office:
	@have() { command -v soffice && command -v pdftotext && fc-list :lang=zh | grep -q .; }; \
	if have >/dev/null 2>&1; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo '没有 LibreOffice 或中文字体，打开文档的测试会跳过' >&2; exit 0; fi; \
	$(call install,$(OFFICE))

# The package would also set up a server that runs from then on. A file here, while it is installed, tells it not to.
NO_SERVER := /etc/postgresql-common/createcluster.d/qiaomen-tests.conf

# .ci/with-postgres says what becomes of the tests where PostgreSQL cannot be installed.
need-postgres:
	@have() { [ -n "$${QIAOMEN_TEST_POSTGRES:-}" ] || ls /usr/lib/postgresql/*/bin/initdb || command -v initdb; }; \
	if have >/dev/null 2>&1 || ! command -v apt-get >/dev/null; then exit 0; fi; \
	$(as_root); \
	trap '$$sudo rm -f $(NO_SERVER)' EXIT; \
	$$sudo mkdir -p $(dir $(NO_SERVER)); \
	echo 'create_main_cluster = false' | $$sudo tee $(NO_SERVER) >/dev/null; \
	$(call install,postgresql)

# What the tests break disks with (strace, ext4 in a file), and check the journal with beside the program itself.
TOOLS := strace e2fsprogs mount python3 openssl

need-tools:
	@have() { for tool in strace mount python3 openssl; do command -v $$tool || return; done; PATH=$$PATH:/usr/sbin:/sbin command -v mkfs.ext4; }; \
	if have >/dev/null 2>&1 || ! command -v apt-get >/dev/null; then exit 0; fi; \
	$(call install,$(TOOLS))

# What attacks the server from outside.
PROBES := sqlmap wapiti python3
PROBE ?= full

need-probe:
	@have() { for tool in sqlmap wapiti python3; do command -v $$tool || return; done; }; \
	if have >/dev/null 2>&1; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo '没有 sqlmap 和 wapiti，请先安装' >&2; exit 1; fi; \
	$(call install,$(PROBES))

# The race detector is C, and is linked by a C compiler.
need-gcc:
	@if $(compiles); then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo '没有 gcc，不再用竞态检测跑一遍测试' >&2; exit 0; fi; \
	$(call install,gcc libc6-dev)

# Whether there is a C compiler, with the headers of the system's library.
compiles = echo '\#include <stdlib.h>' | "$${CC:-gcc}" -fsyntax-only -x c - >/dev/null 2>&1

as_root = sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo

# $(call install,packages) installs Debian's packages. sudo drops the variables that it is called with, so env sets this one.
install = $(as_root); \
	echo '安装测试要用的软件：$(1)' >&2; \
	$$sudo apt-get update -qq; \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null
