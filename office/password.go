package office

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/mozillazg/go-pinyin"
	"github.com/trustelem/zxcvbn/frequency"
	"golang.org/x/text/unicode/norm"

	"qiaomen"
	"qiaomen/store"
)

// argon is what a password costs to try: 19 MiB, two passes.
var argon = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

const (
	longestPassword = 256 // characters
	leastDifferent  = 5   // different characters in a password
	// noPassword is a hash that nothing gives: where there is no account or no
	// password the same work is done.
	noPassword = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// A hasher bounds how many hashes are computed at once, and so the memory that
// tries can take.
type hasher chan struct{}

func newHasher() hasher { return make(hasher, max(2, runtime.NumCPU())) }

func (h hasher) turn(ctx context.Context, f func() error) error {
	select {
	case h <- struct{}{}:
		defer func() { <-h }()
		return f()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// matches tells whether the password is the one of that hash, exactly as typed;
// empty: nothing is.
func (h hasher) matches(ctx context.Context, password, hash string) (same bool, err error) {
	if hash == "" || utf8.RuneCountInString(password) > longestPassword {
		password, hash = "", noPassword
	}
	err = h.turn(ctx, func() error {
		same, err = argon2id.ComparePasswordAndHash(password, hash)
		return err
	})
	return same, err
}

func (h hasher) of(ctx context.Context, password string) (hash string, err error) {
	err = h.turn(ctx, func() error {
		hash, err = argon2id.CreateHash(password, argon)
		return err
	})
	return hash, err
}

// setPassword puts a password in place of the one before, which is remembered as
// long as the policy asks.
func (s *Secret) setPassword(hash, at string, p qiaomen.Policy) {
	s.Former, s.Password, s.PasswordAt = s.remembered(p), hash, at
}

// remembered is the hashes that a new password must not have: the one in force
// and those before it, as many as the policy asks.
func (s *Secret) remembered(p qiaomen.Policy) []string {
	all := slices.Clone(s.Former)
	if s.Password != "" {
		all = append([]string{s.Password}, all...)
	}
	return all[:min(len(all), p.History)]
}

// usedBefore tells whether the password is one of those remembered, or the one
// in force.
func (o *Office) usedBefore(ctx context.Context, password string, s *Secret, p qiaomen.Policy) (bool, error) {
	all := s.remembered(p)
	if len(all) == 0 && s.Password != "" {
		all = []string{s.Password}
	}
	for _, hash := range all {
		if same, err := o.hash.matches(ctx, password, hash); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// newPassword is the hash of a password that an account may have, or everything
// that stands against it.
func (o *Office) newPassword(ctx context.Context, field, password string, a *qiaomen.Account, s *Secret, p qiaomen.Policy) (hash string, err error) {
	words, err := o.forbidden(ctx, a)
	if err != nil {
		return "", told(err)
	}
	if list := passwordFaults(field, password, words, p); len(list) > 0 {
		return "", faults(list)
	}
	used, err := o.usedBefore(ctx, password, s, p)
	if err != nil {
		return "", err
	}
	if used {
		return "", &qiaomen.Problem{Text: "这个密码用过", Fix: "请换一个新的", At: qiaomen.Place{Field: field}}
	}
	return o.hash.of(ctx, password)
}

// common is the passwords that are tried first: the commonest of those that
// leaked, in small letters.
var common = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, word := range frequency.FrequencyLists["passwords"] {
		out[word] = true
	}
	return out
})

// guessable tells whether a password is one of those tried first, alone or with
// digits and signs around it.
func guessable(password string) bool {
	plain := strings.ToLower(norm.NFKC.String(password))
	trunk := strings.TrimFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) })
	return common()[plain] || len(trunk) >= 4 && common()[trunk]
}

// contextWords is what anybody who knows the work would try, besides the names of
// campaigns, units and of the person; with each its pinyin (docs/rights.md).
var contextWords = []string{
	"敲门", "招商", "引资", "投资", "经合", "商务局", "专班", "冬季", "黑龙江", "双鸭山", "密码", "管理员", "qiaomen", "admin", "password", "welcome",
}

// passwordFaults is everything that stands against a password, under a field's
// name. It is compared with the words as letters and digits alone: what is put
// between them does not hide them.
func passwordFaults(field, password string, words []string, p qiaomen.Policy) (list complaints) {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		list.add(field, "密码里有无法识别的字符", "请重新输入")
		return list
	case n < p.MinLength:
		list.add(field, fmt.Sprintf("密码太短，至少%d个字符", p.MinLength), "可以用一句自己才知道的话，汉字、空格都可以")
	case n > longestPassword:
		list.add(field, fmt.Sprintf("密码太长，最多%d个字符", longestPassword), "请缩短")
		return list
	}
	if different(password) < leastDifferent || guessable(password) {
		list.add(field, "这个密码太常见", "它在泄露过的密码表里，或者只是几个字符的重复，请换一个")
	}
	plain := bare(password)
	letters := strings.Map(func(r rune) rune { // numbers of tones do not hide a word either
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, plain)
	for _, w := range words {
		if strings.Contains(plain, w) || strings.Contains(letters, w) {
			list.add(field, "密码里有别人容易想到的词：单位、活动、地名、姓名、登录名、电话或它们的拼音", "请换一个不相干的")
			break
		}
	}
	if p.Composition && classes(password) < 3 {
		list.add(field, "密码要有大写字母、小写字母、数字、其他字符中的三种", "请补上；汉字算其他字符")
	}
	return list
}

func different(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// classes counts the classes of characters: large, small, digits, others.
func classes(s string) int {
	var has [4]bool
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			has[0] = true
		case r >= 'a' && r <= 'z':
			has[1] = true
		case r >= '0' && r <= '9':
			has[2] = true
		default:
			has[3] = true
		}
	}
	n := 0
	for _, h := range has {
		if h {
			n++
		}
	}
	return n
}

// bare is a text's letters and digits, in one form.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(s))
}

const (
	leastLatin = 4 // letters of a word that is looked for
	leastHan   = 2
)

var (
	han       = regexp.MustCompile(`\p{Han}+`)
	latin     = regexp.MustCompile(`[A-Za-z]+`)
	placeEnds = []string{"自治州", "地区", "省", "市", "区", "县", "州", "局"}
)

// wordsOf is the words of a text that a password must not contain: its Chinese
// ones, without what all such places end in, their pinyin, and its Latin ones.
func wordsOf(text string) (out []string) {
	text = norm.NFKC.String(text)
	add := func(word string) {
		if utf8.RuneCountInString(word) < leastHan {
			return
		}
		out = append(out, word)
		if p := strings.Join(pinyin.LazyPinyin(word, pinyin.NewArgs()), ""); len(p) >= leastLatin {
			out = append(out, p)
		}
	}
	for _, word := range han.FindAllString(text, -1) {
		add(word)
		for _, end := range placeEnds {
			if short, ok := strings.CutSuffix(word, end); ok {
				add(short)
			}
		}
	}
	for _, word := range latin.FindAllString(text, -1) {
		if len(word) >= leastLatin {
			out = append(out, strings.ToLower(word))
		}
	}
	return out
}

// forbidden is the words that an account's password must not contain.
func (o *Office) forbidden(ctx context.Context, a *qiaomen.Account) (out []string, err error) {
	for _, w := range contextWords {
		out = append(out, wordsOf(w)...)
	}
	names, err := o.store.Journals(ctx)
	if err != nil {
		return nil, err
	}
	err = o.read(ctx, InstallationJournal, func(v *store.View) error {
		home, err := store.One[qiaomen.Installation](v, "installation")
		if err != nil {
			return err
		}
		if home != nil {
			out = append(out, wordsOf(home.Name)...)
		}
		detail, err := detailOf(v, a.Person)
		if err != nil {
			return err
		}
		out = append(append(out, wordsOf(a.Login)...), wordsOf(detail.Name)...)
		for _, word := range []string{a.Login, detail.Phone, detail.Identity} {
			if word = bare(word); len(word) >= leastLatin {
				out = append(out, word)
			}
		}
		for _, name := range names {
			if name == InstallationJournal || name == AuditJournal {
				continue
			}
			more, err := o.campaignWords(v.In(name), name)
			if err != nil {
				return err
			}
			out = append(out, more...)
		}
		return nil
	})
	return out, err
}

// campaignWords is the names of a campaign and of its units.
func (o *Office) campaignWords(v *store.View, id string) ([]string, error) {
	c, err := store.One[qiaomen.Campaign](v, id)
	if err != nil || c == nil {
		return nil, err
	}
	rules, err := o.rulesOf(v, c.Newest())
	if err != nil {
		return nil, err
	}
	out := append(wordsOf(id), wordsOf(rules.Name)...)
	for _, u := range rules.Units {
		out = append(append(out, wordsOf(u.ID)...), wordsOf(u.Name)...)
	}
	return out, nil
}
