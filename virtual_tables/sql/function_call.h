// One call of an SQL function, seen from C++: arguments in, result out. Internal to this folder.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "virtual_tables/sql/functions.h"

namespace obviews::vtab::sql {

class FunctionCall {
 public:
  FunctionCall(sqlite3_context* context, std::span<sqlite3_value*> arguments)
      : context_(context), arguments_(arguments) {}

  const SessionContext& session() const {
    return *static_cast<const SessionContext*>(sqlite3_user_data(context_));
  }
  sqlite3_context* context() const { return context_; }

  size_t size() const { return arguments_.size(); }
  sqlite3_value* argument(size_t i) const { return arguments_[i]; }
  bool IsNull(size_t i) const { return sqlite3_value_type(arguments_[i]) == SQLITE_NULL; }
  bool AnyNull() const {
    for (size_t i = 0; i < size(); ++i) {
      if (IsNull(i)) return true;
    }
    return false;
  }

  /// The bytes of an argument as text; empty for NULL. Valid until the call returns.
  std::string_view Text(size_t i) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(arguments_[i]));
    if (text == nullptr) return {};
    return {text, static_cast<size_t>(sqlite3_value_bytes(arguments_[i]))};
  }

  /// An argument as a whole number, halves rounded away from zero, saturating at the ends of
  /// int64. Texts that only begin with a number count as that number, as in MySQL.
  int64_t Integer(size_t i) const;
  /// Whether the argument is a number (or the text of one) that has decimals.
  bool IsFraction(size_t i) const {
    return sqlite3_value_numeric_type(arguments_[i]) == SQLITE_FLOAT;
  }
  double Real(size_t i) const { return sqlite3_value_double(arguments_[i]); }

  void Null() const { sqlite3_result_null(context_); }
  void Result(int64_t value) const { sqlite3_result_int64(context_, value); }
  void Result(double value) const { sqlite3_result_double(context_, value); }
  void Result(std::string_view text) const {
    sqlite3_result_text64(context_, text.data() == nullptr ? "" : text.data(), text.size(),
                          SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  void Fail(std::string_view message) const {
    sqlite3_result_error(context_, message.data(), static_cast<int>(message.size()));
  }

 private:
  sqlite3_context* context_;
  std::span<sqlite3_value*> arguments_;
};

/// One function to register. `arguments` -1: any number.
struct FunctionEntry {
  const char* name;
  int arguments;
  void (*run)(sqlite3_context*, int, sqlite3_value**);
};

/// Makes a function over FunctionCall one for SQLite; running out of memory is the only exception
/// such functions can meet.
template <void (*F)(const FunctionCall&)>
void SqliteFunction(sqlite3_context* context, int count, sqlite3_value** values) noexcept {
  try {
    F(FunctionCall(context, {values, static_cast<size_t>(count)}));
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

/// The tables of functions, each beside its functions.
std::span<const FunctionEntry> TimeFunctions();
std::span<const FunctionEntry> TextFunctions();

}  // namespace obviews::vtab::sql
