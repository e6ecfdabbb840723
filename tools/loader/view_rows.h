// From rows as a view shows them back to records: the inverse of materialisation, driven by the
// catalog.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/catalog.h"
#include "schema/record.h"
#include "schema/status.h"
#include "schema/zone.h"
#include "tools/loader/listing.h"

namespace obviews::tools {

/// How view-shaped rows are to be understood.
struct ViewRowOptions {
  std::string view;                  ///< of rows that no statement names; "" if not given
  std::optional<int64_t> tenant;     ///< owner of DBA_ rows
  std::optional<schema::Mode> mode;  ///< otherwise told from the time format of each listing
  schema::Zone time_zone = schema::Zone::Fixed(8 * 3600);
  schema::Zone system_time_zone = schema::Zone::Fixed(8 * 3600);
};

/// A row as a record.
struct ViewRecord {
  schema::Record record;
  bool tenant_assumed = false;  ///< a DBA_ row without a tenant: its tenant_id is still to be set
  schema::Mode mode = schema::Mode::kMySql;
  bool mode_told = false;  ///< the listing's format told the tenant's mode
};

/// Turns rows into records, one at a time. Remembers what it warned of, so that each oddity of a
/// listing is named once. Not thread-safe.
class ViewRowReader {
 public:
  explicit ViewRowReader(ViewRowOptions options) : options_(std::move(options)) {}

  /// Nothing for a row of a view that has nothing to do with table recovery, or of a statement
  /// whose rows are not a view's own (joins, groups, expressions, other names) or lack its key: a
  /// pasted session may hold those as well (one warning per listing). Errors: kInvalidArgument
  /// reading `FILE:LINE:COL: reason`.
  Result<std::optional<ViewRecord>> Read(const ParsedRow& row);

  /// Warnings since the last call, each `FILE:LINE:COL: text`.
  std::vector<std::string> TakeWarnings() { return std::exchange(warnings_, {}); }

 private:
  /// How the columns of a listing map to the view's.
  struct Shape {
    const schema::View* view = nullptr;  ///< nullptr: not one of ours
    std::vector<int> columns;            ///< listing column -> view column, -1: ignored
    bool mode_told = false;
    std::shared_ptr<const Listing> listing;  ///< keeps the addresses compared below alive
    std::shared_ptr<const ColumnNames> names;
  };

  Result<const Shape*> ShapeOf(const ParsedRow& row);
  Result<Shape> MakeShape(const ParsedRow& row);
  /// "" for rows to pass over.
  Result<std::string> ViewNameOf(const ParsedRow& row);
  /// The view that rows belong to which are not their statement's view's own; "" to pass them over.
  std::string ViewOfDerived(const ParsedRow& row, std::string_view why);
  /// Whether the statement itself left a key column out; warns of it.
  bool LeavesOutKey(const ParsedRow& row, const schema::View& view);
  void WarnPassedOver(const ParsedRow& row, std::string_view why);
  Result<std::string> GuessView(const ParsedRow& row) const;
  schema::Mode ModeOf(const ParsedRow& row, std::string_view view, bool* told) const;
  Status MapColumns(const ParsedRow& row, Shape& shape);
  Status ReadCell(const Shape& shape, const ParsedRow& row, size_t cell, ViewRecord& out);
  Status ReadText(const Shape& shape, const ParsedRow& row, size_t cell, schema::Record& record);
  Status ReadInteger(const Shape& shape, const ParsedRow& row, size_t cell, schema::Record& record);
  Status ReadTime(const Shape& shape, const ParsedRow& row, size_t cell, schema::Record& record);
  /// A time that is NULL, or empty as some listings have it.
  void ReadUnsetTime(const schema::Column& column, const ParsedRow& row, size_t cell,
                     schema::Record& record);
  /// Whether the listing has the column a display is made from.
  static bool HasSource(const Shape& shape, const schema::Column& column);
  Status ReadScnDisplay(const Shape& shape, const ParsedRow& row, size_t cell,
                        schema::Record& record);
  void ReadPercent(const Shape& shape, const ParsedRow& row, size_t cell, schema::Record& record);
  /// Holds a display of bytes against the bytes, which alone are stored.
  void CheckBytesDisplay(const Shape& shape, const ParsedRow& row, size_t cell,
                         const schema::Record& record);

  /// Warns once per listing and subject.
  void Warn(const ParsedRow& row, Position at, std::string_view subject, std::string_view text);

  ViewRowOptions options_;
  std::optional<Shape> shape_;  ///< of the last row's listing
  std::set<std::pair<const Listing*, std::string>> warned_;
  std::vector<std::shared_ptr<const Listing>> seen_;  ///< keeps warned_'s addresses unique
  std::vector<std::string> warnings_;
};

}  // namespace obviews::tools
