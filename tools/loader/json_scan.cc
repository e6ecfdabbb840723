// JSON text cut into tokens with places.
#include "tools/loader/json_scan.h"

#include <fmt/format.h>

#include "tools/output/escape.h"

namespace obviews::tools {

namespace {

using Kind = JsonToken::Kind;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

void AppendUtf8(uint32_t code, std::string& text) {
  const auto put = [&text](uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

// The byte a one-letter escape stands for, or -1.
int SimpleEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return -1;
  }
}

}  // namespace

std::string_view Describe(Kind kind) {
  switch (kind) {
    case Kind::kEnd:
      return "the end";
    case Kind::kBeginObject:
      return "`{`";
    case Kind::kEndObject:
      return "`}`";
    case Kind::kBeginArray:
      return "`[`";
    case Kind::kEndArray:
      return "`]`";
    case Kind::kColon:
      return "`:`";
    case Kind::kComma:
      return "`,`";
    case Kind::kString:
      return "a string";
    case Kind::kNumber:
      return "a number";
    case Kind::kTrue:
      return "`true`";
    case Kind::kFalse:
      return "`false`";
    case Kind::kNull:
      return "`null`";
  }
  return "";
}

tl::unexpected<Error> JsonScanner::FailAt(Position at, std::string_view reason) const {
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{}: {}", PlaceText(file_, at), reason));
}

Result<JsonToken> JsonScanner::Next() {
  for (; pos_ < text_.size(); ++pos_) {
    const char c = text_[pos_];
    if (c == '\n') {
      ++line_;
      line_start_ = pos_ + 1;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      break;
    }
  }
  JsonToken token;
  token.at = At(pos_);
  if (pos_ == text_.size()) return token;
  token.raw = text_.substr(pos_, 1);
  switch (text_[pos_]) {
    case '{':
      token.kind = Kind::kBeginObject;
      break;
    case '}':
      token.kind = Kind::kEndObject;
      break;
    case '[':
      token.kind = Kind::kBeginArray;
      break;
    case ']':
      token.kind = Kind::kEndArray;
      break;
    case ':':
      token.kind = Kind::kColon;
      break;
    case ',':
      token.kind = Kind::kComma;
      break;
    case '"':
      return ScanString();
    default:
      if (text_[pos_] == '-' || IsDigit(text_[pos_])) return ScanNumber();
      return ScanWord();
  }
  ++pos_;
  return token;
}

Result<JsonToken> JsonScanner::Expect(Kind kind, std::string_view where) {
  OBVIEWS_ASSIGN_OR_RETURN(JsonToken token, Next());
  if (token.kind != kind) {
    return FailAt(token.at, fmt::format("expected {} {}, found {}", Describe(kind), where,
                                        Describe(token.kind)));
  }
  return token;
}

Status JsonScanner::SkipValue(const JsonToken& first) {
  // Brackets are counted, not matched: whoever reads the value for its content checks its grammar.
  JsonToken token = first;
  for (size_t depth = 0;;) {
    switch (token.kind) {
      case Kind::kBeginObject:
      case Kind::kBeginArray:
        ++depth;
        break;
      case Kind::kEndObject:
      case Kind::kEndArray:
        if (depth == 0) return FailAt(token.at, "expected a value");
        --depth;
        break;
      case Kind::kEnd:
        return FailAt(first.at, "the value is not closed");
      case Kind::kColon:
      case Kind::kComma:
        if (depth == 0) return FailAt(token.at, "expected a value");
        break;
      default:
        break;
    }
    if (depth == 0) return {};
    OBVIEWS_ASSIGN_OR_RETURN(token, Next());
  }
}

Result<JsonToken> JsonScanner::ScanString() {
  JsonToken token;
  token.kind = Kind::kString;
  token.at = At(pos_);
  const size_t start = pos_ + 1;
  for (size_t i = start; i < text_.size(); ++i) {
    const char c = text_[i];
    if (c == '"') {
      token.raw = text_.substr(start, i - start);
      pos_ = i + 1;
      return token;
    }
    if (c == '\\') {
      ++i;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      return FailAt(At(i), c == '\n' ? "a string ends at the end of its line without a quote"
                                     : "a control character in a string must be escaped");
    }
  }
  return FailAt(token.at, "the string is not closed");
}

Result<JsonToken> JsonScanner::ScanNumber() {
  JsonToken token;
  token.kind = Kind::kNumber;
  token.at = At(pos_);
  size_t i = pos_;
  const auto digits = [this, &i] {
    const size_t from = i;
    while (i < text_.size() && IsDigit(text_[i])) ++i;
    return i > from;
  };
  if (text_[i] == '-') ++i;
  const size_t first_digit = i;
  bool good = digits() && (text_[first_digit] != '0' || i == first_digit + 1);
  if (good && i < text_.size() && text_[i] == '.') {
    ++i;
    good = digits();
  }
  if (good && i < text_.size() && (text_[i] == 'e' || text_[i] == 'E')) {
    ++i;
    if (i < text_.size() && (text_[i] == '+' || text_[i] == '-')) ++i;
    good = digits();
  }
  if (!good || (i < text_.size() && IsLetter(text_[i]))) {
    return FailAt(token.at, "not a JSON number");
  }
  token.raw = text_.substr(pos_, i - pos_);
  pos_ = i;
  return token;
}

Result<JsonToken> JsonScanner::ScanWord() {
  JsonToken token;
  token.at = At(pos_);
  size_t end = pos_;
  while (end < text_.size() && IsLetter(text_[end])) ++end;
  token.raw = text_.substr(pos_, end - pos_);
  if (token.raw == "true") {
    token.kind = Kind::kTrue;
  } else if (token.raw == "false") {
    token.kind = Kind::kFalse;
  } else if (token.raw == "null") {
    token.kind = Kind::kNull;
  } else if (token.raw.empty()) {
    return FailAt(token.at, fmt::format("unexpected byte 0x{:02x}, not JSON",
                                        static_cast<unsigned char>(text_[pos_])));
  } else {
    return FailAt(token.at, fmt::format("unexpected word `{}`, not JSON", token.raw.substr(0, 40)));
  }
  pos_ = end;
  return token;
}

Result<uint32_t> JsonScanner::HexDigits(const JsonToken& token, size_t offset) const {
  uint32_t code = 0;
  for (size_t i = offset; i < offset + 4; ++i) {
    const char c = i < token.raw.size() ? token.raw[i] : '\0';
    uint32_t digit = 0;
    if (IsDigit(c)) {
      digit = static_cast<uint32_t>(c - '0');
    } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
      digit = static_cast<uint32_t>((c | 0x20) - 'a' + 10);
    } else {
      return FailAt({token.at.line, token.at.column + offset - 1},
                    "`\\u` must be followed by four hexadecimal digits");
    }
    code = code << 4 | digit;
  }
  return code;
}

// Decodes the escape whose digits begin at `offset`; returns the offset behind it.
Result<size_t> JsonScanner::DecodeUnicode(const JsonToken& token, size_t offset,
                                          std::string& text) const {
  OBVIEWS_ASSIGN_OR_RETURN(const uint32_t code, HexDigits(token, offset));
  const size_t after = offset + 4;
  const bool is_byte = (code >= 0xEF80 && code <= 0xEFFF) || (code >= 0xDC80 && code <= 0xDCFF);
  if (!is_byte && (code < 0xD800 || code > 0xDFFF)) {
    AppendUtf8(code, text);
    return after;
  }
  if (is_byte) {
    text.push_back(static_cast<char>(code & 0xFF));
    return after;
  }
  if (code < 0xDC00 && token.raw.substr(after, 2) == "\\u") {
    OBVIEWS_ASSIGN_OR_RETURN(const uint32_t low, HexDigits(token, after + 2));
    if (low >= 0xDC00 && low <= 0xDFFF) {
      AppendUtf8(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00), text);
      return after + 6;
    }
  }
  return FailAt({token.at.line, token.at.column + offset - 1},
                fmt::format("`\\u{:04x}` is half of a surrogate pair and no escaped byte", code));
}

Status JsonScanner::Decode(const JsonToken& token, std::string& text) const {
  text.clear();
  const std::string_view raw = token.raw;
  for (size_t pos = 0;;) {
    const size_t escape = raw.find('\\', pos);
    DecodeJsonBytes(raw.substr(pos, escape - pos), text);
    if (escape == std::string_view::npos) return {};
    const char c = escape + 1 < raw.size() ? raw[escape + 1] : '\0';
    if (c == 'u') {
      OBVIEWS_ASSIGN_OR_RETURN(pos, DecodeUnicode(token, escape + 2, text));
      continue;
    }
    const int byte = SimpleEscape(c);
    if (byte < 0) {
      return FailAt({token.at.line, token.at.column + escape + 1}, "unknown escape in a string");
    }
    text.push_back(static_cast<char>(byte));
    pos = escape + 2;
  }
}

bool IsJsonInteger(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos;
}

bool FitsSixtyFourBits(std::string_view integer) {
  const bool negative = integer.starts_with('-');
  if (negative) integer.remove_prefix(1);
  const std::string_view limit = negative ? "9223372036854775808" : "18446744073709551615";
  if (integer.size() != limit.size()) return integer.size() < limit.size();
  return integer <= limit;
}

}  // namespace obviews::tools
