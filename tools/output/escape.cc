// Each escape copies the runs between special bytes whole; FindSpecial() may stop at a byte that a
// format does not mind (a harmless control), which is then copied singly.
#include "tools/output/escape.h"

#include <cstddef>

#include "tools/output/scan.h"
#include "tools/output/utf8.h"

namespace obviews::tools {
namespace {

constexpr std::string_view kNullText = "NULL";
constexpr std::string_view kHexDigits = "0123456789abcdef";

// Calls `special(at)` at each stop of FindSpecial<...>; it writes something and returns how many
// bytes of the text that stands for.
template <bool kNonAscii, char... kChars, class Append, class Special>
void CopyRuns(std::string_view text, Append append, Special special) {
  size_t from = 0;
  for (;;) {
    const size_t at = FindSpecial<kNonAscii, kChars...>(text, from);
    append(text.substr(from, at - from));
    if (at == text.size()) return;
    from = at + special(at);
  }
}

// `\u00XX`, or `\uefXX` for a byte that is not text.
void AppendJsonByte(Sink& sink, std::string_view prefix, char byte) {
  const auto value = static_cast<unsigned char>(byte);
  sink.Append(prefix);
  sink.Append(kHexDigits[value >> 4]);
  sink.Append(kHexDigits[value & 15]);
}

void AppendJsonControl(Sink& sink, char byte) {
  switch (byte) {
    case '\n':
      return sink.Append("\\n");
    case '\t':
      return sink.Append("\\t");
    case '\r':
      return sink.Append("\\r");
    default:
      return AppendJsonByte(sink, "\\u00", byte);
  }
}

// The code points that stand for bytes in JSON.
constexpr bool StandsForByte(char32_t c) { return c >= 0xEF80 && c <= 0xEFFF; }

// Appends the characters beyond ASCII that `text` begins with; returns how many bytes they take.
size_t AppendJsonNonAscii(Sink& sink, std::string_view text) {
  size_t length = 0;
  while (length < text.size() && static_cast<unsigned char>(text[length]) >= 0x80) {
    const Utf8Char c = DecodeUtf8(text.substr(length));
    if (c.length == 0 || StandsForByte(c.code_point)) break;
    length += c.length;
  }
  if (length > 0) {
    sink.Append(text.substr(0, length));
    return length;
  }
  // Escaping the first byte of a U+EF80..U+EFFF leaves two that are invalid by themselves.
  AppendJsonByte(sink, "\\uef", text.front());
  return 1;
}

// What a byte of the batch format becomes, or '\0' when it stays.
constexpr char BatchLetter(char byte) {
  switch (byte) {
    case '\n':
      return 'n';
    case '\t':
      return 't';
    case '\\':
      return '\\';
    case '\0':
      return '0';
    default:
      return '\0';
  }
}

// Whether a CSV field must stand in quotes to be read as this text.
bool NeedsCsvQuotes(std::string_view text) {
  if (text.empty() || text == kNullText) return true;
  if (text.front() == ' ' || text.back() == ' ') return true;
  return FindSpecial<false, ',', '"'>(text) != text.size();
}

}  // namespace

void AppendBatchText(Sink& sink, std::string_view text) {
  CopyRuns<false, '\\'>(
      text, [&](std::string_view run) { sink.Append(run); },
      [&](size_t at) -> size_t {
        const char letter = BatchLetter(text[at]);
        if (letter != '\0') sink.Append('\\');
        sink.Append(letter != '\0' ? letter : text[at]);
        return 1;
      });
}

void AppendBatchCell(Sink& sink, std::string_view text) {
  if (text == kNullText) return sink.Append("\\NULL");
  AppendBatchText(sink, text);
}

void AppendCsvText(Sink& sink, std::string_view text) {
  if (!NeedsCsvQuotes(text)) return sink.Append(text);
  sink.Append('"');
  for (size_t quote = text.find('"'); quote != text.npos; quote = text.find('"')) {
    sink.Append(text.substr(0, quote + 1));
    sink.Append('"');
    text.remove_prefix(quote + 1);
  }
  sink.Append(text);
  sink.Append('"');
}

void AppendJsonText(Sink& sink, std::string_view text) {
  sink.Append('"');
  CopyRuns<true, '"', '\\'>(
      text, [&](std::string_view run) { sink.Append(run); },
      [&](size_t at) -> size_t {
        const char byte = text[at];
        if (static_cast<unsigned char>(byte) >= 0x80) {
          return AppendJsonNonAscii(sink, text.substr(at));
        }
        if (byte == '"' || byte == '\\') {
          sink.Append('\\');
          sink.Append(byte);
        } else {
          AppendJsonControl(sink, byte);
        }
        return 1;
      });
  sink.Append('"');
}

void AppendMarkdownText(Sink& sink, std::string_view text) {
  CopyRuns<false, '|', '\\', '`', '*', '<'>(
      text, [&](std::string_view run) { sink.Append(run); },
      [&](size_t at) -> size_t {
        const char byte = text[at];
        if (byte == '\n' || byte == '\r') {
          sink.Append("<br>");
          return text.substr(at).starts_with("\r\n") ? 2 : 1;
        }
        if (byte > 0x1F) sink.Append('\\');
        sink.Append(byte);
        return 1;
      });
}

void AppendVerticalText(Sink& sink, std::string_view text) {
  for (size_t nul = text.find('\0'); nul != text.npos; nul = text.find('\0')) {
    sink.Append(text.substr(0, nul));
    sink.Append(' ');
    text.remove_prefix(nul + 1);
  }
  sink.Append(text);
}

void AppendTableText(std::string& out, std::string_view text) {
  CopyRuns<false, '\x7f'>(
      text, [&](std::string_view run) { out.append(run); },
      [&](size_t at) -> size_t {
        // U+2400 + control is E2 90 80+control; DEL is U+2421.
        const char last = text[at] == '\x7f' ? '\xA1' : static_cast<char>(0x80 + text[at]);
        out.append("\xE2\x90").push_back(last);
        return 1;
      });
}

bool UnescapeBatch(std::string_view cell, std::string& out) {
  bool known = true;
  for (;;) {
    const size_t at = cell.find('\\');
    out.append(cell.substr(0, at));
    if (at == cell.npos) return known;
    cell.remove_prefix(at);
    const char letter = cell.size() > 1 ? cell[1] : '\0';
    switch (letter) {
      case 'n':
        out.push_back('\n');
        break;
      case 't':
        out.push_back('\t');
        break;
      case '0':
        out.push_back('\0');
        break;
      case '\\':
      case 'N':
        out.push_back(letter);
        break;
      default:
        known = false;
        out.append(cell.substr(0, 2));
    }
    cell.remove_prefix(cell.size() > 1 ? 2 : 1);
  }
}

void DecodeJsonBytes(std::string_view parsed, std::string& out) {
  // U+EF80..U+EFFF all begin with the byte EE, followed by BE or BF.
  for (size_t at = parsed.find('\xEE'); at != parsed.npos; at = parsed.find('\xEE')) {
    out.append(parsed.substr(0, at));
    parsed.remove_prefix(at);
    const Utf8Char c = DecodeUtf8(parsed);
    const bool byte = StandsForByte(c.code_point);
    out.push_back(byte ? static_cast<char>(c.code_point & 0xFF) : parsed.front());
    parsed.remove_prefix(byte ? c.length : 1);
  }
  out.append(parsed);
}

void DecodeTableText(std::string_view cell, std::string& out) {
  constexpr std::string_view kPicture = "\xE2\x90";
  for (size_t at = cell.find(kPicture); at != cell.npos; at = cell.find(kPicture)) {
    out.append(cell.substr(0, at));
    cell.remove_prefix(at);
    const int last = cell.size() > 2 ? static_cast<unsigned char>(cell[2]) : 0;
    const bool control = last >= 0x80 && last < 0xA0;
    if (!control && last != 0xA1) {
      out.append(kPicture);
      cell.remove_prefix(kPicture.size());
      continue;
    }
    out.push_back(control ? static_cast<char>(last - 0x80) : '\x7f');
    cell.remove_prefix(3);
  }
  out.append(cell);
}

}  // namespace obviews::tools
