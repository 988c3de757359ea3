package similar

// A Reading is a thing taken apart, to be compared with others.
type Reading struct {
	company company
	project project
}

// Read takes a thing apart. It never fails: of a name that says nothing,
// nothing is read.
func Read(t Thing) *Reading {
	r := &Reading{company: readCompany(companyText(t.Company))}
	if t.Code != "" {
		if code, n := creditCode(fold(t.Code)); n > 0 {
			r.company.code, r.company.codeHash = code, hash64(code)
		}
	}
	r.project = readProject(projectText(t.Project), &r.company)
	for _, text := range []*[]rune{&r.company.brand, &r.company.full, &r.project.product} {
		*text = (*text)[:min(len(*text), mostText)]
	}
	r.company.places, r.project.places = fewest(r.company.places), fewest(r.project.places)
	r.project.scales = r.project.scales[:min(len(r.project.scales), mostScales)]
	return r
}

// fewest is the first places, and the finest.
func fewest(list []int32) []int32 {
	if len(list) <= mostPlaces {
		return list
	}
	fine := finest(list)
	return append(list[:mostPlaces-1], fine)
}

// Compare sets two things against each other, part by part.
func Compare(a, b Thing) Verdict { return Read(a).Against(Read(b)) }

// Bounds of the judgements, in ten-thousandths, chosen by bench/similar.
const (
	sameFrom  = 8200
	doubtFrom = 6000
	vetoed    = 3000 // a veto leaves no more
)

// Against compares two things that are read already.
func (r *Reading) Against(o *Reading) Verdict {
	var v Verdict
	score, ok := r.weigh(o, &v)
	if !ok {
		return Verdict{}
	}
	v.Score, v.Judgement = score, judge(score)
	v.write(r, o)
	return v
}

func judge(score int) Judgement {
	switch {
	case score >= sameFrom:
		return Same
	case score >= doubtFrom:
		return Doubt
	}
	return Different
}

// weigh is the score of two things, and whether they had anything to compare.
// Findings are written where v is not nil: an index asks for scores alone.
func (r *Reading) weigh(o *Reading, v *Verdict) (int, bool) {
	return together(r, o, weighCompany(&r.company, &o.company, v), weighProject(&r.project, &o.project, v))
}

// A weight is what a half of two things comes to, who they are or what they do:
// whether they may not be the same, and whether both say anything.
type weight struct {
	score      int
	veto, some bool
}

// together is the score of two things whose halves weigh so much.
func together(r, o *Reading, who, what weight) (int, bool) {
	if !who.some && !what.some {
		return 0, false
	}
	score := 0
	switch {
	case !what.some:
		score = who.score
	case !who.some: // nobody said who: the name of a project alone proves little
		score = what.score * 8 / 10
		alone := r.company.empty() != o.company.empty()
		if !settled(&r.project, &o.project, alone) {
			score = what.score * 6 / 10
		}
	default:
		score = who.score * what.score / Full
	}
	if who.veto || what.veto {
		score = min(score*vetoed/Full, vetoed)
	}
	return max(0, min(score, Full)), true
}
