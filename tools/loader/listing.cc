// The parts of reading rows that every format shares.
#include "tools/loader/listing.h"

#include <algorithm>
#include <unordered_set>

namespace obviews::tools {

namespace {

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

Result<bool> RowReader::Next(ParsedRow& row) {
  Result<bool> got = ReadRow(row);
  if (!got || *got) held_anything_ = true;
  return got;
}

std::string_view RowReader::Lack() const {
  if (held_anything_) return {};
  return source_->bytes_read() == 0 ? "the file is empty" : "no rows found";
}

std::string UpperAscii(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(), Upper);
  return upper;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return Upper(x) == Upper(y); });
}

bool IsColumnName(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    const char u = Upper(c);
    return (u >= 'A' && u <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '#';
  });
}

size_t FindRepeatedName(const ColumnNames& names) {
  std::unordered_set<std::string_view> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!seen.insert(names[i]).second) return i;
  }
  return names.size();
}

}  // namespace obviews::tools
