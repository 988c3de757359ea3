-- +goose Up

-- Who is signed in, on which devices they did so before, and how often somebody
-- tried in vain. Kept here and never copied: a backup or a move has none of it.

CREATE TABLE working_session (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id)
);

CREATE TABLE working_device (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id)
);

CREATE TABLE working_attempt (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (journal, id)
);

CREATE INDEX working_session_owner ON working_session (journal, owner);

-- +goose Down
DROP TABLE working_session;
DROP TABLE working_device;
DROP TABLE working_attempt;
