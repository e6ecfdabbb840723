// Places in SQL text: line and column of a byte offset, and error messages that show the place.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "schema/status.h"

namespace obviews::vtab::sql {

/// A place in a text as people count it. Both numbers start at 1; a column is one UTF-8 character
/// (a byte that is not part of valid UTF-8 counts as one).
struct Position {
  size_t line = 1;
  size_t column = 1;
  friend bool operator==(const Position&, const Position&) = default;
};

/// The place of byte `offset` of `text` (clamped to its size) when `text` itself begins at `start`.
Position PositionAt(std::string_view text, size_t offset, Position start = {});

/// `message`, then the place, then the line of `text` with a caret below the byte at `offset`:
///
///     no such column: STATU
///       at line 1, column 8:
///       SELECT STATU FROM v
///              ^
///
/// Long lines are cut around the place, control characters and broken UTF-8 are shown as '?'.
/// Columns of East Asian text are two cells wide, so the caret stands where a terminal shows it.
std::string MessageAt(std::string_view message, std::string_view text, size_t offset,
                      Position start = {});

/// An ErrorCode::kInvalidArgument whose message is MessageAt(...).
Error ErrorAt(std::string_view message, std::string_view text, size_t offset, Position start = {});

}  // namespace obviews::vtab::sql
