// A SQL session over one store: statements in the dialect of docs/sql.md in, rows out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store.h"
#include "schema/value.h"
#include "virtual_tables/session.h"
#include "virtual_tables/sql/module.h"
#include "virtual_tables/sql/splitter.h"

namespace obviews::vtab::sql {

/// A column of a result.
struct ResultColumn {
  std::string_view name;  ///< lives until the statement ends
  bool numeric = false;
  /// A DECIMAL of a view, shown with two decimals; other reals are shown as short as they can be.
  bool decimal = false;
};

/// Receives a result set. Returning an error ends the statement with it.
class RowReceiver {
 public:
  virtual ~RowReceiver() = default;
  /// Once per statement that has columns, before its rows.
  virtual Status Begin(std::span<const ResultColumn> columns) = 0;
  /// Values live during the call.
  virtual Status Row(std::span<const Value> values) = 0;
};

/// What a statement did beside its rows.
struct StatementReport {
  bool has_result = false;  ///< Begin was called
  std::vector<ScanReport> scans;
  std::vector<std::string> warnings;
};

/// One connection. Statements run one at a time; each sees one state of the store. Not thread-safe.
class SqlSession {
 public:
  /// `store` is borrowed. `clock` gives microseconds since the epoch; the default asks the system.
  static Result<std::unique_ptr<SqlSession>> Open(engine::Store* store, const Session& session,
                                                  std::function<int64_t()> clock = {});
  ~SqlSession();
  SqlSession(const SqlSession&) = delete;
  SqlSession& operator=(const SqlSession&) = delete;

  /// Runs one statement. Errors of the statement are kInvalidArgument and show the place; an
  /// unknown view or column suggests the nearest name. Damage keeps its own code.
  Result<StatementReport> Execute(const SplitStatement& statement, RowReceiver& receiver);

  /// Whether `part` is complete by itself and fits between `before` and `after`, SQLite's words for
  /// the rest of a query of `view`. Errors point into `part`, which is in the session's dialect.
  Status CheckPart(const schema::View& view, std::string_view before, std::string_view part,
                   std::string_view after);

  const Session& session() const;

 private:
  struct Impl;
  explicit SqlSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Columns of a view as DESC shows them: Field, Type, Null, Key, Default, Extra.
void DescribeView(const schema::View& view,
                  const std::function<void(const schema::Column&, std::string_view key)>& each);

/// The view that VIEW or SCHEMA.VIEW names. Errors: "no such table: X", with the nearest name, the
/// right schema, or the reason why a tenant does not see it.
Result<const schema::View*> ResolveView(std::string_view name, const Session& session);

}  // namespace obviews::vtab::sql
