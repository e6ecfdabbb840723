// What is shown: OceanBase's 16 views in 24 definitions, and four views of our own; every column
// with its types, source and conversion. The one place a view column is named. Immutable after
// construction; safe to share between threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schema/records.h"
#include "schema/status.h"

namespace obviews::schema {

/// Compatibility mode of a tenant, and so the dialect of its DBA_ views.
enum class Mode : uint8_t { kMySql, kOracle };
std::string_view ModeName(Mode mode);  ///< "mysql" or "oracle"
Result<Mode> ParseMode(std::string_view text);

/// CDB_ views show all tenants and exist in sys only; DBA_ views show the effective tenant.
enum class Scope : uint8_t { kCdb, kDba };

/// How a stored field becomes a shown value. Rules: docs/views.md and schema/conversions.h.
enum class Conversion : uint8_t {
  kNone,                   ///< as stored; text declared NUMBER becomes its number
  kUsecToTime,             ///< microseconds -> TIMESTAMP(6) in the session zone
  kUsecToTimeNullIfZero,   ///< the same, 0 shows NULL
  kUsecToTimeNullIfUnset,  ///< the same, -1 shows NULL
  kScnToTime,              ///< SCN -> wall time in the system zone
  kScnToTimeNullIfZero,    ///< the same, 0 shows NULL
  kScnToTimeNullIfLe1,     ///< the same, 0 and 1 show NULL
  kOracleDate,             ///< microseconds -> YYYY-MM-DD HH24:MI:SS at +08:00
  kOracleDateNullIfZero,   ///< the same, 0 shows NULL
  kOracleDateNullIfUnset,  ///< the same, -1 shows NULL
  kTimestampToSession,     ///< stored TIMESTAMP(6) -> session zone; Oracle mode: DD-MON-RR text
  kBytesDisplay,           ///< bytes -> 298.65MB
  kStatusFold,             ///< inner restore statuses -> RESTORING
  kRecoverPercent,         ///< log replay percent (newer restore views)
  kRestorePercent,         ///< data restore percent (newer restore views)
  kHundredths,             ///< an integer of hundredths -> a number with two decimals
};
std::string_view ConversionName(Conversion conversion);

/// What a host declares and compares a column as.
enum class ShownKind : uint8_t { kInteger, kReal, kText };

/// One column of one view definition. Views are into static storage.
struct Column {
  std::string_view name;  ///< upper case
  std::string_view type;  ///< declared type in the definition's mode, as --describe shows it
  bool nullable = false;
  Conversion conversion = Conversion::kNone;
  uint16_t field = 0;  ///< index into the record type's fields
  ShownKind kind = ShownKind::kText;
  uint32_t max_bytes = 0;    ///< longer text is cut (Oracle RESTORE_PROGRESS casts); 0: never
  std::string_view meaning;  ///< one line for people
};

/// One definition of a view.
struct View {
  std::string_view name;  ///< upper case
  Scope scope = Scope::kCdb;
  Mode mode = Mode::kMySql;
  bool own = false;                ///< a view of obviews, which no server has
  uint32_t view_id = 0;            ///< the server's id of this definition; 0 of our own
  std::string_view since_version;  ///< the server's; "obviews" of our own
  const RecordType* record = nullptr;
  std::vector<Column> columns;

  /// Index of a column, ASCII case ignored; -1 if there is none.
  int FindColumn(std::string_view column) const;
  /// Schema the view lives in: "oceanbase" or "SYS".
  std::string_view schema_name() const { return mode == Mode::kMySql ? "oceanbase" : "SYS"; }
  /// Where a column's value comes from, as the reference writes it: `table.column`; or what it is
  /// worked out by, such as `count(*) of table`.
  std::string SourceOf(const Column& column) const;
};

/// Shape of the restore views, which grew in later versions.
enum class RestoreShape : uint8_t {
  k421,  ///< 4.2.0-4.2.2 and 4.3.0-4.3.2: 20/19 columns of RESTORE_PROGRESS
  k423,  ///< 4.2.3-4.2.5: 26/25
  k433,  ///< 4.3.3 and later: 27/26, and RESTORE_TYPE in RESTORE_HISTORY
};
Result<RestoreShape> ParseRestoreShape(std::string_view version);

/// All view definitions in one shape.
class Catalog {
 public:
  /// The catalog of a shape; built once, lives to the end of the process. Thread-safe.
  static const Catalog& Get(RestoreShape shape = RestoreShape::k421);

  std::span<const View> views() const { return views_; }

  /// The definition `name` has for a tenant, ASCII case ignored: CDB_ for sys only, DBA_ in the
  /// tenant's mode. nullptr if there is none.
  const View* Find(std::string_view name, bool is_sys, Mode mode) const;
  /// The definition in a mode whoever asks; CDB_ views exist in MySQL mode only.
  const View* FindDefinition(std::string_view name, Mode mode) const;
  /// Every definition a tenant sees, in the catalog's order.
  std::vector<const View*> VisibleTo(bool is_sys, Mode mode) const;
  /// The view name nearest to a misspelt one, or "" if none is near.
  std::string_view Nearest(std::string_view name, bool is_sys, Mode mode) const;

 private:
  explicit Catalog(RestoreShape shape);
  std::vector<View> views_;
};

/// The nearest of `candidates` to `word` by edit distance, ASCII case ignored; "" if none is near
/// enough to be what was meant.
std::string_view NearestName(std::string_view word, std::span<const std::string_view> candidates);

/// ASCII case-insensitive equality of names.
bool SameName(std::string_view a, std::string_view b);

}  // namespace obviews::schema
