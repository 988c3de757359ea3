-- +goose Up

-- Files that were sent and that no act has named yet. Kept here for a day and
-- never copied.

CREATE TABLE working_upload (
  journal TEXT NOT NULL,
  id TEXT NOT NULL,
  unit TEXT NOT NULL,
  owner TEXT NOT NULL,
  data TEXT NOT NULL,
  weight BIGINT NOT NULL,
  PRIMARY KEY (journal, id)
);
CREATE INDEX working_upload_unit ON working_upload (journal, unit, weight);
CREATE INDEX working_upload_owner ON working_upload (journal, owner, weight);

-- +goose Down
DROP TABLE working_upload;
