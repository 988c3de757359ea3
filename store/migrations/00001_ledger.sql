-- +goose Up

-- The journals: entries as they were sealed, the digests of their trees, and
-- how far each of them is.
CREATE TABLE journal (
  journal TEXT PRIMARY KEY,
  size BIGINT NOT NULL,
  at TEXT NOT NULL
);
CREATE TABLE entry (
  journal TEXT NOT NULL,
  position BIGINT NOT NULL,
  leaf TEXT NOT NULL,
  PRIMARY KEY (journal, position)
);
CREATE TABLE hash (
  journal TEXT NOT NULL,
  idx BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (journal, idx)
);

-- Which entries an act made, by the idempotency key of who did it.
CREATE TABLE act (
  journal TEXT NOT NULL,
  person TEXT NOT NULL,
  key TEXT NOT NULL,
  first BIGINT NOT NULL,
  last BIGINT NOT NULL,
  PRIMARY KEY (journal, person, key)
);

-- The journalled rows: one table for each noun, all of one shape. A row is made
-- by the entry at position made and ended by the one at ended; none is deleted.

CREATE TABLE campaign (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX campaign_now ON campaign (journal, id) WHERE ended IS NULL;
CREATE INDEX campaign_key ON campaign (journal, key, id) WHERE ended IS NULL;

CREATE TABLE rules (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX rules_now ON rules (journal, id) WHERE ended IS NULL;
CREATE INDEX rules_key ON rules (journal, key, id) WHERE ended IS NULL;

CREATE TABLE unit (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX unit_now ON unit (journal, id) WHERE ended IS NULL;
CREATE INDEX unit_key ON unit (journal, key, id) WHERE ended IS NULL;

CREATE TABLE announcement (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX announcement_now ON announcement (journal, id) WHERE ended IS NULL;
CREATE INDEX announcement_key ON announcement (journal, key, id) WHERE ended IS NULL;

CREATE TABLE company (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX company_now ON company (journal, id) WHERE ended IS NULL;
CREATE INDEX company_key ON company (journal, key, id) WHERE ended IS NULL;

CREATE TABLE record (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX record_now ON record (journal, id) WHERE ended IS NULL;

CREATE TABLE claim (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE INDEX claim_key ON claim (journal, key, id) WHERE ended IS NULL;

CREATE TABLE claims (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);

CREATE TABLE settlement (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX settlement_now ON settlement (journal, id) WHERE ended IS NULL;
CREATE INDEX settlement_key ON settlement (journal, key, id) WHERE ended IS NULL;

CREATE TABLE evidence (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX evidence_now ON evidence (journal, id) WHERE ended IS NULL;
CREATE INDEX evidence_key ON evidence (journal, key, id) WHERE ended IS NULL;

CREATE TABLE figure (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX figure_now ON figure (journal, id) WHERE ended IS NULL;
CREATE INDEX figure_key ON figure (journal, key, id) WHERE ended IS NULL;

CREATE TABLE statistics_list (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX statistics_list_now ON statistics_list (journal, id) WHERE ended IS NULL;
CREATE INDEX statistics_list_key ON statistics_list (journal, key, id) WHERE ended IS NULL;

CREATE TABLE fulfilment (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX fulfilment_now ON fulfilment (journal, id) WHERE ended IS NULL;
CREATE INDEX fulfilment_key ON fulfilment (journal, key, id) WHERE ended IS NULL;

CREATE TABLE urging (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX urging_now ON urging (journal, id) WHERE ended IS NULL;
CREATE INDEX urging_key ON urging (journal, key, id) WHERE ended IS NULL;

CREATE TABLE extension (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX extension_now ON extension (journal, id) WHERE ended IS NULL;
CREATE INDEX extension_key ON extension (journal, key, id) WHERE ended IS NULL;

CREATE TABLE proposal (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX proposal_now ON proposal (journal, id) WHERE ended IS NULL;
CREATE INDEX proposal_key ON proposal (journal, key, id) WHERE ended IS NULL;

CREATE TABLE paper_decision (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX paper_decision_now ON paper_decision (journal, id) WHERE ended IS NULL;
CREATE INDEX paper_decision_key ON paper_decision (journal, key, id) WHERE ended IS NULL;

CREATE TABLE objection (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX objection_now ON objection (journal, id) WHERE ended IS NULL;
CREATE INDEX objection_key ON objection (journal, key, id) WHERE ended IS NULL;

CREATE TABLE opinion (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX opinion_now ON opinion (journal, id) WHERE ended IS NULL;
CREATE INDEX opinion_key ON opinion (journal, key, id) WHERE ended IS NULL;

CREATE TABLE adjustment (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX adjustment_now ON adjustment (journal, id) WHERE ended IS NULL;
CREATE INDEX adjustment_key ON adjustment (journal, key, id) WHERE ended IS NULL;

CREATE TABLE month (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX month_now ON month (journal, id) WHERE ended IS NULL;
CREATE INDEX month_key ON month (journal, key, id) WHERE ended IS NULL;

CREATE TABLE ranking (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX ranking_now ON ranking (journal, id) WHERE ended IS NULL;
CREATE INDEX ranking_key ON ranking (journal, key, id) WHERE ended IS NULL;

CREATE TABLE notice (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX notice_now ON notice (journal, id) WHERE ended IS NULL;
CREATE INDEX notice_key ON notice (journal, key, id) WHERE ended IS NULL;

CREATE TABLE installation (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX installation_now ON installation (journal, id) WHERE ended IS NULL;
CREATE INDEX installation_key ON installation (journal, key, id) WHERE ended IS NULL;

CREATE TABLE person (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX person_now ON person (journal, id) WHERE ended IS NULL;
CREATE INDEX person_key ON person (journal, key, id) WHERE ended IS NULL;

CREATE TABLE account (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX account_now ON account (journal, id) WHERE ended IS NULL;
CREATE INDEX account_key ON account (journal, key, id) WHERE ended IS NULL;

CREATE TABLE "grant" (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX grant_now ON "grant" (journal, id) WHERE ended IS NULL;
CREATE INDEX grant_key ON "grant" (journal, key, id) WHERE ended IS NULL;

CREATE TABLE policy (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX policy_now ON policy (journal, id) WHERE ended IS NULL;
CREATE INDEX policy_key ON policy (journal, key, id) WHERE ended IS NULL;

CREATE TABLE token (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  made BIGINT NOT NULL,
  ended BIGINT,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  key TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id, made)
);
CREATE UNIQUE INDEX token_now ON token (journal, id) WHERE ended IS NULL;
CREATE INDEX token_key ON token (journal, key, id) WHERE ended IS NULL;

CREATE INDEX record_list ON record (journal, unit, kind, state, key, id, made) WHERE ended IS NULL;
CREATE INDEX record_unit ON record (journal, unit, id) WHERE ended IS NULL;
CREATE INDEX proposal_list ON proposal (journal, state) WHERE ended IS NULL;

-- One thing, one holder: the belt to the braces of the deciding transaction.
CREATE UNIQUE INDEX claim_holder ON claim (journal, key) WHERE ended IS NULL AND state = 'held';

-- Which records were typed from the paper of a receipt number: made from
-- record, again and again.
CREATE TABLE paper_number (
  journal TEXT NOT NULL,
  record TEXT NOT NULL,
  number TEXT NOT NULL,
  PRIMARY KEY (journal, record)
);
CREATE INDEX paper_number_of ON paper_number (journal, number, record);

-- The working tables: what is not sealed. Drafts, personal data, secrets,
-- what was asked under a key, signed checkpoints. Never scored; copied by
-- backup and by a move.

CREATE TABLE working_draft (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id)
);

CREATE TABLE working_personal (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id)
);

CREATE TABLE working_detail (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id)
);

CREATE TABLE working_secret (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id)
);

CREATE TABLE working_request (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id)
);

CREATE TABLE working_checkpoint (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id)
);

CREATE TABLE working_job (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id)
);

CREATE INDEX working_draft_unit ON working_draft (journal, unit);
CREATE INDEX working_detail_owner ON working_detail (journal, owner);

-- +goose Down

DROP TABLE journal;
DROP TABLE entry;
DROP TABLE hash;
DROP TABLE act;
DROP TABLE paper_number;
DROP TABLE campaign;
DROP TABLE rules;
DROP TABLE unit;
DROP TABLE announcement;
DROP TABLE company;
DROP TABLE record;
DROP TABLE claim;
DROP TABLE claims;
DROP TABLE settlement;
DROP TABLE evidence;
DROP TABLE figure;
DROP TABLE statistics_list;
DROP TABLE fulfilment;
DROP TABLE urging;
DROP TABLE extension;
DROP TABLE proposal;
DROP TABLE paper_decision;
DROP TABLE objection;
DROP TABLE opinion;
DROP TABLE adjustment;
DROP TABLE month;
DROP TABLE ranking;
DROP TABLE notice;
DROP TABLE installation;
DROP TABLE person;
DROP TABLE account;
DROP TABLE "grant";
DROP TABLE policy;
DROP TABLE token;
DROP TABLE working_draft;
DROP TABLE working_personal;
DROP TABLE working_detail;
DROP TABLE working_secret;
DROP TABLE working_request;
DROP TABLE working_checkpoint;
DROP TABLE working_job;
