#include "postgres/ddl_capture.hpp"

namespace millrace::postgres {
namespace {

constexpr std::size_t kLongestName = 44;  // with the triggers' prefix and suffix within NAMEDATALEN - 1

// {publication} is a literal. The settings make the text of missing values the same for every user who runs a DDL.
// pg_publication_tables names the root when the root is what is published. A dropped table's membership is gone by
// then, but it is among the dropped objects; FOR ALL TABLES and TABLES IN SCHEMA have no such object.
// Order: logical decoding sorts a message by the end of its record and a row by the start of its own, so a row of the
// parent transaction right behind a message of a subtransaction could come first. That is why the messages are written
// outside the block that catches errors (a subtransaction), and why an empty one follows: for DDL under a savepoint.
// A rewrite for a column's type (reason 4) is told when it may have computed values: when the statement has a USING
// that is not the plain cast of the column to its new type, or is not seen. What is seen is the statement that runs in
// a function (the frame behind this one's in the call stack) or else the client's query; a function in SQL hides its
// own.
// A partition that holds rows and was attached in this transaction (the age of its row in pg_inherits is counted from
// the transaction's own number) is told: its rows were written when they were not the table's.
constexpr const char* kBody = R"(
DECLARE
  item record;
  columns jsonb;
  contents text[] := '{}';
  content text;
  stack text;
BEGIN
  BEGIN
    IF tg_event = 'sql_drop' THEN
      FOR item IN
        SELECT d.objid, d.object_identity, d.schema_name, d.object_name FROM pg_event_trigger_dropped_objects() d
        WHERE d.object_type = 'table' AND NOT d.is_temporary AND (
          EXISTS (SELECT 1 FROM pg_publication p WHERE p.pubname = {publication} AND p.puballtables)
          OR EXISTS (SELECT 1 FROM pg_event_trigger_dropped_objects() m
                     WHERE m.object_type = 'publication relation' AND m.address_args = ARRAY[{publication}::text]
                       AND m.address_names = ARRAY[d.schema_name, d.object_name]){in_schema})
      LOOP
        contents := contents || jsonb_build_object(
          'publication', {publication}::text, 'command', tg_tag, 'identity', item.object_identity,
          'oid', item.objid::bigint, 'schema', item.schema_name, 'table', item.object_name, 'dropped', true)::text;
      END LOOP;
    ELSIF tg_event = 'table_rewrite' THEN
      GET DIAGNOSTICS stack = PG_CONTEXT;
      stack := substr(stack, nullif(strpos(stack, E'\n'), 0) + 1);
      IF stack IS NULL THEN
        content := CASE WHEN current_query() ~* '\malter\s+(table|type)\M' THEN current_query() END;
      ELSE
        content := CASE WHEN stack ~* '^[^\n]{0,40}\malter\s+(table|type)\M' THEN stack END;
      END IF;
      content := regexp_replace(content, '(?:ALTER|alter)\s+(?:(?:COLUMN|column)\s+)?("[^"]+"|\w+)\s+'
        '(?:(?:SET DATA|set data)\s+)?(?:TYPE|type)\s+([^;]+)\s+(?:USING|using)\s+\1\s*::\s*\2\s*(?=[,;"]|$)', '', 'g');
      FOR item IN
        SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE pg_event_trigger_table_rewrite_reason() & 4 <> 0 AND (content IS NULL OR content ~* '\musing\M')
          AND (c.oid = pg_event_trigger_table_rewrite_oid()
               OR c.oid IN (SELECT relid FROM pg_partition_ancestors(pg_event_trigger_table_rewrite_oid())))
          AND EXISTS (SELECT 1 FROM pg_publication_tables t
                      WHERE t.pubname = {publication} AND t.schemaname = n.nspname AND t.tablename = c.relname)
      LOOP
        contents := contents || jsonb_build_object(
          'publication', {publication}::text, 'command', tg_tag, 'oid', item.oid::bigint,
          'schema', item.nspname, 'table', item.relname, 'dropped', false, 'computed', true)::text;
      END LOOP;
    ELSE
      FOR item IN
        SELECT DISTINCT c.oid, n.nspname, c.relname, d.object_identity
        FROM pg_event_trigger_ddl_commands() d JOIN pg_class c ON c.oid = d.objid
             JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE d.classid = 'pg_class'::regclass AND c.relkind IN ('r', 'p') AND EXISTS (
          SELECT 1 FROM pg_publication_tables t
          WHERE t.pubname = {publication} AND t.schemaname = n.nspname AND t.tablename = c.relname)
      LOOP
        SELECT jsonb_agg(jsonb_build_object(
          'attnum', a.attnum, 'name', a.attname, 'type', a.atttypid::bigint, 'typmod', a.atttypmod,
          'declared', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
          'missing', CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END,
          'default', coalesce(pg_get_expr(f.adbin, f.adrelid), y.typdefault), 'identity', a.attidentity <> '')
          ORDER BY a.attnum)
        INTO columns FROM pg_attribute a LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
             LEFT JOIN pg_type y ON y.oid = a.atttypid AND y.typtype = 'd'
        WHERE a.attrelid = item.oid AND a.attnum > 0 AND NOT a.attisdropped;
        contents := contents || jsonb_build_object(
          'publication', {publication}::text, 'command', tg_tag, 'identity', item.object_identity,
          'oid', item.oid::bigint, 'schema', item.nspname, 'table', item.relname, 'dropped', false,
          'file', pg_relation_filenode(item.oid)::bigint, 'columns', coalesce(columns, '[]'::jsonb))::text;
      END LOOP;
      FOR item IN
        SELECT DISTINCT c.oid, n.nspname, c.relname
        FROM pg_event_trigger_ddl_commands() d JOIN pg_inherits i ON i.inhparent = d.objid
             CROSS JOIN LATERAL pg_partition_tree(i.inhrelid) leaf
             CROSS JOIN LATERAL pg_partition_ancestors(i.inhparent) above
             JOIN pg_class c ON c.oid = above.relid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE tg_tag = 'ALTER TABLE' AND d.classid = 'pg_class'::regclass AND age(i.xmin) <= 0
          AND leaf.isleaf AND pg_relation_size(leaf.relid) > 0
          AND EXISTS (SELECT 1 FROM pg_publication_tables t
                      WHERE t.pubname = {publication} AND t.schemaname = n.nspname AND t.tablename = c.relname)
      LOOP
        contents := contents || jsonb_build_object(
          'publication', {publication}::text, 'command', tg_tag, 'oid', item.oid::bigint,
          'schema', item.nspname, 'table', item.relname, 'dropped', false, 'attached', true)::text;
      END LOOP;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'millrace could not record a change of a table: %', SQLERRM;
  END;
  FOREACH content IN ARRAY contents LOOP
    PERFORM pg_logical_emit_message(true, 'millrace.ddl', content);
    PERFORM pg_logical_emit_message(true, 'millrace.behind', '');
  END LOOP;
END)";

// pg_publication_namespace is there from PostgreSQL 15, and plpgsql reads a query's tables when it first runs.
constexpr const char* kInSchema = R"(
          OR EXISTS (SELECT 1 FROM pg_publication_namespace s JOIN pg_publication p ON p.oid = s.pnpubid
                   JOIN pg_namespace n ON n.oid = s.pnnspid
                   WHERE p.pubname = {publication} AND n.nspname = d.schema_name))";

std::string replaced(std::string text, const std::string& place, const std::string& value) {
  for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at + value.size())) {
    text.replace(at, place.size(), value);
  }
  return text;
}

std::string function_name(const std::string& name) {
  return schema::quote_pg(schema::TableName{"millrace", name});
}

std::string trigger_name(const std::string& name, const char* event) {
  return schema::quote_pg("millrace_" + name + "_" + event);
}

std::vector<std::string> remove_sql(const std::string& name) {
  return {"DROP EVENT TRIGGER IF EXISTS " + trigger_name(name, "end"),
          "DROP EVENT TRIGGER IF EXISTS " + trigger_name(name, "drop"),
          "DROP EVENT TRIGGER IF EXISTS " + trigger_name(name, "rewrite"),
          "DROP FUNCTION IF EXISTS " + function_name(name) + "()"};
}

/// Installing and removing take turns, as they share the schema. Until the end of the transaction.
constexpr const char* kLock = "SELECT pg_advisory_xact_lock(hashtext('millrace.ddl'))";

/// All statements or none.
void in_transaction(Connection& connection, const std::vector<std::string>& statements) {
  connection.execute("BEGIN");
  try {
    for (const auto& sql : statements) connection.execute(sql);
    connection.execute("COMMIT");
  } catch (const Error&) {
    try {
      connection.execute("ROLLBACK");
    } catch (const Error&) {
      // The connection is lost, and the transaction with it.
    }
    throw;
  }
}

}  // namespace

std::vector<std::string> install_ddl_capture_sql(const DdlCapture& capture, int server_version) {
  if (capture.name.empty() || capture.name.size() > kLongestName) {
    throw Error(ErrorCode::kNameInvalid, "The name of a DDL capture must have 1 to 44 bytes.");
  }
  auto body = replaced(kBody, "{in_schema}", server_version >= 150000 ? kInSchema : "");
  body = replaced(body, "{publication}", schema::quote_pg_literal(capture.publication));
  auto statements = remove_sql(capture.name);
  statements.insert(statements.begin(), "CREATE SCHEMA IF NOT EXISTS millrace");
  const auto function = function_name(capture.name) + "()";
  statements.push_back("CREATE FUNCTION " + function +
                       " RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog "
                       "SET datestyle = 'ISO, YMD' SET intervalstyle = 'iso_8601' SET timezone = 'UTC' "
                       "SET extra_float_digits = 3 SET bytea_output = 'hex' SET lc_monetary = 'C' "
                       "SET standard_conforming_strings = on AS " +
                       schema::quote_pg_literal(body));
  statements.push_back("REVOKE ALL ON FUNCTION " + function + " FROM PUBLIC");
  for (const auto& [event, suffix] :
       {std::pair{"ddl_command_end", "end"}, std::pair{"sql_drop", "drop"}, std::pair{"table_rewrite", "rewrite"}}) {
    const auto trigger = trigger_name(capture.name, suffix);
    statements.push_back("CREATE EVENT TRIGGER " + trigger + " ON " + event + " EXECUTE FUNCTION " + function);
    // Also in sessions with session_replication_role = replica.
    statements.push_back("ALTER EVENT TRIGGER " + trigger + " ENABLE ALWAYS");
  }
  return statements;
}

bool may_capture_ddl(Connection& connection) {
  return connection
      .query(
          "SELECT EXISTS (SELECT 1 FROM pg_roles WHERE (rolname = current_user AND rolsuper) "
          "OR (rolname = 'rds_superuser' AND pg_has_role(current_user, oid, 'USAGE')))")
      .boolean(0, 0);
}

void install_ddl_capture(Connection& connection, const DdlCapture& capture) {
  auto statements = install_ddl_capture_sql(capture, connection.server_version());
  statements.insert(statements.begin(), kLock);
  in_transaction(connection, statements);
}

bool remove_ddl_capture(Connection& connection, const std::string& name) {
  // A user who may make no captures may not even look into the schema that another pipeline's captures are in.
  const bool there =
      connection
          .query(
              "SELECT EXISTS (SELECT 1 FROM pg_event_trigger WHERE evtname IN ($1, $2, $3)) OR EXISTS (SELECT 1 FROM "
              "pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'millrace' AND p.proname = "
              "$4)",
              {"millrace_" + name + "_end", "millrace_" + name + "_drop", "millrace_" + name + "_rewrite", name})
          .boolean(0, 0);
  if (!there) return false;
  auto statements = remove_sql(name);
  statements.insert(statements.begin(), kLock);
  // Only when nothing is left in it; somebody else's objects keep it.
  statements.push_back(
      "DO $$ BEGIN DROP SCHEMA IF EXISTS millrace; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END $$");
  in_transaction(connection, statements);
  return true;
}

}  // namespace millrace::postgres
