package gongwen

import (
	"fmt"
	"strings"
	"testing"
)

func TestTitleLines(t *testing.T) {
	for title, want := range map[string]string{
		"关于排名的通报": "关于排名的通报",
		"关于示例市2023年—2024年冬季招商引资活动｜总评结果的通报":        "关于示例市2023年—2024年/冬季招商引资活动总评结果的通报",
		"关于示例市2023年—2024年冬季招商引资活动｜2024年2月排名情况的通报": "关于示例市/2023年—2024年冬季招商引资活动/2024年2月排名情况的通报",
		"县（区）和示例经开区管委会｜各项指标完成情况和得分":               "县（区）和示例经开区管委会/各项指标完成情况和得分",
		strings.Repeat("1", 60): strings.Repeat("1", 60), // nowhere to break
	} {
		if got := strings.Join(titleLines(title), "/"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Places are in characters from the right, here.
func TestSignaturePlaces(t *testing.T) {
	const on = "2024年4月30日" // 6½ characters
	for _, tt := range []struct {
		issuer     string
		unsealed   bool
		name, date string
	}{
		{"示例市商务局", false, "4.25", "4"},           // centred above the date
		{"示例市开放招商工作领导小组办公室", false, "2", "6.75"}, // too long for that: moved in together
		{"示例市开放招商工作领导小组办公室", true, "2", "9.5"},   // the date begins two characters in
		{"示例市商务局", true, "4.5", "2"},             // the longer date stands two from the right
	} {
		name, date := signaturePlaces(tt.issuer, on, tt.unsealed)
		if quarters(name) != tt.name || quarters(date) != tt.date {
			t.Errorf("%s, unsealed %v: name %s, date %s; want %s, %s", tt.issuer, tt.unsealed, quarters(name), quarters(date), tt.name, tt.date)
		}
	}
}

func quarters(twips int) string {
	n := (twips*4 + charPitch/2) / charPitch
	return fmt.Sprint(n/4) + []string{"", ".25", ".5", ".75"}[n%4]
}

func TestMarkSize(t *testing.T) {
	for _, mark := range []string{"示例市人民政府文件", "示例市开放招商工作领导小组办公室文件", strings.Repeat("示", 40)} {
		size, scale := markSize(mark)
		if wide := len([]rune(mark)) * size * 10 * scale / 100; wide > typeWidth || size < 44 || size > 124 {
			t.Errorf("%s: %d half points at %d%% take %d of %d", mark, size, scale, wide, typeWidth)
		}
	}
}

func TestChinese(t *testing.T) {
	for n, want := range map[int]string{1: "一", 9: "九", 10: "十", 11: "十一", 20: "二十", 21: "二十一", 99: "九十九", 100: "100"} {
		if got := chinese(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}

func TestWidths(t *testing.T) {
	table := &Table{Columns: []Column{{Head: "名次"}, {Head: "单位"}, {Head: "市领导外出推进的内资线索（条）"}, {Head: "总分"}}}
	table.Rows = [][]string{{"1", "农业及农产品加工项目招商示例工作专班", "12", "105.25"}}
	for _, total := range []int{typeWidth, 6400} {
		widths, sum := table.widths(total, xiaosi), 0
		for _, w := range widths {
			sum += w
		}
		if sum != total {
			t.Errorf("widths add up to %d, not %d", sum, total)
		}
		if room := (widths[3] - margins) / (xiaosi * 5); room < halves("105.25") {
			t.Errorf("of %d: a figure has room for %d halves only", total, room)
		}
	}
}
