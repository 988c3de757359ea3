// Command pocketbase serves PocketBase, used as a framework, as the peer that
// bench/serve measures the ledger against: a collection of records with the
// fields of one kind of the built-in scheme, one of files, and users who may
// read and submit. Everything else is PocketBase as it comes: WAL with
// synchronous=NORMAL, so that what it answered may be lost with the power.
//
//	pocketbase -dir DIR -fill FILE            make a data folder, with the records of FILE
//	pocketbase -dir DIR -addr ADDRESS [-logs]  serve it
//
// It is a module of its own: the ledger does not depend on PocketBase.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	_ "github.com/pocketbase/pocketbase/migrations" // its own tables
)

func main() {
	dir := flag.String("dir", "", "data folder")
	fill := flag.String("fill", "", "make the folder, and take in this file of records, one JSON object a line")
	addr := flag.String("addr", "127.0.0.1:8090", "address to listen on")
	logs := flag.Bool("logs", false, "keep a log of requests in its second database, as PocketBase does unless told not to")
	flag.Parse()
	if *dir == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	err := run(*dir, *fill, *addr, *logs)
	if err != nil {
		fmt.Fprintln(os.Stderr, "pocketbase:", err)
		os.Exit(1)
	}
}

func run(dir, fill, addr string, logs bool) error {
	// The numbers of connections are those of pocketbase.New.
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	if fill != "" {
		if err := app.RunAllMigrations(); err != nil {
			return err
		}
		if err := found(app); err != nil {
			return err
		}
		if err := take(app, fill); err != nil {
			return err
		}
		return app.ResetBootstrapState()
	}
	if err := keepLogs(app, logs); err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-stop
		event := new(core.TerminateEvent)
		event.App = app
		_ = app.OnTerminate().Trigger(event, func(e *core.TerminateEvent) error { return e.App.ResetBootstrapState() })
		os.Exit(0)
	}()
	return apis.Serve(app, apis.ServeConfig{HttpAddr: addr})
}

// keepLogs switches the log of requests, where it is not as asked.
func keepLogs(app core.App, on bool) error {
	settings, days := app.Settings(), 0
	if on {
		days = 5 // as it comes
	}
	if settings.Logs.MaxDays == days {
		return nil
	}
	settings.Logs.MaxDays = days
	return app.Save(settings)
}
