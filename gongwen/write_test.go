package gongwen_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"

	"qiaomen/gongwen"
)

// sample has every element of a document; its names are invented.
func sample() *gongwen.Document {
	t := &gongwen.Table{
		Caption: "示例县（区）排名", Measure: "分",
		Columns: []gongwen.Column{{Head: "名次"}, {Head: "单位"}, {Over: "签约项目（个）", Head: "目标"}, {Over: "签约项目（个）", Head: "完成"}, {Head: "得分"}},
		Rows:    [][]string{{"1", "示例县", "5", "6", "96.5"}, {"2", "示例区", "5", "4", "—"}},
	}
	return &gongwen.Document{
		Mark: "示例市开放招商工作领导小组办公室文件", Number: "示招办发〔2024〕6号",
		Title: "关于示例市2023年—2024年冬季招商引资活动｜2024年2月排名情况的通报",
		To:    "各县（区）人民政府", Issuer: "示例市开放招商工作领导小组办公室", Date: "2024年4月8日",
		Body: []gongwen.Block{
			{Text: "现将“排名”情况通报如下<&>。"},
			{Kind: gongwen.Heading1, Text: "总体情况"},
			{Kind: gongwen.Heading2, Text: "签约"},
			{Kind: gongwen.Heading3, Text: "数字"},
			{Kind: gongwen.Heading3, Text: "比较"},
			{Kind: gongwen.Heading2, Text: "开工"},
			{Kind: gongwen.Heading1, Text: "排名情况"},
			{Kind: gongwen.Heading2, Text: "得分"},
			{Kind: gongwen.Tabular, Table: t},
			{Kind: gongwen.Note, Text: "注：“—”表示待定。"},
			{Text: "牵头领导〔待填：牵头领导〕。"},
		},
		Annexes: []gongwen.Annex{
			{Title: "示例市各项得分", Blocks: []gongwen.Block{{Kind: gongwen.Tabular, Table: t}}},
			{Title: "示例市宽表", Landscape: true, Blocks: []gongwen.Block{{Kind: gongwen.Tabular, Table: t}}},
		},
		CopyTo: "示例市委办公室，示例市人大常委会办公室", PrintedBy: "示例市开放招商工作领导小组办公室", PrintedOn: "2024年4月8日",
	}
}

func docx(t testing.TB, d *gongwen.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gongwen.Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// parts is the files of a package; each must be well-formed XML.
func parts(t testing.TB, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(bytes.NewReader(text))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
		out[f.Name] = string(text)
	}
	return out
}

// outline is a document as a person would read it out: a line for each
// paragraph with its style, a line for each row of a table, and where
// sections end.
func outline(t testing.TB, data []byte) []string {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(parts(t, data)["word/document.xml"]))
	var out, row []string
	var text strings.Builder
	style, cells, yellow := "", false, false
	attr := func(e xml.StartElement, name string) string {
		for _, a := range e.Attr {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return out
		}
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "p":
				text.Reset()
			case "r":
				yellow = false
			case "highlight":
				yellow = true
			case "pStyle":
				style = attr(e, "val")
			case "tr":
				cells, row = true, nil
			case "tab":
				if attr(e, "pos") == "" {
					text.WriteString("→")
				}
			case "t":
				var s string
				if err := d.DecodeElement(&s, &e); err != nil {
					t.Fatal(err)
				}
				if yellow {
					s = "[" + s + "]"
				}
				text.WriteString(s)
			case "pgSz":
				out = append(out, strings.TrimSpace("section "+attr(e, "orient")))
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "p":
				if cells {
					row = append(row, text.String())
				} else if text.Len() > 0 {
					out = append(out, style+"|"+text.String())
				}
				text.Reset()
			case "tr":
				cells = false
				out = append(out, strings.Join(row, "│"))
			}
		}
	}
}

func TestOutline(t *testing.T) {
	table := []string{"caption|示例县（区）排名", "measure|单位：分", "名次│单位│签约项目（个）│得分", "││目标│完成│", "1│示例县│5│6│96.5", "2│示例区│5│4│—"}
	want := slices.Concat([]string{
		"mark|示例市开放招商工作领导小组办公室文件", "number|示招办发〔2024〕6号",
		"title|关于示例市", "title|2023年—2024年冬季招商引资活动", "title|2024年2月排名情况的通报",
		"flush|各县（区）人民政府：",
		"body|现将“排名”情况通报如下<&>。",
		"h1|一、总体情况", "h2|（一）签约", "h3|1.数字", "h3|2.比较", "h2|（二）开工", "h1|二、排名情况", "h2|（一）得分",
	}, table, []string{
		"note|注：“—”表示待定。", "body|牵头领导[〔待填：牵头领导〕]。",
		"flush|附件：1.示例市各项得分", "flush|2.示例市宽表",
		"sign|示例市开放招商工作领导小组办公室", "sign|2024年4月8日",
		"label|附件1", "title|示例市各项得分",
	}, table, []string{"section", "label|附件2", "title|示例市宽表"}, table, []string{
		"section landscape",
		"抄送：示例市委办公室，示例市人大常委会办公室。", "示例市开放招商工作领导小组办公室→2024年4月8日印发",
		"section",
	})
	got := outline(t, docx(t, sample()))
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("line %d differs\ngot  %q\nwant %q", i, got[min(i, len(got)):], want[min(i, len(want)):])
		}
	}
}

func TestSameBytes(t *testing.T) {
	if !bytes.Equal(docx(t, sample()), docx(t, sample())) {
		t.Error("two runs differ")
	}
	other := sample()
	other.Body[0].Text += "。"
	if bytes.Equal(docx(t, sample()), docx(t, other)) {
		t.Error("another document has the same bytes")
	}
}

// What the standard says in millimetres and sizes of type, as the file says it.
func TestStandard(t *testing.T) {
	p := parts(t, docx(t, sample()))
	for name, want := range map[string][]string{
		"word/document.xml": {
			`<w:pgSz w:w="11906" w:h="16838"/>`,                                  // A4
			`<w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587"`, // 37, 26, 35, 28 mm
			`<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>`,             //
			`<w:pgMar w:top="1587" w:right="2098" w:bottom="1474" w:left="1984"`, // the same, turned to the right
			`<w:footerReference w:type="even" r:id="rId5"/>`,                     //
			`<w:tblHeader/>`,               //
			`<w:spacing w:before="1984"/>`, // the mark, 35 mm down
			`<w:bottom w:val="single" w:sz="18" w:space="6" w:color="FF0000"/>`, // the red line
			`<w:top w:val="single" w:sz="8" w:space="0" w:color="000000"/>`,     // 0.35 mm
			`<w:bottom w:val="single" w:sz="6" w:space="0" w:color="000000"/>`,  // 0.25 mm
			`<w:pageBreakBefore/>`,                                                    //
			`<w:gridSpan w:val="2"/>`, `<w:vMerge w:val="restart"/>`, `&lt;&amp;&gt;`, //
		},
		"word/styles.xml": {
			`w:eastAsia="仿宋_GB2312"`, `w:eastAsia="方正小标宋简体"`, `w:eastAsia="黑体"`, `w:eastAsia="楷体_GB2312"`,
			`<w:spacing w:before="0" w:after="0" w:line="579" w:lineRule="exact"/>`, // 22 lines in 225 mm
			`<w:ind w:firstLineChars="200" w:firstLine="630"/>`, `<w:spacing w:val="-5"/>`, `<w:sz w:val="32"/>`,
		},
		"word/footer3.xml":  {`vert="vert"`, ` PAGE `},
		"word/settings.xml": {`<w:evenAndOddHeaders/>`},
		"word/footer1.xml":  {`<w:ind w:right="280"/><w:jc w:val="right"/>`, `— `, ` PAGE `, ` —`},
		"word/footer2.xml":  {`<w:ind w:left="280"/><w:jc w:val="left"/>`},
	} {
		for _, w := range want {
			if !strings.Contains(p[name], w) {
				t.Errorf("%s has no %s", name, w)
			}
		}
	}
	if len(p) != 12 {
		t.Errorf("%d parts, want 12", len(p))
	}
}

func TestUnfilled(t *testing.T) {
	d := sample()
	d.Number, d.Date = "〔待填：发文字号〕", "〔待填：成文日期〕"
	d.PrintedOn = d.Date
	got := strings.Join(d.Unfilled(), " ")
	if want := "〔待填：发文字号〕 〔待填：牵头领导〕 〔待填：成文日期〕"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Text from anywhere must not break the file.
func FuzzWrite(f *testing.F) {
	f.Add("示例\t一\n二〔待填：x〕", "<w:p>&\x00\x1b")
	f.Fuzz(func(t *testing.T, a, b string) {
		d := sample()
		d.Title, d.Mark, d.Number, d.To, d.CopyTo = a, b, a, b, a
		d.Issuer, d.Date = b, a
		d.Body = append(d.Body, gongwen.Block{Text: a}, gongwen.Block{Kind: gongwen.Tabular, Table: &gongwen.Table{
			Columns: []gongwen.Column{{Head: a}, {Head: b, Over: a}}, Rows: [][]string{{b, a}},
		}})
		parts(t, docx(t, d))
	})
}
