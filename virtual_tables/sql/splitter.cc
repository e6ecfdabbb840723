// Incremental statement splitting on top of the lexer's scanner.
#include "virtual_tables/sql/splitter.h"

#include <algorithm>
#include <utility>

#include "virtual_tables/sql/lexer.h"

namespace obviews::vtab::sql {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Whether text added behind `text` could change what was scanned at `pos`.
bool CanGrow(std::string_view text, size_t pos, const Scan& scan) {
  if (scan.end != text.size()) return false;
  if (!scan.terminated) return true;
  if (scan.kind != TokenKind::kComment) return true;
  const bool line_comment = text[pos] != '/';
  return line_comment && text.back() != '\n';
}

}  // namespace

void Splitter::Feed(std::string_view text) {
  // Moving the rest to the front only when it is the smaller part keeps the work linear.
  if (taken_ > buffer_.size() / 2) {
    buffer_.erase(0, taken_);
    taken_ = 0;
  }
  buffer_.append(text);
}

void Splitter::Discard(size_t end) {
  base_at_ = PositionAt(rest(), end, base_at_);
  base_ += end;
  taken_ += end;
  scan_ = 0;
  resume_ = 0;
  first_.reset();
}

std::optional<SplitStatement> Splitter::Take(size_t terminator_end, bool vertical) {
  std::optional<SplitStatement> statement;
  if (first_) {
    statement = SplitStatement{std::string(rest().substr(*first_, last_end_ - *first_)),
                               base_ + *first_, PositionAt(rest(), *first_, base_at_), vertical};
  }
  Discard(terminator_end);
  return statement;
}

// False: too little text to tell.
bool Splitter::SkipByteOrderMark() {
  const std::string_view head = rest().substr(0, kByteOrderMark.size());
  const bool possible = head == kByteOrderMark.substr(0, head.size());
  if (possible && head.size() < kByteOrderMark.size()) return finished_;
  bom_checked_ = true;
  if (possible) {
    base_ += kByteOrderMark.size();
    taken_ += kByteOrderMark.size();
  }
  return true;
}

Result<std::optional<SplitStatement>> Splitter::Next() {
  if (!bom_checked_ && !SkipByteOrderMark()) return std::nullopt;
  while (scan_ < rest().size()) {
    const std::string_view text = rest();
    const bool go = text[scan_] == '\\' && scan_ + 1 < text.size() &&
                    (text[scan_ + 1] == 'G' || text[scan_ + 1] == 'g');
    if (go || text[scan_] == ';') {
      auto statement = Take(scan_ + (go ? 2 : 1), go && text[scan_ + 1] == 'G');
      if (statement) return statement;
      continue;
    }
    const Scan scan = ScanAt(text, scan_, mode_, resume_);
    if (!finished_ && scan.kind != TokenKind::kSpace && CanGrow(text, scan_, scan)) {
      resume_ = scan.terminated ? 0 : scan.resume;
      return std::nullopt;
    }
    if (!scan.terminated) {
      Error error = ErrorAt("the string, quoted name or comment that begins here is never closed",
                            text, scan_, base_at_);
      Discard(text.size());
      return Fail(std::move(error));
    }
    if (scan.kind != TokenKind::kSpace && scan.kind != TokenKind::kComment) {
      if (!first_) first_ = scan_;
      last_end_ = scan.end;
    }
    scan_ = scan.end;
    resume_ = 0;
  }
  if (finished_) return Take(scan_, false);
  return std::nullopt;
}

bool Splitter::pending() const {
  if (first_) return true;
  if (scan_ >= rest().size()) return false;
  const Scan scan = ScanAt(rest(), scan_, mode_, resume_);
  return !scan.terminated || scan.kind != TokenKind::kComment;
}

Result<std::vector<SplitStatement>> SplitStatements(std::string_view text, schema::Mode mode) {
  Splitter splitter(mode);
  splitter.Feed(text);
  splitter.Finish();
  std::vector<SplitStatement> statements;
  for (;;) {
    OBVIEWS_ASSIGN_OR_RETURN(std::optional<SplitStatement> next, splitter.Next());
    if (!next) return statements;
    statements.push_back(std::move(*next));
  }
}

}  // namespace obviews::vtab::sql
