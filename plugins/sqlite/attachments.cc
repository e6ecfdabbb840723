// Stores of a connection; see attachments.h.
#include "plugins/sqlite/attachments.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "schema/catalog.h"
#include "virtual_tables/sqlite_api.h"

namespace obviews::sqlite {
namespace {

/// An option and where its text is kept.
struct Option {
  std::string_view name;
  std::string& (*text)(AttachOptions&);
};

constexpr Option kOptions[] = {
    {"db", [](AttachOptions& o) -> std::string& { return o.db; }},
    {"view", [](AttachOptions& o) -> std::string& { return o.view; }},
    {"schema", [](AttachOptions& o) -> std::string& { return o.schema; }},
    {"tenant", [](AttachOptions& o) -> std::string& { return o.settings.tenant; }},
    {"mode", [](AttachOptions& o) -> std::string& { return o.settings.mode; }},
    {"time_zone", [](AttachOptions& o) -> std::string& { return o.settings.time_zone; }},
    {"system_time_zone",
     [](AttachOptions& o) -> std::string& { return o.settings.system_time_zone; }},
    {"view_version", [](AttachOptions& o) -> std::string& { return o.settings.view_version; }},
};
constexpr std::string_view kShowSecrets = "show_secrets";

/// 'text' as SQLite writes it.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The value of an argument: a bare word, or quoted with ' or " as in SQL.
Result<std::string> Unquoted(std::string_view text) {
  if (text.empty() || (text.front() != '\'' && text.front() != '"')) return std::string(text);
  const char quote = text.front();
  std::string value;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] != quote) {
      value += text[i];
    } else if (i + 1 == text.size()) {
      return value;
    } else if (text[++i] == quote) {
      value += quote;
    } else {
      break;
    }
  }
  return Fail(ErrorCode::kInvalidArgument, fmt::format("a quote is not closed in {}", text));
}

}  // namespace

Status AttachOptions::Set(std::string_view name, std::string value) {
  if (value.find('\0') != std::string::npos) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("{} has a zero byte", name));
  }
  std::vector<std::string_view> names = {kShowSecrets};
  for (const Option& option : kOptions) {
    if (schema::SameName(option.name, name)) {
      option.text(*this) = std::move(value);
      return {};
    }
    names.push_back(option.name);
  }
  if (schema::SameName(kShowSecrets, name)) {
    if (value != "1" && value != "0" && value != "true" && value != "false") {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("show_secrets is true or false, not {}", value));
    }
    settings.show_secrets = value == "1" || value == "true";
    return {};
  }
  std::string_view nearest = schema::NearestName(name, names);
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("obviews has no option '{}'{}", name,
                          nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest)));
}

Result<AttachOptions> AttachOptions::FromJson(std::string db, std::string_view json) {
  AttachOptions options;
  auto parsed = nlohmann::json::parse(json, nullptr, false);
  if (!parsed.is_object()) {
    return Fail(ErrorCode::kInvalidArgument,
                "the options of obviews_attach are a JSON object such as "
                "{\"tenant\": 1002, \"time_zone\": \"+00:00\"}");
  }
  for (const auto& [name, value] : parsed.items()) {
    if (!value.is_string() && !value.is_number_integer() && !value.is_boolean()) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("option {} of obviews_attach is to be a text, a whole number or a "
                              "boolean",
                              name));
    }
    OBVIEWS_RETURN_IF_ERROR(
        options.Set(name, value.is_string() ? value.get<std::string>() : value.dump()));
  }
  OBVIEWS_RETURN_IF_ERROR(options.Set("db", std::move(db)));
  return options;
}

Result<AttachOptions> AttachOptions::FromArguments(std::span<const char* const> arguments) {
  AttachOptions options;
  for (std::string_view argument : arguments) {
    size_t equals = argument.find('=');
    if (equals == std::string_view::npos) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("expected USING obviews(view=NAME, db='DIR', ...), not '{}'",
                              Trimmed(argument)));
    }
    OBVIEWS_ASSIGN_OR_RETURN(std::string value, Unquoted(Trimmed(argument.substr(equals + 1))));
    OBVIEWS_RETURN_IF_ERROR(options.Set(Trimmed(argument.substr(0, equals)), std::move(value)));
  }
  return options;
}

std::string AttachOptions::ToArguments(std::string_view view_name) const {
  AttachOptions named = *this;
  named.view = view_name;
  named.schema.clear();
  std::string arguments;
  for (const Option& option : kOptions) {
    const std::string& text = option.text(named);
    if (!text.empty()) arguments += fmt::format("{}={},", option.name, Quoted(text));
  }
  return arguments + fmt::format("{}={}", kShowSecrets, named.settings.show_secrets);
}

Attachment::Attachment(std::unique_ptr<engine::Store> store, vtab::Session session)
    : store_(std::move(store)),
      session_(std::move(session)),
      context_(
          [this]() {
            context_.Forget();
            return store_->TakeSnapshot();
          },
          &session_,
          // SQLite has no warnings of a statement; its log is the next best place.
          [](const std::string& warning) { sqlite3_log(SQLITE_WARNING, "%s", warning.c_str()); }) {}

Result<std::shared_ptr<Attachment>> Attachment::Open(const AttachOptions& options) {
  if (options.db.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "db, the directory of a record store, is missing");
  }
  OBVIEWS_ASSIGN_OR_RETURN(auto store, engine::Store::Open(options.db, {}));
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store->TakeSnapshot());
  OBVIEWS_ASSIGN_OR_RETURN(vtab::Session session, options.settings.SessionFor(*snapshot));
  snapshot.reset();
  return std::shared_ptr<Attachment>(new Attachment(std::move(store), std::move(session)));
}

Result<std::shared_ptr<Attachment>> Attachments::Find(const AttachOptions& options) {
  std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<Attachment>& known = open_[options.ToArguments("")];
  if (auto attachment = known.lock()) return attachment;
  OBVIEWS_ASSIGN_OR_RETURN(auto attachment, Attachment::Open(options));
  known = attachment;
  return attachment;
}

Result<vtab::sql::OpenedView> Attachments::OpenView(std::span<const char* const> arguments) {
  OBVIEWS_ASSIGN_OR_RETURN(AttachOptions options, AttachOptions::FromArguments(arguments));
  OBVIEWS_ASSIGN_OR_RETURN(auto attachment, Find(options));
  const vtab::Session& session = attachment->session();
  const schema::View* view = session.FindView(options.view);
  if (view == nullptr) {
    std::string_view nearest =
        session.catalog().Nearest(options.view, session.is_sys(), session.mode);
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("no such view: {}{}", options.view,
                            nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest)));
  }
  return vtab::sql::OpenedView{{attachment, &attachment->context()}, view};
}

}  // namespace obviews::sqlite
