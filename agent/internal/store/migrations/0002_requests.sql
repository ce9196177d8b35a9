-- What people asked about records.
CREATE TABLE requests (
  id     TEXT PRIMARY KEY,
  record TEXT    NOT NULL,
  kind   TEXT    NOT NULL CHECK (kind IN ('dispute', 'exemption')),
  user   TEXT    NOT NULL, -- the system's id of who asked
  text   TEXT    NOT NULL,
  until  TEXT    NOT NULL, -- a day, or empty
  at     INTEGER NOT NULL,
  status TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX requests_user ON requests (user, at);
