// Writes docs/views.md from the catalog to standard output, or with --check FILE tells whether that
// file is what it would write: exit 0 if so, else 1 and the first line that differs.
#include <fmt/format.h>

#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "generated_doc.h"
#include "schema/catalog.h"

namespace obviews::schema {
namespace {

constexpr std::string_view kIntroduction =
    R"(<!-- Generated from schema/catalog.h: edit the catalog, then run
     build/release/tests/gen-views-doc > docs/views.md -->
# The views

16 views in {} definitions, {} columns: a `DBA_` view has a definition in each mode, a `CDB_` view
exists for the sys tenant only. MySQL-mode definitions live in the schema `oceanbase`, Oracle-mode
ones in `SYS`. `dump-views --describe VIEW` prints the same, of one view.

Behind them come four views of obviews' own, in {} definitions, which no server has:
`CDB_OB_IMPORT_TABLE_TASK_SUMMARY` and `DBA_OB_IMPORT_TABLE_TASK_SUMMARY` tell how many tasks of each
job have which status and result, `CDB_OB_RECOVER_TABLE_PROGRESS` and `DBA_OB_RECOVER_TABLE_PROGRESS`
how far each recovery is and when it will end ([progress.md](progress.md)).

The restore views are listed in their widest shape. By default they have the shape of 4.2.1;
`--view-version 4.2.3` or `4.3.3` adds the columns marked so under *from*.

The type is the declared one. Whatever it says, a column without a conversion shows the field as it
is stored. *Source* is the table and column of the server that the field stands for.

## Conversions

| conversion | shows |
|---|---|
)";

constexpr std::string_view kSummaryRows = R"(
## Rows of the summary views

A row is what these statements give together, and costs the same however many tasks there are:

```sql
SELECT TENANT_ID, JOB_ID, STATUS, RESULT, count(*), min(START_TIMESTAMP), max(COMPLETION_TIMESTAMP)
  FROM (SELECT * FROM CDB_OB_IMPORT_TABLE_TASKS
        UNION ALL SELECT * FROM CDB_OB_IMPORT_TABLE_TASK_HISTORY)
 GROUP BY TENANT_ID, JOB_ID, STATUS, RESULT ORDER BY TENANT_ID, JOB_ID, STATUS, RESULT
```

Rows are in that order, NULL first and texts by bytes. Times are compared before they are shown, so
that they are the earliest and the latest in zones with a change of offset too; `0000-00-00` and times
outside the years 0 to 9999 (UTC) do not count. In Oracle mode, tasks whose RESULT is empty and tasks
where it is NULL are one group, as both show NULL. The rows are worked out from the tasks and not
stored: `obviewsctl load` takes tasks, and passes over listings of these views.
)";

constexpr std::string_view kProgressRows = R"(
## Rows of the progress views

`CDB_OB_RECOVER_TABLE_PROGRESS` has a row for each recovery, under TENANT_ID and JOB_ID of its first
record: the recover job of sys, else that of the target tenant, else the import job, else the restore
job (then those of the auxiliary tenant). `DBA_OB_RECOVER_TABLE_PROGRESS` has a row for each recover
job of the tenant. What is not known is NULL, and WAITING_FOR says what is missing where the stage is
not known. The rows are worked out from the records and counts, however many tasks there are, for the
time the statement began. [progress.md](progress.md) has the rules. `obviewsctl load` passes over
listings of these views.
)";

/// What a conversion shows, for people; the exact rules are in schema/conversions.h.
constexpr std::string_view RuleOf(Conversion conversion) {
  switch (conversion) {
    case Conversion::kNone:
      return "the field as stored; text of a column declared NUMBER as its number";
    case Conversion::kUsecToTime:
      return "microseconds since 1970 as a time with six decimals, in the session time zone";
    case Conversion::kUsecToTimeNullIfZero:
      return "the same; 0 as NULL";
    case Conversion::kUsecToTimeNullIfUnset:
      return "the same; -1 as NULL";
    case Conversion::kScnToTime:
      return "nanoseconds since 1970 in the system time zone: six decimals in MySQL mode (the rest "
             "is cut), nine and `DD-MON-RR` in Oracle mode";
    case Conversion::kScnToTimeNullIfZero:
      return "the same; 0 as NULL";
    case Conversion::kScnToTimeNullIfLe1:
      return "the same; 0 and 1 as NULL";
    case Conversion::kOracleDate:
      return "microseconds since 1970 as whole seconds, always at +08:00: cut to nine decimals of "
             "a day, then rounded";
    case Conversion::kOracleDateNullIfZero:
      return "the same; 0 as NULL";
    case Conversion::kOracleDateNullIfUnset:
      return "the same; -1 as NULL";
    case Conversion::kTimestampToSession:
      return "a stored time in the session time zone; in Oracle mode as "
             "`DD-MON-RR HH.MI.SS.FFFFFF AM`";
    case Conversion::kBytesDisplay:
      return "bytes in the largest unit they reach, MB at least, with two decimals; Oracle mode "
             "drops "
             "trailing zeros";
    case Conversion::kStatusFold:
      return "the stored status; those of the inner steps as `RESTORING`";
    case Conversion::kRecoverPercent:
      return "how much of the log has been replayed, in percent";
    case Conversion::kRestorePercent:
      return "how much of the data has been restored, in percent";
    case Conversion::kHundredths:
      return "a number of hundredths, with two decimals";
  }
  return "";
}

/// Every conversion that some view uses, in the order of the enumeration.
std::set<Conversion> UsedConversions(const Catalog& catalog) {
  std::set<Conversion> used;
  for (const View& view : catalog.views()) {
    for (const Column& column : view.columns) used.insert(column.conversion);
  }
  return used;
}

/// The first shape that has the column, as --view-version spells it; "" for the default one.
std::string_view FromVersion(const View& view, std::string_view column) {
  constexpr std::pair<RestoreShape, std::string_view> kShapes[] = {
      {RestoreShape::k421, ""}, {RestoreShape::k423, "4.2.3"}, {RestoreShape::k433, "4.3.3"}};
  for (auto [shape, version] : kShapes) {
    const View* definition = Catalog::Get(shape).FindDefinition(view.name, view.mode);
    if (definition->FindColumn(column) >= 0) return version;
  }
  return "";
}

/// Text of a table cell.
std::string Cell(std::string_view text) {
  std::string cell;
  for (char c : text) {
    if (c == '|' || c == '*' || c == '_') cell += '\\';
    cell += c;
  }
  return cell;
}

void AppendView(const View& view, std::string& out) {
  size_t narrow = Catalog::Get().FindDefinition(view.name, view.mode)->columns.size();
  bool grew = view.columns.size() != narrow;
  fmt::format_to(
      std::back_inserter(out), "\n## {}, {} mode\n\n`{}.{}`, {}: {} columns{}.\n\n", view.name,
      view.mode == Mode::kMySql ? "MySQL" : "Oracle", view.schema_name(), view.name,
      view.own ? "obviews' own, no view of a server"
               : fmt::format("id {}, since {}", view.view_id, view.since_version),
      narrow, grew ? fmt::format(", up to {} in later versions", view.columns.size()) : "");
  out += grew ? "| column | from | type | null | source | conversion | meaning |\n"
                "|---|---|---|---|---|---|---|\n"
              : "| column | type | null | source | conversion | meaning |\n"
                "|---|---|---|---|---|---|\n";
  for (const Column& column : view.columns) {
    fmt::format_to(std::back_inserter(out), "| {} |", column.name);
    if (grew) fmt::format_to(std::back_inserter(out), " {} |", FromVersion(view, column.name));
    fmt::format_to(std::back_inserter(out), " {} | {} | `{}` | {} | {} |\n", column.type,
                   column.nullable ? "yes" : "no", view.SourceOf(column),
                   column.conversion == Conversion::kNone ? "" : ConversionName(column.conversion),
                   Cell(column.meaning));
  }
}

std::string ViewsDoc() {
  const Catalog& narrow = Catalog::Get();
  size_t definitions = 0;
  size_t columns = 0;
  for (const View& view : narrow.views()) {
    if (view.own) continue;
    ++definitions;
    columns += view.columns.size();
  }
  std::string out = fmt::format(fmt::runtime(kIntroduction), definitions, columns,
                                narrow.views().size() - definitions);

  const Catalog& wide = Catalog::Get(RestoreShape::k433);
  for (Conversion conversion : UsedConversions(wide)) {
    fmt::format_to(std::back_inserter(out), "| {} | {} |\n", ConversionName(conversion),
                   RuleOf(conversion));
  }
  for (const View& view : wide.views()) AppendView(view, out);
  out += kSummaryRows;
  out += kProgressRows;
  return out;
}

}  // namespace
}  // namespace obviews::schema

int main(int argc, char** argv) {
  return obviews::docs::PrintOrCheckPage({argv, static_cast<size_t>(argc)},
                                         obviews::schema::ViewsDoc(), "gen-views-doc",
                                         "the catalog");
}
