// Rows from a pasted terminal or a Markdown page: `\G` listings, boxed tables and pipe tables among
// prompts, statements, prose and fences, each listing named by the SELECT above it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/loader/boxed.h"
#include "tools/loader/listing.h"
#include "tools/loader/pipes.h"
#include "tools/loader/statements.h"
#include "tools/loader/vertical.h"

namespace obviews::tools {

/// Reads transcripts; everything that is no listing is passed over. A listing below a statement
/// that reads more or less than one view has a statement but no view. Notices tell of tables cut
/// off, of Markdown tables that name no JOB_ID (they are prose), of lines read as columns though
/// they stand out of line, and of listings that have other row counts than their `N rows in set`.
/// A column may stand twice in a listing that is no view's own; later ones get a number. After an
/// error reading goes on behind the bad row.
class TranscriptReader : public RowReader {
 public:
  explicit TranscriptReader(std::unique_ptr<TextSource> source) : RowReader(std::move(source)) {}

 protected:
  Result<bool> ReadRow(ParsedRow& row) override;

 private:
  // Lines put back are read again first.
  Result<bool> NextLine(SourceLine& line);
  void PutBack(SourceLine line) { put_back_.push_front(std::move(line)); }

  void StartListing(Position at);
  void CheckCount(uint64_t rows, const SourceLine& line);
  // Names the columns of the listing; an error if one stands twice that must not.
  Status SetColumns(ColumnNames names, const std::vector<Position>& places);

  Result<bool> ReadVertical(const SourceLine& mark, uint64_t row_number, ParsedRow& row);
  Status CollectBlock(bool crlf, uint64_t row_number);

  Status OpenBox(const SourceLine& border);
  // Reads the next row of the open table; false, and the table is closed, if there is none.
  Result<bool> ReadBoxRow(ParsedRow& row);
  // Puts lines together until they make a row of the table.
  Status JoinBoxRow(const SourceLine& first);
  // Whether the table goes on behind a border, as grids with a border under each row do.
  Result<bool> GoesOnAfterBorder();
  void CloseCutBox(SourceLine line);
  void FillFromBox(uint64_t line, ParsedRow& row) const;

  // Begins a pipe table if the line is its names and the next one the rule below them.
  Status OpenPipes(const SourceLine& header);
  // Reads the next row of the open pipe table; false, and the table is closed, if there is none.
  Result<bool> ReadPipeRow(ParsedRow& row);

  std::deque<SourceLine> put_back_;
  StatementTracker statements_;
  std::shared_ptr<const Listing> listing_;
  std::shared_ptr<const ColumnNames> columns_;  // of the last row, shared while they stay the same
  uint64_t rows_ = 0;                           // of the listing, bad ones as well
  bool rows_counted_ = true;  // a count of rows came, or no listing is there to count
  uint64_t last_row_ = 0;     // number of the `\G` row just read; 0: the listing is over
  bool stray_told_ = false;   // of this listing
  VerticalBlock block_;
  VerticalRow vertical_;
  bool in_box_ = false;
  bool in_pipes_ = false;
  std::string pipe_prefix_;
  std::vector<PipeCell> pipe_cells_;
  BoxBorder box_;
  Position box_at_;
  std::string box_prefix_;
  std::string box_text_;  // the row being read, newlines between its lines
  std::vector<BoxCell> box_cells_;
};

}  // namespace obviews::tools
