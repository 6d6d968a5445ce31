-- +goose Up
-- The place of the last line.
CREATE TABLE audit_head (
    one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    stream TEXT    NOT NULL,
    seq    INTEGER NOT NULL CHECK (seq >= 0),
    hash   BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- The line is what counts; the other columns are taken from it to query by. Times are microseconds since 1970 in UTC.
CREATE TABLE audit_lines (
    seq           INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
    line          BLOB    NOT NULL,
    id            TEXT    NOT NULL,
    time_us       INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    outcome       TEXT,
    principal_ref TEXT,
    recipient_id  TEXT,
    purpose       TEXT,
    basis         TEXT,
    decision_id   TEXT
) STRICT;

CREATE INDEX audit_lines_time ON audit_lines (time_us);
CREATE INDEX audit_lines_principal ON audit_lines (principal_ref, seq) WHERE principal_ref IS NOT NULL;
CREATE INDEX audit_lines_recipient ON audit_lines (recipient_id, seq) WHERE recipient_id IS NOT NULL;
CREATE INDEX audit_lines_decision ON audit_lines (decision_id, seq) WHERE decision_id IS NOT NULL;

-- The data subjects that a line names.
CREATE TABLE audit_refs (
    ref TEXT    NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (ref, seq)
) STRICT, WITHOUT ROWID;

-- Manifests: lines up to a seq were pruned, and what those behind them join to.
CREATE TABLE audit_prunes (
    through  INTEGER NOT NULL PRIMARY KEY CHECK (through > 0),
    manifest TEXT    NOT NULL
) STRICT;

-- REPLACE removes rows without asking a trigger for deletions, so what is there is also kept from being inserted.
-- +goose StatementBegin
CREATE TRIGGER audit_lines_insert BEFORE INSERT ON audit_lines
WHEN EXISTS (SELECT 1 FROM audit_lines WHERE seq = NEW.seq) OR NEW.seq <= (SELECT coalesce(max(through), 0) FROM audit_prunes)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_lines_update BEFORE UPDATE ON audit_lines
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_lines_delete BEFORE DELETE ON audit_lines
WHEN OLD.seq > (SELECT coalesce(max(through), 0) FROM audit_prunes)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_refs_update BEFORE UPDATE ON audit_refs
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_refs_delete BEFORE DELETE ON audit_refs
WHEN OLD.seq > (SELECT coalesce(max(through), 0) FROM audit_prunes)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_head_insert BEFORE INSERT ON audit_head
WHEN EXISTS (SELECT 1 FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_head_update BEFORE UPDATE ON audit_head
WHEN NEW.seq <= OLD.seq OR NEW.stream <> OLD.stream
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_head_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_prunes_insert BEFORE INSERT ON audit_prunes
WHEN NEW.through >= (SELECT seq FROM audit_head) OR NEW.through <= (SELECT coalesce(max(through), 0) FROM audit_prunes)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_prunes_update BEFORE UPDATE ON audit_prunes
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_prunes_delete BEFORE DELETE ON audit_prunes
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
-- +goose StatementEnd

CREATE TABLE audit_migrations (
    version INTEGER NOT NULL PRIMARY KEY
) STRICT;

INSERT INTO audit_migrations (version) VALUES (1);
