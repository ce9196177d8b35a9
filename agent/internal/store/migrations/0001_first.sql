-- Times are microseconds since 1970 in UTC. Text that comes from the machine (paths, names)
-- is kept byte by byte: it need not be valid UTF-8.

CREATE TABLE store (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  epoch   TEXT    NOT NULL,
  created INTEGER NOT NULL,
  tidied  INTEGER NOT NULL, -- when old rows were last looked for
  base    INTEGER NOT NULL, -- the highest revision of any record forgotten since
  dropped INTEGER NOT NULL  -- outbox rows given up, ever
) STRICT;

CREATE TABLE evidence (
  id    INTEGER PRIMARY KEY,
  probe TEXT    NOT NULL,
  area  TEXT    NOT NULL,
  os    TEXT    NOT NULL,
  kind  TEXT    NOT NULL,
  value TEXT    NOT NULL,
  path  TEXT    NOT NULL,
  owner TEXT    NOT NULL,
  seen  INTEGER NOT NULL,
  mark  INTEGER NOT NULL  -- the sweep that last confirmed it
) STRICT;

CREATE TABLE attributes (
  evidence INTEGER NOT NULL,
  name     TEXT    NOT NULL,
  value    TEXT    NOT NULL,
  PRIMARY KEY (evidence, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE coverage (
  probe         TEXT    NOT NULL,
  area          TEXT    NOT NULL,
  status        TEXT    NOT NULL,
  examined      INTEGER NOT NULL,
  at            INTEGER NOT NULL,
  last_finished INTEGER,
  error         TEXT,             -- JSON
  PRIMARY KEY (probe, area)
) STRICT, WITHOUT ROWID;

CREATE TABLE records (
  id            TEXT    PRIMARY KEY,
  app           TEXT    NOT NULL,
  owner         TEXT    NOT NULL,
  state         TEXT    NOT NULL CHECK (state IN ('open', 'closed')),
  revision      INTEGER NOT NULL,
  first_seen    INTEGER NOT NULL,
  last_seen     INTEGER NOT NULL,
  closed_at     INTEGER,
  closed_reason TEXT    NOT NULL,
  body          TEXT    NOT NULL  -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  time     INTEGER NOT NULL,
  record   TEXT    NOT NULL,
  revision INTEGER NOT NULL,
  what     TEXT    NOT NULL,
  reason   TEXT    NOT NULL,
  app      TEXT    NOT NULL,
  owner    TEXT    NOT NULL,
  verdict  TEXT    NOT NULL
) STRICT;
CREATE INDEX history_record ON history (record, seq);

CREATE TABLE outbox (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  id      TEXT    NOT NULL UNIQUE,
  time    INTEGER NOT NULL,
  size    INTEGER NOT NULL,
  payload BLOB    NOT NULL  -- JSON
) STRICT;
CREATE INDEX outbox_size ON outbox (size, time); -- sums need no look at the payloads

CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
