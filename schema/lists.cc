// One Append per kind of item; one splitter.
#include "schema/lists.h"

#include <algorithm>

#include "schema/numbers.h"

namespace obviews::schema {
namespace {

void Append(std::string& out, std::string_view name) {
  out += '`';
  out += name;
  out += '`';
}

void Append(std::string& out, const TableName& name) {
  Append(out, name.database);
  out += '.';
  Append(out, name.table);
}

void Append(std::string& out, const PartitionName& name) {
  Append(out, TableName{name.database, name.table});
  out += ':';
  Append(out, name.partition);
}

template <class Source, class Target>
void Append(std::string& out, const Remap<Source, Target>& remap) {
  Append(out, remap.source);
  out += ':';
  Append(out, remap.target);
}

template <class Item>
std::string Render(std::span<const Item> items) {
  std::string out;
  for (const Item& item : items) {
    if (!out.empty()) out += ',';
    Append(out, item);
  }
  return out;
}

template <class Visit>
void ForEachItem(std::string_view text, Visit visit) {
  if (text.empty()) return;
  const bool quoted = text.front() == '`';
  size_t begin = 0;
  for (;;) {
    const size_t found = quoted ? text.find("`,`", begin) : text.find(',', begin);
    if (found == std::string_view::npos) break;
    const size_t comma = quoted ? found + 1 : found;
    visit(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  visit(text.substr(begin));
}

constexpr std::string_view kAuxPrefix = "AUX_RECOVER$";

}  // namespace

std::string RenderNameList(std::span<const std::string_view> names) { return Render(names); }
std::string RenderTableList(std::span<const TableName> tables) { return Render(tables); }
std::string RenderPartitionList(std::span<const PartitionName> partitions) {
  return Render(partitions);
}
std::string RenderNameRemapList(std::span<const NameRemap> remaps) { return Render(remaps); }
std::string RenderTableRemapList(std::span<const TableRemap> remaps) { return Render(remaps); }
std::string RenderPartitionRemapList(std::span<const PartitionRemap> remaps) {
  return Render(remaps);
}

std::vector<std::string_view> SplitList(std::string_view text) {
  std::vector<std::string_view> items;
  ForEachItem(text, [&](std::string_view item) { items.push_back(item); });
  return items;
}

size_t CountListItems(std::string_view text) {
  size_t count = 0;
  ForEachItem(text, [&](std::string_view) { ++count; });
  return count;
}

bool IsAuxTenantName(std::string_view name) {
  if (!name.starts_with(kAuxPrefix) || name.size() == kAuxPrefix.size()) return false;
  const std::string_view digits = name.substr(kAuxPrefix.size());
  return std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<int64_t> AuxTenantCreatedAtUsec(std::string_view name) {
  if (!IsAuxTenantName(name)) return std::nullopt;
  const NumberPrefix<int64_t> number = ParseInt64Prefix(name.substr(kAuxPrefix.size()));
  if (number.saturated) return std::nullopt;
  return number.value;
}

}  // namespace obviews::schema
