import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.Base64;
import java.util.Properties;

/**
 * mssql-jdbc for the conformance suite: one request a line on standard input, one answer a line on standard output.
 * A value travels as [kind, text], so that nothing depends on JSON's numbers.
 */
public final class Bridge {
  private static final ObjectMapper JSON = new ObjectMapper();
  private Connection connection;

  public static void main(String[] arguments) throws Exception {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var bridge = new Bridge();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode answer = JSON.createObjectNode();
      try {
        bridge.answer(JSON.readTree(line), answer);
      } catch (SQLTimeoutException error) {
        answer.put("interrupted", error.getMessage());
      } catch (SQLException error) {
        answer.put("error", error.getErrorCode()).put("message", error.getMessage());
      }
      out.println(JSON.writeValueAsString(answer));
    }
  }

  private void answer(JsonNode request, ObjectNode answer) throws SQLException {
    switch (request.get("do").asText()) {
      case "connect" -> connect(request);
      case "rows" -> rows(request, answer);
      case "many" -> many(request);
      case "interrupted" -> interrupted(request);
      case "close" -> connection.close();
      case "metadata" -> metadata(request, answer);
      default -> throw new IllegalArgumentException(request.get("do").asText());
    }
  }

  private void connect(JsonNode request) throws SQLException {
    var properties = new Properties();
    request.get("properties").fields().forEachRemaining(entry -> properties.put(entry.getKey(), entry.getValue().asText()));
    connection = DriverManager.getConnection(request.get("url").asText(), properties);
  }

  private void rows(JsonNode request, ObjectNode answer) throws SQLException {
    JsonNode parameters = request.get("parameters");
    if (parameters.isEmpty()) {
      try (Statement statement = connection.createStatement()) {
        collect(statement, statement.execute(request.get("sql").asText()), answer);
      }
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(request.get("sql").asText())) {
      bind(statement, parameters);
      collect(statement, statement.execute(), answer);
    }
  }

  private void interrupted(JsonNode request) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(request.get("seconds").asInt());
      statement.execute(request.get("sql").asText());
    }
  }

  /** As Debezium's sink does it: prepared, batched, in one transaction. */
  private void many(JsonNode request) throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement statement = connection.prepareStatement(request.get("sql").asText())) {
      for (JsonNode row : request.get("rows")) {
        bind(statement, row);
        statement.addBatch();
      }
      statement.executeBatch();
      connection.commit();
    } catch (SQLException error) {
      connection.rollback();
      throw error;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private void metadata(JsonNode request, ObjectNode answer) throws SQLException {
    var meta = connection.getMetaData();
    var schema = request.get("schema").asText();
    var table = request.get("table").asText();
    var what = request.get("what").asText();
    ResultSet found =
        switch (what) {
          case "tables" -> meta.getTables(null, schema, table, new String[] {"TABLE"});
          case "columns" -> meta.getColumns(null, schema, table, null);
          case "primary_keys" -> meta.getPrimaryKeys(null, schema, table);
          case "indexes" -> meta.getIndexInfo(null, schema, table, true, false);
          default -> throw new IllegalArgumentException(what);
        };
    try (found) {
      ArrayNode names = answer.putArray("names");
      for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) names.add(found.getMetaData().getColumnLabel(i));
      write(found, answer.putArray("rows"));
    }
  }

  private static void bind(PreparedStatement statement, JsonNode values) throws SQLException {
    int position = 0;
    for (JsonNode value : values) {
      position++;
      String text = value.get(1).asText();
      switch (value.get(0).asText()) {
        case "null" -> statement.setObject(position, null);
        case "bool" -> statement.setBoolean(position, text.equals("true"));
        case "int" -> statement.setLong(position, Long.parseLong(text));
        case "float" -> statement.setDouble(position, Double.parseDouble(text));
        case "decimal" -> statement.setBigDecimal(position, new BigDecimal(text));
        case "bytes" -> statement.setBytes(position, Base64.getDecoder().decode(text));
        default -> statement.setString(position, text);
      }
    }
  }

  private static void collect(Statement statement, boolean hasRows, ObjectNode answer) throws SQLException {
    ArrayNode rows = answer.putArray("rows");
    boolean taken = false;
    for (boolean more = hasRows; more || statement.getUpdateCount() != -1; more = statement.getMoreResults()) {
      if (!more) continue;
      try (ResultSet found = statement.getResultSet()) {
        write(found, taken ? JSON.createArrayNode() : rows);
        taken = true;
      }
    }
  }

  private static void write(ResultSet found, ArrayNode rows) throws SQLException {
    ResultSetMetaData meta = found.getMetaData();
    while (found.next()) {
      ArrayNode row = rows.addArray();
      for (int i = 1; i <= meta.getColumnCount(); i++) {
        ArrayNode cell = row.addArray();
        Object value = found.getObject(i);
        if (value == null) cell.add("null").add("");
        else if (value instanceof Boolean) cell.add("bool").add(value.toString());
        else if (value instanceof BigDecimal decimal) cell.add("decimal").add(decimal.toPlainString());
        else if (value instanceof Float || value instanceof Double) cell.add("float").add(value.toString());
        else if (value instanceof Number) cell.add("int").add(value.toString());
        else if (value instanceof byte[] bytes) cell.add("bytes").add(Base64.getEncoder().encodeToString(bytes));
        else cell.add(meta.getColumnTypeName(i)).add(found.getString(i));
      }
    }
  }
}
