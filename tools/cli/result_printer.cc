// Printing results; see result_printer.h.
#include "tools/cli/result_printer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace obviews::tools {

void PrintOptions::AddTo(CLI::App& app) {
  const char* group = "Output";
  app.add_flag("-E,--vertical", vertical, "one column a line, as \\G does")->group(group);
  app.add_flag("-t,--table", table, "boxed table (default on a terminal)")->group(group);
  app.add_flag("-B,--batch", batch, "TSV (default otherwise)")->group(group);
  app.add_flag("--csv", csv, "comma-separated, RFC 4180")->group(group);
  app.add_flag("--json", json, "an array of objects per statement")->group(group);
  app.add_flag("--jsonl", json_lines, "an object a line")->group(group);
  app.add_flag("--markdown", markdown, "a Markdown table")->group(group);
  app.add_flag("-N,--skip-column-names", skip_names, "no column names")->group(group);
  app.add_flag("-v,--verbose", verbose, "say how many rows, also when not on a terminal")
      ->group(group);
}

Status PrintOptions::Check() const {
  // The option parser could exclude each from each, but would then fill --help with saying so.
  int chosen = 0;
  for (bool format : {vertical, table, batch, csv, json, json_lines, markdown}) chosen += format;
  if (chosen < 2) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "more than one output format: choose one of -E, -t, -B, --csv, --json, --jsonl and "
              "--markdown");
}

Format PrintOptions::format(bool on_terminal) const {
  if (vertical) return Format::kVertical;
  if (csv) return Format::kCsv;
  if (json) return Format::kJson;
  if (json_lines) return Format::kJsonLines;
  if (markdown) return Format::kMarkdown;
  if (batch) return Format::kBatch;
  return table || on_terminal ? Format::kTable : Format::kBatch;
}

bool ForPeople(const PrintOptions& options) {
  bool on_terminal = isatty(STDOUT_FILENO) != 0;
  switch (options.format(on_terminal)) {
    case Format::kCsv:
    case Format::kJson:
    case Format::kJsonLines:
    case Format::kMarkdown:
      return false;
    default:
      return options.table || options.verbose || on_terminal;
  }
}

ResultPrinter::ResultPrinter(Sink& sink, const PrintOptions& options, bool vertical_wanted)
    : sink_(sink) {
  bool on_terminal = isatty(STDOUT_FILENO) != 0;
  format_ = options.format(on_terminal);
  // \G asks for people's eyes; a format asked for by name is for programs and stays.
  bool chosen = options.csv || options.json || options.json_lines || options.markdown;
  if (vertical_wanted && !chosen) format_ = Format::kVertical;
  options_.column_names = !options.skip_names;
  options_.footer = on_terminal || options.verbose;
}

Status ResultPrinter::Begin(std::span<const vtab::sql::ResultColumn> columns) {
  std::vector<ColumnHeader> headers;
  headers.reserve(columns.size());
  for (const auto& column : columns) {
    ColumnHeader header;
    header.name = column.name;
    header.kind = column.numeric ? ColumnKind::kNumeric : ColumnKind::kText;
    header.decimals = column.decimal ? 2 : ColumnHeader::kShortest;
    headers.push_back(header);
  }
  writer_ = MakeWriter(format_, sink_, options_);
  return writer_->Begin(headers);
}

Status ResultPrinter::Row(std::span<const Value> values) { return writer_->Row(values); }

Status ResultPrinter::End() {
  if (writer_ == nullptr) return {};
  OBVIEWS_RETURN_IF_ERROR(writer_->End(std::chrono::steady_clock::now() - start_));
  return sink_.Flush();
}

void PrintExplain(Sink& sink, std::span<const vtab::sql::ScanReport> scans, bool json) {
  if (json) {
    auto array = nlohmann::ordered_json::array();
    for (const auto& scan : scans) {
      array.push_back({{"view", scan.view},
                       {"access_path", scan.access_path},
                       {"ranges", scan.ranges},
                       {"pushed", scan.pushed},
                       {"residual", scan.residual},
                       {"records_read", scan.records_read},
                       {"records_decoded", scan.records_decoded},
                       {"records_returned", scan.records_returned}});
    }
    // A literal of the statement may be no UTF-8.
    sink.Append(array.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
    sink.Append('\n');
    return;
  }
  if (scans.empty()) sink.Append("No view was scanned.\n");
  for (const auto& scan : scans) {
    auto line = [&](std::string_view name, std::string_view value) {
      if (!value.empty()) sink.Append(fmt::format("  {:<17} {}\n", name, value));
    };
    sink.Append(fmt::format("{}\n", scan.view));
    line("access path", scan.access_path);
    line("ranges", fmt::format("{}", fmt::join(scan.ranges, "; ")));
    line("pushed", fmt::format("{}", fmt::join(scan.pushed, " AND ")));
    line("residual", fmt::format("{}", fmt::join(scan.residual, " AND ")));
    if (scan.scans > 1) line("scans", fmt::format("{}", scan.scans));
    line("records read", fmt::format("{}", scan.records_read));
    line("records decoded", fmt::format("{}", scan.records_decoded));
    line("records returned", fmt::format("{}", scan.records_returned));
  }
}

}  // namespace obviews::tools
