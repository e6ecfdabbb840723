// Reading view-shaped rows; see view_rows.h.
#include "tools/loader/view_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "schema/conversions.h"
#include "schema/numbers.h"
#include "schema/quote.h"
#include "schema/time_text.h"

namespace obviews::tools {
namespace {

using schema::Column;
using schema::Conversion;
using schema::Field;
using schema::FieldType;
using schema::FieldValue;
using schema::Mode;
using schema::Record;
using schema::View;

/// The catalog that knows every column any version shows.
const schema::Catalog& WidestCatalog() { return schema::Catalog::Get(schema::RestoreShape::k433); }
const schema::Catalog& Catalog421() { return schema::Catalog::Get(); }

/// Builds before 4.2.1 printed FINISH_TIMESTAMP under this name.
constexpr std::string_view kOldFinishName = "END_TIMESTAMP";

int FindViewColumn(const View& view, std::string_view name) {
  int column = view.FindColumn(name);
  return column < 0 && name == kOldFinishName ? view.FindColumn("FINISH_TIMESTAMP") : column;
}

bool IsDerived(Conversion conversion) {
  return conversion == Conversion::kBytesDisplay || conversion == Conversion::kScnToTime ||
         conversion == Conversion::kScnToTimeNullIfZero ||
         conversion == Conversion::kScnToTimeNullIfLe1 ||
         conversion == Conversion::kRecoverPercent || conversion == Conversion::kRestorePercent;
}

/// The stored microseconds that show NULL; nullopt if no value of this column means "unset".
std::optional<int64_t> UnsetUsec(Conversion conversion) {
  switch (conversion) {
    case Conversion::kUsecToTimeNullIfZero:
    case Conversion::kOracleDateNullIfZero:
      return 0;
    case Conversion::kUsecToTimeNullIfUnset:
    case Conversion::kOracleDateNullIfUnset:
      return -1;
    default:
      return std::nullopt;
  }
}

/// Why rows of a view cannot be loaded.
/// What the rows of a view are worked out from.
std::string_view SourceOfDerived(std::string_view view) {
  return view.ends_with("_TASK_SUMMARY") ? "tasks" : "jobs and tasks";
}

std::string DerivedReason(std::string_view view) {
  std::string_view source = SourceOfDerived(view);
  return fmt::format("{} is worked out from {}, not stored: load the {} instead", view, source,
                     source);
}

/// What a listing shows for NULL; no number and no time reads so.
constexpr std::string_view kNull = "NULL";

tl::unexpected<Error> BadCell(const ParsedRow& row, size_t cell, std::string_view reason) {
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: {}: {}", row.Place(cell), (*row.columns)[cell], reason));
}

/// Numbers and times pasted from a terminal often carry blanks at their end.
std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

/// Puts an integer into a field, as text where the key-value table has it so.
void SetInteger(const Field& field, size_t index, int64_t value, Record& record) {
  if (field.is_text()) {
    record[index] = fmt::format("{}", value);
  } else if (field.type == FieldType::kUint) {
    record[index] = static_cast<uint64_t>(value);
  } else {
    record[index] = value;
  }
}

std::optional<int64_t> IntOf(const Record& record, std::string_view field) {
  const FieldValue& value = record.Get(field);
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  return std::nullopt;
}

/// What RECOVER_PROGRESS will show of the record.
std::optional<int64_t> RecoverHundredths(const Record& record) {
  std::optional<uint64_t> readable;
  if (const auto* scn = std::get_if<uint64_t>(&record.Get("readable_scn"))) readable = *scn;
  auto scn_of = [&](std::string_view field) {
    return static_cast<uint64_t>(schema::ParseInt64Prefix(record.Text(field)).value);
  };
  return schema::RecoverProgressHundredths(record.Text("status"), readable,
                                           scn_of("consistent_scn"), scn_of("restore_scn"));
}

/// What RESTORE_PROGRESS will show of the record: by bytes, as a listing does not say otherwise.
std::optional<int64_t> RestoreHundredths(const Record& record) {
  const auto part = IntOf(record, "finish_bytes");
  const auto whole = IntOf(record, "total_bytes");
  return part && whole ? schema::CutPercentHundredths(*part, *whole) : std::nullopt;
}

/// A shown percentage in hundredths; nullopt if it is none.
std::optional<int64_t> HundredthsOf(std::string_view text) {
  double percent = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), percent);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (!whole || !(std::abs(percent) < 1e15)) return std::nullopt;
  return std::llround(percent * 100);
}

std::string QuotedOrNull(std::string_view text, bool is_null) {
  return is_null ? std::string(kNull) : schema::QuoteForMessage(text);
}

std::string ShownHundredths(std::optional<int64_t> hundredths) {
  if (!hundredths) return std::string(kNull);
  return fmt::format("{:.2f}", static_cast<double>(*hundredths) / 100);
}

}  // namespace

void ViewRowReader::Warn(const ParsedRow& row, Position at, std::string_view subject,
                         std::string_view text) {
  if (!warned_.emplace(row.listing.get(), std::string(subject)).second) return;
  if (seen_.empty() || seen_.back() != row.listing) seen_.push_back(row.listing);
  warnings_.push_back(fmt::format("{}: {}", PlaceText(row.listing->file, at), text));
}

Result<std::string> ViewRowReader::ViewNameOf(const ParsedRow& row) {
  const std::string& named = row.listing->view;
  const auto known_as = [](const std::string& name) {
    const auto views = Catalog421().views();
    const auto found = std::find_if(views.begin(), views.end(),
                                    [&](const View& view) { return view.name == name; });
    return found == views.end() ? nullptr : &*found;
  };
  const View* known = known_as(named);
  if (known != nullptr && known->record->derived) {
    Warn(row, row.at, named,
         fmt::format("{} is worked out from {}, not stored: its rows are passed over", named,
                     SourceOfDerived(named)));
    return std::string();
  }
  if ((known != nullptr || named.empty()) && !row.listing->derived.empty())
    return ViewOfDerived(row, row.listing->derived);
  if (known != nullptr) return named;
  if (!options_.view.empty()) {
    const std::string asked = UpperAscii(options_.view);
    const View* view = known_as(asked);
    if (view == nullptr || !view->record->derived) return asked;
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {}", row.Place(), DerivedReason(asked)));
  }
  if (named.empty() && !row.listing->statement.empty()) {
    return ViewOfDerived(row, "does not read just one view");
  }
  if (named.empty()) return GuessView(row);
  Warn(row, row.at, named,
       fmt::format("{} is no view of table recovery: its rows are passed over", named));
  return std::string();
}

std::string ViewRowReader::ViewOfDerived(const ParsedRow& row, std::string_view why) {
  // A later listing below the statement may be no output of it at all.
  if (row.listing->repeated) {
    if (auto guessed = GuessView(row)) return *guessed;
  }
  WarnPassedOver(row, why);
  return {};
}

bool ViewRowReader::LeavesOutKey(const ParsedRow& row, const View& view) {
  const std::vector<std::string>& selected = row.listing->selected;
  if (selected.empty() || row.listing->view != view.name) return false;
  const auto lacks = [](const ColumnNames& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) == names.end();
  };
  for (const Column& column : view.columns) {
    if (!view.record->fields[column.field].is_key()) continue;
    if (!lacks(selected, column.name) || !lacks(*row.columns, column.name)) continue;
    WarnPassedOver(row, fmt::format("leaves out {}, without which a row of {} has no key",
                                    column.name, view.name));
    return true;
  }
  return false;
}

void ViewRowReader::WarnPassedOver(const ParsedRow& row, std::string_view why) {
  Warn(row, row.at, "passed over",
       fmt::format("the statement {} {}: its rows are passed over",
                   schema::QuoteForMessage(row.listing->statement), why));
}

Result<std::string> ViewRowReader::GuessView(const ParsedRow& row) const {
  std::vector<std::string_view> candidates;
  std::string_view derived;
  for (const View& view : WidestCatalog().views()) {
    if (view.mode != Mode::kMySql) continue;
    bool fits = std::all_of(row.columns->begin(), row.columns->end(), [&](const std::string& name) {
      return FindViewColumn(view, name) >= 0;
    });
    // A DBA_ view is a CDB_ view without TENANT_ID: rows that have none are not of the CDB_ one.
    bool has_tenant =
        std::find(row.columns->begin(), row.columns->end(), "TENANT_ID") != row.columns->end();
    bool is_cdb = view.scope == schema::Scope::kCdb;
    if (!fits || has_tenant != is_cdb) continue;
    if (view.record->derived) {
      derived = view.name;
    } else {
      candidates.push_back(view.name);
    }
  }
  if (candidates.size() == 1) return std::string(candidates[0]);
  if (candidates.empty() && !derived.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: {}", row.Place(), DerivedReason(derived)));
  }
  if (candidates.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: no view has these columns ({}); put the SELECT above the rows, or "
                            "say --view",
                            row.Place(), fmt::join(*row.columns, ", ")));
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: these columns fit several views: {}; put the SELECT above the rows, "
                          "or say --view",
                          row.Place(), fmt::join(candidates, ", ")));
}

Mode ViewRowReader::ModeOf(const ParsedRow& row, std::string_view view, bool* told) const {
  *told = false;
  if (view.starts_with("CDB_")) return Mode::kMySql;
  if (options_.mode) {
    *told = true;
    return *options_.mode;
  }
  if (EqualsIgnoreCase(row.listing->schema, "SYS")) {
    *told = true;
    return Mode::kOracle;
  }
  for (size_t i = 0; i < row.cells.size(); ++i) {
    if (row.cells[i].is_null || !(*row.columns)[i].ends_with("TIMESTAMP")) continue;
    switch (schema::DetectTimeTextForm(row.cells[i].text)) {
      case schema::TimeTextForm::kMySql:
        *told = true;
        return Mode::kMySql;
      case schema::TimeTextForm::kOracleDate:
      case schema::TimeTextForm::kOracleTimestamp:
        *told = true;
        return Mode::kOracle;
      case schema::TimeTextForm::kNone:
        break;
    }
  }
  return Mode::kMySql;
}

Status ViewRowReader::MapColumns(const ParsedRow& row, Shape& shape) {
  std::vector<bool> present(shape.view->columns.size());
  for (size_t i = 0; i < row.columns->size(); ++i) {
    const std::string& name = (*row.columns)[i];
    int column = FindViewColumn(*shape.view, name);
    shape.columns.push_back(column);
    if (column < 0) {
      Warn(row, row.cells[i].at, name,
           fmt::format("{} has no column {}: ignored", shape.view->name, name));
      continue;
    }
    present[static_cast<size_t>(column)] = true;
    if (name == kOldFinishName) {
      Warn(row, row.cells[i].at, name,
           "END_TIMESTAMP is the old name of FINISH_TIMESTAMP: read so");
    }
  }
  // What the oldest shape shows is expected; later columns may be missing without a word.
  const View* oldest = Catalog421().FindDefinition(shape.view->name, shape.view->mode);
  std::vector<std::string_view> missing;
  for (size_t i = 0; i < present.size(); ++i) {
    const Column& column = shape.view->columns[i];
    if (present[i]) continue;
    if (shape.view->record->fields[column.field].is_key()) {
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("{}: a row of {} without {} has no key", row.Place(),
                              shape.view->name, column.name));
    }
    if (oldest->FindColumn(column.name) >= 0) missing.push_back(column.name);
  }
  if (!missing.empty()) {
    constexpr size_t kNamed = 6;
    const size_t named = std::min(missing.size(), kNamed);
    const std::string more =
        named < missing.size() ? fmt::format(" and {} more", missing.size() - named) : "";
    missing.resize(named);
    Warn(row, row.at, "missing columns",
         fmt::format("{} without {}{}: read as unset", shape.view->name, fmt::join(missing, ", "),
                     more));
  }
  return {};
}

Result<ViewRowReader::Shape> ViewRowReader::MakeShape(const ParsedRow& row) {
  Shape shape;
  shape.listing = row.listing;
  shape.names = row.columns;
  OBVIEWS_ASSIGN_OR_RETURN(std::string name, ViewNameOf(row));
  if (name.empty()) return shape;
  Mode mode = ModeOf(row, name, &shape.mode_told);
  shape.view = WidestCatalog().FindDefinition(name, mode);
  if (shape.view == nullptr) {
    std::string_view nearest = WidestCatalog().Nearest(name, name.starts_with("CDB_"), mode);
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: no such view: {}{}", row.Place(), name,
                            nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest)));
  }
  if (LeavesOutKey(row, *shape.view)) {
    shape.view = nullptr;
    return shape;
  }
  OBVIEWS_RETURN_IF_ERROR(MapColumns(row, shape));
  return shape;
}

Result<const ViewRowReader::Shape*> ViewRowReader::ShapeOf(const ParsedRow& row) {
  bool same = shape_ && shape_->listing == row.listing && shape_->names == row.columns;
  if (!same) {
    shape_.reset();
    OBVIEWS_ASSIGN_OR_RETURN(shape_, MakeShape(row));
  }
  return &*shape_;
}

bool ViewRowReader::HasSource(const Shape& shape, const Column& column) {
  return std::any_of(shape.columns.begin(), shape.columns.end(), [&](int index) {
    if (index < 0) return false;
    const Column& other = shape.view->columns[static_cast<size_t>(index)];
    return other.field == column.field && other.conversion == Conversion::kNone;
  });
}

Result<std::optional<ViewRecord>> ViewRowReader::Read(const ParsedRow& row) {
  OBVIEWS_ASSIGN_OR_RETURN(const Shape* shape, ShapeOf(row));
  if (shape->view == nullptr) return std::optional<ViewRecord>();
  ViewRecord out{Record(shape->view->record->kind), false, shape->view->mode, shape->mode_told};
  // Displays that only repeat a stored value are read last, so that they can be held against it.
  for (bool derived : {false, true}) {
    for (size_t i = 0; i < row.cells.size(); ++i) {
      if (shape->columns[i] < 0) continue;
      const Column& column = shape->view->columns[static_cast<size_t>(shape->columns[i])];
      if (IsDerived(column.conversion) != derived) continue;
      OBVIEWS_RETURN_IF_ERROR(ReadCell(*shape, row, i, out));
    }
  }
  if (shape->view->scope == schema::Scope::kDba) {
    out.tenant_assumed = !options_.tenant.has_value();
    out.record.Set("tenant_id", options_.tenant.value_or(0));
  }
  return out;
}

Status ViewRowReader::ReadCell(const Shape& shape, const ParsedRow& row, size_t cell,
                               ViewRecord& out) {
  const Column& column = shape.view->columns[static_cast<size_t>(shape.columns[cell])];
  const Field& field = shape.view->record->fields[column.field];
  switch (column.conversion) {
    case Conversion::kBytesDisplay:
      CheckBytesDisplay(shape, row, cell, out.record);
      return {};
    case Conversion::kScnToTime:
    case Conversion::kScnToTimeNullIfZero:
    case Conversion::kScnToTimeNullIfLe1:
      return ReadScnDisplay(shape, row, cell, out.record);
    case Conversion::kRecoverPercent:
    case Conversion::kRestorePercent:
      ReadPercent(shape, row, cell, out.record);
      return {};
    case Conversion::kNone:
    case Conversion::kStatusFold:
      return field.is_text() ? ReadText(shape, row, cell, out.record)
                             : ReadInteger(shape, row, cell, out.record);
    default:
      return ReadTime(shape, row, cell, out.record);
  }
}

Status ViewRowReader::ReadText(const Shape& shape, const ParsedRow& row, size_t cell,
                               Record& record) {
  const Column& column = shape.view->columns[static_cast<size_t>(shape.columns[cell])];
  const Field& field = record.type().fields[column.field];
  const Cell& value = row.cells[cell];
  if (value.is_null) {
    // Oracle mode shows the empty text as NULL; of a text that is empty while unset, it is that.
    bool reads_empty =
        shape.view->mode == Mode::kOracle && field.unset == schema::Unset::kEmptyText;
    if (reads_empty || !field.nullable) {
      record[column.field] = std::string();
    } else {
      record[column.field] = std::monostate{};
    }
    return {};
  }
  if (const std::string_view text = Trimmed(value.text);
      field.name == "restore_scn" && !text.empty()) {
    auto scn = schema::ParseUint64(text);
    if (!scn) return BadCell(row, cell, scn.error().message);
    if (*scn > schema::kMaxScn) {
      return BadCell(row, cell,
                     fmt::format("{} is above the largest SCN, {}", *scn, schema::kMaxScn));
    }
    record[column.field] = std::string(text);
    return {};
  }
  if (column.conversion == Conversion::kStatusFold && value.text == "RESTORING") {
    Warn(
        row, value.at, "RESTORING",
        "STATUS RESTORING stands for one of several inner stages: which one is not known, kept so");
  }
  record[column.field] = value.text;
  return {};
}

Status ViewRowReader::ReadInteger(const Shape& shape, const ParsedRow& row, size_t cell,
                                  Record& record) {
  const Column& column = shape.view->columns[static_cast<size_t>(shape.columns[cell])];
  const Field& field = record.type().fields[column.field];
  const std::string_view text = Trimmed(row.cells[cell].text);
  if (row.cells[cell].is_null || text == kNull) {
    if (!field.nullable) return BadCell(row, cell, "is NULL, and must be a number");
    record[column.field] = std::monostate{};
    return {};
  }
  if (field.type == FieldType::kUint) {
    auto scn = schema::ParseUint64(text);
    if (!scn) return BadCell(row, cell, scn.error().message);
    if (*scn > schema::kMaxScn) {
      return BadCell(row, cell,
                     fmt::format("{} is above the largest SCN, {}", *scn, schema::kMaxScn));
    }
    record[column.field] = *scn;
    return {};
  }
  auto number = schema::ParseInt64(text);
  if (!number) return BadCell(row, cell, number.error().message);
  if (field.is_key() && *number < 1) {
    return BadCell(row, cell, fmt::format("{} is no id: ids begin at 1", *number));
  }
  record[column.field] = *number;
  return {};
}

Status ViewRowReader::ReadTime(const Shape& shape, const ParsedRow& row, size_t cell,
                               Record& record) {
  const Column& column = shape.view->columns[static_cast<size_t>(shape.columns[cell])];
  const Field& field = record.type().fields[column.field];
  const std::string_view text = Trimmed(row.cells[cell].text);
  if (row.cells[cell].is_null || text.empty() || text == kNull) {
    ReadUnsetTime(column, row, cell, record);
    return {};
  }
  Result<schema::ParsedUsec> parsed;
  if (shape.view->mode == Mode::kMySql) {
    parsed = schema::ParseMySqlTimestamp(text, options_.time_zone);
  } else if (column.conversion == Conversion::kTimestampToSession) {
    parsed = schema::ParseOracleTimestamp(text, options_.time_zone);
  } else {
    parsed = schema::ParseOracleDate(text).map([](int64_t usec) {
      return schema::ParsedUsec{usec, false};
    });
  }
  if (!parsed) return BadCell(row, cell, parsed.error().message);
  if (parsed->ambiguous) {
    Warn(row, row.cells[cell].at, fmt::format("ambiguous {}", column.name),
         fmt::format("{} {} occurs twice in zone {}: read as the earlier", column.name, text,
                     options_.time_zone.name()));
  }
  SetInteger(field, column.field, parsed->usec, record);
  return {};
}

void ViewRowReader::ReadUnsetTime(const Column& column, const ParsedRow& row, size_t cell,
                                  Record& record) {
  const Field& field = record.type().fields[column.field];
  const Cell& value = row.cells[cell];
  auto unset = UnsetUsec(column.conversion);
  if (!value.is_null && Trimmed(value.text).empty()) {
    Warn(row, value.at, fmt::format("empty {}", column.name),
         fmt::format("{} is empty, which no server prints: read as unset (NULL)", column.name));
  }
  if (field.nullable) {
    record[column.field] = std::monostate{};
  } else if (unset) {
    SetInteger(field, column.field, *unset, record);
  } else {
    Warn(row, value.at, fmt::format("NULL {}", column.name),
         fmt::format("{} is NULL: the time is not known; stored as one that shows NULL",
                     column.name));
    SetInteger(field, column.field, schema::kUnknownUsec, record);
  }
}

Status ViewRowReader::ReadScnDisplay(const Shape& shape, const ParsedRow& row, size_t cell,
                                     Record& record) {
  const Column& column = shape.view->columns[static_cast<size_t>(shape.columns[cell])];
  const Field& field = record.type().fields[column.field];
  const Cell& value = row.cells[cell];
  const std::string_view text = Trimmed(value.text);
  if (value.is_null || text.empty() || text == kNull) return {};
  auto shown = shape.view->mode == Mode::kMySql
                   ? schema::ParseMySqlScn(text, options_.system_time_zone)
                   : schema::ParseOracleScn(text, options_.system_time_zone);
  if (!HasSource(shape, column)) {
    if (!shown) return BadCell(row, cell, shown.error().message);
    Warn(row, value.at, fmt::format("only {}", column.name),
         fmt::format("{} without its SCN: the first SCN of that time is stored", column.name));
    SetInteger(field, column.field, static_cast<int64_t>(shown->first), record);
    return {};
  }
  uint64_t scn = 0;
  if (const auto* stored = std::get_if<std::string>(&record[column.field])) {
    scn = static_cast<uint64_t>(schema::ParseInt64Prefix(*stored).value);
  } else if (const auto* number = std::get_if<uint64_t>(&record[column.field])) {
    scn = *number;
  }
  if (shown && scn >= shown->first && scn <= shown->last) return {};
  schema::TextBuffer buffer;
  std::string_view right = shape.view->mode == Mode::kMySql
                               ? schema::ShowScnMySql(scn, options_.system_time_zone, buffer)
                               : schema::ShowScnOracle(scn, options_.system_time_zone, buffer);
  Warn(row, value.at, fmt::format("wrong {}", column.name),
       fmt::format("{} {} is not the time of SCN {}, which is {} in zone {}: the SCN is kept",
                   column.name, schema::QuoteForMessage(text), scn, right,
                   options_.system_time_zone.name()));
  return {};
}

void ViewRowReader::ReadPercent(const Shape& shape, const ParsedRow& row, size_t cell,
                                Record& record) {
  const Column& column = shape.view->columns[static_cast<size_t>(shape.columns[cell])];
  const Cell& value = row.cells[cell];
  const std::string_view text = Trimmed(value.text);
  const bool is_null = value.is_null || text.empty() || text == kNull;
  const std::optional<int64_t> computed = column.conversion == Conversion::kRecoverPercent
                                              ? RecoverHundredths(record)
                                              : RestoreHundredths(record);
  const std::optional<int64_t> shown = HundredthsOf(text);
  if (is_null ? computed.has_value() : !shown || shown != computed) {
    Warn(row, value.at, fmt::format("other {}", column.name),
         fmt::format("{} {} cannot be stored: views compute it, and what is loaded gives {}",
                     column.name, QuotedOrNull(text, is_null), ShownHundredths(computed)));
  }
  if (value.is_null) return;
  // Kept for those who export the record: no view shows it.
  auto pairs = schema::DecodePairs(record.Text("other_pairs"));
  pairs.push_back({(*row.columns)[cell], value.text, false});
  record.Set("other_pairs", schema::EncodePairs(pairs));
}

void ViewRowReader::CheckBytesDisplay(const Shape& shape, const ParsedRow& row, size_t cell,
                                      const Record& record) {
  const Column& column = shape.view->columns[static_cast<size_t>(shape.columns[cell])];
  const Cell& value = row.cells[cell];
  const std::string_view text = Trimmed(value.text);
  const bool is_null = value.is_null || text.empty() || text == kNull;
  if (!HasSource(shape, column)) {
    if (is_null || text == "MB") return;  // of bytes that are NULL themselves
    Warn(row, value.at, fmt::format("only {}", column.name),
         fmt::format("{} without the bytes it shows: a rounded text tells no bytes, not stored",
                     column.name));
    return;
  }
  const bool oracle = shape.view->mode == Mode::kOracle;
  schema::TextBuffer buffer;
  std::string_view right = oracle ? "MB" : "";  // of NULL: CONCAT ignores it in Oracle mode
  if (const auto* bytes = std::get_if<int64_t>(&record[column.field])) {
    right =
        oracle ? schema::ShowBytesOracle(*bytes, buffer) : schema::ShowBytesMySql(*bytes, buffer);
  }
  if (is_null ? right.empty() : text == right) return;
  Warn(row, value.at, fmt::format("other {}", column.name),
       fmt::format("{} {} is not what its bytes show, which is {}: the bytes are kept", column.name,
                   QuotedOrNull(text, is_null), right.empty() ? kNull : right));
}

}  // namespace obviews::tools
