package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"unicode"

	_ "github.com/jackc/pgx/v5/stdlib" // PostgreSQL
	"golang.org/x/text/unicode/norm"
	_ "modernc.org/sqlite" // SQLite

	"qiaomen/similar"
)

// A peer is what an office has at hand without qiaomen. It sees company and
// project as one text and gives its ten likeliest entries. A nil answer is a
// peer that is not there; the note says why, or what it was asked.
type peer struct {
	name string
	ask  func(*set, options) (answer, string, error)
}

var peers = []peer{{"Levenshtein", levenshtein}, {"FTS5 trigram", fts5}, {"pg_trgm", pgTrgm}}

// peerText is a thing as the peers see it.
func peerText(t similar.Thing, o options) string {
	text := t.Company + " " + t.Project
	if !o.nfkc {
		return text
	}
	return norm.NFKC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text))
}

// fts5 asks SQLite for the entries that share trigrams with a query, ranked by
// bm25, which is divided by the number of the query's trigrams so that one
// threshold can do for long and short ones.
func fts5(s *set, o options) (answer, string, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, "", err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	tx, err := db.Begin()
	if err != nil {
		return nil, "", err
	}
	defer tx.Rollback()
	if _, err := tx.Exec("CREATE VIRTUAL TABLE entry USING fts5(name, tokenize='trigram')"); err != nil {
		return nil, "", err
	}
	for i, t := range s.corpus {
		if _, err := tx.Exec("INSERT INTO entry (rowid, name) VALUES (?, ?)", i, peerText(t, o)); err != nil {
			return nil, "", err
		}
	}
	ask, err := tx.Prepare("SELECT rowid, -bm25(entry) FROM entry WHERE entry MATCH ? ORDER BY rank LIMIT ?")
	if err != nil {
		return nil, "", err
	}
	out := make(answer, len(s.queries))
	for i := range min(o.sample, len(s.queries)) {
		grams := trigrams(peerText(s.queries[i].report, o))
		if out[i], err = scan(ask, 1/float64(max(1, len(grams))), strings.Join(grams, " OR "), most); err != nil {
			return nil, "", err
		}
	}
	return out, fmt.Sprintf("bm25 per trigram of the query; %d queries", min(o.sample, len(s.queries))), nil
}

// trigrams are the different ones of a text, quoted for FTS5.
func trigrams(text string) (out []string) {
	runes, seen := []rune(text), map[string]bool{}
	for i := range max(0, len(runes)-2) {
		gram := `"` + strings.ReplaceAll(string(runes[i:i+3]), `"`, `""`) + `"`
		if !seen[gram] {
			seen[gram], out = true, append(out, gram)
		}
	}
	return out
}

// scan reads entries and scores, which it multiplies.
func scan(ask *sql.Stmt, times float64, args ...any) ([]candidate, error) {
	rows, err := ask.Query(args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []candidate{}
	for rows.Next() {
		var c candidate
		if err := rows.Scan(&c.entry, &c.score); err != nil {
			return nil, err
		}
		c.score *= times
		out = append(out, c)
	}
	return out, rows.Err()
}

// pgTrgm asks PostgreSQL for the entries with the greatest similarity. The
// database is one of its own, since trigrams of Chinese need a locale that
// knows the characters for letters.
func pgTrgm(s *set, o options) (_ answer, note string, err error) {
	address := os.Getenv("QIAOMEN_TEST_POSTGRES")
	if address == "" {
		return nil, "not measured: no QIAOMEN_TEST_POSTGRES; try .ci/with-postgres", nil
	}
	ctx := context.Background()
	server, err := sql.Open("pgx", address)
	if err != nil {
		return nil, "", err
	}
	defer server.Close()
	const name = "qiaomen_bench_similar"
	if _, err := server.Exec("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"); err != nil {
		return nil, "not measured: " + err.Error(), nil
	}
	defer func() {
		_, dropped := server.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		err = errors.Join(err, dropped)
	}()
	own, err := url.Parse(address)
	if err != nil {
		return nil, "", err
	}
	own.Path = "/" + name
	db, err := sql.Open("pgx", own.String())
	if err != nil {
		return nil, "", err
	}
	defer db.Close()
	conn, err := db.Conn(ctx) // settings are of one connection
	if err != nil {
		return nil, "", err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "CREATE EXTENSION pg_trgm"); err != nil {
		return nil, "not measured: " + err.Error(), nil
	}
	if _, err := conn.ExecContext(ctx, "CREATE TABLE entry (id int, name text)"); err != nil {
		return nil, "", err
	}
	for from := 0; from < len(s.corpus); from += 1000 {
		ids, names := []int{}, []string{}
		for i := from; i < min(from+1000, len(s.corpus)); i++ {
			ids, names = append(ids, i), append(names, peerText(s.corpus[i], o))
		}
		if _, err := conn.ExecContext(ctx, "INSERT INTO entry SELECT * FROM unnest($1::int[], $2::text[])", ids, names); err != nil {
			return nil, "", err
		}
	}
	for _, do := range []string{"CREATE INDEX ON entry USING gin (name gin_trgm_ops)", "ANALYZE entry", "SET pg_trgm.similarity_threshold = 0.15"} {
		if _, err := conn.ExecContext(ctx, do); err != nil {
			return nil, "", err
		}
	}
	ask, err := conn.PrepareContext(ctx, "SELECT id, similarity(name, $1) AS s FROM entry WHERE name % $1 ORDER BY s DESC, id LIMIT $2")
	if err != nil {
		return nil, "", err
	}
	defer ask.Close()
	out := make(answer, len(s.queries))
	for i := range min(o.sample, len(s.queries)) {
		if out[i], err = scan(ask, 1, peerText(s.queries[i].report, o), most); err != nil {
			return nil, "", err
		}
	}
	return out, fmt.Sprintf("similarity from 0.15 on; %d queries", min(o.sample, len(s.queries))), nil
}
