// The escapes of every output format, and the inverses a loader needs. docs/output.md has the
// rules.
#pragma once

#include <string>
#include <string_view>

#include "tools/output/sink.h"

namespace obviews::tools {

/// --batch: newline, tab, backslash and NUL become `\n` `\t` `\\` `\0`; all else is unchanged.
void AppendBatchText(Sink& sink, std::string_view text);

/// A text cell of --batch: as AppendBatchText(), but the four letters NULL, which would read as the
/// null value, become `\NULL`.
void AppendBatchCell(Sink& sink, std::string_view text);

/// --csv: a text field, quoted when it must be (comma, quote, control, blank at either end) and
/// when it would read as something else unquoted: the empty text and the four letters NULL.
void AppendCsvText(Sink& sink, std::string_view text);

/// --json and --jsonl: a string with its quotes. Each byte XX that is not part of valid UTF-8
/// becomes `\uefXX`, and so does each byte of a genuine U+EF80..U+EFFF, so that every string is
/// valid Unicode for any parser and DecodeJsonBytes() gets the exact bytes back.
void AppendJsonText(Sink& sink, std::string_view text);

/// --markdown: a cell whose rendering shows the text. A line break becomes `<br>`, and the bytes
/// `| \ * <` and the backtick get a backslash.
void AppendMarkdownText(Sink& sink, std::string_view text);

/// --vertical: unchanged but for NUL, which becomes a blank as in the MySQL client.
void AppendVerticalText(Sink& sink, std::string_view text);

/// --table: appends `text` with its control bytes as the Unicode pictures of them (newline U+240A,
/// NUL U+2400, DEL U+2421), so that a cell is always one line and cannot steer the terminal.
void AppendTableText(std::string& out, std::string_view text);

/// Inverse of the two --batch functions: appends the text of one cell to `out`. An escape that
/// --batch never writes is kept as it stands, and the result is false so that a loader can warn.
/// The null value is the cell `NULL`; ask for it before unescaping.
bool UnescapeBatch(std::string_view cell, std::string& out);

/// Inverse of AppendJsonText() for a string as a JSON parser returns it: appends it to `out` with
/// each of U+EF80..U+EFFF turned back into its byte.
void DecodeJsonBytes(std::string_view parsed, std::string& out);

/// Inverse of AppendTableText(): appends `cell` to `out` with control pictures turned back into
/// controls. Texts that hold such pictures themselves cannot be told apart.
void DecodeTableText(std::string_view cell, std::string& out);

}  // namespace obviews::tools
