-- A store of schema version 1 as it was released. Never edit: it proves that old stores still open.
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
CREATE FUNCTION public.event_text(bytea) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
    SELECT CASE WHEN position('\x00'::bytea IN $1) > 0 THEN encode($1, 'escape') ELSE convert_from($1, 'UTF8') END
$_$;
CREATE TABLE public.appends (
    first_arrival bigint NOT NULL,
    count integer NOT NULL,
    day date NOT NULL,
    spool uuid NOT NULL,
    first_id bigint NOT NULL
);
CREATE TABLE public.arrivals (
    singleton boolean DEFAULT true NOT NULL,
    next bigint NOT NULL,
    CONSTRAINT arrivals_singleton_check CHECK (singleton)
)
WITH (fillfactor='10');
CREATE TABLE public.day_counts (
    day date NOT NULL,
    spool uuid NOT NULL,
    api_key bytea NOT NULL,
    events bigint NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE public.days (
    day date NOT NULL,
    events bigint DEFAULT 0 NOT NULL,
    timestamp_min bigint,
    timestamp_max bigint,
    has_text boolean NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE public.events (
    "timestamp" bigint NOT NULL,
    received bigint NOT NULL,
    id bigint NOT NULL,
    checksum bigint NOT NULL,
    spool uuid NOT NULL,
    day date NOT NULL,
    level smallint NOT NULL,
    fraction_digits smallint NOT NULL,
    opaque boolean NOT NULL,
    api_key bytea,
    message bytea,
    message_template bytea,
    exception bytea,
    trace_id bytea,
    span_id bytea,
    source bytea,
    host bytea,
    environment bytea,
    category bytea,
    body bytea,
    headers bytea,
    properties bytea,
    property_index jsonb,
    text_index text
)
PARTITION BY RANGE (day);
CREATE TABLE public.events_20261123 (
    "timestamp" bigint NOT NULL,
    received bigint NOT NULL,
    id bigint NOT NULL,
    checksum bigint NOT NULL,
    spool uuid NOT NULL,
    day date NOT NULL,
    level smallint NOT NULL,
    fraction_digits smallint NOT NULL,
    opaque boolean NOT NULL,
    api_key bytea,
    message bytea,
    message_template bytea,
    exception bytea,
    trace_id bytea,
    span_id bytea,
    source bytea,
    host bytea,
    environment bytea,
    category bytea,
    body bytea,
    headers bytea,
    properties bytea,
    property_index jsonb,
    text_index text,
    CONSTRAINT events_20261123_day_check CHECK ((day = '2026-11-23'::date))
);
CREATE TABLE public.events_20261124 (
    "timestamp" bigint NOT NULL,
    received bigint NOT NULL,
    id bigint NOT NULL,
    checksum bigint NOT NULL,
    spool uuid NOT NULL,
    day date NOT NULL,
    level smallint NOT NULL,
    fraction_digits smallint NOT NULL,
    opaque boolean NOT NULL,
    api_key bytea,
    message bytea,
    message_template bytea,
    exception bytea,
    trace_id bytea,
    span_id bytea,
    source bytea,
    host bytea,
    environment bytea,
    category bytea,
    body bytea,
    headers bytea,
    properties bytea,
    property_index jsonb,
    text_index text,
    CONSTRAINT events_20261124_day_check CHECK ((day = '2026-11-24'::date))
);
CREATE VIEW public.events_readable AS
 SELECT events.spool,
    (events.id >> 48) AS partition,
    (events.id & '281474976710655'::bigint) AS ordinal,
    (('0001-01-01 00:00:00'::timestamp without time zone + make_interval(secs => ((events."timestamp" / 10000000))::double precision)) + make_interval(secs => ((((events."timestamp" % (10000000)::bigint))::numeric / '10000000'::numeric))::double precision)) AS "timestamp",
    (ARRAY['Trace'::text, 'Debug'::text, 'Information'::text, 'Warning'::text, 'Error'::text, 'Critical'::text])[(events.level + 1)] AS level,
    public.event_text(events.message) AS message,
    public.event_text(events.message_template) AS message_template,
    public.event_text(events.exception) AS exception,
    public.event_text(events.trace_id) AS trace_id,
    public.event_text(events.span_id) AS span_id,
    public.event_text(events.source) AS source,
    public.event_text(events.host) AS host,
    public.event_text(events.environment) AS environment,
    public.event_text(events.category) AS category,
    public.event_text(events.body) AS body,
    public.event_text(events.headers) AS headers,
    events.property_index AS properties,
    (('0001-01-01 00:00:00'::timestamp without time zone + make_interval(secs => ((events.received / 10000000))::double precision)) + make_interval(secs => ((((events.received % (10000000)::bigint))::numeric / '10000000'::numeric))::double precision)) AS received_at,
    public.event_text(events.api_key) AS api_key
   FROM public.events;
CREATE TABLE public.expired (
    spool uuid NOT NULL,
    api_key bytea NOT NULL,
    events bigint NOT NULL
);
CREATE TABLE public.lease (
    singleton boolean DEFAULT true NOT NULL,
    host text NOT NULL,
    process integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    CONSTRAINT lease_singleton_check CHECK (singleton)
);
CREATE TABLE public.positions (
    spool uuid NOT NULL,
    partition smallint NOT NULL,
    sequence bigint NOT NULL,
    idx integer NOT NULL,
    ordinal bigint NOT NULL,
    checksum bigint NOT NULL
)
WITH (fillfactor='50');
CREATE TABLE public.schemaversions (
    version integer NOT NULL,
    description text NOT NULL,
    applied timestamp with time zone NOT NULL
);
ALTER TABLE ONLY public.events ATTACH PARTITION public.events_20261123 FOR VALUES FROM ('2026-11-23') TO ('2026-11-24');
ALTER TABLE ONLY public.events ATTACH PARTITION public.events_20261124 FOR VALUES FROM ('2026-11-24') TO ('2026-11-25');
INSERT INTO public.appends VALUES (1, 2, '2026-11-24', '0199e0a4-7c1f-7a55-9c3e-2f6d1b8a4c10', 0);
INSERT INTO public.appends VALUES (3, 1, '2026-11-23', '0199e0a4-7c1f-7a55-9c3e-2f6d1b8a4c10', 844424930131968);
INSERT INTO public.arrivals VALUES (true, 4);
INSERT INTO public.day_counts VALUES ('2026-11-24', '0199e0a4-7c1f-7a55-9c3e-2f6d1b8a4c10', '\x6b65792d31', 2);
INSERT INTO public.day_counts VALUES ('2026-11-23', '0199e0a4-7c1f-7a55-9c3e-2f6d1b8a4c10', '\x', 1);
INSERT INTO public.days VALUES ('2026-11-24', 2, 639311040000000000, 639311040000000005, false);
INSERT INTO public.days VALUES ('2026-11-23', 1, 639311039999999993, 639311039999999993, false);
INSERT INTO public.events_20261123 VALUES (639311039999999993, 639310176000000000, 844424930131968, 4455978581509978549, '0199e0a4-7c1f-7a55-9c3e-2f6d1b8a4c10', '2026-11-23', 0, 7, false, NULL, '\x7468697264', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.events_20261124 VALUES (639311040000000000, 639311040000000000, 0, 1363717591661096736, '0199e0a4-7c1f-7a55-9c3e-2f6d1b8a4c10', '2026-11-24', 2, 7, false, '\x6b65792d31', '\x6669727374', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x7b226e223a312e35302c226772c3b6c39f65223a22c3bc227d', '{"n": 1.50, "größe": "ü"}', NULL);
INSERT INTO public.events_20261124 VALUES (639311040000000005, 639311040000000000, 1, -2798887079746940438, '0199e0a4-7c1f-7a55-9c3e-2f6d1b8a4c10', '2026-11-24', 4, 7, true, '\x6b65792d31', '\x6f64642000', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '\x7b226e223a312c2278223a225c7530303030227d', NULL, NULL);
INSERT INTO public.positions VALUES ('0199e0a4-7c1f-7a55-9c3e-2f6d1b8a4c10', 0, 1, 2, 2, -81985529216486896);
INSERT INTO public.positions VALUES ('0199e0a4-7c1f-7a55-9c3e-2f6d1b8a4c10', 3, 1, 1, 1, -81985529216486896);
INSERT INTO public.schemaversions VALUES (1, 'events by day, positions, arrivals and their indexes', '2026-11-24 12:26:53.401667+00');
ALTER TABLE ONLY public.appends
    ADD CONSTRAINT appends_pkey PRIMARY KEY (first_arrival);
ALTER TABLE ONLY public.arrivals
    ADD CONSTRAINT arrivals_pkey PRIMARY KEY (singleton);
ALTER TABLE ONLY public.day_counts
    ADD CONSTRAINT day_counts_pkey PRIMARY KEY (day, spool, api_key);
ALTER TABLE ONLY public.days
    ADD CONSTRAINT days_pkey PRIMARY KEY (day);
ALTER TABLE ONLY public.expired
    ADD CONSTRAINT expired_pkey PRIMARY KEY (spool, api_key);
ALTER TABLE ONLY public.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (singleton);
ALTER TABLE ONLY public.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (spool, partition);
ALTER TABLE ONLY public.schemaversions
    ADD CONSTRAINT schemaversions_pkey PRIMARY KEY (version);
CREATE INDEX appends_day ON public.appends USING btree (day, first_arrival);
CREATE UNIQUE INDEX appends_id ON public.appends USING btree (spool, first_id);
CREATE INDEX events_properties ON ONLY public.events USING gin (property_index jsonb_path_ops);
CREATE INDEX events_20261123_property_index_idx ON public.events_20261123 USING gin (property_index jsonb_path_ops);
CREATE INDEX events_id ON ONLY public.events USING btree (spool, id);
CREATE INDEX events_20261123_spool_id_idx ON public.events_20261123 USING btree (spool, id);
CREATE INDEX events_blocks ON ONLY public.events USING brin ("timestamp") WITH (autosummarize='on');
CREATE INDEX events_20261123_timestamp_idx ON public.events_20261123 USING brin ("timestamp") WITH (autosummarize='on');
CREATE INDEX events_opaque ON ONLY public.events USING btree ("timestamp") WHERE opaque;
CREATE INDEX events_20261123_timestamp_idx1 ON public.events_20261123 USING btree ("timestamp") WHERE opaque;
CREATE INDEX events_time ON ONLY public.events USING btree ("timestamp", spool, id) INCLUDE (level, day);
CREATE INDEX events_20261123_timestamp_spool_id_level_day_idx ON public.events_20261123 USING btree ("timestamp", spool, id) INCLUDE (level, day);
CREATE INDEX events_severe ON ONLY public.events USING btree ("timestamp", spool, id) INCLUDE (level, day) WHERE (level >= 3);
CREATE INDEX events_20261123_timestamp_spool_id_level_day_idx1 ON public.events_20261123 USING btree ("timestamp", spool, id) INCLUDE (level, day) WHERE (level >= 3);
CREATE INDEX events_trace ON ONLY public.events USING brin (trace_id bytea_bloom_ops) WITH (pages_per_range='64', autosummarize='on');
CREATE INDEX events_20261123_trace_id_idx ON public.events_20261123 USING brin (trace_id bytea_bloom_ops) WITH (pages_per_range='64', autosummarize='on');
CREATE INDEX events_20261124_property_index_idx ON public.events_20261124 USING gin (property_index jsonb_path_ops);
CREATE INDEX events_20261124_spool_id_idx ON public.events_20261124 USING btree (spool, id);
CREATE INDEX events_20261124_timestamp_idx ON public.events_20261124 USING brin ("timestamp") WITH (autosummarize='on');
CREATE INDEX events_20261124_timestamp_idx1 ON public.events_20261124 USING btree ("timestamp") WHERE opaque;
CREATE INDEX events_20261124_timestamp_spool_id_level_day_idx ON public.events_20261124 USING btree ("timestamp", spool, id) INCLUDE (level, day);
CREATE INDEX events_20261124_timestamp_spool_id_level_day_idx1 ON public.events_20261124 USING btree ("timestamp", spool, id) INCLUDE (level, day) WHERE (level >= 3);
CREATE INDEX events_20261124_trace_id_idx ON public.events_20261124 USING brin (trace_id bytea_bloom_ops) WITH (pages_per_range='64', autosummarize='on');
ALTER INDEX public.events_properties ATTACH PARTITION public.events_20261123_property_index_idx;
ALTER INDEX public.events_id ATTACH PARTITION public.events_20261123_spool_id_idx;
ALTER INDEX public.events_blocks ATTACH PARTITION public.events_20261123_timestamp_idx;
ALTER INDEX public.events_opaque ATTACH PARTITION public.events_20261123_timestamp_idx1;
ALTER INDEX public.events_time ATTACH PARTITION public.events_20261123_timestamp_spool_id_level_day_idx;
ALTER INDEX public.events_severe ATTACH PARTITION public.events_20261123_timestamp_spool_id_level_day_idx1;
ALTER INDEX public.events_trace ATTACH PARTITION public.events_20261123_trace_id_idx;
ALTER INDEX public.events_properties ATTACH PARTITION public.events_20261124_property_index_idx;
ALTER INDEX public.events_id ATTACH PARTITION public.events_20261124_spool_id_idx;
ALTER INDEX public.events_blocks ATTACH PARTITION public.events_20261124_timestamp_idx;
ALTER INDEX public.events_opaque ATTACH PARTITION public.events_20261124_timestamp_idx1;
ALTER INDEX public.events_time ATTACH PARTITION public.events_20261124_timestamp_spool_id_level_day_idx;
ALTER INDEX public.events_severe ATTACH PARTITION public.events_20261124_timestamp_spool_id_level_day_idx1;
ALTER INDEX public.events_trace ATTACH PARTITION public.events_20261124_trace_id_idx;
