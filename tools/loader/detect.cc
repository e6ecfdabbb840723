// Tells the format of an input by its content.
#include "tools/loader/detect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tools/loader/delimited.h"
#include "tools/loader/json_rows.h"
#include "tools/loader/transcript.h"

namespace obviews::tools {

namespace {

// Enough for the header of any view with room for a statement and prose above it.
constexpr size_t kSample = size_t{64} << 10;

struct NamedFormat {
  std::string_view name;
  InputFormat format;
};
constexpr std::array<NamedFormat, 6> kNames = {{{"auto", InputFormat::kAuto},
                                                {"transcript", InputFormat::kTranscript},
                                                {"tsv", InputFormat::kTsv},
                                                {"csv", InputFormat::kCsv},
                                                {"json", InputFormat::kJson},
                                                {"jsonl", InputFormat::kJsonl}}};

// What a file that is no text begins with.
struct Signature {
  std::string_view bytes;
  std::string_view advice;
};
constexpr std::array<Signature, 9> kSignatures = {
    {{"\x1F\x8B", "compressed with gzip; try `gunzip -c FILE | obviewsctl load ... -`"},
     {"\x28\xB5\x2F\xFD", "compressed with zstd; try `zstd -dc FILE | obviewsctl load ... -`"},
     {"\xFD\x37\x7A\x58\x5A", "compressed with xz; try `xz -dc FILE | obviewsctl load ... -`"},
     {"BZh", "compressed with bzip2; try `bzip2 -dc FILE | obviewsctl load ... -`"},
     {"PK\x03\x04", "a zip archive (a workbook is one, too); unpack it or save it as CSV"},
     {"SQLite format 3", "an SQLite database; print its rows with `sqlite3 -json` and load those"},
     {"%PDF-", "a PDF document; load the text it was made from"},
     {"\xFF\xFE", "UTF-16 text; convert it with `iconv -f UTF-16 -t UTF-8`"},
     {"\xFE\xFF", "UTF-16 text; convert it with `iconv -f UTF-16 -t UTF-8`"}}};

Status RefuseBinary(const TextSource& source, std::string_view sample) {
  const auto refuse = [&source](std::string_view what) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("{}:1:1: not a text of rows but {}", source.name(), what));
  };
  for (const Signature& signature : kSignatures) {
    if (sample.starts_with(signature.bytes)) return refuse(signature.advice);
  }
  // Values may hold NUL; a first line of ASCII letters with a NUL each is UTF-16 without its mark.
  if (sample.size() >= 4 && sample[0] != '\0' && sample[1] == '\0' && sample[2] != '\0' &&
      sample[3] == '\0') {
    return refuse("UTF-16 text; convert it with `iconv -f UTF-16LE -t UTF-8`");
  }
  if (sample.starts_with('\0')) {
    return refuse("binary data; give a transcript, TSV, CSV or JSON");
  }
  return {};
}

// What follows the first non-blank byte, blanks left out: decides what `[` and `{` mean.
bool BeginsJson(std::string_view sample, std::string_view after) {
  const size_t next = sample.find_first_not_of(" \t\r\n", 1);
  return next == std::string_view::npos || after.find(sample[next]) != std::string_view::npos;
}

bool HasEnding(std::string_view name, std::string_view ending) {
  return name.size() > ending.size() &&
         EqualsIgnoreCase(name.substr(name.size() - ending.size()), ending);
}

InputFormat ByEnding(std::string_view name) {
  if (HasEnding(name, ".tsv")) return InputFormat::kTsv;
  if (HasEnding(name, ".csv")) return InputFormat::kCsv;
  if (HasEnding(name, ".json")) return InputFormat::kJson;
  if (HasEnding(name, ".jsonl") || HasEnding(name, ".ndjson")) return InputFormat::kJsonl;
  return InputFormat::kTranscript;
}

}  // namespace

std::string_view FormatName(InputFormat format) {
  return kNames.at(static_cast<size_t>(format)).name;
}

Result<InputFormat> ParseFormat(std::string_view name) {
  for (const NamedFormat& known : kNames) {
    if (known.name == name) return known.format;
  }
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("unknown format `{}`; known are auto, transcript, tsv, csv, json, jsonl", name));
}

Result<InputFormat> DetectFormat(TextSource& source) {
  OBVIEWS_ASSIGN_OR_RETURN(std::string_view sample, source.Peek(kSample));
  OBVIEWS_RETURN_IF_ERROR(RefuseBinary(source, sample));
  const size_t first = sample.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return InputFormat::kTranscript;
  sample.remove_prefix(first);
  const size_t newline = sample.find('\n');
  std::string_view line = sample.substr(0, newline);
  const InputFormat ending = ByEnding(source.name());
  if (sample[0] == '[' && BeginsJson(sample, "{]")) return InputFormat::kJson;
  if (sample[0] == '{' && BeginsJson(sample, "\"}")) {
    // A record or row may be longer than the sample; a printed-out object is not.
    const bool whole =
        newline == std::string_view::npos || line.find_last_not_of(" \t\r") == line.rfind('}');
    return whole && ending != InputFormat::kJson ? InputFormat::kJsonl : InputFormat::kJson;
  }
  if (LooksLikeHeader(line, Dialect::kTsv)) return InputFormat::kTsv;
  if (LooksLikeHeader(line, Dialect::kCsv)) return InputFormat::kCsv;
  return ending;
}

Result<std::unique_ptr<RowReader>> ReadRows(std::unique_ptr<TextSource> source,
                                            InputFormat format) {
  if (format == InputFormat::kAuto) {
    OBVIEWS_ASSIGN_OR_RETURN(format, DetectFormat(*source));
  } else {
    OBVIEWS_ASSIGN_OR_RETURN(const std::string_view sample, source->Peek(kSample));
    OBVIEWS_RETURN_IF_ERROR(RefuseBinary(*source, sample));
  }
  std::unique_ptr<RowReader> reader;
  switch (format) {
    case InputFormat::kAuto:
    case InputFormat::kTranscript:
      reader = std::make_unique<TranscriptReader>(std::move(source));
      break;
    case InputFormat::kTsv:
      reader = std::make_unique<DelimitedReader>(std::move(source), Dialect::kTsv);
      break;
    case InputFormat::kCsv:
      reader = std::make_unique<DelimitedReader>(std::move(source), Dialect::kCsv);
      break;
    case InputFormat::kJson:
      reader = std::make_unique<JsonRowReader>(std::move(source), JsonRowReader::Layout::kStream);
      break;
    case InputFormat::kJsonl:
      reader = std::make_unique<JsonRowReader>(std::move(source), JsonRowReader::Layout::kLines);
      break;
  }
  return reader;
}

Result<std::unique_ptr<RowReader>> OpenRows(const std::string& path, InputFormat format) {
  OBVIEWS_ASSIGN_OR_RETURN(auto source, TextSource::Open(path));
  return ReadRows(std::move(source), format);
}

}  // namespace obviews::tools
