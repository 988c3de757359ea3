package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"qiaomen"
	"qiaomen/office"
	"qiaomen/web"
)

type serveCommand struct {
	Data    string `placeholder:"文件夹" help:"数据文件夹；不写就看环境变量 QIAOMEN_DATA"`
	Listen  string `placeholder:"地址" help:"在哪里服务，如 0.0.0.0:8443；不写就照设置 listen"`
	Metrics string `placeholder:"地址" help:"指标在哪里看，只能是本机，如 127.0.0.1:9090；不写就照设置 metrics"`
}

// Run serves a data folder until it is told to stop.
func (c *serveCommand) Run(std streams) (err error) {
	conf, err := loadConfig(std, c.Data)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	h, err := openHouse(ctx, conf, working)
	if err != nil {
		return printed(std.err, err)
	}
	defer func() { err = errors.Join(err, h.close()) }()
	return printed(std.err, c.serve(ctx, h, std))
}

func (c *serveCommand) serve(ctx context.Context, h *house, std streams) error {
	conf := h.config
	log := slog.New(slog.NewJSONHandler(std.err, &slog.HandlerOptions{ReplaceAttr: asTimes}))
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	proxies := conf.proxies()
	listening := web.Listening{
		Address: conf.values["listen"], Metrics: conf.values["metrics"], Gatherer: registry, Proxies: proxies, Log: log,
	}
	if c.Listen != "" {
		listening.Address = c.Listen
	}
	if c.Metrics != "" {
		listening.Metrics = c.Metrics
	}
	if conf.values["certificate"] != "" {
		pair := &certificate{cert: conf.path("certificate"), key: conf.path("certificate_key")}
		if _, err := pair.newest(); err != nil {
			return err
		}
		listening.Certificate = pair.newest
	}
	send, err := conf.hookSender()
	if err != nil {
		return err
	}
	rate, _ := strconv.ParseFloat(conf.values["requests_per_second"], 64)
	handler := web.New(web.Options{
		Office: h.Office, Log: log, Metrics: registry, Proxies: proxies, Encrypted: listening.Certificate != nil, Rate: rate,
		Version: programVersion(), Ready: h.ready, Hooks: send, Spool: conf.within("received"),
	})
	listening.Started = func(a net.Addr) {
		scheme := "http"
		if listening.Certificate != nil {
			scheme = "https"
		}
		fmt.Fprintf(std.out, "正在服务：%s://%s\n", scheme, a)
		log.Info("serving", "address", a.String(), "version", programVersion(), "engine", h.store.Engine())
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() { // a disk that failed may not be written again: who watches over the program starts it anew
		select {
		case <-h.store.Broken():
			cancel(errBroken)
		case <-ctx.Done():
		}
	}()
	var beside sync.WaitGroup
	beside.Go(func() {
		usual := debug.SetGCPercent(whileReading)
		defer debug.SetGCPercent(usual)
		if err := h.ReadNames(ctx); err != nil && ctx.Err() == nil {
			log.Warn("names not read; the first report will wait for them", "error", err)
		}
		debug.FreeOSMemory() // reading a ledger through leaves more behind than the names take
	})
	beside.Go(func() { h.everyNight(ctx, log) })
	beside.Go(func() { h.everyHour(ctx, log, handler.Sweep) })
	if send != nil {
		courier := h.Courier(send, func(webhook string, err error) { log.Warn("webhook not delivered", "webhook", webhook, "error", err) })
		beside.Go(func() { courier.Run(ctx) })
	}
	err = web.Serve(ctx, listening, handler)
	cancel(nil)
	beside.Wait() // a backup that is being taken is given up
	if errors.Is(context.Cause(ctx), errBroken) {
		log.Error("stopped", "error", errBroken)
		err = errors.Join(err, errBroken)
	} else {
		log.Info("stopped")
	}
	return err
}

// everyHour takes away what nobody named, and finishes what was begun.
func (h *house) everyHour(ctx context.Context, log *slog.Logger, sweep func()) {
	clock := time.NewTicker(time.Hour)
	defer clock.Stop()
	for {
		swept, err := h.SweepUploads(ctx)
		_, finished := h.FinishExpunging(ctx)
		err = errors.Join(err, finished)
		sweep()
		if err != nil && ctx.Err() == nil {
			log.Error("hourly work failed", "error", err)
		} else if swept > 0 {
			log.Info("files that no act named were taken away", "files", swept)
		}
		select {
		case <-clock.C:
		case <-ctx.Done():
			return
		}
	}
}

// hookSender is how webhooks are sent; nil where the settings name no host.
func (c *config) hookSender() (office.Sender, error) {
	hosts, err := office.ParseWebhookHosts(c.values["webhook_hosts"])
	if err != nil || hosts.None() {
		return nil, err
	}
	o := web.HookOptions{Hosts: hosts}
	if c.values["webhook_ca"] != "" {
		name := c.path("webhook_ca")
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, unreadable(name, err)
		}
		if o.Roots, err = x509.SystemCertPool(); err != nil {
			o.Roots = x509.NewCertPool()
		}
		if !o.Roots.AppendCertsFromPEM(text) {
			return nil, &qiaomen.Problem{Text: "“" + name + "”里没有证书", Fix: "应是 PEM 格式的根证书", At: qiaomen.Place{Field: "webhook_ca"}}
		}
	}
	return web.HookSender(o), nil
}

// whileReading is how much more the program may hold than it needs, in hundredths,
// while ledgers are read through: most of what is read is done with at once.
const whileReading = 25

var errBroken = errors.New("存储设备出错，已停止服务；没有收到回执的操作请在恢复后重新提交")

// ready tells whether the ledger can be read.
func (h *house) ready(ctx context.Context) error {
	select {
	case <-h.store.Broken():
		return errBroken
	default:
	}
	_, err := h.store.Journals(ctx)
	return err
}

// asTimes writes durations as seconds.
func asTimes(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.Float64Value(a.Value.Duration().Seconds())
	}
	return a
}

// proxies is the declared proxies; the setting was checked as it was read.
func (c *config) proxies() (out []netip.Prefix) {
	for _, one := range strings.Fields(c.values["proxies"]) {
		p, err := prefix(one)
		if err == nil {
			out = append(out, p)
		}
	}
	return out
}

func prefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

// programVersion is the program's version, as it was built.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return info.Main.Version
}
