package records

import (
	"strings"
	"testing"

	"qiaomen"
	"qiaomen/scheme"
)

func deal(t *testing.T, members string) (*scheme.Kind, []qiaomen.Value) {
	t.Helper()
	s := parsed(t, needy)
	_, values, faults := Fields(s, s.Kind("deal"), []byte("{"+members+"}"), false)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return s.Kind("deal"), values
}

// told is what problems say, one a line.
func told(list []*qiaomen.Problem) string {
	var out []string
	for _, p := range list {
		out = append(out, p.Error())
	}
	return strings.Join(out, "\n")
}

func TestMissing(t *testing.T) {
	const (
		contract, minutes, letter, photo = 0, 1, 2, 3
		handed                           = whole + `,"sum":0,"signed_on":"2024-01-05"`
	)
	set := func(types ...int) (out qiaomen.Set) {
		for _, i := range types {
			out = out.With(i)
		}
		return out
	}
	for _, c := range []struct {
		name, members string
		evidence      qiaomen.Set
		need          scheme.Need
		fields        string
	}{
		{"", ``, 0, scheme.Optional, ""},
		{"", ``, 0, scheme.Always, "words names trade parent"},
		{"", whole, 0, scheme.Always, ""},
		{"", `"words":"　","names":[" "],"trade":"","parent":" "`, 0, scheme.Always, "words names trade parent"},
		{"", ``, 0, scheme.ToSubmit, "name words names trade parent sum signed_on evidence"},
		{"甲", ``, set(photo), scheme.ToSubmit, "words names trade parent sum signed_on evidence"},
		{"　", handed, set(contract), scheme.ToSubmit, "name"},
		{"甲", handed, 0, scheme.ToSubmit, "evidence"},
		{"甲", handed, set(contract), scheme.ToSubmit, ""},
		{"甲", handed, set(minutes), scheme.ToSubmit, ""},
		{"甲", handed, set(letter), scheme.ToSubmit, ""},
		{"甲", handed, set(contract), scheme.ToCount, "rate listed_on evidence"},
		{"", handed + `,"rate":1,"listed_on":"2024-01-05"`, set(minutes, photo), scheme.ToCount, ""},
		{"甲", `"rate":1`, 0, scheme.ToCount, "words names trade parent sum signed_on listed_on evidence evidence"},
	} {
		k, values := deal(t, c.members)
		got := Missing(k, c.name, values, c.evidence, c.need)
		var fields []string
		for _, p := range got {
			fields = append(fields, p.At.Field)
			forPerson(t, p.Error())
		}
		if strings.Join(fields, " ") != c.fields {
			t.Errorf("%q {%s} %b lacks %q for %s, want %q", c.name, c.members, c.evidence, fields, c.need, c.fields)
		}
	}
	k, values := deal(t, "")
	const want = "name: 缺少“名称”；请补上\nwords: 缺少“说明”；请补上"
	got := told(Missing(k, "", values, 0, scheme.ToSubmit))
	if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "\nevidence: 缺少佐证材料“合同”，或“会议纪要”，或“来函”；请补上") {
		t.Error(got)
	}
}

func TestOwned(t *testing.T) {
	for _, c := range []struct {
		members string
		by      scheme.Filler
		want    string
	}{
		{``, scheme.ByUnit, ""},
		{whole + `,"sum":1,"sort":"new","contact":"x"`, scheme.ByUnit, ""},
		{`"sort":"unclear"`, scheme.ByUnit, "sort: “类别”的“不明”只由办公室判定；请改选别的一项"},
		{`"checked":false`, scheme.ByUnit, "checked: “已核实”由办公室填；请不要填这一项"},
		{`"listed_on":"2024-01-05","pursued":"x"`, scheme.ByUnit, "listed_on: “入统日期”由统计部门填；请不要填这一项\npursued: “推进情况”由市领导联络员填；请不要填这一项"},
		{`"pursued":" "`, scheme.ByUnit, ""},
		{`"checked":true,"sort":"unclear"`, scheme.ByOffice, ""},
		{`"sort":"new"`, scheme.ByOffice, "sort: “类别”由单位填；请不要填这一项"},
		{`"words":"x","listed_on":"2024-01-05"`, scheme.ByOffice, "words: “说明”由单位填；请不要填这一项\nlisted_on: “入统日期”由统计部门填；请不要填这一项"},
		{`"listed_on":"2024-01-05"`, scheme.ByStatistics, ""},
		{`"sort":"unclear"`, scheme.ByStatistics, "sort: “类别”由单位填；请不要填这一项"},
		{`"pursued":"x"`, scheme.ByLeader, ""},
	} {
		k, values := deal(t, c.members)
		got := Owned(k, values, c.by)
		if told(got) != c.want {
			t.Errorf("{%s} by %s:\n%s\nwant\n%s", c.members, c.by, told(got), c.want)
		}
		for _, p := range got {
			forPerson(t, p.Error())
		}
	}
}
