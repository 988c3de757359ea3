package main

import (
	"cmp"
	"slices"

	"qiaomen"
	"qiaomen/scheme"
)

// What the hand-written loop counts, by unit.
const (
	reserve = iota
	domestic
	pursued
	foreign
	outings
	signed10
	signed5
	signed1
	started10
	started5
	started1
	startNew
	startResumed
	counters
)

var counterOf = map[string]int{
	"reserve": reserve, "domestic_leads": domestic, "domestic_pursued": pursued, "foreign_leads": foreign, "outings": outings,
	"signed_10": signed10, "signed_5_10": signed5, "signed_1_5": signed1, "start_new": startNew, "start_resumed": startResumed,
}

// hand is the same records in columns of its own, and the loops that a
// programmer would write for this one campaign.
type hand struct {
	units int
	kinds [6]handKind
}

const (
	handReserve = iota
	handDomestic
	handForeign
	handOuting
	handSigned
	handStart
)

type handKind struct {
	unit, seq                        []int32
	recognised, revoked, reported    []int32
	on, started, statistics, pursued []int32
	amount                           []int64
	size                             []int32
	option                           []uint8
	evidence, checked, resumed       []bool
}

func (h *hand) add(k *scheme.Kind, r *qiaomen.Record) {
	var x *handKind
	switch k.ID {
	case "reserve_project":
		x = &h.kinds[handReserve]
	case "domestic_lead":
		x = &h.kinds[handDomestic]
	case "foreign_lead":
		x = &h.kinds[handForeign]
	case "outing":
		x = &h.kinds[handOuting]
	case "signed_project":
		x = &h.kinds[handSigned]
	case "project_start":
		x = &h.kinds[handStart]
	default:
		return
	}
	get := func(id string) qiaomen.Value {
		for i, f := range k.Fields {
			if f.ID == id {
				return r.Values[i]
			}
		}
		return qiaomen.Value{}
	}
	day := func(id string) int32 { return int32(get(id).Date) }
	x.unit, x.seq = append(x.unit, int32(r.Unit)), append(x.seq, int32(r.Seq))
	x.recognised = append(x.recognised, int32(r.Recognised.Day))
	x.revoked = append(x.revoked, int32(r.Revoked.Day))
	x.reported = append(x.reported, int32(r.Reported.Day))
	x.on = append(x.on, day("held_on")+day("signed_on"))
	x.started, x.statistics = append(x.started, day("started_on")), append(x.statistics, day("statistics_on"))
	x.pursued = append(x.pursued, day("pursued_on"))
	amount := get("amount_yi").Number.Mul(qiaomen.Int(100)).Add(get("amount_usd_wan").Number).Add(get("funds_wan").Number)
	if k.ID == "project_start" {
		amount = get("funds_wan").Number
	}
	x.amount = append(x.amount, amount.Rat().Num().Int64())
	x.size = append(x.size, int32(len(get("target_companies").List)))
	x.option = append(x.option, uint8(get("form").Option))
	x.evidence = append(x.evidence, r.Evidence == 7)
	x.checked, x.resumed = append(x.checked, get("original_checked").Flag), append(x.resumed, get("start_type").Option == 1)
}

var (
	from, to = int32(qiaomen.DateOf(2023, 12, 1)), int32(qiaomen.DateOf(2024, 3, 31))
	q1       = int32(qiaomen.DateOf(2024, 1, 1))
)

func within(d, a, b int32) bool { return d >= a && d <= b }

// count is the loop, and with ids also which records are behind each count.
func (h *hand) count(ids [][]int32) []int32 {
	n := make([]int32, h.units*counters)
	hit := func(x *handKind, i, c int) {
		at := int(x.unit[i])*counters + c
		n[at]++
		if ids != nil {
			ids[at] = append(ids[at], x.seq[i])
		}
	}
	x := &h.kinds[handReserve]
	for i, d := range x.recognised {
		if d > 0 && x.revoked[i] == 0 && within(x.reported[i], from, to) && x.size[i] >= 5 {
			hit(x, i, reserve)
		}
	}
	x = &h.kinds[handDomestic]
	for i, d := range x.recognised {
		if d > 0 && x.revoked[i] == 0 && within(x.reported[i], from, to) {
			hit(x, i, domestic)
			if within(x.pursued[i], from, to) {
				hit(x, i, pursued)
			}
		}
	}
	x = &h.kinds[handForeign]
	for i, d := range x.recognised {
		need := int64(200)
		if x.unit[i]%2 == 1 {
			need = 100
		}
		if d > 0 && x.revoked[i] == 0 && within(x.reported[i], from, to) && x.amount[i] >= need {
			hit(x, i, foreign)
		}
	}
	x = &h.kinds[handOuting]
	for i, d := range x.recognised {
		if d > 0 && x.revoked[i] == 0 && within(x.on[i], from, to) && x.option[i] < 2 && x.evidence[i] {
			hit(x, i, outings)
		}
	}
	x = &h.kinds[handSigned]
	for i, d := range x.recognised {
		if d > 0 && x.revoked[i] == 0 && within(x.on[i], from, to) && x.checked[i] && x.evidence[i] && x.amount[i] >= 100 {
			tier := 0
			if x.amount[i] < 500 {
				tier = 2
			} else if x.amount[i] < 1000 {
				tier = 1
			}
			hit(x, i, signed10+tier)
			if within(x.started[i], q1, to) && within(x.statistics[i], q1, to) {
				hit(x, i, started10+tier)
			}
		}
	}
	x = &h.kinds[handStart]
	for i, d := range x.recognised {
		if d > 0 && x.revoked[i] == 0 && within(x.started[i], q1, to) && x.evidence[i] && x.amount[i] > 0 {
			if x.resumed[i] {
				hit(x, i, startResumed)
			} else if x.statistics[i] <= to {
				hit(x, i, startNew)
			}
		}
	}
	return n
}

// rank is the arithmetic in hundredths of a point and the sorting.
func (h *hand) rank(n []int32) []int {
	total := make([]int, h.units)
	order := make([]int, h.units)
	for u := range h.units {
		c := n[u*counters : (u+1)*counters]
		short := func(k, target, points int) int { return max(0, target-int(c[k])) * points }
		extra := func(k, target, points int) int { return max(0, int(c[k])-target) * points }
		big := 1 - u%2
		total[u] = min(500, 50*int(c[outings])) +
			max(0, 1500-short(signed10, big, 500)-short(signed5, 1, 300)-short(signed1, 5, 200)) +
			extra(signed10, big, 100) + extra(signed5, 1, 50) + extra(signed1, 5, 10) +
			1000*int(c[started10]) + 700*int(c[started5]) + 500*int(c[started1]) +
			max(0, 1000-short(reserve, 15, 100)) + extra(reserve, 15, 10) +
			max(0, 1000-short(domestic, 3, 400)) + 500*int(c[pursued]) +
			min(1000, 1000*int(c[foreign])) + extra(foreign, 1, 200) +
			max(0, 2000-short(startNew, 3, 300)-short(startResumed, 2, 200)) + extra(startNew, 3, 700) + extra(startResumed, 2, 500)
		order[u] = u
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(total[b], total[a]) })
	return order
}
