-- +goose Up
-- The place of the last line. Writers wait for each other on this row.
CREATE TABLE audit_head (
    one    SMALLINT NOT NULL PRIMARY KEY CHECK (one = 1),
    stream TEXT     NOT NULL,
    seq    BIGINT   NOT NULL CHECK (seq >= 0),
    hash   BYTEA    NOT NULL CHECK (length(hash) = 32)
);

-- The line is what counts; the other columns are taken from it to query by. Times are microseconds since 1970 in UTC.
CREATE TABLE audit_lines (
    seq           BIGINT NOT NULL PRIMARY KEY CHECK (seq > 0),
    line          BYTEA  NOT NULL,
    id            TEXT COLLATE "C" NOT NULL,
    time_us       BIGINT NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    outcome       TEXT COLLATE "C",
    principal_ref TEXT COLLATE "C",
    recipient_id  TEXT COLLATE "C",
    purpose       TEXT COLLATE "C",
    basis         TEXT COLLATE "C",
    decision_id   TEXT COLLATE "C"
);

CREATE INDEX audit_lines_time ON audit_lines USING brin (time_us);
CREATE INDEX audit_lines_principal ON audit_lines (principal_ref, seq) WHERE principal_ref IS NOT NULL;
CREATE INDEX audit_lines_recipient ON audit_lines (recipient_id, seq) WHERE recipient_id IS NOT NULL;
CREATE INDEX audit_lines_decision ON audit_lines (decision_id, seq) WHERE decision_id IS NOT NULL;

-- The data subjects that a line names.
CREATE TABLE audit_refs (
    ref TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (ref, seq)
);

-- Manifests: lines up to a seq were pruned, and what those behind them join to.
CREATE TABLE audit_prunes (
    through  BIGINT NOT NULL PRIMARY KEY CHECK (through > 0),
    manifest TEXT   NOT NULL
);

-- +goose StatementBegin
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME IN ('audit_lines', 'audit_refs') THEN
        IF OLD.seq <= (SELECT coalesce(max(through), 0) FROM audit_prunes) THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_head' THEN
        IF NEW.seq > OLD.seq AND NEW.stream = OLD.stream THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.through < (SELECT seq FROM audit_head) AND NEW.through > (SELECT coalesce(max(through), 0) FROM audit_prunes) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit trail is append only' USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd

CREATE TRIGGER audit_lines_append_only BEFORE UPDATE OR DELETE ON audit_lines FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_lines_truncate BEFORE TRUNCATE ON audit_lines FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_refs_append_only BEFORE UPDATE OR DELETE ON audit_refs FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_refs_truncate BEFORE TRUNCATE ON audit_refs FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_head_forward BEFORE UPDATE OR DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_head_truncate BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_prunes_append_only BEFORE INSERT OR UPDATE OR DELETE ON audit_prunes FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_prunes_truncate BEFORE TRUNCATE ON audit_prunes FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();

CREATE TABLE audit_migrations (
    version BIGINT NOT NULL PRIMARY KEY
);

INSERT INTO audit_migrations (version) VALUES (1);
