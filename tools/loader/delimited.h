// Rows from TSV as `mysql -B` and `dump-views -B` print it, and from CSV (RFC 4180).
// Our own state machines: libraries for CSV tell neither the place of a field nor whether it was
// quoted, which is what separates NULL from the text "NULL".
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "tools/loader/listing.h"

namespace obviews::tools {

/// How values are separated and escaped.
enum class Dialect : uint8_t {
  kTsv,  ///< escapes of output/escape.h; a bare `NULL` or `\N` is NULL, `\NULL` is text; lines end
         ///< as the header does, so that a carriage return in a value stays one
  kCsv,  ///< quotes, doubled within; a bare NULL is NULL, a quoted one is text; bare nothing is ''
};

/// Reads a header line, then rows. A further line of nothing but column names, JOB_ID among them,
/// starts a new listing: files may be put together with `cat`. Empty lines are passed over unless
/// there is only one column. Reading goes on with the next line after an error in a row; an error
/// in a header ends it.
class DelimitedReader : public RowReader {
 public:
  DelimitedReader(std::unique_ptr<TextSource> source, Dialect dialect);

 protected:
  Result<bool> ReadRow(ParsedRow& row) override;

 private:
  // Reads the next record's fields; false at the end of the input.
  Result<bool> ReadFields(ParsedRow& row);
  void SplitTsv(std::string_view line, std::vector<Cell>& cells);
  Status SplitCsv(std::string_view line, std::vector<Cell>& cells);
  Status ReadQuoted(std::string_view& line, size_t& pos, Cell& cell);
  Status ReadBare(std::string_view line, size_t& pos, Cell& cell) const;
  Status StartListing(const ParsedRow& header);

  Dialect dialect_;
  bool crlf_ = false;
  bool done_ = false;
  bool escapes_told_ = false;
  std::shared_ptr<const Listing> listing_;
  std::shared_ptr<const ColumnNames> columns_;
};

/// Whether a file's first line looks like the header of this dialect: two columns or more, all of
/// them named as columns are.
bool LooksLikeHeader(std::string_view line, Dialect dialect);

}  // namespace obviews::tools
