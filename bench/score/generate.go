package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"
)

// units are those of the built-in scheme, districts first.
var units = []string{
	"jixian", "youyi", "baoqing", "raohe", "jianshan", "lingdong", "sifangtai", "baoshan", "jingkaiqu",
	"digital-industry", "bio-economy", "creative-design", "ice-snow", "agri-processing", "sci-tech",
}

const districts = 9

// mix is the share of each kind in a thousand records, roughly that of a
// winter. Task forces report the first two and briefings.
var mix = []struct {
	share int
	abbr  string
	put   func(*writer)
}{
	{280, "rp", (*writer).reserve},
	{90, "dl", (*writer).domestic},
	{180, "ou", (*writer).outing},
	{150, "sp", (*writer).signed},
	{90, "ps", (*writer).start},
	{40, "fl", (*writer).foreign},
	{160, "br", (*writer).briefing},
	{10, "fu", (*writer).funds},
}

var (
	projects = []string{"新能源装备制造", "寒地水稻精深加工", "石墨负极材料", "中药材饮片", "冰雪运动装备", "绿色食品冷链", "工业互联网平台", "玄武岩纤维"}
	trades   = []string{"新材料", "农业科技", "能源", "装备制造", "食品", "生物科技", "信息技术", "医药"}
)

// writer writes invented records, one after the other.
type writer struct {
	*bufio.Writer
	rand *rand.Rand
	n    int // number of the record, in its id and its names
}

// generate writes n records into a new file and gives its size. The same n
// always gives the same bytes.
func generate(name string, n int) (size int64, err error) {
	f, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	w := &writer{Writer: bufio.NewWriterSize(f, 1<<20), rand: rand.New(rand.NewPCG(2023, 12))}
	for w.n = 1; w.n <= n; w.n++ {
		w.record()
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	if size, err = f.Seek(0, io.SeekCurrent); err != nil {
		return 0, err
	}
	return size, f.Close()
}

// record writes one record. A write's error stays in the bufio.Writer until
// Flush.
func (w *writer) record() {
	unit := w.rand.IntN(districts)
	if w.one(8) {
		unit = districts + w.rand.IntN(len(units)-districts)
	}
	at := w.rand.IntN(1000)
	kind := mix[0]
	for _, kind = range mix {
		if at -= kind.share; at < 0 {
			break
		}
	}
	if unit >= districts {
		switch kind.abbr {
		case "rp", "dl", "br":
		case "fu":
			w.head("provincial_result", "pr", units[unit])
			fmt.Fprintf(w, `,"points":%d.%d,"published_on":"%s"}`+"\n", 80+w.rand.IntN(20), w.rand.IntN(10), date(135))
			return
		default:
			kind = mix[w.rand.IntN(2)]
		}
	}
	w.head(map[string]string{
		"rp": "reserve_project", "dl": "domestic_lead", "ou": "outing", "sp": "signed_project",
		"ps": "project_start", "fl": "foreign_lead", "br": "briefing", "fu": "funds",
	}[kind.abbr], kind.abbr, units[unit])
	if kind.abbr != "fu" {
		w.times()
	}
	kind.put(w)
	w.WriteString("}\n")
}

func (w *writer) head(kind, abbr, unit string) {
	fmt.Fprintf(w, `{"kind":"%s","id":"%s-%s-%07d","unit":"%s"`, kind, unit, abbr, w.n, unit)
}

// times writes when the record was reported, and mostly when it was
// recognised; a few were revoked.
func (w *writer) times() {
	reported := w.rand.IntN(125)
	fmt.Fprintf(w, `,"reported_at":"%s"`, w.moment(reported))
	if w.one(20) {
		return
	}
	recognized := reported + 1 + w.rand.IntN(9)
	fmt.Fprintf(w, `,"recognized_at":"%s"`, w.moment(recognized))
	if w.one(25) {
		fmt.Fprintf(w, `,"revoked_at":"%s"`, w.moment(recognized+w.rand.IntN(20)))
	}
}

func (w *writer) reserve() {
	w.name("项目一期")
	n := 5
	if w.one(15) {
		n = 4
	}
	w.WriteString(`,"target_companies":[`)
	for i := range n {
		if i > 0 {
			w.WriteByte(',')
		}
		w.company(i)
	}
	w.WriteByte(']')
}

func (w *writer) domestic() {
	w.name("投资线索")
	w.WriteString(`,"target_company":`)
	w.company(0)
	fmt.Fprintf(w, `,"content":"拟投资%s生产线、仓储和研发中心"`, pick(w, projects))
	if !w.one(20) {
		w.amount("amount_yi", 1, 12)
	}
	if w.one(6) {
		by := []string{"main_leader", "city_leader"}
		fmt.Fprintf(w, `,"pursued_on":"%s","pursued_by":"%s"`, date(w.rand.IntN(125)), pick(w, by))
	}
}

func (w *writer) foreign() {
	w.name("外资线索")
	w.amount("amount_usd_wan", 90, 600)
}

func (w *writer) outing() {
	w.name("对接洽谈活动")
	forms := []string{"onsite", "onsite", "onsite", "online", "online", "door_visit", "no_meeting"}
	fmt.Fprintf(w, `,"held_on":"%s","form":"%s"`, date(w.rand.IntN(125)), pick(w, forms))
	if !w.one(20) {
		w.WriteString(`,"evidence":["report","photo"]`)
	}
}

func (w *writer) signed() {
	w.name("项目二期")
	fmt.Fprintf(w, `,"signed_on":"%s"`, date(w.rand.IntN(125)))
	w.amount("amount_yi", 0, 14)
	fmt.Fprintf(w, `,"original_checked":%t`, !w.one(20))
	if w.one(3) {
		fmt.Fprintf(w, `,"started_on":"%s","statistics_on":"%s"`, date(25+w.rand.IntN(95)), date(30+w.rand.IntN(100)))
	}
	if !w.one(20) {
		w.WriteString(`,"evidence":["contract"]`)
	}
}

func (w *writer) start() {
	w.name("项目扩建")
	fmt.Fprintf(w, `,"start_type":"%s","started_on":"%s"`, pick(w, []string{"new", "resumed"}), date(25+w.rand.IntN(95)))
	if !w.one(4) {
		fmt.Fprintf(w, `,"statistics_on":"%s"`, date(25+w.rand.IntN(100)))
	}
	w.amount("funds_wan", 0, 6000)
	if !w.one(20) {
		w.WriteString(`,"evidence":["photo"]`)
	}
}

func (w *writer) briefing() { w.name("工作简报：项目谋划进展") }

func (w *writer) funds() {
	quarter := pick(w, []string{"2023Q1", "2024Q1"})
	fmt.Fprintf(w, `,"quarter":"%s"`, quarter)
	w.amount("amount_wan", 20000, 80000)
	fmt.Fprintf(w, `,"published_on":"%s"`, date(130+w.rand.IntN(20)))
	if quarter == "2024Q1" {
		fmt.Fprintf(w, `,"rate_percent":%d.%d`, w.rand.IntN(30)-9, w.rand.IntN(10))
	}
}

func (w *writer) name(what string) {
	fmt.Fprintf(w, `,"name":"示例%s%s%d"`, pick(w, projects), what, w.n)
}

func (w *writer) company(i int) {
	fmt.Fprintf(w, `"样例%d号%s公司"`, w.n%10000*10+i, pick(w, trades))
}

// amount writes a figure of two decimals, now and then as a string.
func (w *writer) amount(field string, from, to int) {
	form := `,"%s":%d.%02d`
	if w.one(10) {
		form = `,"%s":"%d.%02d"`
	}
	fmt.Fprintf(w, form, field, from+w.rand.IntN(to-from), w.rand.IntN(100))
}

func (w *writer) one(in int) bool { return w.rand.IntN(in) == 0 }

func pick(w *writer, from []string) string { return from[w.rand.IntN(len(from))] }

var firstDay = time.Date(2023, time.November, 29, 0, 0, 0, 0, time.UTC)

// date gives the nth day, counted from two days before the campaign.
func date(n int) string { return firstDay.AddDate(0, 0, n).Format(time.DateOnly) }

func (w *writer) moment(n int) string {
	return fmt.Sprintf("%sT%02d:%02d:%02d+08:00", date(n), 8+w.rand.IntN(9), w.rand.IntN(60), w.rand.IntN(60))
}
