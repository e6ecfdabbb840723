// The plugin's instance and the server's log; see instance.h.
#include "plugins/mariadb/instance.h"

#include <cstdlib>

#include "plugins/mariadb/server_headers.h"

namespace obviews::mariadb {

Instance& TheInstance() {
  // Never destroyed: the server may call while the process ends.
  static auto* instance = new Instance();
  return *instance;
}

void LogStoreError(const Error& error) {
  if (error.code == ErrorCode::kCorruption) ++TheInstance().counters.checksum_failures;
  if (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound) return;
  LogError(error.message);
}

void LogTransactionError(const Error& error, bool prepared) {
  bool unreadable = error.code == ErrorCode::kStoreUnreadable;
  if ((!prepared || !unreadable) && error.code != ErrorCode::kUndecided) {
    LogStoreError(error);
    return;
  }
  LogError(error.message);
  LogError(
      "a transaction can neither be ended nor forgotten: the server stops here, and its next start "
      "ends the transaction as its log says");
  std::abort();
}

void LogNote(const std::string& message) { sql_print_information("obviews: %s", message.c_str()); }

void LogError(const std::string& message) { sql_print_error("obviews: %s", message.c_str()); }

}  // namespace obviews::mariadb
