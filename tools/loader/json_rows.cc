// Rows from JSON.
#include "tools/loader/json_rows.h"

#include <fmt/format.h>

#include <utility>

namespace obviews::tools {

namespace {

using Kind = JsonToken::Kind;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

// Finds the end of a JSON object that comes in pieces, by its braces and quotes alone.
class ObjectEnd {
 public:
  // The bytes of `piece` that belong to the object; sets done() at its last brace.
  size_t Feed(std::string_view piece) {
    for (size_t i = 0; i < piece.size(); ++i) {
      const char c = piece[i];
      if (escaped_) {
        escaped_ = false;
      } else if (in_string_) {
        if (c == '\\') escaped_ = true;
        if (c == '"') in_string_ = false;
      } else if (c == '"') {
        in_string_ = true;
      } else if (c == '{') {
        ++depth_;
      } else if (c == '}' && --depth_ == 0) {
        done_ = true;
        return i + 1;
      }
    }
    return piece.size();
  }
  bool done() const { return done_; }

 private:
  size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool done_ = false;
};

}  // namespace

JsonRowReader::JsonRowReader(std::unique_ptr<TextSource> source, Layout layout)
    : RowReader(std::move(source)), layout_(layout) {
  auto listing = std::make_shared<Listing>();
  listing->file = input().name();
  listing->at = {1, 1};
  listing_ = std::move(listing);
}

Result<bool> JsonRowReader::ReadRow(ParsedRow& row) {
  row.listing = listing_;
  row.is_record = false;
  row.record.clear();
  return layout_ == Layout::kLines ? ReadLineRow(row) : ReadStreamRow(row);
}

Result<bool> JsonRowReader::ReadLineRow(ParsedRow& row) {
  for (;;) {
    std::string_view line;
    OBVIEWS_ASSIGN_OR_RETURN(const bool got, input().ReadLine(line));
    if (!got) return false;
    line = Trim(line);
    if (line.empty()) continue;
    row.at = {input().line_number(), 1};
    OBVIEWS_RETURN_IF_ERROR(ParseObject(line, row.at, row));
    return true;
  }
}

Result<bool> JsonRowReader::ReadStreamRow(ParsedRow& row) {
  if (done_) return false;
  // Until the object is cut out whole, an error leaves no place to go on from.
  done_ = true;
  OBVIEWS_ASSIGN_OR_RETURN(const bool got, FindObject());
  if (!got) return false;
  row.at = input().position();
  OBVIEWS_RETURN_IF_ERROR(TakeObject());
  done_ = false;
  OBVIEWS_RETURN_IF_ERROR(ParseObject(raw_, row.at, row));
  return true;
}

Result<bool> JsonRowReader::FindObject() {
  for (;;) {
    OBVIEWS_ASSIGN_OR_RETURN(const std::string_view bytes, input().Available());
    if (bytes.empty()) {
      if (place_ == Place::kTop) return false;
      return FailAt(input().position(), "the array is not closed");
    }
    const char c = bytes.front();
    if (IsBlank(c)) {
      input().Consume(1);
      continue;
    }
    if (c == '{' && place_ != Place::kArrayComma) {
      if (place_ != Place::kTop) place_ = Place::kArrayComma;
      return true;
    }
    if (c == '[' && place_ == Place::kTop) {
      place_ = Place::kArrayBegin;
    } else if (c == ']' && (place_ == Place::kArrayBegin || place_ == Place::kArrayComma)) {
      place_ = Place::kTop;
      FoundEmptyResult();
    } else if (c == ',' && place_ == Place::kArrayComma) {
      place_ = Place::kArrayItem;
    } else {
      return FailAt(input().position(), place_ == Place::kArrayComma
                                            ? "expected `,` or `]` after an object"
                                            : "expected an object: a row is `{\"COLUMN\": value}`");
    }
    input().Consume(1);
  }
}

Status JsonRowReader::TakeObject() {
  const Position start = input().position();
  ObjectEnd end;
  raw_.clear();
  while (!end.done()) {
    OBVIEWS_ASSIGN_OR_RETURN(const std::string_view bytes, input().Available());
    if (bytes.empty()) return FailAt(start, "the object is not closed");
    const size_t count = end.Feed(bytes);
    raw_.append(bytes.substr(0, count));
    input().Consume(count);
    if (raw_.size() > input().max_row_bytes()) {
      return FailAt(start, fmt::format("an object of more than {} bytes", input().max_row_bytes()));
    }
  }
  return {};
}

Status JsonRowReader::ParseObject(std::string_view text, Position start, ParsedRow& row) {
  OBVIEWS_ASSIGN_OR_RETURN(const bool record, IsRecord(text, start));
  if (record) {
    static const auto kNoColumns = std::make_shared<const ColumnNames>();
    row.is_record = true;
    row.record.assign(text);
    row.columns = kNoColumns;
    row.cells.clear();
    return {};
  }
  JsonScanner scanner(text, input().name(), start);
  OBVIEWS_ASSIGN_OR_RETURN(const JsonToken open,
                           scanner.Expect(Kind::kBeginObject, "at the start of a row"));
  row.at = open.at;
  OBVIEWS_RETURN_IF_ERROR(ParseMembers(scanner, row));
  OBVIEWS_RETURN_IF_ERROR(scanner.Expect(Kind::kEnd, "after the object"));
  return SetColumns(row);
}

Result<bool> JsonRowReader::IsRecord(std::string_view text, Position start) const {
  // Inside of a string the quotes would be escaped, so hardly any other row gets past this.
  constexpr std::string_view kMark = "obviews_record";
  if (text.find("\"obviews_record\"") == std::string_view::npos) return false;
  JsonScanner scanner(text, input().name(), start);
  OBVIEWS_RETURN_IF_ERROR(scanner.Expect(Kind::kBeginObject, "at the start of a row"));
  bool found = false;
  for (;;) {
    OBVIEWS_ASSIGN_OR_RETURN(const JsonToken key, scanner.Expect(Kind::kString, "as a name"));
    found = found || key.raw == kMark;
    OBVIEWS_RETURN_IF_ERROR(scanner.Expect(Kind::kColon, "after a name"));
    OBVIEWS_ASSIGN_OR_RETURN(const JsonToken value, scanner.Next());
    OBVIEWS_RETURN_IF_ERROR(scanner.SkipValue(value));
    OBVIEWS_ASSIGN_OR_RETURN(const JsonToken next, scanner.Next());
    if (next.kind == Kind::kComma) continue;
    if (next.kind != Kind::kEndObject) {
      return FailAt(next.at, fmt::format("expected `,` or `}}`, found {}", Describe(next.kind)));
    }
    OBVIEWS_RETURN_IF_ERROR(scanner.Expect(Kind::kEnd, "after the object"));
    return found;
  }
}

Status JsonRowReader::ParseMembers(JsonScanner& scanner, ParsedRow& row) {
  size_t count = 0;
  OBVIEWS_ASSIGN_OR_RETURN(JsonToken token, scanner.Next());
  if (token.kind == Kind::kEndObject) return FailAt(token.at, "the row has no columns");
  for (;;) {
    if (token.kind != Kind::kString) {
      return FailAt(token.at,
                    fmt::format("expected a column name, found {}", Describe(token.kind)));
    }
    if (count == names_.size()) names_.emplace_back();
    if (count == name_places_.size()) name_places_.emplace_back();
    if (count == row.cells.size()) row.cells.emplace_back();
    OBVIEWS_RETURN_IF_ERROR(scanner.Decode(token, names_[count]));
    names_[count] = UpperAscii(names_[count]);
    name_places_[count] = token.at;
    OBVIEWS_RETURN_IF_ERROR(scanner.Expect(Kind::kColon, "after a column name"));
    OBVIEWS_ASSIGN_OR_RETURN(token, scanner.Next());
    OBVIEWS_RETURN_IF_ERROR(ParseValue(scanner, token, row.cells[count]));
    ++count;
    OBVIEWS_ASSIGN_OR_RETURN(token, scanner.Next());
    if (token.kind == Kind::kEndObject) break;
    if (token.kind != Kind::kComma) {
      return FailAt(token.at, fmt::format("expected `,` or `}}`, found {}", Describe(token.kind)));
    }
    OBVIEWS_ASSIGN_OR_RETURN(token, scanner.Next());
  }
  names_.resize(count);
  row.cells.resize(count);
  return {};
}

Status JsonRowReader::ParseValue(const JsonScanner& scanner, const JsonToken& token,
                                 Cell& cell) const {
  cell.at = token.at;
  cell.is_null = token.kind == Kind::kNull;
  cell.is_number = token.kind == Kind::kNumber;
  cell.text.clear();
  switch (token.kind) {
    case Kind::kNull:
      return {};
    case Kind::kString:
      return scanner.Decode(token, cell.text);
    case Kind::kNumber:
      if (IsJsonInteger(token.raw) && !FitsSixtyFourBits(token.raw)) {
        return FailAt(token.at,
                      fmt::format("the integer {} is beyond 64 bits", token.raw.substr(0, 80)));
      }
      cell.text.assign(token.raw);
      return {};
    case Kind::kBeginObject:
    case Kind::kBeginArray:
      return FailAt(token.at, "a nested value: a column holds a string, a number or null");
    case Kind::kTrue:
    case Kind::kFalse:
      return FailAt(token.at, fmt::format("{}: a column holds a string, a number or null",
                                          Describe(token.kind)));
    default:
      return FailAt(token.at, fmt::format("expected a value, found {}", Describe(token.kind)));
  }
}

Status JsonRowReader::SetColumns(ParsedRow& row) {
  if (columns_ == nullptr || *columns_ != names_) {
    const size_t repeated = FindRepeatedName(names_);
    if (repeated < names_.size()) {
      return FailAt(name_places_[repeated],
                    fmt::format("the column {} stands twice", names_[repeated]));
    }
    columns_ = std::make_shared<const ColumnNames>(names_);
  }
  row.columns = columns_;
  return {};
}

}  // namespace obviews::tools
