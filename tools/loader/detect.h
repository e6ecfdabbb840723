// Tells the format of an input by its content and opens the reader for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tools/loader/listing.h"

namespace obviews::tools {

/// The formats `load` reads, in the order of `--format`.
enum class InputFormat : uint8_t { kAuto, kTranscript, kTsv, kCsv, kJson, kJsonl };

/// The value of `--format` for a format and back. Errors: kInvalidArgument naming the choices.
std::string_view FormatName(InputFormat format);
Result<InputFormat> ParseFormat(std::string_view name);

/// Decides by the first lines, where they leave a choice by the file name's ending. What is no
/// table and no JSON is a transcript, an empty input too. Errors (kInvalidArgument): compressed
/// files, databases and UTF-16, each with what to do; read errors.
Result<InputFormat> DetectFormat(TextSource& source);

/// Opens a file (`-` for standard input) and the reader of the format, found out if kAuto. A format
/// given is believed, but compressed files, databases and UTF-16 are refused all the same.
Result<std::unique_ptr<RowReader>> OpenRows(const std::string& path, InputFormat format);

/// The same over an open source.
Result<std::unique_ptr<RowReader>> ReadRows(std::unique_ptr<TextSource> source, InputFormat format);

}  // namespace obviews::tools
