// Statements of recoveries from the command line or standard input, run on an open store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/lifecycle/job_store.h"
#include "engine/lifecycle/store_tenants.h"
#include "schema/zone.h"
#include "virtual_tables/sql/splitter.h"

namespace obviews::tools {

/// Cuts text that arrives piece by piece into statements: `;` ends one, but not inside quotes and
/// comments. Not thread-safe.
class StatementSource {
 public:
  void Feed(std::string_view text);
  /// No more text will come; the last statement needs no `;`.
  void Finish() { splitter_.Finish(); }
  /// The next whole statement, if there is one. Errors: something is never closed. They do not show
  /// the text, in which a password may stand.
  Result<std::optional<std::string>> Next();
  /// What waits for its end, if it ends a line and is a whole CANCEL: people who want to stop
  /// something forget the `;`. A RECOVER may go on in the next line. Call when Next has nothing.
  std::optional<std::string> TakeCancel();
  /// Whether part of a statement waits for its end.
  bool pending() const { return splitter_.pending(); }

 private:
  vtab::sql::Splitter splitter_{schema::Mode::kMySql};
  std::string tail_;  ///< what was fed since the last statement
};

/// What a statement did.
struct StatementOutcome {
  std::string text;        ///< for people: `recovery 1 of tenant shop (1002) started`
  int64_t sys_job_id = 0;  ///< of a recovery that was started; else 0
};

/// Runs statements on one store. Not thread-safe.
class StatementRunner {
 public:
  /// All are borrowed. UNTIL TIME is read in `system_time_zone`.
  StatementRunner(lifecycle::JobStore& jobs, lifecycle::StoreTenants& tenants,
                  const schema::Zone& system_time_zone);

  /// Errors: the statement's, with the server's code; the store's.
  Result<StatementOutcome> Run(const std::string& text);

 private:
  lifecycle::JobStore& jobs_;
  lifecycle::StoreTenants& tenants_;
  schema::Zone system_time_zone_;
};

/// Whether a statement can only be one that starts a recovery, and is sound as far as that can be
/// told without a store. Errors: of its syntax.
Result<bool> StartsRecovery(std::string_view text);

}  // namespace obviews::tools
