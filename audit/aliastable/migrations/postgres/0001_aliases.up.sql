-- +goose Up
-- Epochs that have a key, and what proves that it is still the same.
CREATE TABLE audit_alias_epochs (
    epoch TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    proof BYTEA NOT NULL CHECK (length(proof) = 32)
);

-- Random aliases. Lookup is an HMAC of class and id under the key of the epoch.
CREATE TABLE audit_aliases (
    lookup BYTEA NOT NULL PRIMARY KEY CHECK (length(lookup) = 32),
    epoch  TEXT COLLATE "C" NOT NULL REFERENCES audit_alias_epochs (epoch),
    class  SMALLINT NOT NULL CHECK (class IN (1, 2)),
    alias  BYTEA NOT NULL UNIQUE CHECK (length(alias) = 16)
);

-- Counts deletions. Caches forget when it moves.
CREATE TABLE audit_alias_state (
    one        SMALLINT NOT NULL PRIMARY KEY CHECK (one = 1),
    generation BIGINT NOT NULL
);

INSERT INTO audit_alias_state (one, generation) VALUES (1, 1);

-- +goose StatementBegin
CREATE FUNCTION audit_alias_deleted() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE audit_alias_state SET generation = generation + 1;
    RETURN NULL;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION audit_alias_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an alias does not change' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd

CREATE TRIGGER audit_aliases_delete AFTER DELETE ON audit_aliases FOR EACH STATEMENT EXECUTE FUNCTION audit_alias_deleted();
CREATE TRIGGER audit_aliases_truncate AFTER TRUNCATE ON audit_aliases FOR EACH STATEMENT EXECUTE FUNCTION audit_alias_deleted();
CREATE TRIGGER audit_aliases_update BEFORE UPDATE ON audit_aliases FOR EACH ROW EXECUTE FUNCTION audit_alias_kept();
CREATE TRIGGER audit_alias_epochs_update BEFORE UPDATE ON audit_alias_epochs FOR EACH ROW EXECUTE FUNCTION audit_alias_kept();

CREATE TABLE audit_alias_migrations (
    version BIGINT NOT NULL PRIMARY KEY
);

INSERT INTO audit_alias_migrations (version) VALUES (1);
