-- +goose Up
-- Times are microseconds since 1970 in UTC, 0 for none. Categories are a JSON array.
CREATE TABLE outbox_cases (
    id           TEXT    NOT NULL PRIMARY KEY,
    data_subject TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    opened_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox_notices (
    id                TEXT    NOT NULL PRIMARY KEY,
    case_id           TEXT    NOT NULL REFERENCES outbox_cases (id),
    data_subject      TEXT    NOT NULL,
    kind              TEXT    NOT NULL,
    recipient         TEXT    NOT NULL,
    recipient_kind    TEXT    NOT NULL,
    recipient_country TEXT    NOT NULL,
    categories        TEXT    NOT NULL,
    first_at          INTEGER NOT NULL,
    last_at           INTEGER NOT NULL,
    silent            INTEGER NOT NULL,
    state             TEXT    NOT NULL,
    attempts          INTEGER NOT NULL,
    next_at           INTEGER NOT NULL,
    lease_at          INTEGER NOT NULL,
    reason            TEXT    NOT NULL,
    reference         TEXT    NOT NULL,
    decided_by        TEXT    NOT NULL,
    created_at        INTEGER NOT NULL,
    changed_at        INTEGER NOT NULL,
    revision          INTEGER NOT NULL
) STRICT;

CREATE INDEX outbox_notices_due ON outbox_notices (next_at, id) WHERE state IN ('pending', 'retrying');
CREATE INDEX outbox_notices_case ON outbox_notices (case_id);
CREATE INDEX outbox_notices_person ON outbox_notices (data_subject);
CREATE INDEX outbox_cases_person ON outbox_cases (data_subject);

CREATE TABLE outbox_migrations (
    version INTEGER NOT NULL PRIMARY KEY
) STRICT;

INSERT INTO outbox_migrations (version) VALUES (1);
