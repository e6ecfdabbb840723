// The views as SQLite virtual tables. Hosts that speak SQL through SQLite register this module; it
// translates constraints and values and decides nothing itself.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store.h"
#include "schema/status.h"
#include "virtual_tables/session.h"
#include "virtual_tables/sql/best_index.h"

struct sqlite3;

namespace obviews::vtab::sql {

/// What one table reference of a statement did.
struct ScanReport {
  std::string view;
  std::string access_path;          ///< point, range, index or full
  std::vector<std::string> ranges;  ///< keys visited; empty for a full scan
  std::vector<std::string> pushed;  ///< conditions answered by keys and raw fields
  std::vector<std::string>
      residual;        ///< conditions answered on shown values, or by SQLite afterwards
  uint64_t scans = 0;  ///< times it was started (inner sides of joins: many)
  uint64_t records_read = 0;
  uint64_t records_decoded = 0;
  uint64_t records_returned = 0;
};

/// What the virtual tables of one connection share. One thread at a time.
///
/// All tables of a statement read one snapshot: it is taken when the first of them is opened and
/// given back when the last is closed.
class ModuleContext {
 public:
  using SnapshotSource = std::function<Result<std::shared_ptr<const engine::Snapshot>>()>;

  /// `session` is borrowed and read at every scan. `on_warning` hears each warning once a
  /// statement.
  ModuleContext(SnapshotSource source, const Session* session,
                std::function<void(const std::string&)> on_warning = {})
      : source_(std::move(source)), session_(session), on_warning_(std::move(on_warning)) {}

  const Session& session() const { return *session_; }

  /// For the module: a cursor opens or closes.
  Result<std::shared_ptr<const engine::Snapshot>> Acquire();
  void Release();

  /// Forgets what earlier statements left. `sql` is the statement about to be prepared, in SQLite's
  /// words: what a scan may be told safely depends on it.
  void BeginStatement(std::string_view sql);
  /// The same for hosts that do not see statements: their snapshot sources call it.
  void Forget();
  /// The worst case for hosts that never call BeginStatement.
  const StatementTraits& traits() const { return traits_; }
  void Report(ScanReport report) { reports_.push_back(std::move(report)); }
  /// Views read twice, in a join with themselves, say the same only once.
  void Warn(std::string warning);
  void Fail(Error error) { error_ = std::move(error); }

  /// Of the last statement: its scans, its warnings, and the error a scan ended with.
  const std::vector<ScanReport>& reports() const { return reports_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  SnapshotSource source_;
  const Session* session_;
  std::function<void(const std::string&)> on_warning_;
  std::shared_ptr<const engine::Snapshot> snapshot_;
  int open_cursors_ = 0;
  StatementTraits traits_;
  std::vector<ScanReport> reports_;
  std::vector<std::string> warnings_;
  std::optional<Error> error_;
};

/// What a table of the module shows. The table shares the context.
struct OpenedView {
  std::shared_ptr<ModuleContext> context;
  const schema::View* view = nullptr;
};
/// Finds what the arguments of `USING obviews(...)` name.
using ViewOpener = std::function<Result<OpenedView>(std::span<const char* const> arguments)>;

/// Registers the module "obviews" on `db`, which then owns the opener.
Status RegisterModule(sqlite3* db, ViewOpener opener);
/// The same where the only argument is a view's name. `context` must outlive the connection.
Status RegisterModule(sqlite3* db, ModuleContext* context);

/// Makes every view the session sees available in `schema`, attaching it. `arguments` gives those
/// of the module for a view. Leaves nothing behind where it fails.
Status CreateViews(sqlite3* db, const Session& session, std::string_view schema,
                   const std::function<std::string(const schema::View&)>& arguments);
/// The same in the session's own schema, "oceanbase" or "SYS", with the view's name as argument.
Status CreateViews(sqlite3* db, const Session& session);

/// The schema a session finds its views in: oceanbase or SYS.
std::string_view SchemaName(const Session& session);

}  // namespace obviews::vtab::sql
