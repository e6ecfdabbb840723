// Any bytes as a statement: reading and checking them ends, says something sensible, and agrees
// with itself. Called by libFuzzer, and by replay_main.cc with the corpus.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/lifecycle/recover_request.h"
#include "engine/lifecycle/statement.h"
#include "schema/conversions.h"
#include "schema/zone.h"

namespace obviews::lifecycle {
namespace {

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "statement_fuzz: not so: %s\n", what);
  std::abort();
}

// Looser than a decoder: lead bytes are followed by as many continuation bytes as they say.
bool LooksLikeUtf8(std::string_view text) {
  size_t missing = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool continues = (byte & 0xC0U) == 0x80U;
    if (continues != (missing > 0)) return false;
    if (continues) {
      --missing;
    } else {
      missing = byte < 0x80 ? 0 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    }
  }
  return missing == 0;
}

void RequireGoodError(const Error& error) {
  Require(error.code == ErrorCode::kInvalidArgument, "errors are of the statement");
  Require(error.message.starts_with('-') && error.message.find(": ") != std::string::npos,
          "an error begins with the server's code");
  Require(LooksLikeUtf8(error.message), "an error is UTF-8");
  for (const char c : error.message) {
    Require(static_cast<unsigned char>(c) >= ' ' && c != '\x7f', "an error has no control bytes");
  }
  Require(error.message.size() < 4096, "an error is short");
}

// That a list shows text exactly if it has items.
template <class Items>
void RequireSame(const std::string& list, const Items& items) {
  Require(list.empty() == items.empty(), "a list is empty exactly if it has no items");
}

void CheckLists(const RecoverLists& lists, const RecoverTableStatement& statement) {
  RequireSame(lists.db_list, lists.databases);
  RequireSame(lists.table_list, lists.tables);
  RequireSame(lists.remap_db_list, lists.database_remaps);
  RequireSame(lists.remap_table_list, lists.table_remaps);
  RequireSame(lists.remap_tablegroup_list, lists.tablegroup_remaps);
  RequireSame(lists.remap_tablespace_list, lists.tablespace_remaps);
  Require(lists.import_all == statement.import_all, "everything stays everything");
  const size_t items = lists.databases.size() + lists.tables.size();
  Require(lists.import_all
              ? items == 0
              : items == statement.databases.size() + statement.tables.size() && items > 0,
          "no item is lost, and some are there");
  Require(lists.backup_dest.empty() != statement.from_place.has_value(), "FROM names paths");
  Require(lists.backup_dest.size() <= statement.backup_uri.size(), "paths only get fewer");
  Require(!lists.options.pool_list.empty(), "there is a pool");
}

void CheckUntil(const RecoverTableStatement& statement) {
  static const schema::Zone zones[] = {schema::Zone(), *schema::Zone::Parse("America/New_York")};
  const auto* until = std::get_if<UntilTime>(&statement.until);
  if (until == nullptr) return;
  for (const schema::Zone& zone : zones) {
    const Result<uint64_t> scn = ScnOfUntilTime(*until, zone);
    if (!scn) {
      RequireGoodError(scn.error());
    } else {
      Require(*scn > 1 && *scn <= schema::kMaxScn && *scn % 1000 == 0, "a time is a legal SCN");
    }
  }
}

void CheckStatement(const RecoverTableStatement& statement, size_t size) {
  Require(!statement.target_tenant.empty(), "there is a target tenant");
  for (const TableItem& table : statement.tables) {
    Require(table.place.offset < size && table.place.column <= table.place.offset + 1 &&
                table.place.line <= table.place.offset + 1,
            "a place is in the statement");
  }
  for (const schema::Mode mode : {schema::Mode::kMySql, schema::Mode::kOracle}) {
    for (const bool lower : {false, true}) {
      const Result<RecoverLists> lists = CheckRecoverRequest(statement, {mode, lower});
      if (lists) {
        CheckLists(*lists, statement);
      } else {
        RequireGoodError(lists.error());
      }
    }
  }
  CheckUntil(statement);
}

}  // namespace
}  // namespace obviews::lifecycle

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace obviews::lifecycle;  // NOLINT(google-build-using-namespace)
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto statement = ParseStatement(text);
  if (!statement) {
    RequireGoodError(statement.error());
  } else if (const auto* recover = std::get_if<RecoverTableStatement>(&*statement)) {
    CheckStatement(*recover, size);
  } else {
    Require(!std::get<CancelRecoverTableStatement>(*statement).tenant.empty(), "there is a tenant");
  }
  return 0;
}
