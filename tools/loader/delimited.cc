// Rows from TSV and CSV.
#include "tools/loader/delimited.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tools/output/escape.h"

namespace obviews::tools {

namespace {

std::string_view WithoutCarriageReturn(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view WithoutQuotes(std::string_view field) {
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
    return field.substr(1, field.size() - 2);
  }
  return field;
}

Cell& Slot(std::vector<Cell>& cells, size_t index) {
  if (index == cells.size()) cells.emplace_back();
  return cells[index];
}

void SetBare(Cell& cell, bool is_null) {
  cell.is_null = is_null;
  cell.is_number = false;
  cell.text.clear();
}

bool IsRepeatedHeader(const std::vector<Cell>& cells) {
  return std::all_of(cells.begin(), cells.end(),
                     [](const Cell& c) { return !c.is_null && IsColumnName(c.text); }) &&
         std::any_of(cells.begin(), cells.end(),
                     [](const Cell& c) { return EqualsIgnoreCase(c.text, "JOB_ID"); });
}

}  // namespace

DelimitedReader::DelimitedReader(std::unique_ptr<TextSource> source, Dialect dialect)
    : RowReader(std::move(source)), dialect_(dialect) {}

Result<bool> DelimitedReader::ReadRow(ParsedRow& row) {
  row.is_record = false;
  row.record.clear();
  for (;;) {
    if (done_) return false;
    OBVIEWS_ASSIGN_OR_RETURN(const bool got, ReadFields(row));
    if (!got) return false;
    // No row of data is all names: its JOB_ID is a number.
    if (columns_ == nullptr || IsRepeatedHeader(row.cells)) {
      OBVIEWS_RETURN_IF_ERROR(StartListing(row));
      continue;
    }
    if (row.cells.size() != columns_->size()) {
      return FailAt(row.at, fmt::format("the row has {} values, its header {} columns",
                                        row.cells.size(), columns_->size()));
    }
    row.listing = listing_;
    row.columns = columns_;
    return true;
  }
}

Result<bool> DelimitedReader::ReadFields(ParsedRow& row) {
  for (;;) {
    std::string_view line;
    Result<bool> got = input().ReadLine(line);
    if (!got) done_ = true;
    if (!got || !*got) return got;
    if (columns_ == nullptr) {
      crlf_ = line.ends_with('\r');
    }
    const bool single = columns_ != nullptr && columns_->size() == 1;
    if (!single && WithoutCarriageReturn(line).empty()) continue;
    row.at = {input().line_number(), 1};
    if (dialect_ == Dialect::kTsv) {
      SplitTsv(line, row.cells);
    } else if (Status split = SplitCsv(line, row.cells); !split) {
      done_ = columns_ == nullptr;
      return Fail(std::move(split).error());
    }
    return true;
  }
}

Status DelimitedReader::StartListing(const ParsedRow& header) {
  done_ = true;  // without its names nothing below can be read
  ColumnNames names;
  for (const Cell& cell : header.cells) {
    if (cell.is_null || !IsColumnName(cell.text)) {
      return FailAt(cell.at, fmt::format("the first line must name the columns: `{}` is no name",
                                         cell.is_null ? "NULL" : cell.text.substr(0, 40)));
    }
    names.push_back(UpperAscii(cell.text));
  }
  if (const size_t repeated = FindRepeatedName(names); repeated < names.size()) {
    return FailAt(header.cells[repeated].at,
                  fmt::format("the column {} stands twice", names[repeated]));
  }
  done_ = false;
  auto listing = std::make_shared<Listing>();
  listing->file = input().name();
  listing->at = header.at;
  listing_ = std::move(listing);
  // Names alone are a result without rows, if they are those of a view.
  if (std::find(names.begin(), names.end(), "JOB_ID") != names.end()) FoundEmptyResult();
  columns_ = std::make_shared<const ColumnNames>(std::move(names));
  return {};
}

void DelimitedReader::SplitTsv(std::string_view line, std::vector<Cell>& cells) {
  if (crlf_) line = WithoutCarriageReturn(line);
  const uint64_t line_number = input().line_number();
  size_t count = 0;
  for (size_t begin = 0; begin <= line.size();) {
    const size_t end = std::min(line.find('\t', begin), line.size());
    const std::string_view field = line.substr(begin, end - begin);
    Cell& cell = Slot(cells, count++);
    cell.at = {line_number, begin + 1};
    SetBare(cell, field == "NULL" || field == "\\N");
    if (!cell.is_null && !UnescapeBatch(field, cell.text) && !escapes_told_) {
      // Once a file: printed with --raw, all of its backslashes stand for themselves.
      escapes_told_ = true;
      NoticeAt(cell.at,
               "an escape that batch output never writes, kept as it stands; was the file printed "
               "with --raw?");
    }
    begin = end + 1;
  }
  cells.resize(count);
}

Status DelimitedReader::SplitCsv(std::string_view line, std::vector<Cell>& cells) {
  size_t count = 0;
  for (size_t pos = 0;;) {
    Cell& cell = Slot(cells, count++);
    cell.at = {input().line_number(), pos + 1};
    SetBare(cell, false);
    if (line.substr(pos).starts_with('"')) {
      OBVIEWS_RETURN_IF_ERROR(ReadQuoted(line, pos, cell));
    } else {
      OBVIEWS_RETURN_IF_ERROR(ReadBare(line, pos, cell));
    }
    if (WithoutCarriageReturn(line.substr(pos)).empty()) break;
    if (line[pos] != ',') {
      return FailAt({input().line_number(), pos + 1}, "expected a comma after the closing quote");
    }
    ++pos;
  }
  cells.resize(count);
  return {};
}

// Reads from the quote at `pos` to behind the closing one; moves `line` on if lines lie between.
Status DelimitedReader::ReadQuoted(std::string_view& line, size_t& pos, Cell& cell) {
  ++pos;
  for (;;) {
    const size_t quote = line.find('"', pos);
    cell.text.append(line.substr(pos, quote - pos));
    if (quote == std::string_view::npos) {
      if (cell.text.size() > input().max_row_bytes()) {
        return FailAt(cell.at, "the quoted value is too long; is its closing quote missing?");
      }
      bool got = input().line_ended();
      if (got) {
        cell.text.push_back('\n');
        OBVIEWS_ASSIGN_OR_RETURN(got, input().ReadLine(line));
      }
      if (!got) return FailAt(cell.at, "the quoted value is not closed");
      pos = 0;
      continue;
    }
    pos = quote + 1;
    if (!line.substr(pos).starts_with('"')) return {};
    cell.text.push_back('"');
    ++pos;
  }
}

Status DelimitedReader::ReadBare(std::string_view line, size_t& pos, Cell& cell) const {
  size_t end = line.find(',', pos);
  if (end == std::string_view::npos) {
    end = line.size() - (line.substr(pos).ends_with('\r') ? 1 : 0);
  }
  const std::string_view field = line.substr(pos, end - pos);
  if (const size_t quote = field.find('"'); quote != std::string_view::npos) {
    return FailAt({input().line_number(), pos + quote + 1},
                  "a quote within a value that is not quoted");
  }
  cell.is_null = field == "NULL";
  if (!cell.is_null) cell.text.assign(field);
  pos = end;
  return {};
}

bool LooksLikeHeader(std::string_view line, Dialect dialect) {
  line = WithoutCarriageReturn(line);
  const char separator = dialect == Dialect::kTsv ? '\t' : ',';
  size_t count = 0;
  for (size_t begin = 0; begin <= line.size(); ++count) {
    const size_t end = std::min(line.find(separator, begin), line.size());
    std::string_view field = line.substr(begin, end - begin);
    if (dialect == Dialect::kCsv) field = WithoutQuotes(field);
    if (!IsColumnName(field)) return false;
    begin = end + 1;
  }
  return count >= 2;
}

}  // namespace obviews::tools
