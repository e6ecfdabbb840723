// Cuts SQL text into tokens by the rules of a MySQL or Oracle client; knows no grammar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schema/catalog.h"
#include "schema/status.h"
#include "virtual_tables/sql/position.h"

namespace obviews::vtab::sql {

/// What a stretch of SQL text is.
enum class TokenKind : uint8_t {
  kWord,        ///< an unquoted name or keyword
  kQuotedName,  ///< `name`; in Oracle mode also "name"
  kString,      ///< 'text'; in MySQL mode also "text"
  kBlob,        ///< x'0A1B'
  kNumber,      ///< 12, 1.5e3, .5, 0x1F
  kVariable,    ///< @user_variable, @@system_variable, @@session.system_variable
  kOperator,    ///< an operator or punctuation, longest match: <=> || ( , ;
  kSpace,       ///< white space; never in the result of Tokenize
  kComment,     ///< a comment; never in the result of Tokenize
  kInvalid,     ///< a byte that starts nothing; Tokenize makes it an error
};

/// One token: bytes [begin, end) of the text.
struct Token {
  TokenKind kind = TokenKind::kInvalid;
  size_t begin = 0;
  size_t end = 0;
  Position at;                 ///< of `begin`
  bool after_comment = false;  ///< a comment stands between this token and the one before
};

/// One step of scanning, see ScanAt.
struct Scan {
  TokenKind kind = TokenKind::kInvalid;
  size_t end = 0;          ///< where the next token starts
  bool terminated = true;  ///< false: a string, quoted name or comment is open at the end
  size_t resume = 0;       ///< when not terminated: where scanning can go on once text is added
};

/// Classifies what starts at byte `pos` (less than the text's size) of `text`. To go on with an
/// unterminated token after appending to the text, call again with the same `pos` and the `resume`
/// of the earlier answer: the bytes before it are not read again. Anything ending exactly at the
/// end of the text could grow if text is added, except a single ';'.
Scan ScanAt(std::string_view text, size_t pos, schema::Mode mode, size_t resume = 0);

/// All tokens of `text`, without white space and comments. Errors: an unterminated string, quoted
/// name or comment, a byte that starts no token; the message points at the place, counted from
/// `start`, where `text` begins in its file.
///
/// MySQL mode: backslash escapes in strings, "text" is a string, `--` starts a comment only before
/// white space or at the end, `#` starts one always. Oracle mode: no escapes, "name" is a name,
/// `--` always starts a comment, `#` may be part of a word.
Result<std::vector<Token>> Tokenize(std::string_view text, schema::Mode mode, Position start = {});

/// The value of a kString or kQuotedName token's bytes (with their quotes): doubled quotes folded,
/// and in strings of MySQL mode the escapes \0 \b \n \r \t \Z and \c = c processed, while \% and
/// \_ keep their backslash for LIKE.
std::string Unquote(std::string_view token, schema::Mode mode);

/// Equal without regard to ASCII case.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

}  // namespace obviews::vtab::sql
