// Which statement a listing of a transcript was printed by: follows the lines between listings and
// remembers the SELECTs among them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tools/loader/text_source.h"

namespace obviews::tools {

/// A statement that prints rows. `view` is upper-cased and empty if the statement reads none, or
/// not exactly one (joins, unions, sub-queries in FROM, WITH).
struct PrintingStatement {
  std::string schema;  ///< `oceanbase`, `SYS`, another one as typed, or empty
  std::string view;
  std::string text;  ///< on one line, cut at 200 bytes
  /// The columns it names, upper-cased, in order; empty for `*` or if the statement has a `*`.
  std::vector<std::string> columns;
  /// Why its rows are not the view's own, `computes columns (count)`; empty if they are.
  std::string derived;
  Position at;
};

/// What the text of one statement, without its terminator, says: fills all but the place.
/// False if the statement prints no rows (USE, SET, ALTER, ...).
bool ParseStatement(std::string_view text, PrintingStatement& statement);

/// How many blanks, tabs and `>` (Markdown's quotes) stand at the front of a line.
size_t PrefixLength(std::string_view line);

/// Whether a line opens or closes a fenced block of Markdown.
bool IsFence(std::string_view line);

/// The length of a client's prompt at the front of a line, its prefix included; 0 if there is none.
/// `obclient [(none)]> `, `mysql> `, `MySQL [oceanbase]> `, `obclient(SYS@t)[SYS]> `, ...
size_t PromptLength(std::string_view line);

/// `Empty set`, or the client's `ERROR 1146 (42S02)...`: a statement ended without rows.
bool SaysNoRows(std::string_view line);

/// `Empty set` alone: a statement that went well had no rows.
bool SaysEmptySet(std::string_view line);

/// Follows the lines outside of listings, in order. Statements that stand together (in one line, in
/// one block) name the listings after them one by one; the last one goes on naming. A statement
/// elsewhere, or the end of a statement without rows, ends the naming. Not thread-safe.
class StatementTracker {
 public:
  /// A line that belongs to no listing, without its line end.
  void ReadLine(std::string_view line, uint64_t number);

  /// A listing begins: the statement that names it, or one without view and text. `repeated` says
  /// that it named an earlier listing as well.
  PrintingStatement NameListing(bool& repeated);

 private:
  void Begin(std::string_view text, Position at, bool trusted);
  void Append(std::string_view text);
  // Takes the statements with a terminator out of pending_.
  void TakeComplete();
  // Ends a statement without terminator.
  void EndPending(bool trusted);
  void Add(std::string_view text, bool trusted);
  void StartGroup();
  void EndOfStatementWithoutRows();
  void ReadFence(std::string_view body);
  void ReadInlineCode(std::string_view line, uint64_t number);
  bool ReadShellCommand(std::string_view line, uint64_t number);

  std::deque<PrintingStatement> group_;  // named no listing yet
  PrintingStatement current_;            // named the last listing
  bool has_current_ = false;
  bool group_open_ = false;  // nothing but statements since the last statement

  std::string pending_;  // a statement whose end has not come
  Position pending_at_;
  size_t pending_lines_ = 0;
  bool is_pending_ = false;
  bool trusted_ = false;  // typed at a prompt, standing in a block, or written as code
  char fence_ = '\0';     // the character of the open fence
  size_t fence_length_ = 0;
};

}  // namespace obviews::tools
