-- +goose Up
-- Signed checkpoints, the very bytes. Rows are only ever added.
CREATE TABLE audit_anchor (
    origin TEXT    NOT NULL,
    size   INTEGER NOT NULL,
    note   BLOB    NOT NULL,
    PRIMARY KEY (origin, size)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER audit_anchor_keeps_update BEFORE UPDATE ON audit_anchor
BEGIN SELECT RAISE(ABORT, 'audit_anchor is append-only'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_anchor_keeps_delete BEFORE DELETE ON audit_anchor
BEGIN SELECT RAISE(ABORT, 'audit_anchor is append-only'); END;
-- +goose StatementEnd

CREATE TABLE audit_anchor_migrations (
    version INTEGER NOT NULL PRIMARY KEY
) STRICT;

INSERT INTO audit_anchor_migrations (version) VALUES (1);
