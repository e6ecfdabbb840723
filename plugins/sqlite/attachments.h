// The stores that one SQLite connection reads: each is opened once for the same settings, and lives
// as long as a table of it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "virtual_tables/session_settings.h"
#include "virtual_tables/sql/module.h"

namespace obviews::sqlite {

/// What is attached, in the words of a user.
struct AttachOptions {
  std::string db;  ///< directory of the store
  vtab::SessionSettings settings;
  std::string schema;  ///< of obviews_attach: "" is the session's own
  std::string view;    ///< of CREATE VIRTUAL TABLE

  /// Sets an option by its name. kInvalidArgument for one there is none of.
  Status Set(std::string_view name, std::string value);
  /// Those of obviews_attach in a JSON object; db comes apart.
  static Result<AttachOptions> FromJson(std::string db, std::string_view json);
  /// Those of `USING obviews(view=..., db='...', ...)`.
  static Result<AttachOptions> FromArguments(std::span<const char* const> arguments);
  /// What FromArguments takes back, for one view.
  std::string ToArguments(std::string_view view_name) const;
};

/// One store under one session. Follows what another process writes; a statement sees one state.
class Attachment {
 public:
  /// Errors: those of Store::Open and SessionSettings::SessionFor.
  static Result<std::shared_ptr<Attachment>> Open(const AttachOptions& options);

  const vtab::Session& session() const { return session_; }
  vtab::sql::ModuleContext& context() { return context_; }

 private:
  Attachment(std::unique_ptr<engine::Store> store, vtab::Session session);

  std::unique_ptr<engine::Store> store_;
  vtab::Session session_;
  vtab::sql::ModuleContext context_;
};

/// Those of one connection. One thread at a time, as the connection.
class Attachments {
 public:
  /// The one of these options, opened unless it is open. Errors: as Attachment::Open.
  Result<std::shared_ptr<Attachment>> Find(const AttachOptions& options);
  /// For the module.
  Result<vtab::sql::OpenedView> OpenView(std::span<const char* const> arguments);

 private:
  std::map<std::string, std::weak_ptr<Attachment>> open_;  ///< by AttachOptions::ToArguments("")
};

}  // namespace obviews::sqlite
