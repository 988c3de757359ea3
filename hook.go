package qiaomen

// A Webhook sends what happens in a campaign to another system (事件推送), in the
// name of a person who may read it. Of where it goes only the host stands here:
// the rest of an address is often a key, and the journal forgets nothing.
type Webhook struct {
	ID       string   `json:"id,omitzero"`
	Person   string   `json:"person,omitzero"`
	Account  string   `json:"account,omitzero"`
	Campaign string   `json:"campaign,omitzero"`
	Name     string   `json:"name,omitzero"`   // what it is for
	Host     string   `json:"host,omitzero"`   // with its port
	Events   []string `json:"events,omitzero"` // that it sends; empty: all
	MadeAt   string   `json:"made_at,omitzero"`
	State    State    `json:"state,omitzero"`
}

// Table is where webhooks stand; address, secret and how far each is are no
// matter of the journal and stand apart.
func (*Webhook) Table() string { return "webhook" }

// Row is by id, looked for by person.
func (h *Webhook) Row() Row { return Row{ID: h.ID, State: string(h.State), Key: h.Person} }

// WebhookMade: what happens in a campaign is sent to another system from now on.
type WebhookMade struct {
	Webhook Webhook `json:"webhook,omitzero"`
}

// WebhookEnded: no longer.
type WebhookEnded struct {
	ID string `json:"id,omitzero"`
}

func init() {
	event[WebhookMade](1)
	event[WebhookEnded](1)
}

func (e *WebhookMade) apply(l Ledger, s Stamp) error {
	h := e.Webhook
	h.State, h.MadeAt = Active, s.At
	return l.Put(&h)
}

func (e *WebhookEnded) apply(l Ledger, _ Stamp) error {
	return change(l, e.ID, done(func(h *Webhook) { h.State = Ended }))
}
