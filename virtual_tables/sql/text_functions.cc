// SQL functions about texts, and the small general ones SQLite lacks.
#include <fmt/format.h>
#include <regex.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "virtual_tables/sql/function_call.h"

namespace obviews::vtab::sql {
namespace {

using schema::Mode;

// Padding beyond this many bytes yields NULL, as beyond max_allowed_packet in MySQL.
constexpr size_t kMostPadded = size_t{64} << 20U;

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }

// Characters are counted as SQLite counts them: bytes that do not continue a UTF-8 sequence.
size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), StartsCharacter));
}

// Byte offset of the character with that number; the text's size if there are fewer.
size_t OffsetOf(std::string_view text, size_t character) {
  size_t seen = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (StartsCharacter(text[i]) && seen++ == character) return i;
  }
  return text.size();
}

size_t NotNegative(int64_t value) { return value < 0 ? 0 : static_cast<size_t>(value); }

// MySQL: NULL if any argument is. Oracle: NULLs count as empty, and nothing at all is NULL.
void Concat(const FunctionCall& call) {
  const bool oracle = call.session().mode == Mode::kOracle;
  if (call.size() == 0) return call.Fail("CONCAT needs at least one argument");
  if (!oracle && call.AnyNull()) return call.Null();
  std::string out;
  for (size_t i = 0; i < call.size(); ++i) out += call.Text(i);
  if (oracle && out.empty()) return call.Null();
  call.Result(out);
}

void ConcatWs(const FunctionCall& call) {
  if (call.size() < 2) return call.Fail("CONCAT_WS needs at least two arguments");
  if (call.IsNull(0)) return call.Null();
  std::string out;
  bool first = true;
  for (size_t i = 1; i < call.size(); ++i) {
    if (call.IsNull(i)) continue;
    if (!first) out += call.Text(0);
    out += call.Text(i);
    first = false;
  }
  call.Result(out);
}

void Left(const FunctionCall& call) {
  if (call.AnyNull()) return call.Null();
  const std::string_view text = call.Text(0);
  call.Result(text.substr(0, OffsetOf(text, NotNegative(call.Integer(1)))));
}

void Right(const FunctionCall& call) {
  if (call.AnyNull()) return call.Null();
  const std::string_view text = call.Text(0);
  const size_t length = CountCharacters(text);
  const size_t wanted = std::min(length, NotNegative(call.Integer(1)));
  call.Result(text.substr(OffsetOf(text, length - wanted)));
}

template <bool kLeft>
void Pad(const FunctionCall& call) {
  if (call.AnyNull() || call.Integer(1) < 0) return call.Null();
  const std::string_view text = call.Text(0);
  const std::string_view pad = call.Text(2);
  const auto wanted = static_cast<size_t>(call.Integer(1));
  const size_t length = CountCharacters(text);
  if (wanted <= length) return call.Result(text.substr(0, OffsetOf(text, wanted)));
  const size_t pad_length = CountCharacters(pad);
  const size_t missing = wanted - length;
  if (pad_length == 0 || missing / pad_length > kMostPadded / pad.size()) return call.Null();
  std::string filling;
  for (size_t i = 0; i < missing / pad_length; ++i) filling += pad;
  filling += pad.substr(0, OffsetOf(pad, missing % pad_length));
  call.Result(kLeft ? filling + std::string(text) : std::string(text) + filling);
}

void SubstringIndex(const FunctionCall& call) {
  if (call.AnyNull()) return call.Null();
  const std::string_view text = call.Text(0);
  const std::string_view delimiter = call.Text(1);
  int64_t count = call.Integer(2);
  if (delimiter.empty() || count == 0) return call.Result(std::string_view());
  size_t at = count > 0 ? 0 : text.size();
  for (; count > 0; --count) {
    const size_t found = text.find(delimiter, at);
    if (found == std::string_view::npos) return call.Result(text);
    if (count == 1) return call.Result(text.substr(0, found));
    at = found + delimiter.size();
  }
  for (;; ++count) {
    const size_t found = at < delimiter.size() ? std::string_view::npos
                                               : text.rfind(delimiter, at - delimiter.size());
    if (found == std::string_view::npos) return call.Result(text);
    if (count == -1) return call.Result(text.substr(found + delimiter.size()));
    at = found;
  }
}

void FindInSet(const FunctionCall& call) {
  if (call.AnyNull()) return call.Null();
  const std::string_view wanted = call.Text(0);
  std::string_view list = call.Text(1);
  if (list.empty()) return call.Result(int64_t{0});
  for (int64_t number = 1;; ++number) {
    const size_t comma = list.find(',');
    if (list.substr(0, comma) == wanted) return call.Result(number);
    if (comma == std::string_view::npos) return call.Result(int64_t{0});
    list.remove_prefix(comma + 1);
  }
}

// LOCATE(what, text[, from]): the number of the character where `what` begins, 0 for nowhere.
void Locate(const FunctionCall& call) {
  if (call.AnyNull()) return call.Null();
  const std::string_view what = call.Text(0);
  const std::string_view text = call.Text(1);
  const int64_t from = call.size() == 3 ? call.Integer(2) : 1;
  if (from < 1 || static_cast<size_t>(from) > CountCharacters(text) + 1) {
    return call.Result(int64_t{0});
  }
  const size_t found = text.find(what, OffsetOf(text, static_cast<size_t>(from) - 1));
  if (found == std::string_view::npos) return call.Result(int64_t{0});
  call.Result(static_cast<int64_t>(CountCharacters(text.substr(0, found))) + 1);
}

void Field(const FunctionCall& call) {
  if (call.size() < 2) return call.Fail("FIELD needs at least two arguments");
  for (size_t i = 1; i < call.size() && !call.IsNull(0); ++i) {
    if (!call.IsNull(i) && call.Text(i) == call.Text(0))
      return call.Result(static_cast<int64_t>(i));
  }
  call.Result(int64_t{0});
}

void CharLength(const FunctionCall& call) {
  if (call.IsNull(0)) return call.Null();
  call.Result(static_cast<int64_t>(CountCharacters(call.Text(0))));
}

void OctetLength(const FunctionCall& call) {
  if (call.IsNull(0)) return call.Null();
  call.Result(static_cast<int64_t>(call.Text(0).size()));
}

void IsNull(const FunctionCall& call) { call.Result(int64_t{call.IsNull(0)}); }

void Nvl2(const FunctionCall& call) {
  sqlite3_result_value(call.context(), call.argument(call.IsNull(0) ? 2 : 1));
}

void Mod(const FunctionCall& call) {
  if (call.AnyNull()) return call.Null();
  if (call.IsFraction(0) || call.IsFraction(1)) {
    if (call.Real(1) == 0) return call.Null();
    return call.Result(std::fmod(call.Real(0), call.Real(1)));
  }
  const int64_t divisor = call.Integer(1);
  if (divisor == 0) return call.Null();
  // The smallest int64 cannot be divided by -1.
  call.Result(divisor == -1 ? int64_t{0} : call.Integer(0) % divisor);
}

struct FreeRegex {
  void operator()(regex_t* regex) const {
    regfree(regex);
    delete regex;
  }
};

// text REGEXP pattern, which SQLite calls as regexp(pattern, text): a POSIX extended expression,
// any ASCII case. A constant pattern is compiled once a statement.
void Regexp(const FunctionCall& call) {
  if (call.AnyNull()) return call.Null();
  auto* regex = static_cast<regex_t*>(sqlite3_get_auxdata(call.context(), 0));
  std::unique_ptr<regex_t, FreeRegex> compiled;
  if (regex == nullptr) {
    const std::string pattern(call.Text(0));
    if (pattern.find('\0') != std::string::npos) {
      return call.Fail("REGEXP: a pattern cannot hold a NUL byte");
    }
    auto made = std::make_unique<regex_t>();
    const int code = regcomp(made.get(), pattern.c_str(), REG_EXTENDED | REG_ICASE | REG_NOSUB);
    if (code != 0) {
      std::array<char, 128> why{};
      regerror(code, made.get(), why.data(), why.size());
      return call.Fail(fmt::format("REGEXP: {}", why.data()));
    }
    compiled.reset(made.release());
    regex = compiled.get();
  }
  const std::string_view text = call.Text(1);
  if (text.size() >= static_cast<size_t>(std::numeric_limits<regoff_t>::max())) {
    return call.Fail("REGEXP: the text is too long");
  }
  regmatch_t span{0, static_cast<regoff_t>(text.size())};
  const bool match =
      regexec(regex, text.data() == nullptr ? "" : text.data(), 1, &span, REG_STARTEND) == 0;
  call.Result(int64_t{match});
  if (compiled) {
    sqlite3_set_auxdata(call.context(), 0, compiled.release(),
                        [](void* p) { FreeRegex()(static_cast<regex_t*>(p)); });
  }
}

constexpr std::array<FunctionEntry, 18> kTextFunctions = {{
    {"CONCAT", -1, SqliteFunction<Concat>},
    {"CONCAT_WS", -1, SqliteFunction<ConcatWs>},
    {"LEFT", 2, SqliteFunction<Left>},
    {"RIGHT", 2, SqliteFunction<Right>},
    {"LPAD", 3, SqliteFunction<Pad<true>>},
    {"RPAD", 3, SqliteFunction<Pad<false>>},
    {"SUBSTRING_INDEX", 3, SqliteFunction<SubstringIndex>},
    {"FIND_IN_SET", 2, SqliteFunction<FindInSet>},
    {"LOCATE", 2, SqliteFunction<Locate>},
    {"LOCATE", 3, SqliteFunction<Locate>},
    {"FIELD", -1, SqliteFunction<Field>},
    {"CHAR_LENGTH", 1, SqliteFunction<CharLength>},
    {"CHARACTER_LENGTH", 1, SqliteFunction<CharLength>},
    {"OCTET_LENGTH", 1, SqliteFunction<OctetLength>},
    {"ISNULL", 1, SqliteFunction<IsNull>},
    {"NVL2", 3, SqliteFunction<Nvl2>},
    {"MOD", 2, SqliteFunction<Mod>},
    {"REGEXP", 2, SqliteFunction<Regexp>},
}};

}  // namespace

std::span<const FunctionEntry> TextFunctions() { return kTextFunctions; }

}  // namespace obviews::vtab::sql
