// The lists a recovery carries: how names are shown, and what an auxiliary tenant is called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace obviews::schema {

/// Parts of a shown list. All views are borrowed for the call. Names are any bytes.
struct TableName {
  std::string_view database;
  std::string_view table;
};
struct PartitionName {
  std::string_view database;
  std::string_view table;
  std::string_view partition;
};
template <class Source, class Target>
struct Remap {
  Source source;
  Target target;
};
using NameRemap = Remap<std::string_view, std::string_view>;
using TableRemap = Remap<TableName, TableName>;
using PartitionRemap = Remap<PartitionName, TableName>;

/// Renders a list as the server stores and shows it: names in backticks, table `` `db`.`tb` ``,
/// partition `` `db`.`tb`:`p` ``, remap `source:target`, items joined by a comma without a space.
/// No item gives the empty text. Nothing is escaped, backticks inside names neither.
std::string RenderNameList(std::span<const std::string_view> names);
std::string RenderTableList(std::span<const TableName> tables);
std::string RenderPartitionList(std::span<const PartitionName> partitions);
std::string RenderNameRemapList(std::span<const NameRemap> remaps);
std::string RenderTableRemapList(std::span<const TableRemap> remaps);
std::string RenderPartitionRemapList(std::span<const PartitionRemap> remaps);

/// Best effort: the items of a shown list, borrowing its bytes. Items end where a backtick, a comma
/// and a backtick meet; a list not written in backticks (as the documentation writes remaps) is
/// split at every comma. Since shown names are not escaped, a name holding `` `,` `` or being a
/// comma splits wrongly: the shown text cannot always be read back.
std::vector<std::string_view> SplitList(std::string_view text);

/// SplitList(text).size(), without building it.
size_t CountListItems(std::string_view text);

/// True for `AUX_RECOVER$` followed by digits only, one at least.
bool IsAuxTenantName(std::string_view name);

/// The microseconds since the epoch at which the command of an auxiliary tenant was accepted, from
/// its name. Nothing for other names and for numbers beyond int64.
std::optional<int64_t> AuxTenantCreatedAtUsec(std::string_view name);

}  // namespace obviews::schema
