CREATE TABLE IF NOT EXISTS index_meta (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    stream  TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    hash    BLOB    NOT NULL
);
CREATE TABLE IF NOT EXISTS index_event (
    seq       INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    released  INTEGER NOT NULL,
    n         INTEGER NOT NULL,
    principal TEXT    NOT NULL,
    recipient TEXT    NOT NULL,
    purpose   TEXT    NOT NULL,
    decision  TEXT    NOT NULL,
    line      BLOB    NOT NULL
);
CREATE TABLE IF NOT EXISTS index_person (
    ref TEXT    NOT NULL,
    seq INTEGER NOT NULL REFERENCES index_event (seq) ON DELETE CASCADE,
    PRIMARY KEY (ref, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS index_event_at ON index_event (at);
CREATE INDEX IF NOT EXISTS index_event_principal ON index_event (principal, purpose, seq);
CREATE INDEX IF NOT EXISTS index_event_recipient ON index_event (recipient, seq);
CREATE INDEX IF NOT EXISTS index_event_decision ON index_event (decision, seq);
CREATE INDEX IF NOT EXISTS index_person_seq ON index_person (seq);
INSERT OR IGNORE INTO index_meta VALUES (1, 1, '', 0, x'');
