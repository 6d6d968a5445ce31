-- +goose Up
-- Times are microseconds since 1970 in UTC, 0 for none. Categories are a JSON array.
CREATE TABLE outbox_cases (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    data_subject TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    opened_at    BIGINT NOT NULL
);

CREATE TABLE outbox_notices (
    id                TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    case_id           TEXT COLLATE "C" NOT NULL REFERENCES outbox_cases (id),
    data_subject      TEXT COLLATE "C" NOT NULL,
    kind              TEXT COLLATE "C" NOT NULL,
    recipient         TEXT COLLATE "C" NOT NULL,
    recipient_kind    TEXT COLLATE "C" NOT NULL,
    recipient_country TEXT COLLATE "C" NOT NULL,
    categories        TEXT COLLATE "C" NOT NULL,
    first_at          BIGINT NOT NULL,
    last_at           BIGINT NOT NULL,
    silent            BIGINT NOT NULL,
    state             TEXT COLLATE "C" NOT NULL,
    attempts          BIGINT NOT NULL,
    next_at           BIGINT NOT NULL,
    lease_at          BIGINT NOT NULL,
    reason            TEXT COLLATE "C" NOT NULL,
    reference         TEXT COLLATE "C" NOT NULL,
    decided_by        TEXT COLLATE "C" NOT NULL,
    created_at        BIGINT NOT NULL,
    changed_at        BIGINT NOT NULL,
    revision          BIGINT NOT NULL
);

CREATE INDEX outbox_notices_due ON outbox_notices (next_at, id) WHERE state IN ('pending', 'retrying');
CREATE INDEX outbox_notices_case ON outbox_notices (case_id);
CREATE INDEX outbox_notices_person ON outbox_notices (data_subject);
CREATE INDEX outbox_cases_person ON outbox_cases (data_subject);

CREATE TABLE outbox_migrations (
    version BIGINT NOT NULL PRIMARY KEY
);

INSERT INTO outbox_migrations (version) VALUES (1);
