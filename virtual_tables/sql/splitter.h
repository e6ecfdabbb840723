// Cuts a script or a stream of SQL text into statements the way the mysql client does.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/catalog.h"
#include "schema/status.h"
#include "virtual_tables/sql/position.h"

namespace obviews::vtab::sql {

/// One statement of a script.
struct SplitStatement {
  std::string text;       ///< from the first token to the last one, without the terminator
  size_t offset = 0;      ///< of its first byte in everything fed so far
  Position at;            ///< of its first byte
  bool vertical = false;  ///< ended by \G: one column a line is wanted
};

/// Splits text that arrives piece by piece. `;`, `\g` and `\G` end a statement, never inside a
/// string, quoted name or comment; `\G;` counts once. Statements with no token in them (white
/// space, comments) are dropped, and so is a UTF-8 byte order mark at the very start. Pieces may
/// be cut anywhere, also inside a character or an escape.
///
///     Splitter splitter(mode);
///     while (ReadLine(&line)) {
///       splitter.Feed(line);
///       while (auto statement = *splitter.Next()) Run(*statement);
///       prompt = splitter.pending() ? "    -> " : "obviews> ";
///     }
///     splitter.Finish();
///     ... Next() again until it yields nothing: the last statement needs no terminator.
///
/// Memory is bounded by the longest statement plus what was fed and not yet taken. Text is read
/// once, however small the pieces are. Not thread-safe.
class Splitter {
 public:
  explicit Splitter(schema::Mode mode) : mode_(mode) {}

  /// Adds text. The bytes are copied.
  void Feed(std::string_view text);

  /// Says that no more text will come.
  void Finish() { finished_ = true; }

  /// The next statement that is complete; nothing when more text is needed or, after Finish, when
  /// all were taken. Error (only after Finish): a string, quoted name or comment is not closed;
  /// the message points at where it begins, and the text is given up.
  Result<std::optional<SplitStatement>> Next();

  /// Whether part of a statement (or an open comment) is waiting for its end.
  bool pending() const;

 private:
  std::string_view rest() const { return std::string_view(buffer_).substr(taken_); }
  std::optional<SplitStatement> Take(size_t terminator_end, bool vertical);
  void Discard(size_t end);
  bool SkipByteOrderMark();

  schema::Mode mode_;
  bool finished_ = false;
  bool bom_checked_ = false;
  std::string buffer_;
  size_t taken_ = 0;   // bytes of buffer_ already given out; all offsets below count from there
  size_t base_ = 0;    // offset of rest() in everything fed
  Position base_at_;   // place of its first byte
  size_t scan_ = 0;    // everything before is scanned
  size_t resume_ = 0;  // inside the token at scan_: see ScanAt
  std::optional<size_t> first_;  // first token of the statement being scanned
  size_t last_end_ = 0;          // end of its last token
};

/// All statements of a whole text.
Result<std::vector<SplitStatement>> SplitStatements(std::string_view text, schema::Mode mode);

}  // namespace obviews::vtab::sql
