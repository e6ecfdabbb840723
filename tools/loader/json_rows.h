// Rows from JSON: an object a line, or arrays of objects; and the lines of `obviewsctl export`.
#pragma once

#include <memory>
#include <string>

#include "tools/loader/json_scan.h"
#include "tools/loader/listing.h"

namespace obviews::tools {

/// Reads JSON objects of plain values as rows, their members as columns in their order. Nested
/// values, `true`, `false` and integers beyond 64 bits are errors. An object with a member
/// `obviews_record` is handed on as a record, unread.
class JsonRowReader : public RowReader {
 public:
  enum class Layout : uint8_t {
    kLines,   ///< an object a line; after an error reading goes on with the next line
    kStream,  ///< objects and arrays of objects, in any number, on any lines; an error outside of
              ///< an object or in its outer form ends the reading
  };

  JsonRowReader(std::unique_ptr<TextSource> source, Layout layout);

 protected:
  Result<bool> ReadRow(ParsedRow& row) override;

 private:
  enum class Place : uint8_t { kTop, kArrayBegin, kArrayItem, kArrayComma };

  Result<bool> ReadLineRow(ParsedRow& row);
  Result<bool> ReadStreamRow(ParsedRow& row);
  // Moves to the `{` of the next object; false at the end of the input.
  Result<bool> FindObject();
  // Copies the object that begins at the next byte into raw_.
  Status TakeObject();
  Status ParseObject(std::string_view text, Position start, ParsedRow& row);
  // Whether the object is a record of an export.
  Result<bool> IsRecord(std::string_view text, Position start) const;
  Status ParseMembers(JsonScanner& scanner, ParsedRow& row);
  Status ParseValue(const JsonScanner& scanner, const JsonToken& token, Cell& cell) const;
  Status SetColumns(ParsedRow& row);

  Layout layout_;
  Place place_ = Place::kTop;
  bool done_ = false;
  std::string raw_;
  ColumnNames names_;  // scratch: names of the object being read
  std::vector<Position> name_places_;
  std::shared_ptr<const ColumnNames> columns_;  // of the last row, shared while they stay the same
  std::shared_ptr<const Listing> listing_;
};

}  // namespace obviews::tools
