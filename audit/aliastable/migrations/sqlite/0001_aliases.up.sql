-- +goose Up
-- Epochs that have a key, and what proves that it is still the same.
CREATE TABLE audit_alias_epochs (
    epoch TEXT NOT NULL PRIMARY KEY,
    proof BLOB NOT NULL CHECK (length(proof) = 32)
) STRICT;

-- Random aliases. Lookup is an HMAC of class and id under the key of the epoch.
CREATE TABLE audit_aliases (
    lookup BLOB    NOT NULL PRIMARY KEY CHECK (length(lookup) = 32),
    epoch  TEXT    NOT NULL REFERENCES audit_alias_epochs (epoch),
    class  INTEGER NOT NULL CHECK (class IN (1, 2)),
    alias  BLOB    NOT NULL UNIQUE CHECK (length(alias) = 16)
) STRICT, WITHOUT ROWID;

-- Counts deletions. Caches forget when it moves.
CREATE TABLE audit_alias_state (
    one        INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    generation INTEGER NOT NULL
) STRICT;

INSERT INTO audit_alias_state (one, generation) VALUES (1, 1);

-- +goose StatementBegin
CREATE TRIGGER audit_aliases_delete AFTER DELETE ON audit_aliases
BEGIN UPDATE audit_alias_state SET generation = generation + 1; END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_aliases_update BEFORE UPDATE ON audit_aliases
BEGIN SELECT RAISE(ABORT, 'an alias does not change'); END;
-- +goose StatementEnd
-- REPLACE removes rows without asking a trigger for deletions, so what is there is left alone.
-- +goose StatementBegin
CREATE TRIGGER audit_aliases_insert BEFORE INSERT ON audit_aliases
WHEN EXISTS (SELECT 1 FROM audit_aliases WHERE lookup = NEW.lookup OR alias = NEW.alias)
BEGIN SELECT RAISE(IGNORE); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_alias_epochs_update BEFORE UPDATE ON audit_alias_epochs
BEGIN SELECT RAISE(ABORT, 'an alias does not change'); END;
-- +goose StatementEnd

CREATE TABLE audit_alias_migrations (
    version INTEGER NOT NULL PRIMARY KEY
) STRICT;

INSERT INTO audit_alias_migrations (version) VALUES (1);
