// Rows from a pasted terminal or a Markdown page.
#include "tools/loader/transcript.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "schema/catalog.h"
#include "tools/output/escape.h"

namespace obviews::tools {

namespace {

// A value of more lines than this in a boxed table is taken for a table that lost its form.
constexpr size_t kMaxBoxedLines = 10'000;

void DropCarriageReturn(std::string& line) {
  if (line.ends_with('\r')) line.pop_back();
}

// The columns a row of the listing has, in their order; empty if nothing tells.
ColumnNames KnownColumns(const Listing& listing) {
  if (!listing.derived.empty() || listing.repeated) return {};
  if (!listing.selected.empty()) return listing.selected;
  const schema::View* view = schema::Catalog::Get(schema::RestoreShape::k433)
                                 .FindDefinition(listing.view, schema::Mode::kMySql);
  ColumnNames names;
  if (view == nullptr) return names;
  for (const schema::Column& column : view->columns) names.emplace_back(column.name);
  return names;
}

}  // namespace

Result<bool> TranscriptReader::NextLine(SourceLine& line) {
  if (!put_back_.empty()) {
    line = std::move(put_back_.front());
    put_back_.pop_front();
    return true;
  }
  std::string_view text;
  OBVIEWS_ASSIGN_OR_RETURN(const bool got, input().ReadLine(text));
  if (!got) return false;
  line.text.assign(text);
  line.number = input().line_number();
  return true;
}

Result<bool> TranscriptReader::ReadRow(ParsedRow& row) {
  row.is_record = false;
  row.record.clear();
  SourceLine line;
  for (;;) {
    if (in_box_) {
      OBVIEWS_ASSIGN_OR_RETURN(const bool got_row, ReadBoxRow(row));
      if (got_row) return true;
      continue;
    }
    if (in_pipes_) {
      OBVIEWS_ASSIGN_OR_RETURN(const bool got_row, ReadPipeRow(row));
      if (got_row) return true;
      continue;
    }
    OBVIEWS_ASSIGN_OR_RETURN(const bool got, NextLine(line));
    if (!got) return false;
    const bool crlf = line.text.ends_with('\r');
    DropCarriageReturn(line.text);
    uint64_t number = 0;
    if (ParseRowMark(line.text, number)) {
      if (crlf) line.text.push_back('\r');
      return ReadVertical(line, number, row);
    }
    if (IsBlankLine(line.text)) {
      statements_.ReadLine(line.text, line.number);
      continue;
    }
    last_row_ = 0;
    if (ParseBorder(line.text, box_)) {
      OBVIEWS_RETURN_IF_ERROR(OpenBox(line));
      continue;
    }
    if (IsCutBorder(line.text)) {
      NoticeAt({line.number, 1}, "the border of a table is cut or wrapped; the table is not read");
    }
    OBVIEWS_RETURN_IF_ERROR(OpenPipes(line));
    if (in_pipes_) continue;
    if (ParseRowCount(line.text, number)) CheckCount(number, line);
    if (SaysEmptySet(line.text)) FoundEmptyResult();
    statements_.ReadLine(line.text, line.number);
  }
}

void TranscriptReader::StartListing(Position at) {
  auto listing = std::make_shared<Listing>();
  bool repeated = false;
  PrintingStatement statement = statements_.NameListing(repeated);
  listing->file = input().name();
  listing->schema = std::move(statement.schema);
  listing->view = std::move(statement.view);
  listing->selected = std::move(statement.columns);
  listing->derived = std::move(statement.derived);
  listing->statement = std::move(statement.text);
  listing->statement_at = statement.at;
  listing->at = at;
  listing->repeated = repeated;
  block_.known = KnownColumns(*listing);
  listing_ = std::move(listing);
  rows_ = 0;
  stray_told_ = false;
  rows_counted_ = false;
}

void TranscriptReader::CheckCount(uint64_t rows, const SourceLine& line) {
  const Position at = {line.number, PrefixLength(line.text) + 1};
  if (rows_counted_) {
    NoticeAt(at, "a count of rows without rows above it");
  } else if (rows != rows_) {
    NoticeAt(at, fmt::format("the client counted {} rows, {} stand above", rows, rows_));
  }
  rows_counted_ = true;
}

Result<bool> TranscriptReader::ReadVertical(const SourceLine& mark, uint64_t row_number,
                                            ParsedRow& row) {
  const size_t prefix = PrefixLength(mark.text);
  block_.prefix = mark.text.substr(0, prefix);
  block_.mark_line = mark.number;
  // Row 1 begins a listing; so does a row that does not go on counting, as when pastes are put
  // together.
  if (row_number == 1 || last_row_ == 0 || row_number != last_row_ + 1) {
    StartListing({mark.number, prefix + 1});
  }
  last_row_ = row_number;
  ++rows_;
  OBVIEWS_RETURN_IF_ERROR(CollectBlock(mark.text.ends_with('\r'), row_number));
  Position at;
  std::swap(vertical_.cells, row.cells);
  const std::string_view wrong = ParseVertical(block_, vertical_, at);
  if (wrong.empty() && !vertical_.strays.empty() && !stray_told_) {
    stray_told_ = true;
    const size_t stray = vertical_.strays.front();
    NoticeAt(vertical_.name_places[stray],
             fmt::format("{} stands out of line: read as a column", vertical_.names[stray]));
  }
  std::swap(vertical_.cells, row.cells);
  for (size_t i = block_.lines.size(); i > vertical_.lines; --i) {
    PutBack(std::move(block_.lines[i - 1]));
  }
  block_.lines.clear();
  if (!wrong.empty()) return FailAt(at, wrong);
  OBVIEWS_RETURN_IF_ERROR(SetColumns(vertical_.names, vertical_.name_places));
  row.listing = listing_;
  row.columns = columns_;
  row.at = {mark.number, prefix + 1};
  return true;
}

Status TranscriptReader::SetColumns(ColumnNames names, const std::vector<Position>& places) {
  // Rows of a join or of an expression may well have two columns of one name.
  const bool own = listing_->statement.empty() || listing_->repeated ||
                   (listing_->derived.empty() && !listing_->view.empty());
  for (size_t i = FindRepeatedName(names); i < names.size(); i = FindRepeatedName(names)) {
    if (own) return FailAt(places[i], fmt::format("the column {} stands twice", names[i]));
    names[i] += fmt::format(" ({})", i + 1);
  }
  if (columns_ == nullptr || *columns_ != names) {
    columns_ = std::make_shared<const ColumnNames>(std::move(names));
  }
  return {};
}

// Gathers the lines that may belong to the row; what ends them is put back.
Status TranscriptReader::CollectBlock(bool crlf, uint64_t row_number) {
  block_.followed = false;
  block_.lines.clear();
  bool blank_seen = false;
  size_t bytes = 0;
  for (;;) {
    SourceLine line;
    OBVIEWS_ASSIGN_OR_RETURN(const bool got, NextLine(line));
    if (!got) return {};
    if (crlf) DropCarriageReturn(line.text);
    uint64_t number = 0;
    BoxBorder border;
    if (ParseRowMark(line.text, number)) {
      block_.followed = number == row_number + 1;
    } else if (ParseRowCount(line.text, number)) {
      block_.followed = true;
    } else if (!IsFence(line.text) && PromptLength(line.text) == 0 &&
               !(blank_seen && (SaysNoRows(line.text) || ParseBorder(line.text, border)))) {
      blank_seen = blank_seen || IsBlankLine(line.text);
      bytes += line.text.size();
      block_.lines.push_back(std::move(line));
      if (bytes > input().max_row_bytes()) {
        block_.lines.clear();
        return FailAt({block_.mark_line, 1},
                      fmt::format("a row of more than {} bytes", input().max_row_bytes()));
      }
      continue;
    }
    if (crlf) line.text.push_back('\r');
    PutBack(std::move(line));
    return {};
  }
}

Status TranscriptReader::OpenBox(const SourceLine& border) {
  box_at_ = {border.number, box_.prefix + 1};
  box_prefix_ = border.text.substr(0, box_.prefix);
  SourceLine header;
  OBVIEWS_ASSIGN_OR_RETURN(const bool got_header, NextLine(header));
  if (!got_header) return {};
  DropCarriageReturn(header.text);
  box_text_.assign(WithoutPrefix(header.text, box_prefix_));
  if (!SplitBoxRow(box_text_, box_, box_cells_)) {
    PutBack(std::move(header));
    return {};
  }
  SourceLine below;
  OBVIEWS_ASSIGN_OR_RETURN(const bool got_below, NextLine(below));
  DropCarriageReturn(below.text);
  BoxBorder second;
  if (!got_below || !ParseBorder(below.text, second) || second.widths != box_.widths) {
    NoticeAt(box_at_, "a table without a line of column names is not read");
    if (got_below) PutBack(std::move(below));
    return {};
  }
  ColumnNames names;
  std::vector<Position> places;
  for (const BoxCell& cell : box_cells_) {
    names.push_back(UpperAscii(cell.text));
    places.push_back({header.number, cell.offset + box_.prefix + 1});
  }
  StartListing(box_at_);
  OBVIEWS_RETURN_IF_ERROR(SetColumns(std::move(names), places));
  in_box_ = true;
  return {};
}

Result<bool> TranscriptReader::ReadBoxRow(ParsedRow& row) {
  SourceLine line;
  OBVIEWS_ASSIGN_OR_RETURN(const bool got, NextLine(line));
  if (!got) {
    CloseCutBox({});
    return false;
  }
  DropCarriageReturn(line.text);
  BoxBorder border;
  if (ParseBorder(line.text, border)) {
    OBVIEWS_ASSIGN_OR_RETURN(in_box_, GoesOnAfterBorder());
    if (!in_box_) return false;
    return ReadBoxRow(row);
  }
  if (!WithoutPrefix(line.text, box_prefix_).starts_with('|')) {
    CloseCutBox(std::move(line));
    return false;
  }
  ++rows_;
  OBVIEWS_RETURN_IF_ERROR(JoinBoxRow(line));
  FillFromBox(line.number, row);
  return true;
}

Status TranscriptReader::JoinBoxRow(const SourceLine& first) {
  const Position at = {first.number, box_.prefix + 1};
  const auto cut = [&] {
    return FailAt(at,
                  fmt::format("the row does not fit its table of {} columns", box_.widths.size()));
  };
  box_text_.assign(WithoutPrefix(first.text, box_prefix_));
  for (size_t lines = 1; !SplitBoxRow(box_text_, box_, box_cells_); ++lines) {
    SourceLine next;
    OBVIEWS_ASSIGN_OR_RETURN(const bool got, NextLine(next));
    if (!got) return cut();
    DropCarriageReturn(next.text);
    const std::string_view body = WithoutPrefix(next.text, box_prefix_);
    BoxBorder border;
    uint64_t count = 0;
    // A whole row, or the table's end: the row above lost its own end.
    if (FitsBorder(body, box_) || ParseBorder(next.text, border) ||
        ParseRowCount(next.text, count) || IsFence(next.text) || lines == kMaxBoxedLines) {
      PutBack(std::move(next));
      return cut();
    }
    box_text_.push_back('\n');
    box_text_.append(body);
    if (box_text_.size() > input().max_row_bytes()) return cut();
  }
  return {};
}

Result<bool> TranscriptReader::GoesOnAfterBorder() {
  SourceLine next;
  OBVIEWS_ASSIGN_OR_RETURN(const bool got, NextLine(next));
  if (!got) return false;
  const bool goes_on = WithoutPrefix(next.text, box_prefix_).starts_with('|');
  PutBack(std::move(next));
  return goes_on;
}

void TranscriptReader::CloseCutBox(SourceLine line) {
  in_box_ = false;
  NoticeAt(box_at_, "the table has no border at its end: rows may be missing");
  if (line.number > 0) PutBack(std::move(line));
}

void TranscriptReader::FillFromBox(uint64_t line, ParsedRow& row) const {
  row.listing = listing_;
  row.columns = columns_;
  row.at = {line, box_.prefix + 1};
  row.cells.resize(box_cells_.size());
  size_t line_begin = 0;
  for (size_t i = 0; i < box_cells_.size(); ++i) {
    const BoxCell& from = box_cells_[i];
    // A value may have ended the line the last one began on.
    for (size_t newline = 0; (newline = box_text_.find('\n', line_begin)) < from.offset; ++line) {
      line_begin = newline + 1;
    }
    const size_t prefix = line == row.at.line ? box_.prefix : 0;
    Cell& cell = row.cells[i];
    cell.at = {line, from.offset - line_begin + prefix + 1};
    cell.is_number = false;
    cell.is_null = from.text == "NULL";
    cell.text.clear();
    if (!cell.is_null) DecodeTableText(from.text, cell.text);
  }
}

Status TranscriptReader::OpenPipes(const SourceLine& header) {
  const size_t prefix = PrefixLength(header.text);
  const std::string_view body = std::string_view(header.text).substr(prefix);
  if (!body.starts_with('|') || !SplitPipeRow(body, pipe_cells_)) return {};
  SourceLine below;
  OBVIEWS_ASSIGN_OR_RETURN(const bool got, NextLine(below));
  if (!got) return {};
  size_t count = 0;
  const std::string front = header.text.substr(0, prefix);
  if (!IsPipeRule(WithoutPrefix(below.text, front), count) || count != pipe_cells_.size()) {
    PutBack(std::move(below));
    return {};
  }
  const Position at = {header.number, prefix + 1};
  ColumnNames names;
  std::vector<Position> places;
  for (const PipeCell& cell : pipe_cells_) {
    names.push_back(UpperAscii(cell.text));
    places.push_back({header.number, cell.offset + prefix + 1});
  }
  // Pages explain things in such tables; rows of the views have their job, and names for headings.
  if (!std::all_of(names.begin(), names.end(), IsColumnName) ||
      std::find(names.begin(), names.end(), "JOB_ID") == names.end()) {
    NoticeAt(at, "a Markdown table without a JOB_ID is taken for prose: passed over");
    return {};
  }
  StartListing(at);
  rows_counted_ = true;  // Markdown has no footer
  OBVIEWS_RETURN_IF_ERROR(SetColumns(std::move(names), places));
  FoundEmptyResult();
  pipe_prefix_ = front;
  in_pipes_ = true;
  return {};
}

Result<bool> TranscriptReader::ReadPipeRow(ParsedRow& row) {
  SourceLine line;
  OBVIEWS_ASSIGN_OR_RETURN(const bool got, NextLine(line));
  const std::string_view body = WithoutPrefix(line.text, pipe_prefix_);
  if (!got || !body.starts_with('|')) {
    in_pipes_ = false;
    if (got) PutBack(std::move(line));
    return false;
  }
  const size_t prefix = line.text.size() - body.size();
  row.at = {line.number, prefix + 1};
  if (!SplitPipeRow(body, pipe_cells_)) return FailAt(row.at, "the row has no bar at its end");
  if (pipe_cells_.size() != columns_->size()) {
    return FailAt(row.at, fmt::format("the row has {} values, its table {} columns",
                                      pipe_cells_.size(), columns_->size()));
  }
  row.listing = listing_;
  row.columns = columns_;
  row.cells.resize(pipe_cells_.size());
  for (size_t i = 0; i < pipe_cells_.size(); ++i) {
    Cell& cell = row.cells[i];
    cell.at = {line.number, prefix + pipe_cells_[i].offset + 1};
    cell.is_number = false;
    cell.is_null = pipe_cells_[i].text == "NULL";
    cell.text = cell.is_null ? std::string() : std::move(pipe_cells_[i].text);
  }
  return true;
}

}  // namespace obviews::tools
