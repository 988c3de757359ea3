package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// record has the fields of the records file. Decoding into it is all that the
// peer does: no date, amount or unit is looked at.
type record struct {
	Kind            string      `json:"kind"`
	ID              string      `json:"id"`
	Unit            string      `json:"unit"`
	ReportedAt      string      `json:"reported_at"`
	RecognizedAt    string      `json:"recognized_at"`
	RevokedAt       string      `json:"revoked_at"`
	Name            string      `json:"name"`
	TargetCompanies []string    `json:"target_companies"`
	TargetCompany   string      `json:"target_company"`
	Content         string      `json:"content"`
	AmountYi        json.Number `json:"amount_yi"`
	PursuedOn       string      `json:"pursued_on"`
	PursuedBy       string      `json:"pursued_by"`
	AmountUSDWan    json.Number `json:"amount_usd_wan"`
	HeldOn          string      `json:"held_on"`
	Form            string      `json:"form"`
	SignedOn        string      `json:"signed_on"`
	OriginalChecked bool        `json:"original_checked"`
	StartedOn       string      `json:"started_on"`
	StatisticsOn    string      `json:"statistics_on"`
	StartType       string      `json:"start_type"`
	FundsWan        json.Number `json:"funds_wan"`
	Evidence        []string    `json:"evidence"`
	Quarter         string      `json:"quarter"`
	AmountWan       json.Number `json:"amount_wan"`
	PublishedOn     string      `json:"published_on"`
	RatePercent     json.Number `json:"rate_percent"`
	Points          json.Number `json:"points"`
}

// child runs one of the programs that qiaomen is compared with and prints
// what it has counted: the peer records, the bound bytes.
func child(name, file string, w io.Writer) error {
	run := map[string]func(io.Reader) (int64, error){"peer": peer, "bound": bound}[name]
	if run == nil {
		return fmt.Errorf("no program %q", name)
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	count, err := run(f)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, count)
	return err
}

// peer decodes every line with encoding/json and counts the records.
func peer(r io.Reader) (records int64, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), 1<<20)
	for lines.Scan() {
		var rec record
		if err := json.Unmarshal(lines.Bytes(), &rec); err != nil {
			return 0, fmt.Errorf("line %d: %w", records+1, err)
		}
		if rec.ID != "" {
			records++
		}
	}
	return records, lines.Err()
}

// bound reads line by line and counts the bytes.
func bound(r io.Reader) (size int64, err error) {
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		size += int64(len(line))
		if errors.Is(err, io.EOF) {
			return size, nil
		}
		if err != nil {
			return 0, err
		}
	}
}
