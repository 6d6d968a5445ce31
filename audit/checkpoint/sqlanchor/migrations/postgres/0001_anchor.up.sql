-- +goose Up
-- Signed checkpoints, the very bytes. Rows are only ever added. Give the trail's account INSERT and SELECT, no more.
CREATE TABLE audit_anchor (
    origin TEXT COLLATE "C" NOT NULL,
    size   BIGINT NOT NULL,
    note   BYTEA  NOT NULL,
    PRIMARY KEY (origin, size)
);

-- +goose StatementBegin
CREATE FUNCTION audit_anchor_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'audit_anchor is append-only'; END $$;
-- +goose StatementEnd

CREATE TRIGGER audit_anchor_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_anchor
    FOR EACH STATEMENT EXECUTE FUNCTION audit_anchor_keeps();

CREATE TABLE audit_anchor_migrations (
    version BIGINT NOT NULL PRIMARY KEY
);

INSERT INTO audit_anchor_migrations (version) VALUES (1);
