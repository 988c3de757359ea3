package records

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"qiaomen"
	"qiaomen/scheme"
)

func (t *typist) evidence(k *scheme.Kind, raw []byte) (set qiaomen.Set) {
	list, ok := t.parse.list(raw)
	if !ok {
		t.notList("evidence", raw)
		return 0
	}
	for _, x := range list {
		i := slices.IndexFunc(k.Evidence, func(e *scheme.EvidenceType) bool { return e.ID == x })
		if i < 0 {
			var ids []string
			for _, e := range k.Evidence {
				ids = append(ids, e.ID)
			}
			t.fault("evidence", fmt.Sprintf("没有“%s”这种佐证材料（%s）", qiaomen.Clip(x), some(ids)), "")
			continue
		}
		set = set.With(i)
	}
	return set
}

// some is the ids there are, or the first of very many.
func some(ids []string) string {
	const most = 50
	if len(ids) > most {
		ids = append(ids[:most:most], "…")
	}
	return strings.Join(ids, "、")
}

func (t *typist) notList(name string, raw []byte) {
	if raw[0] == 'n' {
		t.notText(name, raw)
		return
	}
	t.fault(name, "应是文字的列表", "请写成 [\"…\", \"…\"]")
}

// value types one member by its field.
func (t *typist) value(f *scheme.Field, raw []byte, v *qiaomen.Value) {
	switch f.Type {
	case scheme.AmountField, scheme.NumberField, scheme.JudgedField:
		t.number(f, raw, v)
		return
	case scheme.FlagField:
		if raw[0] != 't' && raw[0] != 'f' {
			if raw[0] == 'n' {
				t.notText(f.ID, raw)
			} else {
				t.fault(f.ID, "应是 true 或 false", "不加引号")
			}
			return
		}
		v.Given, v.Flag = true, raw[0] == 't'
		return
	case scheme.ListField:
		list, ok := t.parse.list(raw)
		if !ok {
			t.notList(f.ID, raw)
			return
		}
		if list = distinct(list); len(list) > 0 {
			v.Given, v.List = true, list
		}
		return
	}
	text, ok := t.parse.str(raw)
	if !ok {
		t.notText(f.ID, raw)
		return
	}
	switch f.Type {
	case scheme.DateField:
		d, err := qiaomen.ParseDate(text)
		if err != nil {
			t.fault(f.ID, err.Error(), "")
			return
		}
		v.Given, v.Date = true, d
	case scheme.OptionField:
		t.option(f, text, v)
	case scheme.UnitField:
		t.unitRef(f.ID, text)
		v.Given, v.Text = true, text
	default:
		v.Text = trim(text)
		v.Given = v.Text != ""
	}
}

func (t *typist) option(f *scheme.Field, text string, v *qiaomen.Value) {
	if open(f) {
		if text = trim(text); text == "" {
			return
		}
		v.Text = text
	}
	v.Given = true
	if v.Option = slices.IndexFunc(f.Options, func(o scheme.Option) bool { return o.ID == text }); v.Option >= 0 || open(f) {
		return
	}
	var ids []string
	fix := ""
	for _, o := range f.Options {
		if ids = append(ids, o.ID); o.Name == text {
			fix = "请写它的代号 " + o.ID
		}
	}
	t.fault(f.ID, fmt.Sprintf("没有“%s”这一项（%s）", qiaomen.Clip(text), some(ids)), fix)
}

// open tells whether the office may add to the field's options, so that any
// text may stand there.
func open(f *scheme.Field) bool { return f.List != nil && f.List.Open }

func (t *typist) number(f *scheme.Field, raw []byte, v *qiaomen.Value) {
	text := string(raw)
	switch raw[0] {
	case '"':
		text, _ = t.parse.str(raw)
	case 'n':
		t.notText(f.ID, raw)
		return
	case 't', 'f', '{', '[':
		t.fault(f.ID, "应是数", "请写成 12.5 这样的半角数字")
		return
	}
	n, err := qiaomen.ParseDecimal(text)
	switch {
	case err != nil:
		t.fault(f.ID, fmt.Sprintf("“%s”%v", qiaomen.Clip(text), err), "")
	case n.Sign() < 0 && !f.Negative:
		t.fault(f.ID, fmt.Sprintf("“%s”小于0", qiaomen.Clip(text)), "应不小于0")
	case f.Type == scheme.JudgedField && (n.Cmp(f.From) < 0 || n.Cmp(f.To) > 0):
		t.fault(f.ID, fmt.Sprintf("“%s”不在%v到%v之间", qiaomen.Clip(text), f.From, f.To), "")
	default:
		v.Given, v.Number = true, f.Scale.Held(n)
	}
}

func trim(s string) string { return strings.TrimFunc(s, unicode.IsSpace) }

// distinct is the entries trimmed, blank ones and repetitions left out.
func distinct(list []string) []string {
	out := list[:0]
	var seen map[string]bool // only for long lists: most have five entries
	for _, x := range list {
		if x = trim(x); x == "" || seen[x] || seen == nil && slices.Contains(out, x) {
			continue
		}
		if out = append(out, x); seen != nil {
			seen[x] = true
		} else if len(out) == 32 {
			seen = map[string]bool{}
			for _, y := range out {
				seen[y] = true
			}
		}
	}
	return out
}
