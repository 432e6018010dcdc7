-- The engine's own catalog. User tables live in schema "data" under made-up names: t<object_id>, columns c<column_id>;
-- what the user called them, and their exact T-SQL types, is here.
CREATE SCHEMA IF NOT EXISTS mssql;
CREATE SCHEMA IF NOT EXISTS data;

DO $$ BEGIN
  CREATE COLLATION mssql.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  CREATE COLLATION mssql.cs (provider = icu, locale = 'und-u-ks-level3', deterministic = false);
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;

CREATE SEQUENCE IF NOT EXISTS mssql.object_ids START 565577053 MAXVALUE 2147483647;
CREATE SEQUENCE IF NOT EXISTS mssql.rowversions;

CREATE TABLE IF NOT EXISTS mssql.schemas (
  schema_id int PRIMARY KEY, name text NOT NULL, principal_id int NOT NULL DEFAULT 1);
CREATE UNIQUE INDEX IF NOT EXISTS schemas_name ON mssql.schemas (lower(name));
INSERT INTO mssql.schemas VALUES (1, 'dbo', 1), (2, 'guest', 2), (3, 'INFORMATION_SCHEMA', 3), (4, 'sys', 4)
  ON CONFLICT DO NOTHING;

-- type: U table, V view, PK, UQ, F foreign key, C check, D default. owner_session: a #temp table's session.
CREATE TABLE IF NOT EXISTS mssql.objects (
  object_id int PRIMARY KEY, schema_id int NOT NULL, name text NOT NULL, type text NOT NULL,
  parent_object_id int NOT NULL DEFAULT 0, definition text, owner_session int, system_named boolean NOT NULL DEFAULT false,
  create_date timestamp NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'),
  modify_date timestamp NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'));
CREATE UNIQUE INDEX IF NOT EXISTS objects_name
  ON mssql.objects (schema_id, lower(name), coalesce(owner_session, 0));

CREATE TABLE IF NOT EXISTS mssql.columns (
  object_id int NOT NULL, column_id int NOT NULL, name text NOT NULL,
  type_name text NOT NULL, length int, prec int, scale int, collation_name text, nullable boolean NOT NULL,
  is_identity boolean NOT NULL DEFAULT false, seed bigint, step bigint, default_object_id int NOT NULL DEFAULT 0,
  default_text text, computed text, PRIMARY KEY (object_id, column_id));

CREATE TABLE IF NOT EXISTS mssql.indexes (
  object_id int NOT NULL, index_id int NOT NULL, name text, is_clustered boolean NOT NULL, is_unique boolean NOT NULL,
  is_primary_key boolean NOT NULL DEFAULT false, is_unique_constraint boolean NOT NULL DEFAULT false,
  constraint_id int NOT NULL DEFAULT 0, filter text, PRIMARY KEY (object_id, index_id));
CREATE TABLE IF NOT EXISTS mssql.index_columns (
  object_id int NOT NULL, index_id int NOT NULL, index_column_id int NOT NULL, column_id int NOT NULL,
  key_ordinal int NOT NULL, is_descending boolean NOT NULL, is_included boolean NOT NULL,
  PRIMARY KEY (object_id, index_id, index_column_id));
CREATE TABLE IF NOT EXISTS mssql.foreign_keys (
  object_id int PRIMARY KEY, parent_object_id int NOT NULL, referenced_object_id int NOT NULL,
  columns int[] NOT NULL, referenced_columns int[] NOT NULL, on_delete text NOT NULL, on_update text NOT NULL,
  is_disabled boolean NOT NULL DEFAULT false, key_index_id int NOT NULL DEFAULT 1);

CREATE TABLE IF NOT EXISTS mssql.principals (
  principal_id int PRIMARY KEY, name text NOT NULL, kind text NOT NULL, login text, default_schema text);
CREATE UNIQUE INDEX IF NOT EXISTS principals_name ON mssql.principals (lower(name));
INSERT INTO mssql.principals VALUES
  (0, 'public', 'R', NULL, NULL), (1, 'dbo', 'S', 'sa', 'dbo'), (2, 'guest', 'S', NULL, 'guest'),
  (3, 'INFORMATION_SCHEMA', 'S', NULL, NULL), (4, 'sys', 'S', NULL, NULL), (16384, 'db_owner', 'R', NULL, NULL),
  (16387, 'db_ddladmin', 'R', NULL, NULL), (16390, 'db_datareader', 'R', NULL, NULL),
  (16391, 'db_datawriter', 'R', NULL, NULL)
  ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS mssql.role_members (role text NOT NULL, member text NOT NULL, PRIMARY KEY (role, member));
-- class: DATABASE, SCHEMA (major_id = schema_id), OBJECT (major_id = object_id). state: G grant, D deny.
CREATE TABLE IF NOT EXISTS mssql.permissions (
  principal text NOT NULL, class text NOT NULL, major_id int NOT NULL, permission text NOT NULL, state text NOT NULL,
  PRIMARY KEY (principal, class, major_id, permission));
