package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"time"
)

// units are the districts of the built-in scheme; each has somebody who reports.
var units = []string{"jixian", "youyi", "baoqing", "raohe", "jianshan", "lingdong", "sifangtai", "baoshan", "jingkaiqu"}

var (
	trades  = []string{"新材料", "农业科技", "能源", "装备制造", "食品", "生物科技", "信息技术", "医药"}
	goods   = []string{"石墨负极材料", "寒地水稻精深加工", "新能源装备", "中药材饮片", "冰雪运动装备", "绿色食品冷链", "工业互联网平台", "玄武岩纤维"}
	regions = []string{"示例省甲市", "示例省乙市", "样例省丙市", "样例省丁市"}
	sources = []string{"外出招商", "商会推介", "企业自荐", "以商招商", "展会对接"}
	sectors = []string{"primary", "secondary", "tertiary"}
)

// brands is what invented companies are called by, four characters each.
var brands = []rune("安邦博昌辰诚驰达德鼎东方丰福富高格冠光广海瀚航豪和恒宏洪华汇佳嘉建健江金锦京景凯康科坤兰蓝雷力联林龙隆绿美民明铭南宁欧鹏平普齐奇启千勤清庆荣瑞润森山尚升圣盛世顺思泰腾天通同万旺威维伟文新信兴星轩雅亚阳扬耀益谊英永友宇裕元源远岳云展兆振正志智中众卓紫")

// brand is what the company of a number is called; none of a hundred million
// other numbers is called so, and neighbours do not sound alike.
func brand(number int64) string {
	n := int64(len(brands))
	number = number % (n * n * n * n) * 48_271 % (n * n * n * n)
	return string([]rune{brands[number%n], brands[number/n%n], brands[number/n/n%n], brands[number/n/n/n%n]})
}

// leadFields appends the fields of an invented lead, as members of a JSON
// object. The number makes company and content its own: it is nobody else's
// project.
func leadFields(b []byte, r *rand.Rand, number int64) []byte {
	good := goods[r.IntN(len(goods))]
	b = fmt.Appendf(b, `"target_company":"示例%s%s有限公司","content":"拟投资建设年产%d万吨%s生产线，配套仓储、研发中心和污水处理设施"`,
		brand(number), trades[r.IntN(len(trades))], 1+r.IntN(90), good)
	b = fmt.Appendf(b, `,"amount_yi":%d.%02d,"company_region":"%s","lead_source":"%s","first_contact_on":"%s"`,
		r.IntN(20), 1+r.IntN(99), regions[r.IntN(len(regions))], sources[r.IntN(len(sources))], firstDay.AddDate(0, 0, r.IntN(20)).Format(time.DateOnly))
	b = fmt.Appendf(b, `,"progress":"企业已到实地考察%d次，对选址、用地、用能条件表示认可，正在编制可行性研究报告","next_step":"邀请企业负责人再次来访，商定投资协议文本"`, 1+r.IntN(6))
	return fmt.Appendf(b, `,"sector":"%s","remarks":"%s"`, sectors[r.IntN(len(sectors))], good)
}

var firstDay = time.Date(2023, time.December, 1, 0, 0, 0, 0, time.UTC)

// What a list asks for: of a winter's leads of one unit, those recognised. Some
// of the records are of another kind or in another state, so that a filter has
// something to leave out.
const (
	listedKind  = "domestic_lead"
	listedState = "recognised"
	pageOf      = 50
)

// writeRecords writes n invented records as records files of at most `each`
// lines. The same n always gives the same bytes.
func writeRecords(name string, n, each int) (files []string, err error) {
	r := rand.New(rand.NewPCG(2023, 12))
	var b []byte
	for from := 0; from < n; from += each {
		file := fmt.Sprintf("%s-%02d.jsonl", name, len(files)+1)
		f, err := os.Create(file)
		if err != nil {
			return nil, err
		}
		w := bufio.NewWriterSize(f, 1<<20)
		for i := from; i < min(n, from+each); i++ {
			b = line(b[:0], r, i)
			_, _ = w.Write(b) // the error comes again from Flush
		}
		if err := w.Flush(); err != nil {
			return nil, err
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func line(b []byte, r *rand.Rand, i int) []byte {
	kind := listedKind
	if r.IntN(10) < 3 {
		kind = "briefing"
	}
	reported := firstDay.Add(time.Duration(i) * 80 * time.Second)
	b = fmt.Appendf(b, `{"kind":"%s","id":"b%07d","unit":"%s","name":"示例%s第%d号","reported_at":"%s"`,
		kind, i, units[r.IntN(len(units))], goods[r.IntN(len(goods))], i, moment(reported))
	if state := r.IntN(20); state < 17 {
		b = fmt.Appendf(b, `,"recognized_at":"%s"`, moment(reported.Add(26*time.Hour)))
		if state == 0 {
			b = fmt.Appendf(b, `,"revoked_at":"%s"`, moment(reported.Add(50*time.Hour)))
		}
	}
	if b = append(b, ','); kind == listedKind {
		b = leadFields(b, r, int64(i))
	} else {
		b = fmt.Appendf(b, `"remarks":"%s"`, goods[r.IntN(len(goods))])
	}
	return append(b, "}\n"...)
}

func moment(t time.Time) string {
	return t.In(time.FixedZone("", 8*3600)).Format("2006-01-02T15:04:05-07:00")
}

// evidence is a PDF of one page and size bytes in all. Its picture is noise, so
// that nothing on the way can make it smaller, and has a number of its own at
// offset `at`, of sixteen digits: no two files are the same.
func evidence(size int) (pdf []byte, at int) {
	var b bytes.Buffer
	var offsets []int
	object := func(text string) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), text)
	}
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	object("<</Type/Pages/Kids[3 0 R]/Count 1>>")
	object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>")
	object("<</Length 0>>\nstream\n\nendstream")
	noise := make([]byte, size-b.Len()-400)
	r := rand.NewChaCha8([32]byte{5})
	_, _ = r.Read(noise)
	for i, c := range noise {
		noise[i] = '0' + c&63 // letters and signs; no word of the format can come of it
	}
	offsets = append(offsets, b.Len())
	fmt.Fprintf(&b, "5 0 obj\n<</Length %d>>\nstream\n", len(noise))
	at = b.Len()
	b.Write(noise)
	b.WriteString("\nendstream\nendobj\n")
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, table)
	return b.Bytes(), at
}
