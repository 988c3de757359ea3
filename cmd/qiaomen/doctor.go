package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"qiaomen"
	"qiaomen/store"
)

type doctorCommand struct {
	Data   string `placeholder:"文件夹" help:"数据文件夹；不写就看环境变量 QIAOMEN_DATA"`
	Format string `enum:"table,json" default:"table" placeholder:"table|json" help:"table 逐行列出（默认），json 供程序读取"`
}

// A health is how something is.
type health string

const (
	fine  health = "正常"
	worth health = "注意" // should be seen to, and nothing is lost yet
	wrong health = "有问题"
)

// A sign is one thing that was looked at: how it is, what was seen, what to do.
type sign struct {
	Item string `json:"item"`
	Is   health `json:"is"`
	Seen string `json:"seen"`
	Do   string `json:"do,omitzero"`
}

// A doctor looks at a data folder and changes nothing in it.
type doctor struct {
	conf  *config
	now   time.Time
	store *store.Store // nil: it could not be opened
	signs []sign
}

func (d *doctor) say(item string, is health, seen, do string) {
	d.signs = append(d.signs, sign{item, is, seen, do})
}

// failed notes an error as what it is: something wrong.
func (d *doctor) failed(item string, err error, do string) {
	text := err.Error()
	if p, ok := errors.AsType[*qiaomen.Problem](err); ok {
		text = p.Text
		if p.Fix != "" {
			do = p.Fix
		}
	}
	d.say(item, wrong, strings.ReplaceAll(text, "\n", "；"), do)
}

// Run looks at everything that can be looked at, and ends with 1 where something
// is wrong.
func (c *doctorCommand) Run(std streams) error {
	folder, err := dataFolder(c.Data)
	if err != nil {
		return printed(std.err, err)
	}
	ctx, stop := interruptible()
	defer stop()
	d := &doctor{now: time.Now()}
	d.say("程序", fine, "版本 "+programVersion(), "")
	d.look(ctx, folder)
	if err := d.print(std, c.Format); err != nil {
		return err
	}
	for _, s := range d.signs {
		if s.Is == wrong {
			return exit(1)
		}
	}
	return nil
}

func (d *doctor) look(ctx context.Context, folder string) {
	conf, faults := readConfig(folder, os.Environ())
	for _, p := range faults {
		d.say("配置", wrong, p.Error(), "请改正以后再体检")
	}
	if len(faults) > 0 {
		return
	}
	d.conf = conf
	d.permissions()
	d.certificate()
	d.database(ctx)
	d.evidence(ctx)
	if d.store != nil {
		d.journals(ctx)
		defer d.store.Close()
	}
	d.room()
	d.backups()
	d.drill()
	d.libreOffice()
}

func (d *doctor) print(std streams, format string) error {
	if format == "json" {
		return json.MarshalWrite(std.out, d.signs, json.Deterministic(true), jsontext.WithIndent("  "))
	}
	t := table{right: make([]bool, 3)}
	t.add("项目", "状态", "情况")
	count := map[health]int{}
	for _, s := range d.signs {
		count[s.Is]++
		t.add(s.Item, string(s.Is), s.Seen)
		if s.Do != "" {
			t.add("", "", "→ "+s.Do)
		}
	}
	t.print(std.out)
	fmt.Fprintf(std.out, "%d项正常，%d项要注意，%d项有问题\n", count[fine], count[worth], count[wrong])
	return nil
}
