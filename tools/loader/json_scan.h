// JSON text cut into tokens with places, for rows and records. Our own because JSON libraries
// neither tell line and column of a value nor take what other programs write for bytes that are
// not UTF-8: lone surrogates (Python's surrogateescape), or the bytes themselves.
#pragma once

#include <string>
#include <string_view>

#include "schema/status.h"
#include "tools/loader/text_source.h"

namespace obviews::tools {

/// A token. `raw` borrows from the scanned text; of a string it is what stands between the quotes.
struct JsonToken {
  enum class Kind : uint8_t {
    kEnd,
    kBeginObject,
    kEndObject,
    kBeginArray,
    kEndArray,
    kColon,
    kComma,
    kString,
    kNumber,
    kTrue,
    kFalse,
    kNull,
  };
  Kind kind = Kind::kEnd;
  std::string_view raw;
  Position at;
};

/// How a token reads in a message: "a string", "`]`", "the end".
std::string_view Describe(JsonToken::Kind kind);

/// Tokens of one text. Grammar above tokens is the caller's. Errors (kInvalidArgument) read
/// `FILE:LINE:COL: reason`. Not thread-safe; borrows `text` and `file`.
class JsonScanner {
 public:
  /// `start` is where the first byte of `text` stands in the file.
  JsonScanner(std::string_view text, std::string_view file, Position start)
      : text_(text), file_(file), line_(start.line), line_start_(1 - start.column) {}

  /// The next token; kEnd at the end of the text, for ever. Numbers follow JSON's grammar.
  Result<JsonToken> Next();

  /// Reads a token that must be of this kind.
  Result<JsonToken> Expect(JsonToken::Kind kind, std::string_view where);

  /// Passes over the value that begins with `first`, nested or not.
  Status SkipValue(const JsonToken& first);

  /// The text of a string token: escapes resolved; U+EF80..U+EFFF, escaped or not, are the bytes
  /// 0x80..0xff as our own JSON has them, and so are lone surrogates `\udc80`..`\udcff`; other lone
  /// surrogates are errors. Bytes outside of escapes stay as they are, valid UTF-8 or not.
  /// REQUIRES: a kString token of this scanner.
  Status Decode(const JsonToken& token, std::string& text) const;

  /// `FILE:LINE:COL: reason` as an error.
  tl::unexpected<Error> FailAt(Position at, std::string_view reason) const;

 private:
  Position At(size_t offset) const { return {line_, offset - line_start_ + 1}; }
  Result<JsonToken> ScanString();
  Result<JsonToken> ScanNumber();
  Result<JsonToken> ScanWord();
  // The four hex digits at `offset` of a string token, or an error at the escape they belong to.
  Result<uint32_t> HexDigits(const JsonToken& token, size_t offset) const;
  Result<size_t> DecodeUnicode(const JsonToken& token, size_t offset, std::string& text) const;

  std::string_view text_;
  std::string_view file_;
  size_t pos_ = 0;
  uint64_t line_;
  size_t line_start_;  // offset of the line's first byte; wraps below zero for a text amid a line
};

/// Whether a number token is an integer: neither fraction nor exponent.
bool IsJsonInteger(std::string_view number);

/// Whether an integer token fits a signed or an unsigned 64-bit integer.
bool FitsSixtyFourBits(std::string_view integer);

}  // namespace obviews::tools
