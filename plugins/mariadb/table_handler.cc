// Tables of both sorts; see table_handler.h.
#include "plugins/mariadb/table_handler.h"

#include <utility>

namespace obviews::mariadb {
namespace {

/// What get_error_message has a text for; the server's own numbers end before.
constexpr int kStoreError = HA_ERR_LAST + 1;

}  // namespace

int TableHandler::Refuse(Error error) {
  LogStoreError(error);
  error_ = std::move(error.message);
  return kStoreError;
}

bool TableHandler::get_error_message(int error, String* text) {
  if (error == kStoreError) text->append(error_.data(), error_.size());
  return false;
}

int TableHandler::create(const char* /*name*/, TABLE* /*form*/, HA_CREATE_INFO* /*info*/) {
  my_printf_error(ER_ILLEGAL_HA, "Tables of OBVIEWS are found in its store; none can be made",
                  MYF(0));
  return HA_ERR_WRONG_COMMAND;
}

int TableHandler::rename_table(const char* /*from*/, const char* /*to*/) {
  return HA_ERR_TABLE_READONLY;
}

// What drops a schema must not stop half way. The store keeps its records, and the table is found
// again.
int TableHandler::delete_table(const char* /*name*/) { return 0; }

std::function<bool()> StoppedOf(THD* thd) {
  return [thd] {
    killed_state killed = thd->killed;
    return killed >= KILL_QUERY && killed != ABORT_QUERY && killed != ABORT_QUERY_HARD;
  };
}

std::function<bool()> TableHandler::Stopped() { return StoppedOf(ha_thd()); }

std::vector<size_t> TableHandler::ReadColumns() const {
  std::vector<size_t> columns;
  for (uint i = 0; i < table_share->fields; ++i) {
    if (bitmap_is_set(table->read_set, i)) columns.push_back(i);
  }
  return columns;
}

}  // namespace obviews::mariadb
