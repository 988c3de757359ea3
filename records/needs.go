package records

import (
	"slices"

	"qiaomen"
	"qiaomen/scheme"
)

// Missing is what the record still lacks for the need: fields, then evidence.
// To count asks for what is asked to submit as well, and both for what must
// always be there. A record also needs its name to be submitted; it counts
// without one. Evidence is not lacking where something may stand in for it and
// does.
func Missing(k *scheme.Kind, name string, values []qiaomen.Value, evidence qiaomen.Set, need scheme.Need) []*qiaomen.Problem {
	var out []*qiaomen.Problem
	lacks := func(field, what string) {
		out = append(out, &qiaomen.Problem{Text: "缺少" + what, Fix: "请补上", At: qiaomen.Place{Field: field}})
	}
	if need == scheme.ToSubmit && trim(name) == "" {
		lacks("name", "“名称”")
	}
	for i, f := range k.Fields {
		if asked(f.Need, need) && !values[i].Given {
			lacks(f.ID, "“"+f.Name+"”")
		}
	}
	for i, e := range k.Evidence {
		if asked(e.Need, need) && !evidence.Has(i) && evidence&e.Or == 0 {
			lacks("evidence", "佐证材料“"+e.Name+"”"+insteadOf(k, e))
		}
	}
	return out
}

var needs = []scheme.Need{scheme.Always, scheme.ToSubmit, scheme.ToCount}

// asked tells whether what has a need of its own is asked for the one given.
func asked(own, need scheme.Need) bool {
	i := slices.Index(needs, own)
	return i >= 0 && i <= slices.Index(needs, need)
}

// insteadOf names what may stand in for a type of evidence.
func insteadOf(k *scheme.Kind, e *scheme.EvidenceType) string {
	text := ""
	for i, other := range k.Evidence {
		if e.Or.Has(i) {
			text += "，或“" + other.Name + "”"
		}
	}
	return text
}

// Owned is which of the given fields whoever fills them in may not set: fields
// that another fills in, and options that the office alone chooses. Those the
// office may choose in any field.
func Owned(k *scheme.Kind, values []qiaomen.Value, by scheme.Filler) []*qiaomen.Problem {
	var out []*qiaomen.Problem
	for i, v := range values { // none of fields that could not be read
		f := k.Fields[i]
		if !v.Given {
			continue
		}
		at := qiaomen.Place{Field: f.ID}
		ruled := f.Type == scheme.OptionField && slices.Contains(f.OfficeSets, v.Option)
		switch {
		case ruled && by == scheme.ByOffice:
		case f.FilledBy != by:
			out = append(out, &qiaomen.Problem{Text: "“" + f.Name + "”由" + fillers[f.FilledBy] + "填", Fix: "请不要填这一项", At: at})
		case ruled:
			out = append(out, &qiaomen.Problem{Text: "“" + f.Name + "”的“" + f.Options[v.Option].Name + "”只由办公室判定", Fix: "请改选别的一项", At: at})
		}
	}
	return out
}

var fillers = map[scheme.Filler]string{
	scheme.ByUnit: "单位", scheme.ByOffice: "办公室", scheme.ByStatistics: "统计部门", scheme.ByLeader: "市领导联络员",
}
