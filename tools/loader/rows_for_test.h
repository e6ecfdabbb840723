// Shows what a reader makes of an input as text, so that tests state whole results.
#pragma once

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tools/loader/detect.h"

namespace obviews::tools {

/// Printable ASCII and UTF-8 as they are, other controls and the backslash escaped.
inline std::string Shown(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      shown += "\\n";
    } else if (c == '\\') {
      shown += "\\\\";
    } else if (byte < 0x20) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown += c;
    }
  }
  return shown;
}

/// A line for each listing, row, error and notice:
///   `== schema.VIEW` (`== ` alone without a name, `== VIEW (again)` for a repeated statement)
///   `A=text|B=NULL`, `{record}`, `! error`, `# notice`
inline std::string ShowRows(RowReader& reader) {
  std::string shown;
  ParsedRow row;
  std::shared_ptr<const Listing> last;
  for (int errors = 0; errors < 1000;) {
    const Result<bool> got = reader.Next(row);
    for (const std::string& notice : reader.TakeNotices()) shown += "# " + notice + "\n";
    if (!got) {
      shown += "! " + got.error().message + "\n";
      ++errors;
      continue;
    }
    if (!*got) {
      if (reader.Lack().empty()) return shown;
      return shown + fmt::format("# {}: {}\n", reader.source().name(), reader.Lack());
    }
    if (row.listing != last) {
      last = row.listing;
      shown += "== " + last->schema + (last->schema.empty() ? "" : ".") + last->view +
               (last->repeated ? " (again)" : "") + "\n";
    }
    if (row.is_record) shown += "{" + row.record + "}";
    for (size_t i = 0; i < row.cells.size(); ++i) {
      const Cell& cell = row.cells[i];
      shown += (i > 0 ? "|" : "") + row.columns->at(i) + "=" +
               (cell.is_null          ? "NULL"
                : cell.text == "NULL" ? "'NULL'"
                                      : Shown(cell.text));
    }
    shown += "\n";
  }
  return shown + "endless errors\n";
}

inline std::string ShowText(std::string text, InputFormat format = InputFormat::kAuto,
                            std::string name = "in") {
  auto reader = ReadRows(TextSource::FromText(std::move(name), std::move(text)), format);
  return reader ? ShowRows(**reader) : "! " + reader.error().message + "\n";
}

inline std::string ReadTestFile(const std::string& name) {
  std::ifstream file(std::string(OBVIEWS_TEST_DATA) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The rows of a file below tests/data, named in messages by `name`.
inline std::string ShowFile(const std::string& name) {
  return ShowText(ReadTestFile(name), InputFormat::kAuto, name);
}

}  // namespace obviews::tools
