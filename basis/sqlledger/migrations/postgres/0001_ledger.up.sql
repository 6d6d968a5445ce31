-- +goose Up
-- Times are microseconds since 1970 in UTC. Rows of basis_events are only ever added, or removed when
-- a person is erased.
CREATE TABLE basis_events (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    data_subject TEXT COLLATE "C" NOT NULL,
    valid_at     BIGINT NOT NULL,
    recorded_at  BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    body         TEXT   NOT NULL,
    UNIQUE (data_subject, recorded_at)
);

-- One row per person: how many events there are and when the latest was recorded. The tag is a random
-- number that changes when events are removed. Writers of a person wait for each other on its row.
CREATE TABLE basis_heads (
    data_subject TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tag          BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    recorded_at  BIGINT NOT NULL
);

CREATE TABLE basis_migrations (
    version BIGINT NOT NULL PRIMARY KEY
);

INSERT INTO basis_migrations (version) VALUES (1);
