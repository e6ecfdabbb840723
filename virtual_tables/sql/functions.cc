// Registration, and the functions about the session and about stored times.
#include "virtual_tables/sql/functions.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>

#include "schema/conversions.h"
#include "schema/numbers.h"
#include "schema/time_text.h"
#include "virtual_tables/sql/function_call.h"
#include "virtual_tables/sql/lexer.h"

namespace obviews::vtab::sql {

int64_t FunctionCall::Integer(size_t i) const {
  if (!IsFraction(i)) return sqlite3_value_int64(arguments_[i]);
  const double rounded = std::round(Real(i));
  // The first double beyond int64.
  constexpr double kBeyond = 9223372036854775808.0;
  if (rounded >= kBeyond) return std::numeric_limits<int64_t>::max();
  if (!(rounded >= -kBeyond)) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(rounded);
}

namespace {

using schema::Mode;

void EffectiveTenantId(const FunctionCall& call) { call.Result(call.session().effective_tenant); }

void Database(const FunctionCall& call) {
  if (call.session().schema_name.empty()) return call.Null();
  call.Result(call.session().schema_name);
}

void Version(const FunctionCall& call) { call.Result(call.session().version); }

void Variable(const FunctionCall& call) {
  const SessionContext& session = call.session();
  const std::string_view name = call.Text(0);
  if (EqualsIgnoreCase(name, "time_zone")) return call.Result(session.session_zone.name());
  if (EqualsIgnoreCase(name, "system_time_zone")) return call.Result(session.system_zone.name());
  if (EqualsIgnoreCase(name, "version")) return call.Result(session.version);
  if (EqualsIgnoreCase(name, "version_comment")) return call.Result("obviews, read-only");
  if (EqualsIgnoreCase(name, "ob_compatibility_mode")) {
    return call.Result(session.mode == Mode::kOracle ? "ORACLE" : "MYSQL");
  }
  call.Null();
}

void UsecToTime(const FunctionCall& call) {
  if (call.IsNull(0)) return call.Null();
  schema::TextBuffer buffer;
  const schema::ShownText text =
      schema::ShowUsecMySql(call.Integer(0), call.session().session_zone, buffer);
  if (!text) return call.Fail("USEC_TO_TIME: the value is outside the range of times (-4261)");
  call.Result(*text);
}

void TimeToUsec(const FunctionCall& call) {
  if (call.IsNull(0)) return call.Null();
  const auto parsed = schema::ParseMySqlTimestamp(call.Text(0), call.session().session_zone);
  if (!parsed) return call.Null();
  call.Result(parsed->usec);
}

void NullScn(const FunctionCall& call, std::string_view function) {
  if (call.session().mode == Mode::kOracle) {
    return call.Fail("ORA-01405: fetched column value is NULL");
  }
  call.Fail(fmt::format("{}: invalid argument, NULL (-5437)", function));
}

// An argument as an SCN, any uint64; nothing when it is not one.
std::optional<uint64_t> ScnArgument(const FunctionCall& call) {
  switch (sqlite3_value_type(call.argument(0))) {
    case SQLITE_INTEGER: {
      const int64_t value = call.Integer(0);
      if (value < 0) return std::nullopt;
      return static_cast<uint64_t>(value);
    }
    case SQLITE_FLOAT: {
      const double rounded = std::round(call.Real(0));
      constexpr double kBeyond = 18446744073709551616.0;
      if (!(rounded >= 0 && rounded < kBeyond)) return std::nullopt;
      return static_cast<uint64_t>(rounded);
    }
    default: {
      const auto parsed = schema::ParseUint64(call.Text(0));
      if (!parsed) return std::nullopt;
      return *parsed;
    }
  }
}

void ScnToTimestamp(const FunctionCall& call) {
  if (call.IsNull(0)) return NullScn(call, "SCN_TO_TIMESTAMP");
  const std::optional<uint64_t> scn = ScnArgument(call);
  if (!scn) return call.Fail("SCN_TO_TIMESTAMP: the argument is no SCN, 0 to 2^64-1 (-5437)");
  const SessionContext& session = call.session();
  schema::TextBuffer buffer;
  call.Result(session.mode == Mode::kOracle
                  ? schema::ShowScnOracle(*scn, session.system_zone, buffer)
                  : schema::ShowScnMySql(*scn, session.system_zone, buffer));
}

void TimestampToScn(const FunctionCall& call) {
  if (call.IsNull(0)) return NullScn(call, "TIMESTAMP_TO_SCN");
  const std::string_view text = call.Text(0);
  const schema::Zone& zone = call.session().system_zone;
  const bool oracle = schema::DetectTimeTextForm(text) == schema::TimeTextForm::kOracleTimestamp;
  const auto scn = oracle ? schema::ParseOracleScn(text, zone) : schema::ParseMySqlScn(text, zone);
  if (!scn) return call.Fail(fmt::format("TIMESTAMP_TO_SCN: {}", scn.error().message));
  call.Result(static_cast<int64_t>(scn->first));
}

constexpr std::array<FunctionEntry, 8> kSessionFunctions = {{
    {"EFFECTIVE_TENANT_ID", 0, SqliteFunction<EffectiveTenantId>},
    {"DATABASE", 0, SqliteFunction<Database>},
    {"VERSION", 0, SqliteFunction<Version>},
    {"obviews_variable", 1, SqliteFunction<Variable>},
    {"USEC_TO_TIME", 1, SqliteFunction<UsecToTime>},
    {"TIME_TO_USEC", 1, SqliteFunction<TimeToUsec>},
    {"SCN_TO_TIMESTAMP", 1, SqliteFunction<ScnToTimestamp>},
    {"TIMESTAMP_TO_SCN", 1, SqliteFunction<TimestampToScn>},
}};

Status RegisterAll(sqlite3* db, const SessionContext* context,
                   std::span<const FunctionEntry> entries) {
  // "Deterministic" is meant within a statement, which is what lets SQLite compute NOW() once.
  constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  for (const FunctionEntry& entry : entries) {
    const int code = sqlite3_create_function_v2(db, entry.name, entry.arguments, kFlags,
                                                const_cast<SessionContext*>(context), entry.run,
                                                nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
      return Fail(ErrorCode::kInternal, fmt::format("cannot register the SQL function {}: {}",
                                                    entry.name, sqlite3_errstr(code)));
    }
  }
  return {};
}

}  // namespace

Status RegisterFunctions(sqlite3* db, const SessionContext* context) {
  OBVIEWS_RETURN_IF_ERROR(RegisterAll(db, context, kSessionFunctions));
  OBVIEWS_RETURN_IF_ERROR(RegisterAll(db, context, TimeFunctions()));
  return RegisterAll(db, context, TextFunctions());
}

}  // namespace obviews::vtab::sql
