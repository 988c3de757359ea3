-- +goose Up

-- What is sent to other systems: who had it sent where, and, not journalled, how
-- far each of them is.

CREATE TABLE webhook (
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
CREATE UNIQUE INDEX webhook_now ON webhook (journal, id) WHERE ended IS NULL;
CREATE INDEX webhook_key ON webhook (journal, key) WHERE ended IS NULL;

CREATE TABLE working_webhook (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id)
);

-- +goose Down
DROP TABLE webhook;
DROP TABLE working_webhook;
