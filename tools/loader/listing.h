// View-shaped rows as they stand in an input file, before the catalog gives them a meaning: what
// every format's reader hands to the loader, one row at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/status.h"
#include "tools/loader/text_source.h"

namespace obviews::tools {

/// What is known about a run of rows printed by one statement (or about a whole file, for the
/// formats without statements). Immutable once shared.
struct Listing {
  std::string file;    ///< as given by the user; `<stdin>` for standard input
  std::string schema;  ///< `oceanbase`, `SYS`, another one as typed, or empty
  std::string view;    ///< upper-cased, of the only view the statement reads; empty if unknown
  std::vector<std::string> selected;  ///< columns the statement names; empty: all, or not known
  std::string derived;    ///< why the statement's rows are not the view's own; empty if they are
  std::string statement;  ///< the statement above the rows, on one line, cut at 200 bytes; or empty
  Position statement_at;  ///< line 0 if there is no statement
  Position at;            ///< the first line of the listing: a row mark, a border, a header
  bool repeated = false;  ///< an earlier listing already stood below this statement
};

/// Column names in the order of the file, upper-cased (ASCII), no name twice.
using ColumnNames = std::vector<std::string>;

/// One value of a row, byte for byte as the program that printed it had it.
struct Cell {
  std::string text;        ///< empty if is_null; may hold NUL, newlines and invalid UTF-8
  bool is_null = false;    ///< SQL NULL: the bare word NULL, or null in JSON
  bool is_number = false;  ///< a JSON number; an integer among them fits 64 bits
  Position at;             ///< first byte of the value
};

/// One row. Reuse one object over all calls: cells keep their capacity.
struct ParsedRow {
  std::shared_ptr<const Listing> listing;
  std::shared_ptr<const ColumnNames> columns;  ///< rows of one listing may differ in them
  std::vector<Cell> cells;                     ///< as many as columns, in their order
  Position at;                                 ///< first line of the row
  /// True for a line of `obviewsctl export`: then columns and cells are empty and `record` is the
  /// JSON text of the whole object (see json_scan.h for reading it). Only the JSON readers set it.
  bool is_record = false;
  std::string record;

  /// `FILE:LINE:COL` of a cell, for messages. REQUIRES: cell < cells.size().
  std::string Place(size_t cell) const { return PlaceText(listing->file, cells[cell].at); }
  std::string Place() const { return PlaceText(listing->file, at); }
};

/// Reads the rows of one file, in its order, in memory bounded by one row. Not thread-safe.
class RowReader {
 public:
  virtual ~RowReader() = default;
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;

  /// Reads the next row into `row`; false at the end of the file. An error (kInvalidArgument) reads
  /// `FILE:LINE:COL: reason`. After an error the next call goes on with the row after the bad one
  /// where the format lets that be found, and returns false where not; it never loops.
  Result<bool> Next(ParsedRow& row);

  /// Remarks for the user since the last call, each `FILE:LINE:COL: text` or `FILE: text`.
  std::vector<std::string> TakeNotices() { return std::exchange(notices_, {}); }

  /// What is wrong with an input that held nothing at all: no row, bad ones included, and no result
  /// said to be empty. Empty if it held something. REQUIRES: Next() returned false.
  std::string_view Lack() const;

  /// For progress: bytes_read() and size() of the input.
  const TextSource& source() const { return *source_; }

 protected:
  explicit RowReader(std::unique_ptr<TextSource> source) : source_(std::move(source)) {}

  virtual Result<bool> ReadRow(ParsedRow& row) = 0;

  tl::unexpected<Error> FailAt(Position at, std::string_view reason) const {
    return Fail(ErrorCode::kInvalidArgument,
                PlaceText(source_->name(), at) + ": " + std::string(reason));
  }
  void NoticeAt(Position at, std::string_view text) {
    notices_.push_back(PlaceText(source_->name(), at) + ": " + std::string(text));
  }

  /// A statement's result without rows stands here, as against nothing.
  void FoundEmptyResult() { held_anything_ = true; }

  TextSource& input() { return *source_; }
  const TextSource& input() const { return *source_; }

 private:
  std::unique_ptr<TextSource> source_;
  std::vector<std::string> notices_;
  bool held_anything_ = false;
};

/// Upper-cases ASCII letters and leaves every other byte alone.
std::string UpperAscii(std::string_view text);

/// Whether two texts are equal but for the case of ASCII letters.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

/// Whether the text is `[A-Za-z_][A-Za-z0-9_$#]*`: how the views' columns are named.
bool IsColumnName(std::string_view text);

/// The index of a name that stands twice among the names, or names.size() if none does.
size_t FindRepeatedName(const ColumnNames& names);

}  // namespace obviews::tools
