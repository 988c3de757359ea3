package qiaomen

// Nouns is an empty one of each noun, by table: everything that the journal
// keeps rows of. A store has a table for each, and for nothing else of it.
func Nouns() []Noun {
	return []Noun{
		&Campaign{}, &RuleBook{}, &LedgerUnit{}, &Announcement{}, &Company{},
		&LedgerRecord{}, &Claim{}, &Claims{}, &Settlement{}, &EvidenceFile{},
		&LedgerFigure{}, &StatisticsList{},
		&Fulfilment{}, &Urging{}, &Extension{},
		&Proposal{}, &PaperDecision{}, &Objection{}, &Opinion{}, &Adjustment{},
		&Month{}, &LedgerRanking{}, &Notice{},
		&Installation{}, &Person{}, &Account{}, &Grant{}, &Policy{}, &Token{}, &Webhook{},
	}
}
