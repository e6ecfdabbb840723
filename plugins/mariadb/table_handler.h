// What tables of the server have in common, be they over views or base tables: they are found and
// never made, keep no table locks, and let no exception out.
#pragma once

#include <exception>
#include <functional>
#include <new>
#include <string>

#include "plugins/mariadb/instance.h"

// The server's headers come last; see there.
#include "plugins/mariadb/server_headers.h"

namespace obviews::mariadb {

class TableHandler : public handler {
 public:
  using handler::handler;

  // The server asks a handler of no table what tables may have.
  uint max_supported_keys() const override { return 2; }
  uint max_supported_key_parts() const override { return 3; }
  uint max_supported_key_length() const override { return MAX_KEY_LENGTH; }
  uint max_supported_key_part_length() const override { return MAX_KEY_LENGTH; }
  uint lock_count() const override { return 0; }
  // The store changes without the server's knowledge.
  uint8 table_cache_type() override { return HA_CACHE_TBL_NOCACHE; }
  THR_LOCK_DATA** store_lock(THD* /*thd*/, THR_LOCK_DATA** to, thr_lock_type /*type*/) override {
    return to;
  }

  bool get_error_message(int error, String* text) override;

  int create(const char* name, TABLE* form, HA_CREATE_INFO* info) override;
  int rename_table(const char* from, const char* to) override;
  int delete_table(const char* name) override;

  /// The view it shows; nullptr: a base table.
  virtual const TenantView* view() const { return nullptr; }
  /// Notes an error for get_error_message, and in the log where it belongs there.
  int Refuse(Error error);
  /// Runs a method's body; exceptions become the server's errors.
  template <class Body>
  static int Guard(Body body) {
    try {
      return body();
    } catch (const std::bad_alloc&) {
      return HA_ERR_OUT_OF_MEM;
    } catch (const std::exception& thrown) {
      LogError(thrown.what());
      return HA_ERR_INTERNAL_ERROR;
    }
  }

 protected:
  /// Whether the present statement was killed.
  std::function<bool()> Stopped();
  /// The columns that the statement reads.
  std::vector<size_t> ReadColumns() const;

 private:
  std::string error_;
};

/// Whether the connection's statement was killed. Callable while the connection lives.
std::function<bool()> StoppedOf(THD* thd);

}  // namespace obviews::mariadb
