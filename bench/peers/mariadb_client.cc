// Calls into the C client library; see mariadb_client.h.
#include "bench/peers/mariadb_client.h"

#include <fmt/format.h>

namespace obviews::bench {

void Statement::Reset() {
  if (handle_ != nullptr) mysql_stmt_close(handle_);
  handle_ = nullptr;
}

Status Statement::Prepare(MYSQL* connection, const std::string& sql) {
  Reset();
  handle_ = mysql_stmt_init(connection);
  if (mysql_stmt_prepare(handle_, sql.c_str(), sql.size()) != 0) return Failure();
  parameters_.assign(mysql_stmt_param_count(handle_), {});
  lengths_.assign(parameters_.size(), 0);
  return {};
}

void Statement::Bind(size_t i, const int64_t* number) {
  parameters_[i] = {};
  parameters_[i].buffer_type = MYSQL_TYPE_LONGLONG;
  parameters_[i].buffer = const_cast<int64_t*>(number);
}

void Statement::Bind(size_t i, std::string_view text) {
  parameters_[i] = {};
  lengths_[i] = text.size();
  parameters_[i].buffer_type = MYSQL_TYPE_STRING;
  parameters_[i].buffer = const_cast<char*>(text.data());
  parameters_[i].length = &lengths_[i];
}

void Statement::BindNull(size_t i) {
  parameters_[i] = {};
  parameters_[i].buffer_type = MYSQL_TYPE_NULL;
}

Status Statement::Execute() {
  if (mysql_stmt_bind_param(handle_, parameters_.data()) != 0 || mysql_stmt_execute(handle_) != 0) {
    return Failure();
  }
  return {};
}

tl::unexpected<Error> Statement::Failure() {
  return Fail(ErrorCode::kInternal, fmt::format("MariaDB: {}", mysql_stmt_error(handle_)));
}

Status Connection::Open(const std::string& socket) {
  Close();
  handle_ = mysql_init(nullptr);
  unsigned on = 1;
  mysql_options(handle_, MYSQL_OPT_LOCAL_INFILE, &on);
  if (mysql_real_connect(handle_, nullptr, "root", nullptr, nullptr, 0, socket.c_str(), 0) ==
      nullptr) {
    return Failure();
  }
  return Run("SET NAMES utf8mb4");
}

void Connection::Close() {
  if (handle_ != nullptr) mysql_close(handle_);
  handle_ = nullptr;
}

Status Connection::Run(std::string_view sql) {
  if (mysql_real_query(handle_, sql.data(), sql.size()) != 0) return Failure();
  return {};
}

tl::unexpected<Error> Connection::Failure() {
  return Fail(ErrorCode::kInternal, fmt::format("MariaDB: {}", mysql_error(handle_)));
}

}  // namespace obviews::bench
