CREATE TABLE main.parity.clustered (id BIGINT COMMENT 'The key.', day DATE)
CLUSTER BY (id, day)
COMMENT 'Made in four ways, decided alike.';
ALTER TABLE main.parity.clustered SET OWNER TO team;

CREATE TABLE main.parity.bare (id BIGINT COMMENT 'The key.', day DATE)
COMMENT 'Made in four ways, decided alike.';
ALTER TABLE main.parity.bare SET OWNER TO team;

CREATE TABLE main.parity.excluded (id BIGINT COMMENT 'The key.', day DATE)
COMMENT 'Made in four ways, decided alike.'
TBLPROPERTIES ('cluster_exclusion' = 'true');
ALTER TABLE main.parity.excluded SET OWNER TO team;

CREATE TABLE main.parity.conflicting (id BIGINT COMMENT 'The key.', day DATE)
CLUSTER BY (id)
COMMENT 'Made in four ways, decided alike.'
TBLPROPERTIES ('cluster_exclusion' = 'true');
ALTER TABLE main.parity.conflicting SET OWNER TO team;

CREATE TABLE main.parity.automatic (id BIGINT COMMENT 'The key.', day DATE)
CLUSTER BY AUTO
COMMENT 'Made in four ways, decided alike.';
ALTER TABLE main.parity.automatic SET OWNER TO team;

CREATE TABLE main.parity.partitioned (id BIGINT COMMENT 'The key.', day DATE)
PARTITIONED BY (day)
COMMENT 'Made in four ways, decided alike.';
ALTER TABLE main.parity.partitioned SET OWNER TO team;

CREATE TABLE main.parity.silent (id BIGINT COMMENT 'The key.', day DATE)
CLUSTER BY (id);
ALTER TABLE main.parity.silent SET OWNER TO team;
