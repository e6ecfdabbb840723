// Rendering TSV; see tsv_batch.h.
#include "tools/output/tsv_batch.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "tools/output/escape.h"
#include "tools/output/sink.h"

namespace obviews::tools {
namespace {

constexpr std::string_view kNull = "NULL";

/// Whether a text may have to be escaped: it has a backslash or a control character, or reads like
/// NULL. Looks at eight bytes at once.
bool MayNeedEscape(std::string_view text) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x8080808080808080;
  constexpr uint64_t kBackslashes = kOnes * '\\';
  auto load = [&](size_t at) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    return word;
  };
  auto suspicious = [](uint64_t word) {
    uint64_t control = (word - kOnes * 0x20) & ~word;
    uint64_t other = word ^ kBackslashes;
    uint64_t backslash = (other - kOnes) & ~other;
    return ((control | backslash) & kHighs) != 0;
  };
  if (text.size() >= sizeof(uint64_t)) {
    bool found = false;
    for (size_t at = 0; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
      found |= suspicious(load(at));
    }
    return found || suspicious(load(text.size() - sizeof(uint64_t)));
  }
  for (char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '\\') return true;
  }
  return text == kNull;
}

/// A cell as it is printed; `escaped` is where it is made if it differs from the text.
std::string_view CellText(const vtab::ShownColumn& column, std::string_view text,
                          std::string* escaped) {
  if (text.data() == nullptr) return kNull;
  if (column.plain || !MayNeedEscape(text)) return text;
  StringSink cell;
  AppendBatchCell(cell, text);
  *escaped = cell.text();
  return *escaped;
}

/// Copies to where there is room for it; returns the end of the copy. Most cells are short: two
/// moves that overlap cost less than a call.
char* Copy(std::string_view text, char* to) {
  const char* from = text.data();
  size_t size = text.size();
  auto move = [&]<class Word>(Word) {
    Word first;
    Word last;
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + size - sizeof last, sizeof last);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + size - sizeof last, &last, sizeof last);
  };
  using Words = std::array<uint64_t, 2>;
  if (size > 2 * sizeof(Words)) {
    std::memcpy(to, from, size);
  } else if (size >= sizeof(Words)) {
    move(Words());
  } else if (size >= sizeof(uint64_t)) {
    move(uint64_t());
  } else if (size >= sizeof(uint32_t)) {
    move(uint32_t());
  } else {
    for (size_t i = 0; i < size; ++i) to[i] = from[i];
  }
  return to + size;
}

}  // namespace

void TsvBatch::MakeSegments(std::span<const vtab::ShownColumn> columns) {
  size_t used = 0;
  std::string* bytes = nullptr;
  auto next = [&] {
    if (segments_.size() == used) segments_.emplace_back();
    bytes = &segments_[used].bytes;
    bytes->clear();
  };
  next();
  for (size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) bytes->push_back('\t');
    if (columns[i].constant) {
      bytes->append(CellText(columns[i], columns[i].text, &escaped_));
      continue;
    }
    segments_[used++].column = &columns[i];
    next();
  }
  end_ = *bytes + '\n';
  segments_.resize(used);
}

void TsvBatch::Append(std::span<const vtab::ShownColumn> columns, size_t rows, std::string* out) {
  MakeSegments(columns);
  // Room for all of it at once: what need not be escaped is then only copied.
  size_t most = end_.size() * rows;
  for (const Segment& segment : segments_) {
    most += (segment.bytes.size() + kNull.size()) * rows;
    for (std::string_view text : segment.column->texts.first(rows)) most += text.size();
  }
  size_t size = out->size();
  out->resize(size + most);
  char* at = out->data() + size;
  for (size_t row = 0; row < rows; ++row) {
    for (const Segment& segment : segments_) {
      at = Copy(segment.bytes, at);
      std::string_view text = segment.column->texts[row];
      std::string_view cell = CellText(*segment.column, text, &escaped_);
      if (cell.size() > text.size() + kNull.size()) {
        // Escapes take more room than was made.
        auto used = static_cast<size_t>(at - out->data());
        out->resize(out->size() + cell.size());
        at = out->data() + used;
      }
      at = Copy(cell, at);
    }
    at = Copy(end_, at);
  }
  out->resize(static_cast<size_t>(at - out->data()));
}

}  // namespace obviews::tools
