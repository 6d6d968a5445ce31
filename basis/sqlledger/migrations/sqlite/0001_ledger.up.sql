-- +goose Up
-- Times are microseconds since 1970 in UTC. Rows of basis_events are only ever added, or removed when
-- a person is erased.
CREATE TABLE basis_events (
    id           TEXT    NOT NULL PRIMARY KEY,
    data_subject TEXT    NOT NULL,
    valid_at     INTEGER NOT NULL,
    recorded_at  INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    UNIQUE (data_subject, recorded_at)
) STRICT;

-- One row per person: how many events there are and when the latest was recorded. The tag is a random
-- number that changes when events are removed.
CREATE TABLE basis_heads (
    data_subject TEXT    NOT NULL PRIMARY KEY,
    tag          INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    recorded_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE basis_migrations (
    version INTEGER NOT NULL PRIMARY KEY
) STRICT;

INSERT INTO basis_migrations (version) VALUES (1);
