// The formats that need no look ahead: TSV, vertical listings, CSV, JSON and Markdown.
#include "tools/output/result_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>

#include "tools/output/escape.h"
#include "tools/output/number.h"
#include "tools/output/table_writer.h"
#include "tools/output/utf8.h"

namespace obviews::tools {
namespace {

// Appends NULL, the digits of a number, or whatever `text` makes of a text.
template <class Text>
void AppendCell(Sink& sink, const Value& value, int decimals, Text text) {
  switch (value.kind()) {
    case Value::Kind::kNull:
      return sink.Append("NULL");
    case Value::Kind::kText:
      return text(sink, value.as_text());
    default:
      FormatNumber(value, decimals, [&](std::string_view digits) { sink.Append(digits); });
  }
}

// `2 min 3.50 sec`, as the MySQL client shows a time.
std::string ElapsedText(std::chrono::nanoseconds elapsed) {
  double seconds = std::max(0.0, std::chrono::duration<double>(elapsed).count());
  std::string text;
  const auto take = [&](double unit, std::string_view one, std::string_view many) {
    if (seconds < unit) return;
    const double count = std::floor(seconds / unit);
    seconds -= count * unit;
    fmt::format_to(std::back_inserter(text), "{:.0f} {} ", count, count > 1 ? many : one);
  };
  take(86400, "day", "days");
  take(3600, "hour", "hours");
  take(60, "min", "min");
  fmt::format_to(std::back_inserter(text), "{:.2f} sec", seconds);
  return text;
}

// One line per row with `kSeparator` between the cells: the common half of TSV and CSV.
template <char kSeparator, auto kName, auto kCell, bool kEmptyHasHeader>
class LineWriter final : public ResultWriter {
 public:
  LineWriter(Sink& sink, const OutputOptions& options) : ResultWriter(sink, options) {}

 private:
  void WriteBegin(std::span<const ColumnHeader> columns) override {
    if (!options().column_names) return;
    StringSink header;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) header.Append(kSeparator);
      kName(header, columns[i].name);
    }
    header.Append('\n');
    header_ = header.text();
    if (kEmptyHasHeader) sink().Append(std::exchange(header_, {}));
  }

  void WriteRow(std::span<const Value> values) override {
    if (rows() == 0) WriteHeader();
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) sink().Append(kSeparator);
      AppendCell(sink(), values[i], decimals(i), kCell);
    }
    sink().Append('\n');
  }

  void WriteHeader() override { sink().Append(header_); }

  bool has_footer() const override { return !kEmptyHasHeader; }

  std::string header_;  // until it is printed
};

using BatchWriter = LineWriter<'\t', AppendBatchText, AppendBatchCell, false>;
using CsvWriter = LineWriter<',', AppendCsvText, AppendCsvText, true>;

class VerticalWriter final : public ResultWriter {
 public:
  VerticalWriter(Sink& sink, const OutputOptions& options) : ResultWriter(sink, options) {}

 private:
  void WriteBegin(std::span<const ColumnHeader> columns) override {
    labels_.resize(columns.size());
    if (!options().column_names) return;
    const WidthMeter meter;
    std::vector<size_t> widths;
    for (const ColumnHeader& column : columns) widths.push_back(meter.Measure(column.name));
    const size_t widest = *std::max_element(widths.begin(), widths.end());
    for (size_t i = 0; i < columns.size(); ++i) {
      labels_[i].assign(widest - widths[i], ' ').append(columns[i].name).append(": ");
    }
  }

  void WriteRow(std::span<const Value> values) override {
    constexpr std::string_view kStars = "***************************";
    sink().Append(kStars);
    sink().Append(' ');
    const fmt::format_int number(rows() + 1);
    sink().Append(std::string_view(number.data(), number.size()));
    sink().Append(". row ");
    sink().Append(kStars);
    sink().Append('\n');
    for (size_t i = 0; i < values.size(); ++i) {
      sink().Append(labels_[i]);
      AppendCell(sink(), values[i], decimals(i), AppendVerticalText);
      sink().Append('\n');
    }
  }

  bool has_footer() const override { return true; }

  std::vector<std::string> labels_;  // `  NAME: `
};

// JSON, an object a line; as an array, the lines stand between `[` and `]`.
template <bool kArray>
class JsonWriter final : public ResultWriter {
 public:
  JsonWriter(Sink& sink, const OutputOptions& options) : ResultWriter(sink, options) {}

 private:
  void WriteBegin(std::span<const ColumnHeader> columns) override {
    for (const ColumnHeader& column : columns) {
      StringSink key;
      key.Append(keys_.empty() ? '{' : ',');
      AppendJsonText(key, column.name);
      key.Append(':');
      keys_.push_back(key.text());
    }
  }

  void WriteRow(std::span<const Value> values) override {
    if (kArray) sink().Append(rows() == 0 ? "[\n" : ",\n");
    for (size_t i = 0; i < values.size(); ++i) {
      sink().Append(keys_[i]);
      WriteValue(values[i], decimals(i));
    }
    sink().Append('}');
    if (!kArray) sink().Append('\n');
  }

  void WriteEnd() override {
    if (kArray) sink().Append(rows() == 0 ? "[]\n" : "\n]\n");
  }

  void WriteValue(const Value& value, int decimals) {
    // JSON has no infinity and no NaN.
    const bool no_number = value.kind() == Value::Kind::kReal && !std::isfinite(value.as_real());
    if (value.is_null() || no_number) return sink().Append("null");
    AppendCell(sink(), value, decimals, AppendJsonText);
  }

  std::vector<std::string> keys_;  // `{"A":`, then `,"B":` …
};

class MarkdownWriter final : public ResultWriter {
 public:
  MarkdownWriter(Sink& sink, const OutputOptions& options) : ResultWriter(sink, options) {}

 private:
  void WriteBegin(std::span<const ColumnHeader> columns) override {
    if (!options().column_names) return;
    // Without an empty line between, two tables would render as one.
    if (!sink().untouched()) sink().Append('\n');
    sink().Append('|');
    for (const ColumnHeader& column : columns) {
      sink().Append(' ');
      AppendMarkdownText(sink(), column.name);
      sink().Append(" |");
    }
    sink().Append("\n|");
    for (const ColumnHeader& column : columns) {
      sink().Append(column.kind == ColumnKind::kNumeric ? " ---: |" : " --- |");
    }
    sink().Append('\n');
  }

  void WriteRow(std::span<const Value> values) override {
    sink().Append('|');
    for (size_t i = 0; i < values.size(); ++i) {
      sink().Append(' ');
      AppendCell(sink(), values[i], decimals(i), AppendMarkdownText);
      sink().Append(" |");
    }
    sink().Append('\n');
  }
};

}  // namespace

Status ResultWriter::Begin(std::span<const ColumnHeader> columns) {
  if (columns.empty()) return Fail(ErrorCode::kInternal, "a result without columns");
  decimals_.reserve(columns.size());
  for (const ColumnHeader& column : columns) decimals_.push_back(column.decimals);
  WriteBegin(columns);
  return sink_.status();
}

Status ResultWriter::Row(std::span<const Value> values) {
  if (values.size() != decimals_.size()) {
    return Fail(ErrorCode::kInternal, fmt::format("a row of {} values in a result of {} columns",
                                                  values.size(), decimals_.size()));
  }
  WriteRow(values);
  ++rows_;
  if (!sink_.ok()) return sink_.status();
  return {};
}

Status ResultWriter::Rendered(std::string_view text, uint64_t rows) {
  if (rows_ == 0 && rows > 0) WriteHeader();
  sink_.Append(text);
  rows_ += rows;
  if (!sink_.ok()) return sink_.status();
  return {};
}

Status ResultWriter::End(std::optional<std::chrono::nanoseconds> elapsed) {
  WriteEnd();
  if (options_.footer && has_footer()) WriteFooter(elapsed);
  return sink_.status();
}

void ResultWriter::WriteFooter(std::optional<std::chrono::nanoseconds> elapsed) {
  std::string footer =
      rows_ == 0 ? "Empty set" : fmt::format("{} {} in set", rows_, rows_ == 1 ? "row" : "rows");
  if (elapsed) fmt::format_to(std::back_inserter(footer), " ({})", ElapsedText(*elapsed));
  footer += "\n\n";
  sink_.Append(footer);
}

std::unique_ptr<ResultWriter> MakeWriter(Format format, Sink& sink, const OutputOptions& options) {
  switch (format) {
    case Format::kTable:
      return std::make_unique<TableWriter>(sink, options);
    case Format::kBatch:
      return std::make_unique<BatchWriter>(sink, options);
    case Format::kVertical:
      return std::make_unique<VerticalWriter>(sink, options);
    case Format::kCsv:
      return std::make_unique<CsvWriter>(sink, options);
    case Format::kJson:
      return std::make_unique<JsonWriter<true>>(sink, options);
    case Format::kJsonLines:
      return std::make_unique<JsonWriter<false>>(sink, options);
    case Format::kMarkdown:
      return std::make_unique<MarkdownWriter>(sink, options);
  }
  return nullptr;
}

}  // namespace obviews::tools
