// A sorted list of hashed values; see join_index.h. Whoever looks up tests the value again, so that
// two values of one hash do no harm.
#include "virtual_tables/sql/join_index.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace obviews::vtab::sql {
namespace {

uint64_t HashOf(std::string_view text) { return std::hash<std::string_view>()(text); }
uint64_t HashOf(int64_t number) { return std::hash<int64_t>()(number); }

}  // namespace

Result<bool> JoinIndex::Build(ViewCursor& cursor, int column, const std::vector<int>& keys,
                              uint64_t budget) {
  std::vector<Entry> entries;
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor.Next());
    if (!more) break;
    if (cursor.stats().records_read > budget) return false;
    OBVIEWS_ASSIGN_OR_RETURN(Value value, cursor.Column(static_cast<size_t>(column)));
    if (value.is_null()) continue;  // equals nothing
    Entry entry;
    entry.hash =
        value.kind() == Value::Kind::kText ? HashOf(value.as_text()) : HashOf(value.as_int());
    for (size_t i = 0; i < keys.size(); ++i) {
      OBVIEWS_ASSIGN_OR_RETURN(Value part, cursor.Column(static_cast<size_t>(keys[i])));
      entry.key[i] = part.as_int();
    }
    entries.push_back(entry);
  }
  std::sort(entries.begin(), entries.end());
  entries_ = std::move(entries);
  records_ = cursor.stats().records_read;
  column_ = column;
  return true;
}

std::span<const JoinIndex::Entry> JoinIndex::Find(const Literal& literal) const {
  const auto* text = std::get_if<std::string>(&literal);
  const auto* number = std::get_if<int64_t>(&literal);
  if (text == nullptr && number == nullptr) return {};
  const uint64_t hash = text != nullptr ? HashOf(*text) : HashOf(*number);
  auto found = std::equal_range(entries_.begin(), entries_.end(), Entry{hash, {}},
                                [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
  return {found.first, found.second};
}

}  // namespace obviews::vtab::sql
