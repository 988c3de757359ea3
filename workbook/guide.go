package workbook

import (
	"strings"

	"qiaomen/scheme"
)

// guide writes the first sheet: how the workbook is filled in, and what each
// sheet is for.
func (m *maker) guide(sheets []*form) {
	p := m.page(guideSheet)
	const last = 4
	for i, w := range []float64{22, 46, 46, 20} {
		p.width(i+1, w)
	}
	p.merged(1, 1, last, 1, m.s.Name+"\n填报说明", titleLook)
	p.height(1, 58)
	row := 2
	say := func(text string) {
		p.merged(1, row, last, row, text, noteLook)
		p.height(row, 17*max(1, ceil(widthOf(text)/128))+3)
		row++
	}
	whose := "各单位"
	if m.Unit != nil {
		whose = m.Unit.Name
	}
	if m.Office {
		whose = "办公室"
	}
	say("用表单位：" + whose + "　　活动期间：" + m.s.Campaign.From.Chinese() + "至" + m.s.Campaign.To.Chinese())
	for _, text := range []string{
		"一、每类一张表，一行一条。从示例行的下一行开始填；示例行不会被读取，删不删都可以。",
		"二、列名后带 * 的必须填。单击列名，可以看到怎么填、依据哪一条。列的先后可以调换，用不着的列可以删去；不要另加列。",
		"三、日期写成 2024-01-05；2024/1/5、2024年1月5日、20240105 也能读。只写月、日的读不了。",
		"四、金额只填数，单位在列名里。用了别的单位就写出来，如 1.2亿、3000万元，会自动换算；不写单位的一律按列名里的单位读。",
		"五、单位、选项从下拉列表里选。是否类填“是”或“否”。几个名称写在一格里，用顿号隔开，或者一行一个（单元格里换行按 Alt+Enter）。",
		"六、合计、小计、空行和表下的“注：”不会被读取。不要合并单元格，不要用公式；公式按算出的值读，并会提示核对。",
		"七、填好后存为 .xlsx。.xls、.et 和加了密码的读不了，请另存为 .xlsx。有错的地方会指到表和格，如 签约项目!F12，一次列全。",
	} {
		say(text)
	}
	row++
	for i, title := range []string{"工作表", "谁来填", "必填的列", "依据"} {
		p.set(i+1, row, title, headLook)
	}
	p.height(row, 24)
	for _, f := range sheets {
		row++
		p.set(1, row, f.name(), textLook)
		p.set(2, row, about(f), textLook)
		need := strings.Join(m.needed(f), "、")
		p.set(3, row, need, textLook)
		cite := ""
		if c := citeOf(f); c != nil {
			cite = c.ID
		}
		p.set(4, row, cite, midLook)
		p.height(row, max(rowHeight(26, 46, need), rowHeight(26, 46, about(f))))
	}
	p.paper(120, 1, 1, 1)
}

func citeOf(f *form) *scheme.Clause {
	if f.kind != nil {
		return f.kind.Cite
	}
	return f.figure.Cite
}

func about(f *form) string {
	if f.figure != nil {
		text := "统计数，由办公室按公布的数填"
		if f.figure.Publisher != "" {
			text += "；来源：" + f.figure.Publisher
		}
		return text
	}
	var groups []string
	for _, g := range f.kind.ReportedBy {
		groups = append(groups, g.Name)
	}
	if groups == nil {
		return "由办公室填"
	}
	text := strings.Join(groups, "、") + "填，以" + f.kind.CountedIn + "计"
	if f.kind.Identity != nil {
		text += "；同一事项以先报的为准"
	}
	return text
}

func (m *maker) needed(f *form) []string {
	var out []string
	for _, c := range m.columns(f) {
		if m.must(f, c) {
			out = append(out, c.title)
		}
	}
	return out
}
