-- A store of schema version 1 as it was released. Never edit: it proves that old stores still open.
PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE Appends (
    first_id       INTEGER PRIMARY KEY,
    first_arrival  INTEGER NOT NULL,
    count          INTEGER NOT NULL,
    received_min   INTEGER NOT NULL,
    received_max   INTEGER NOT NULL,
    timestamp_min  INTEGER NOT NULL,
    timestamp_max  INTEGER NOT NULL
);
INSERT INTO "Appends" VALUES(0,1,2,639311040000000000,639311040000000000,639311040000000000,639311040000000010);
INSERT INTO "Appends" VALUES(1407374883553287,3,1,639311040000000000,639311040000000000,639311040000000020,639311040000000020);
CREATE TABLE Counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "Counters" VALUES('next_arrival',4);
CREATE TABLE Events (
    arrival           INTEGER PRIMARY KEY,
    id                INTEGER NOT NULL,
    tenant            INTEGER NOT NULL DEFAULT 0,
    timestamp         INTEGER NOT NULL,
    fraction_digits   INTEGER NOT NULL,
    level             INTEGER NOT NULL,
    received          INTEGER NOT NULL,
    checksum          INTEGER NOT NULL,
    api_key           TEXT,
    message           TEXT,
    message_template  TEXT,
    exception         TEXT,
    trace_id          TEXT,
    span_id           TEXT,
    source            TEXT,
    host              TEXT,
    environment       TEXT,
    category          TEXT,
    body              TEXT,
    headers           TEXT,
    properties        TEXT
);
INSERT INTO "Events" VALUES(1,0,0,639311040000000000,7,3,639311040000000000,4782759772336244718,'key-1','first event',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "Events" VALUES(2,1,0,639311040000000010,7,2,639311040000000000,-5343754065441519157,'key-1','größe 😀',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"n":1.50,"big":12345678901234567890}');
INSERT INTO "Events" VALUES(3,1407374883553287,0,639311040000000020,7,2,639311040000000000,6936410901805377543,NULL,'after seven dead letters',NULL,NULL,'0af7651916cd43dd8448eb211c80319c',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE Positions (
    spool      INTEGER NOT NULL REFERENCES Spools (number),
    partition  INTEGER NOT NULL,
    sequence   INTEGER NOT NULL,
    idx        INTEGER NOT NULL,
    ordinal    INTEGER NOT NULL,
    checksum   INTEGER NOT NULL,
    PRIMARY KEY (spool, partition)
) WITHOUT ROWID;
INSERT INTO "Positions" VALUES(0,0,1,2,2,-81985529216486896);
INSERT INTO "Positions" VALUES(0,5,3,1,8,-5);
CREATE TABLE SchemaVersions (version INTEGER PRIMARY KEY, description TEXT NOT NULL, applied TEXT NOT NULL);
INSERT INTO "SchemaVersions" VALUES(1,'events, positions and their indexes','2026-11-24T09:20:31Z');
CREATE TABLE Spools (
    number    INTEGER PRIMARY KEY,
    spool_id  TEXT    NOT NULL UNIQUE,
    tenant    INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "Spools" VALUES(0,'0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b',0);
CREATE INDEX Events_Time ON Events (timestamp, id, level);
CREATE INDEX Events_Severe ON Events (timestamp, id, level) WHERE level >= 3;
CREATE INDEX Events_Trace ON Events (arrival >> 16, substr(trace_id, 1, 8)) WHERE trace_id IS NOT NULL;
CREATE VIEW EventsReadable AS SELECT
    arrival,
    s.spool_id,
    (e.id >> 48) & 63 AS partition,
    e.id & 281474976710655 AS ordinal,
    strftime('%Y-%m-%dT%H:%M:%S', (timestamp - 621355968000000000) / 10000000, 'unixepoch')
        || CASE fraction_digits WHEN 0 THEN '' ELSE '.' || substr(printf('%07d', timestamp % 10000000), 1, fraction_digits) END
        || 'Z' AS timestamp,
    CASE level WHEN 0 THEN 'Trace' WHEN 1 THEN 'Debug' WHEN 2 THEN 'Information' WHEN 3 THEN 'Warning' WHEN 4 THEN 'Error'
        ELSE 'Critical' END AS level,
    message, message_template, exception, trace_id, span_id, source, host, environment, category, body, headers, properties,
    strftime('%Y-%m-%dT%H:%M:%S', (received - 621355968000000000) / 10000000, 'unixepoch')
        || '.' || printf('%07d', received % 10000000) || 'Z' AS received_at,
    api_key
FROM Events e JOIN Spools s ON s.number = e.id >> 54;
COMMIT;
