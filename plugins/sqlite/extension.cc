// The loadable extension of SQLite: `.load obviews_sqlite`, then SELECT obviews_attach('DIR').
#include <fmt/format.h>

#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "plugins/sqlite/attachments.h"
#include "virtual_tables/sqlite_api.h"

SQLITE_EXTENSION_INIT1

namespace obviews::sqlite {
namespace {

/// sqlite3_vtab_in() and its like, which reading an IN list takes, came with this version.
constexpr int kOldestSqlite = 3038000;

std::string_view TextOf(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return text == nullptr ? std::string_view()
                         : std::string_view(text, static_cast<size_t>(sqlite3_value_bytes(value)));
}

/// Attaches the views of a store; the name of the schema they are in.
Result<std::string> Attach(Attachments& attachments, sqlite3* db, std::string_view directory,
                           std::string_view json) {
  if (sqlite3_get_autocommit(db) == 0) {
    return Fail(ErrorCode::kInvalidArgument,
                "obviews_attach cannot be used within a transaction, whose end may take the views "
                "away again: COMMIT first");
  }
  OBVIEWS_ASSIGN_OR_RETURN(AttachOptions options,
                           AttachOptions::FromJson(std::string(directory), json));
  OBVIEWS_ASSIGN_OR_RETURN(auto attachment, attachments.Find(options));
  std::string schema = options.schema.empty()
                           ? std::string(vtab::sql::SchemaName(attachment->session()))
                           : options.schema;
  if (sqlite3_db_readonly(db, schema.c_str()) >= 0) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("there is a schema {0} already: DETACH {0} first, or name another with "
                            "obviews_attach(DIR, '{{\"schema\": \"NAME\"}}')",
                            schema));
  }
  OBVIEWS_RETURN_IF_ERROR(vtab::sql::CreateViews(
      db, attachment->session(), schema,
      [&](const schema::View& view) { return options.ToArguments(view.name); }));
  return schema;
}

/// obviews_attach(DIR[, OPTIONS])
void AttachFunction(sqlite3_context* context, int argc, sqlite3_value** argv) {
  // Nothing of ours throws; running out of memory does.
  try {
    auto& attachments = **static_cast<std::shared_ptr<Attachments>*>(sqlite3_user_data(context));
    auto schema = Attach(attachments, sqlite3_context_db_handle(context), TextOf(argv[0]),
                         argc > 1 ? TextOf(argv[1]) : "{}");
    if (schema) {
      sqlite3_result_text(context, schema->c_str(), -1, SQLITE_TRANSIENT);
    } else {
      sqlite3_result_error(context, schema.error().message.c_str(), -1);
    }
  } catch (const std::exception& error) {
    sqlite3_result_error(context, error.what(), -1);
  }
}

void Destroy(void* attachments) {
  std::unique_ptr<std::shared_ptr<Attachments>>(
      static_cast<std::shared_ptr<Attachments>*>(attachments))
      .reset();
}

Status Register(sqlite3* db) {
  auto attachments = std::make_shared<Attachments>();
  OBVIEWS_RETURN_IF_ERROR(
      vtab::sql::RegisterModule(db, [attachments](std::span<const char* const> arguments) {
        return attachments->OpenView(arguments);
      }));
  for (int arguments : {1, 2}) {
    auto owned = std::make_unique<std::shared_ptr<Attachments>>(attachments);
    // Not for schemas that somebody else wrote: it opens whatever directory it is given.
    constexpr int kFlags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
    // SQLite destroys it, whether it takes the function or not.
    if (sqlite3_create_function_v2(db, "obviews_attach", arguments, kFlags, owned.release(),
                                   AttachFunction, nullptr, nullptr, Destroy) != SQLITE_OK) {
      return Fail(ErrorCode::kInternal,
                  fmt::format("cannot make obviews_attach(): {}", sqlite3_errmsg(db)));
    }
  }
  return {};
}

}  // namespace
}  // namespace obviews::sqlite

extern "C" __attribute__((visibility("default"))) int sqlite3_obviewssqlite_init(
    sqlite3* db, char** error, const sqlite3_api_routines* api) {
  SQLITE_EXTENSION_INIT2(api);
  using obviews::sqlite::kOldestSqlite;
  if (sqlite3_libversion_number() < kOldestSqlite) {
    *error =
        sqlite3_mprintf("obviews needs SQLite 3.38 or newer, this is %s", sqlite3_libversion());
    return SQLITE_ERROR;
  }
  try {
    obviews::Status registered = obviews::sqlite::Register(db);
    // RocksDB's threads live until the process ends, so its code must stay.
    if (registered) return SQLITE_OK_LOAD_PERMANENTLY;
    *error = sqlite3_mprintf("%s", registered.error().message.c_str());
  } catch (const std::exception& exception) {
    *error = sqlite3_mprintf("%s", exception.what());
  }
  return SQLITE_ERROR;
}
