// A connection to a MariaDB server on a socket, with the C client library.
#pragma once

#include <mysql.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "schema/status.h"

namespace obviews::bench {

/// A number the server gave as text. REQUIRES: not NULL.
inline int64_t ToNumber(const char* text) { return std::strtoll(text, nullptr, 10); }

/// A prepared statement with its parameters. Not thread-safe. Must not outlive its connection.
class Statement {
 public:
  Statement() = default;
  ~Statement() { Reset(); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void Reset();
  Status Prepare(MYSQL* connection, const std::string& sql);
  MYSQL_STMT* handle() { return handle_; }
  MYSQL_BIND& parameter(size_t i) { return parameters_[i]; }

  /// `number` must outlive the execution.
  void Bind(size_t i, const int64_t* number);
  /// `text` must outlive the execution.
  void Bind(size_t i, std::string_view text);
  void BindNull(size_t i);
  Status Execute();
  tl::unexpected<Error> Failure();

 private:
  MYSQL_STMT* handle_ = nullptr;
  std::vector<MYSQL_BIND> parameters_;
  std::vector<unsigned long> lengths_;
};

/// A connection as root, in utf8mb4. Not thread-safe.
class Connection {
 public:
  Connection() = default;
  ~Connection() { Close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Status Open(const std::string& socket);
  void Close();
  MYSQL* handle() { return handle_; }

  /// Runs a statement that has no rows.
  Status Run(std::string_view sql);

  /// Runs a statement; `use` gets each row, and the bytes of its values, as the server sends it.
  template <class Use>
  Status Query(std::string_view sql, Use use) {
    OBVIEWS_RETURN_IF_ERROR(Run(sql));
    std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_use_result(handle_),
                                                                    &mysql_free_result);
    if (result == nullptr) return Failure();
    while (MYSQL_ROW row = mysql_fetch_row(result.get())) {
      use(row, mysql_fetch_lengths(result.get()));
    }
    if (mysql_errno(handle_) != 0) return Failure();
    return {};
  }
  tl::unexpected<Error> Failure();

 private:
  MYSQL* handle_ = nullptr;
};

}  // namespace obviews::bench
