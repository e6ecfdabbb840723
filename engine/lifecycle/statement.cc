// Reads statements: the grammar finds the parts, a builder takes them.
#include "engine/lifecycle/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/lifecycle/statement_grammar.h"
#include "schema/quote.h"

namespace obviews::lifecycle {
namespace {

namespace peg = tao::pegtl;

constexpr size_t kMaxTenantNameCharacters = 64;
constexpr std::string_view kQuotes = "'\"";
constexpr std::string_view kHiddenText = "'...'";  // what is shown of a quoted text

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Bytes of the UTF-8 character at the beginning of a text that is not empty; 0 for none.
size_t CharacterSize(std::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  // Not longer than needed, no surrogate, not beyond U+10FFFF.
  const unsigned second = byte(1);
  const bool wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return wrong ? 0 : size;
}

// The first byte that is no UTF-8; npos if there is none.
size_t FindInvalidUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t size = CharacterSize(text.substr(at));
    if (size == 0) return at;
    at += size;
  }
  return std::string_view::npos;
}

// Places of one text. Cheap while the offsets asked for go up.
class PlaceFinder {
 public:
  explicit PlaceFinder(std::string_view text) : text_(text) {}

  const Place& Find(size_t offset) {
    if (offset < last_.offset) last_ = Place();
    for (; last_.offset < offset; ++last_.offset) {
      const char c = text_[last_.offset];
      if (c == '\n') {
        ++last_.line;
        last_.column = 1;
      } else if (!IsContinuation(c)) {
        ++last_.column;
      }
    }
    return last_;
  }

 private:
  std::string_view text_;
  Place last_;
};

// `a``b` between backticks.
std::string UnquoteName(std::string_view token) {
  if (token.empty() || token.front() != '`') return std::string(token);
  std::string name;
  for (size_t i = 1; i + 1 < token.size(); ++i) {
    name += token[i];
    if (token[i] == '`') ++i;
  }
  return name;
}

// Appends the value of one quoted text, by the rules of MySQL: \% and \_ keep their backslash.
void AppendUnquoted(std::string_view token, std::string& out) {
  constexpr std::string_view kLetters = "0bnrtZ";
  constexpr std::string_view kMeanings("\0\b\n\r\t\x1A", 6);
  for (size_t i = 1; i + 1 < token.size(); ++i) {
    const char c = token[i];
    if (c == token.front()) {
      ++i;
    } else if (c == '\\') {
      const char escaped = token[++i];
      const size_t letter = kLetters.find(escaped);
      if (escaped == '%' || escaped == '_') out += '\\';
      out += letter == std::string_view::npos ? escaped : kMeanings[letter];
      continue;
    }
    out += c;
  }
}

// Cuts `text` at the first `separator`: what stands before it, and `text` is left what follows.
std::string_view TakeUntil(std::string_view& text, char separator) {
  const size_t at = std::min(text.find(separator), text.size());
  const std::string_view head = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return head;
}

// Takes what the grammar finds. Each method gets the bytes of a match, a part of the statement.
class Builder {
 public:
  explicit Builder(std::string_view text) : text_(text), places_(text) {}

  void StartRecover(std::string_view) { statement_ = RecoverTableStatement(); }
  void StartCancel(std::string_view) { statement_ = CancelRecoverTableStatement(); }

  void ClearValue(std::string_view) { value_.clear(); }
  void AddValue(std::string_view token) { AppendUnquoted(token, value_); }

  void SetDatabase(std::string_view token) {
    item_ = {UnquoteName(token), "", PlaceOf(token)};
    partition_.reset();
  }
  void SetTable(std::string_view token) { item_.table = UnquoteName(token), any_table_ = false; }
  void SetAnyTable(std::string_view) { any_table_ = true; }
  void SetPartition(std::string_view token) { partition_ = UnquoteName(token); }
  void SetAllTables(std::string_view) { recover().import_all = true; }
  void AddItem(std::string_view match) {
    if (partition_) {
      if (any_table_) {
        return Refuse(ServerCode::kSyntax, "syntax error: a partition needs a table", match, "");
      }
      recover().partitions.push_back(
          {std::move(item_.database), std::move(item_.table), *std::move(partition_), item_.place});
    } else if (any_table_) {
      recover().databases.push_back({std::move(item_.database), item_.place});
    } else {
      recover().tables.push_back(std::move(item_));
    }
  }

  void SetTenantText(std::string_view match) { SetTenant(value_, match); }
  void SetTenantName(std::string_view token) { SetTenant(UnquoteName(token), token); }
  void RefuseNoTarget(std::string_view match) {
    Refuse(ServerCode::kNotAllowed, "RECOVER TABLE without TO TENANT is not allowed", match, "");
  }

  void SetBackupUri(std::string_view match) {
    recover().backup_uri = value_;
    recover().from_place = PlaceOf(match);
  }
  void SetUntilTime(std::string_view match) { recover().until = UntilTime{value_, PlaceOf(match)}; }
  void SetUntilScn(std::string_view token) {
    uint64_t scn = 0;
    const auto read = std::from_chars(token.data(), token.data() + token.size(), scn);
    if (read.ec != std::errc()) scn = UINT64_MAX;
    recover().until = UntilScn{scn, PlaceOf(token)};
  }
  void SetRestoreOption(std::string_view match) {
    recover().restore_option = value_;
    recover().option_place = PlaceOf(match);
  }

  void StartEncrypted(std::string_view at) {
    if (recover().backup_passwd) RefuseTwice("ENCRYPTED BY", at);
  }
  void SetBackupPasswd(std::string_view) { recover().backup_passwd = value_; }
  void StartKey(std::string_view at) {
    if (recover().kms_uri) RefuseTwice("WITH KEY FROM", at);
  }
  void SetKmsUri(std::string_view) { recover().kms_uri = value_; }
  void SetKmsPasswd(std::string_view) { recover().kms_passwd = value_; }
  void StartDescription(std::string_view at) {
    if (recover().description) RefuseTwice("DESCRIPTION", at);
  }
  void SetDescription(std::string_view) { recover().description = value_; }

  void StartRemap(std::string_view at) {
    remap_start_ = at;
    first_remap_ = {};
  }
  void AddTableRemap(std::string_view token) {
    std::string_view rest = NoteRemap(token);
    TableItem source = TakeTable(rest, token);
    TableItem target = TakeTarget(rest, source.database, token);
    recover().table_remaps.push_back({std::move(source), std::move(target), PlaceOf(token)});
  }
  void AddPartitionRemap(std::string_view token) {
    std::string_view rest = NoteRemap(token);
    TableItem source = TakeTable(rest, token);
    std::string partition(TakeUntil(rest, ':'));
    TableItem target = TakeTarget(rest, source.database, token);
    recover().partition_remaps.push_back(
        {{std::move(source.database), std::move(source.table), std::move(partition), source.place},
         std::move(target),
         PlaceOf(token)});
  }
  void AddDatabaseRemap(std::string_view token) {
    std::string_view rest = NoteRemap(token);
    std::string source(TakeUntil(rest, '.'));
    TakeUntil(rest, ':');
    std::string target(TakeUntil(rest, '.'));
    recover().database_remaps.push_back({std::move(source), std::move(target), PlaceOf(token)});
  }
  void AddTablegroupRemap(std::string_view token) {
    recover().tablegroup_remaps.push_back(TakeNames(token));
  }
  void AddTablespaceRemap(std::string_view token) {
    recover().tablespace_remaps.push_back(TakeNames(token));
  }
  void EndRemapTables(std::string_view) { EndRemap("TABLE", remapped_tables_); }
  void EndRemapTablegroups(std::string_view) { EndRemap("TABLEGROUP", remapped_tablegroups_); }
  void EndRemapTablespaces(std::string_view) { EndRemap("TABLESPACE", remapped_tablespaces_); }

  Result<Statement> Finish() && {
    if (refusal_) return Fail(*std::move(refusal_));
    return std::move(statement_);
  }

 private:
  RecoverTableStatement& recover() { return std::get<RecoverTableStatement>(statement_); }

  // `match` is a part of the statement.
  const Place& PlaceOf(std::string_view match) {
    return places_.Find(static_cast<size_t>(match.data() - text_.data()));
  }

  // Keeps the first refusal: an error of syntax that follows comes before it.
  void Refuse(ServerCode code, std::string_view what, std::string_view match,
              std::string_view near) {
    if (!refusal_) refusal_ = StatementError(code, what, PlaceOf(match), near);
  }
  void RefuseTwice(std::string_view clause, std::string_view at) {
    Refuse(ServerCode::kSyntax, fmt::format("syntax error: {} is given twice", clause), at, clause);
  }

  void SetTenant(std::string name, std::string_view match) {
    if (name.empty() || CountCharacters(name) > kMaxTenantNameCharacters) {
      Refuse(ServerCode::kWrongTenantName,
             fmt::format("the name of a tenant has 1 to {} characters", kMaxTenantNameCharacters),
             match, "");
    }
    if (auto* cancel = std::get_if<CancelRecoverTableStatement>(&statement_)) {
      cancel->tenant = std::move(name);
    } else {
      recover().target_tenant = std::move(name);
    }
  }

  std::string_view NoteRemap(std::string_view token) {
    if (first_remap_.empty()) first_remap_ = token;
    return token;
  }
  TableItem TakeTable(std::string_view& rest, std::string_view token) {
    std::string database(TakeUntil(rest, '.'));
    return {std::move(database), std::string(TakeUntil(rest, ':')), PlaceOf(token)};
  }
  TableItem TakeTarget(std::string_view rest, const std::string& database, std::string_view token) {
    std::string head(TakeUntil(rest, '.'));
    if (rest.empty()) return {database, std::move(head), PlaceOf(token)};
    return {std::move(head), std::string(rest), PlaceOf(token)};
  }
  NameRemapItem TakeNames(std::string_view token) {
    std::string_view rest = NoteRemap(token);
    std::string source(TakeUntil(rest, ':'));
    return {std::move(source), std::string(rest), PlaceOf(token)};
  }
  void EndRemap(std::string_view kind, bool& seen) {
    if (std::exchange(seen, true)) {
      Refuse(ServerCode::kNotAllowed, fmt::format("duplicate REMAP {} is not allowed", kind),
             remap_start_, fmt::format("REMAP {} {}", kind, first_remap_));
    }
  }

  std::string_view text_;
  PlaceFinder places_;
  Statement statement_;
  std::optional<Error> refusal_;

  std::string value_;  // of the quoted texts last read
  TableItem item_;     // the item being read
  bool any_table_ = false;
  std::optional<std::string> partition_;

  std::string_view remap_start_;
  std::string_view first_remap_;  // of the clause being read
  bool remapped_tables_ = false;
  bool remapped_tablegroups_ = false;
  bool remapped_tablespaces_ = false;
};

// What PEGTL calls when a rule has matched.
template <class Rule>
struct Action : peg::nothing<Rule> {};

template <auto kMethod>
struct Call {
  template <class Input>
  static void apply(const Input& in, Builder& builder) {
    (builder.*kMethod)(in.string_view());
  }
};

namespace g = grammar;
template <>
struct Action<g::RecoverStart> : Call<&Builder::StartRecover> {};
template <>
struct Action<g::Cancel> : Call<&Builder::StartCancel> {};
template <>
struct Action<g::TextStart> : Call<&Builder::ClearValue> {};
template <>
struct Action<g::ClosedText> : Call<&Builder::AddValue> {};
template <>
struct Action<g::AllTables> : Call<&Builder::SetAllTables> {};
template <>
struct Action<g::DatabaseName> : Call<&Builder::SetDatabase> {};
template <>
struct Action<g::AnyTable> : Call<&Builder::SetAnyTable> {};
template <>
struct Action<g::TableName> : Call<&Builder::SetTable> {};
template <>
struct Action<g::PartitionName> : Call<&Builder::SetPartition> {};
template <>
struct Action<g::NamedItem> : Call<&Builder::AddItem> {};
template <>
struct Action<g::TenantText> : Call<&Builder::SetTenantText> {};
template <>
struct Action<g::TenantName> : Call<&Builder::SetTenantName> {};
template <>
struct Action<g::NoTarget> : Call<&Builder::RefuseNoTarget> {};
template <>
struct Action<g::BackupUri> : Call<&Builder::SetBackupUri> {};
template <>
struct Action<g::UntilTimeText> : Call<&Builder::SetUntilTime> {};
template <>
struct Action<g::UntilScnNumber> : Call<&Builder::SetUntilScn> {};
template <>
struct Action<g::RestoreOption> : Call<&Builder::SetRestoreOption> {};
template <>
struct Action<g::EncryptedStart> : Call<&Builder::StartEncrypted> {};
template <>
struct Action<g::BackupPasswd> : Call<&Builder::SetBackupPasswd> {};
template <>
struct Action<g::KeyStart> : Call<&Builder::StartKey> {};
template <>
struct Action<g::KmsUri> : Call<&Builder::SetKmsUri> {};
template <>
struct Action<g::KmsPasswd> : Call<&Builder::SetKmsPasswd> {};
template <>
struct Action<g::DescriptionStart> : Call<&Builder::StartDescription> {};
template <>
struct Action<g::DescriptionText> : Call<&Builder::SetDescription> {};
template <>
struct Action<g::RemapStart> : Call<&Builder::StartRemap> {};
template <>
struct Action<g::TableRemap> : Call<&Builder::AddTableRemap> {};
template <>
struct Action<g::DatabaseRemap> : Call<&Builder::AddDatabaseRemap> {};
template <>
struct Action<g::PartitionRemap> : Call<&Builder::AddPartitionRemap> {};
template <>
struct Action<g::TablegroupRemap> : Call<&Builder::AddTablegroupRemap> {};
template <>
struct Action<g::TablespaceRemap> : Call<&Builder::AddTablespaceRemap> {};
template <>
struct Action<g::RemapTables> : Call<&Builder::EndRemapTables> {};
template <>
struct Action<g::RemapTablegroups> : Call<&Builder::EndRemapTablegroups> {};
template <>
struct Action<g::RemapTablespaces> : Call<&Builder::EndRemapTablespaces> {};

// Thrown by the grammar, caught in ParseStatement.
struct Unexpected {
  g::Expectation expected;
  size_t offset = 0;
};

template <class Rule>
struct Control : peg::normal<Rule> {
  template <class Input, class... States>
  [[noreturn]] static void raise(const Input& in, States&&... /*states*/) {
    throw Unexpected{g::kExpected<Rule>, static_cast<size_t>(in.current() - in.begin())};
  }
};

// The longest beginning of `text` that `Rule` matches.
template <class Rule>
std::string_view Leading(std::string_view text) {
  peg::memory_input<peg::tracking_mode::lazy> in(text.data(), text.data() + text.size(), "");
  return peg::parse<Rule>(in) ? text.substr(0, static_cast<size_t>(in.current() - in.begin()))
                              : std::string_view();
}

// What may be shown of the statement at an error: a key word or a sign. A word or name only where
// no part of a quoted text can stand, even if a quote is missing or one too many.
std::string_view NearText(std::string_view text, const Unexpected& error) {
  const std::string_view rest = text.substr(error.offset);
  if (kQuotes.find(rest.front()) != std::string_view::npos) return kHiddenText;
  const std::string_view before = text.substr(0, error.offset);
  const bool shows_words =
      error.expected.shows_words &&
      (error.expected.remap || before.find_first_of(kQuotes) == std::string_view::npos);
  if (shows_words) {
    const std::string_view word = Leading<peg::sor<g::ClosedName, peg::plus<g::RemapByte>>>(rest);
    if (!word.empty()) return word;
  }
  const std::string_view word = Leading<g::Word>(rest);
  if (!word.empty()) {
    return Leading<peg::seq<g::AnyKeyword, peg::eof>>(word).empty() ? std::string_view() : word;
  }
  return rest.front() > ' ' && rest.front() < '\x7f' ? rest.substr(0, 1) : std::string_view();
}

Error SyntaxError(std::string_view text, const Unexpected& error) {
  const Place place = PlaceFinder(text).Find(error.offset);
  if (error.offset >= text.size()) {
    return StatementError(
        ServerCode::kSyntax,
        fmt::format("syntax error: the statement ends where {} was expected", error.expected.text),
        place);
  }
  return StatementError(ServerCode::kSyntax,
                        fmt::format("syntax error: expected {}", error.expected.text), place,
                        NearText(text, error));
}

}  // namespace

size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

Error StatementError(ServerCode code, std::string_view what, const Place& place,
                     std::string_view near) {
  std::string message = fmt::format("{}: {} (line {}, column {}", static_cast<int>(code), what,
                                    place.line, place.column);
  if (!near.empty()) message += fmt::format(": near \"{}\"", ShowInStatementError(near));
  return {ErrorCode::kInvalidArgument, message + ')'};
}

std::string ShowInStatementError(std::string_view names) {
  constexpr size_t kShown = 256;
  constexpr std::string_view kDots = "...";
  if (names == kHiddenText) return std::string(names);
  const std::string_view open = names.substr(0, std::min(names.find_first_of(kQuotes), kShown));
  const std::string quoted = fmt::format("{:?}", open);
  return quoted.substr(1, quoted.size() - 2).append(open.size() < names.size() ? kDots : "");
}

Result<Statement> ParseStatement(std::string_view text) {
  if (text.size() > kMaxStatementBytes) {
    return Fail(StatementError(ServerCode::kSyntax,
                               fmt::format("the statement has {} bytes, and at most {} are read",
                                           text.size(), kMaxStatementBytes),
                               Place()));
  }
  const size_t invalid = FindInvalidUtf8(text);
  if (invalid != std::string_view::npos) {
    return Fail(StatementError(ServerCode::kSyntax, "the statement is not UTF-8 here",
                               PlaceFinder(text).Find(invalid)));
  }
  Builder builder(text);
  try {
    peg::memory_input<peg::tracking_mode::lazy> in(text.data(), text.data() + text.size(), "");
    // Every way the grammar can fail is an Unexpected.
    if (!peg::parse<g::Statement, Action, Control>(in, builder)) {
      return Fail(ErrorCode::kInternal, "the grammar of statements refused without a reason");
    }
  } catch (const Unexpected& error) {
    return Fail(SyntaxError(text, error));
  }
  return std::move(builder).Finish();
}

}  // namespace obviews::lifecycle
