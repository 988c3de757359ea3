package office

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"

	"qiaomen"
	"qiaomen/records"
	"qiaomen/store"
	"qiaomen/workbook"
)

// listed tells whether an export is of what a list shows.
func (r *ExportRequest) listed() bool { return r.Format == AsList || r.Format == AsCSV }

// checkListing finds what is wrong with the list that is to be exported.
func (d *desk) checkListing(a *exporting) (list []*qiaomen.Problem) {
	if !a.listed() {
		if a.Listing != nil {
			list = append(list, &qiaomen.Problem{Text: "只有 xlsx、csv 才能按条件导出", Fix: "请去掉条件", At: qiaomen.Place{Field: "listing"}})
		}
		return list
	}
	if a.Position != 0 {
		list = append(list, &qiaomen.Problem{Text: "按条件导出的是现在的记录，不能取从前的", Fix: "请留空", At: qiaomen.Place{Field: "position"}})
	}
	if a.Listing == nil {
		return list
	}
	for _, c := range a.Listing.Where { // what is asked for is sealed where it takes two
		list = append(list, private(c.Field, c.Equals+" "+c.Prefix)...)
	}
	_, wrong := d.listing(*a.Listing)
	return append(list, wrong...)
}

// renderList writes the records that a list shows, all of its pages.
func (d *desk) renderList(a *exporting, out *Export, who string) error {
	asked := Listing{}
	if a.Listing != nil {
		asked = *a.Listing
	}
	asked.Unit, asked.After, asked.Limit = a.Unit, "", mostOnPage
	l := &workbook.List{Scheme: d.rules, Kind: d.rules.Kind(asked.Kind), Title: "记录", Mark: d.watermark(a, out, who)}
	if l.Kind != nil {
		l.Title = l.Kind.Name
	}
	out.Name = fmt.Sprintf("%s-%s-第%d条.%s", l.Title, who, out.Until, map[string]string{AsList: "xlsx", AsCSV: "csv"}[a.Format])
	var data bytes.Buffer
	write := l.Workbook
	if a.Format == AsCSV {
		write = l.CSV
	}
	if err := write(&data, d.listRows(asked)); err != nil {
		return err
	}
	out.Data, out.Digest = data.Bytes(), hashOf(data.Bytes())
	return nil
}

// listRows is the rows of a list, page after page.
func (d *desk) listRows(asked Listing) iter.Seq2[*workbook.ListRow, error] {
	return func(yield func(*workbook.ListRow, error) bool) {
		l, list := d.listing(asked)
		if err := faults(list); err != nil {
			yield(nil, err)
			return
		}
		selected := d.selected(reading(asked.Unit))
		for {
			page, next, err := store.Records(d.r, l)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, r := range page {
				if selected && !chosen(r) {
					continue
				}
				row, err := d.exportRow(r)
				if !yield(row, err) || err != nil {
					return
				}
			}
			if l.After = next; next == "" {
				return
			}
		}
	}
}

// exportRow is a record as a list shows it: no personal field is in it.
func (d *desk) exportRow(r *qiaomen.LedgerRecord) (*workbook.ListRow, error) {
	row := &workbook.ListRow{
		ID: r.ID, Name: r.Content.Name, State: cmp.Or(r.State.Chinese(), string(r.State)), Kind: r.Kind,
		Reported: qiaomen.MomentAt(r.ReportedAt), Recognised: qiaomen.MomentAt(r.RecognisedAt),
	}
	var err error
	if row.Unit, err = d.named(r.Unit); err != nil {
		return nil, err
	}
	k := d.rules.Kind(r.Kind)
	if k == nil { // of rules that were replaced
		return row, nil
	}
	row.Kind = k.Name
	if row.Values, err = understood(d.rules, k, records.Merge(k, r.Content.Fields, r.Set)); err != nil {
		return nil, fmt.Errorf("record %s: %w", r.ID, err)
	}
	return row, nil
}
