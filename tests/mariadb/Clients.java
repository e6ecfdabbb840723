// Asks statements with MariaDB's JDBC driver and prints rows as tests/mariadb/clients compares them.
//   java -cp DRIVER Clients.java PORT STATEMENTS
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.format.DateTimeFormatter;

final class Clients {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");

  public static void main(String[] arguments) throws Exception {
    String url = "jdbc:mariadb://127.0.0.1:" + arguments[0] + "/?user=root";
    try (Connection connection = DriverManager.getConnection(url)) {
      for (String statement : Files.readString(Path.of(arguments[1])).split(";\n")) {
        try (var asked = connection.prepareStatement(statement); ResultSet rows = asked.executeQuery()) {
          while (rows.next()) {
            show(rows);
          }
        }
      }
    }
  }

  private static void show(ResultSet row) throws SQLException {
    ResultSetMetaData columns = row.getMetaData();
    for (int i = 1; i <= columns.getColumnCount(); ++i) {
      String value = text(row, i, columns.getColumnType(i));
      System.out.println(columns.getColumnLabel(i) + (value == null ? " is NULL" : ": " + value));
    }
    System.out.println();
  }

  private static String text(ResultSet row, int column, int type) throws SQLException {
    if (type != Types.TIMESTAMP) {
      return row.getString(column);
    }
    Timestamp time = row.getTimestamp(column);
    return time == null ? null : time.toLocalDateTime().format(TIME);
  }
}
