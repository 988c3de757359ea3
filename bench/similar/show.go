package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"qiaomen/similar"
)

// A mistake is a query with an entry that was judged wrongly.
type mistake struct {
	query, entry int
	weight       int // how wrong, in ten-thousandths
	found        bool
}

// mistakes are all there are, the worst first.
func (s *set) mistakes(a answer) (out []mistake) {
	for i, q := range s.queries {
		missed := q.truth >= 0
		for _, c := range a[i] {
			if c.entry == q.truth && c.flagged {
				missed = false
			} else if c.entry != q.truth && c.flagged {
				out = append(out, mistake{i, c.entry, c.match.Score, true})
			}
		}
		if missed {
			found := slices.ContainsFunc(a[i], func(c candidate) bool { return c.entry == q.truth })
			out = append(out, mistake{i, q.truth, similar.Full - similar.Compare(s.corpus[q.truth], q.report).Score, found})
		}
	}
	slices.SortStableFunc(out, func(a, b mistake) int { return cmp.Compare(b.weight, a.weight) })
	return out
}

// showMistakes shows the worst mistakes, with the verdict in words.
func (s *set) showMistakes(out io.Writer, a answer, n int) {
	all := s.mistakes(a)
	fmt.Fprintf(out, "\n%d mistakes, the worst first:\n", len(all))
	for _, x := range all[:min(n, len(all))] {
		q := &s.queries[x.query]
		should := "different"
		switch {
		case x.entry == q.truth:
			should = "same (" + strings.Join(q.disguises, ", ") + ")"
		case x.entry == q.trap:
			should += " (" + strings.Join(append([]string{q.near}, q.disguises...), ", ") + ")"
		default:
			should += " (by chance)"
		}
		v := similar.Compare(q.report, s.corpus[x.entry])
		fmt.Fprintf(out, "\n%s\n%s\n%s %d, should be %s\n", line(q.report), line(s.corpus[x.entry]), v.Judgement, v.Score, should)
		if !x.found {
			fmt.Fprintln(out, "not among the first ten")
		}
		fmt.Fprintln(out, v)
	}
}

// line is a thing on one line, with what cannot be seen made visible.
func line(t similar.Thing) string {
	seen := strconv.QuoteToGraphic(t.Company + " | " + t.Project)
	return seen[1 : len(seen)-1]
}

// save writes a set as files that the command reads.
func (s *set) save(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var corpus, queries, truth strings.Builder
	for i, t := range s.corpus {
		fmt.Fprintf(&corpus, "%s\t%s\t%s\n", entryID(i), t.Company, t.Project)
	}
	for i, q := range s.queries {
		fmt.Fprintf(&queries, "%s\t%s\t%s\n", queryID(i), q.report.Company, q.report.Project)
		id, kind := "", q.kind
		if q.truth >= 0 {
			id, kind = entryID(q.truth), "same, "+strings.Join(q.disguises, ", ")
		}
		fmt.Fprintf(&truth, "%s\t%s\t%s\n", queryID(i), id, kind)
	}
	for name, b := range map[string]*strings.Builder{"corpus.tsv": &corpus, "queries.tsv": &queries, "truth.tsv": &truth} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(b.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// judgePairs reads pairs that people have decided, as an office exports them,
// and shows how they are judged, with the wrong ones: all, or so many.
func judgePairs(out io.Writer, in io.Reader, show int) error {
	labels := []string{"same", "different"}
	var counts [2][3]int
	var wrong []string
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		text := strings.TrimPrefix(strings.TrimSuffix(lines.Text(), "\r"), "\ufeff")
		if text == "" || strings.HasPrefix(text, "label\t") {
			continue
		}
		cells := strings.Split(text, "\t")
		label := slices.Index(labels, cells[0])
		if len(cells) != 5 || label < 0 {
			return fmt.Errorf("line %d: want same or different, and four cells", number)
		}
		a, b := similar.Thing{Company: cells[1], Project: cells[2]}, similar.Thing{Company: cells[3], Project: cells[4]}
		v := similar.Compare(a, b)
		counts[label][v.Judgement]++
		if (label == 0) != (v.Judgement != similar.Different) {
			wrong = append(wrong, fmt.Sprintf("\nline %d\n%s\n%s\n%s %d, should be %s\n%s\n", number, line(a), line(b), v.Judgement, v.Score, cells[0], v))
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	fmt.Fprintln(out, "label      same  doubt  different")
	for i, c := range counts {
		fmt.Fprintf(out, "%-9s %5d  %5d  %9d\n", labels[i], c[similar.Same], c[similar.Doubt], c[similar.Different])
	}
	right, flagged := counts[0][similar.Same]+counts[0][similar.Doubt], counts[1][similar.Same]+counts[1][similar.Doubt]
	fmt.Fprintf(out, "same or doubt: precision %.4f, recall %.4f\n", ratio(right, right+flagged), ratio(right, right+counts[0][similar.Different]))
	if show > 0 {
		wrong = wrong[:min(show, len(wrong))]
	}
	_, err := fmt.Fprint(out, strings.Join(wrong, ""))
	return err
}
