// Rows in batches; see scans.h.
#include "plugins/c_abi/scans.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "plugins/c_abi/call.h"

namespace obviews::c_abi {
namespace {

/// Rows of a batch of values if the host names no number, the most there are whatever it names, and
/// the bytes of texts that end one early.
constexpr uint64_t kUsualRows = 1024;
constexpr uint64_t kMostRows = 65536;
constexpr size_t kBytesPerBatch = size_t{4} << 20;

/// The empty text, which unlike NULL has data.
constexpr const char* kEmpty = "";

std::vector<size_t> ColumnsOf(const vtab::ScanRequest& request) {
  if (request.columns) return *request.columns;
  std::vector<size_t> all(request.view->columns.size());
  std::iota(all.begin(), all.end(), size_t{0});
  return all;
}

}  // namespace

OpenScan::OpenScan(std::shared_ptr<const engine::Snapshot> snapshot, const vtab::Session& session,
                   const vtab::ScanRequest& request, bool texts)
    : view_(*request.view),
      columns_(ColumnsOf(request)),
      cursor_(texts ? std::variant<Values, Texts>(std::in_place_type<Texts>, std::move(snapshot),
                                                  session, request)
                    : std::variant<Values, Texts>(std::in_place_type<Values>, std::move(snapshot),
                                                  session, request)),
      text_columns_(columns_.size()),
      texts_(columns_.size()) {
  batch_.size = sizeof batch_;
  batch_.column_count = static_cast<uint32_t>(columns_.size());
  text_batch_.size = sizeof text_batch_;
  text_batch_.column_count = batch_.column_count;
  text_batch_.columns = text_columns_.data();
}

Result<OpenScan::Use> OpenScan::Use::Of(std::shared_ptr<OpenScan> scan) {
  if (scan->used_.exchange(true, std::memory_order_acquire)) {
    return Fail(ErrorCode::kInvalidArgument,
                "the scan is in use by another thread; a scan is one thread's at a time");
  }
  return Use(std::move(scan));
}

OpenScan::Use::~Use() {
  if (scan_ != nullptr) scan_->used_.store(false, std::memory_order_release);
}

Status OpenScan::EndWith(Error error) {
  ended_ = true;
  failed_ = error;
  return Fail(std::move(error));
}

Result<const obviews_batch*> OpenScan::Fetch(uint64_t max_rows) {
  auto* cursor = std::get_if<Values>(&cursor_);
  if (cursor == nullptr) {
    return Fail(ErrorCode::kInvalidArgument,
                "the scan was opened with OBVIEWS_SCAN_TEXTS: use fetch_texts");
  }
  if (failed_) return Fail(*failed_);
  OBVIEWS_RETURN_IF_ERROR(
      Load(*cursor, max_rows == 0 ? kUsualRows : std::min(max_rows, kMostRows)));
  return &batch_;
}

Status OpenScan::Load(Values& cursor, uint64_t max_rows) {
  values_.clear();
  text_bytes_.clear();
  batch_.row_count = 0;
  while (!ended_ && batch_.row_count < max_rows && text_bytes_.size() < kBytesPerBatch) {
    auto more = cursor.Next();
    Status row = more ? Status() : Fail(more.error());
    if (more && !*more) {
      ended_ = true;
      break;
    }
    if (row) row = LoadRow(cursor);
    if (!row) {
      Status failed = EndWith(std::move(row).error());
      // The rows before it are good; the next call tells.
      if (batch_.row_count == 0) return failed;
      break;
    }
    ++batch_.row_count;
  }
  values_.resize(batch_.row_count * columns_.size());
  PlaceTexts();
  batch_.values = values_.data();
  return {};
}

Status OpenScan::LoadRow(Values& cursor) {
  for (size_t column : columns_) {
    OBVIEWS_ASSIGN_OR_RETURN(Value value, cursor.Column(column));
    obviews_value& to = values_.emplace_back();
    switch (value.kind()) {
      case Value::Kind::kNull:
        break;
      case Value::Kind::kInt:
        to.kind = OBVIEWS_INT;
        to.as.integer = value.as_int();
        break;
      case Value::Kind::kUint:
        to.kind = OBVIEWS_UINT;
        to.as.unsigned_integer = value.as_uint();
        break;
      case Value::Kind::kReal:
        to.kind = OBVIEWS_REAL;
        to.as.real = value.as_real();
        break;
      case Value::Kind::kText:
        // The text goes with the next row, so it is copied; where to is known when all are there.
        to.kind = OBVIEWS_TEXT;
        to.as.text = {nullptr, value.as_text().size()};
        text_bytes_.append(value.as_text());
        break;
    }
  }
  return {};
}

void OpenScan::PlaceTexts() {
  const char* at = text_bytes_.data();
  for (obviews_value& value : values_) {
    if (value.kind != OBVIEWS_TEXT) continue;
    value.as.text.data = value.as.text.size == 0 ? kEmpty : at;
    at += value.as.text.size;
  }
}

Result<const obviews_text_batch*> OpenScan::FetchTexts(uint64_t max_rows) {
  auto* cursor = std::get_if<Texts>(&cursor_);
  if (cursor == nullptr) {
    return Fail(ErrorCode::kInvalidArgument,
                "the scan was opened without OBVIEWS_SCAN_TEXTS: use fetch");
  }
  if (failed_) return Fail(*failed_);
  at_ += text_batch_.row_count;
  text_batch_.row_count = 0;
  if (at_ == rows_ && !ended_) OBVIEWS_RETURN_IF_ERROR(Load(*cursor));
  text_batch_.row_count = max_rows == 0 ? rows_ - at_ : std::min<uint64_t>(max_rows, rows_ - at_);
  for (size_t i = 0; i < columns_.size(); ++i) {
    text_columns_[i].texts = texts_[i].data() + (text_columns_[i].step == 0 ? 0 : at_);
  }
  return &text_batch_;
}

Status OpenScan::Load(Texts& cursor) {
  rows_ = 0;
  at_ = 0;
  auto more = cursor.Next();
  if (!more) return EndWith(more.error());
  if (!*more) {
    ended_ = true;
    return {};
  }
  rows_ = cursor.rows();
  for (size_t i = 0; i < columns_.size(); ++i) {
    const vtab::ShownColumn& shown = cursor.columns()[i];
    text_columns_[i].step = shown.constant ? 0 : 1;
    text_columns_[i].flags = 0;
    if (shown.number) text_columns_[i].flags |= OBVIEWS_TEXTS_OF_NUMBERS;
    if (shown.plain) text_columns_[i].flags |= OBVIEWS_TEXTS_PLAIN;
    texts_[i].resize(shown.constant ? 1 : rows_);
    for (size_t row = 0; row < texts_[i].size(); ++row) texts_[i][row] = ToText(shown.at(row));
  }
  return {};
}

void OpenScan::Lists::Set(std::vector<std::string> lines) {
  owned = std::move(lines);
  texts.clear();
  for (const std::string& line : owned) texts.push_back(ToText(line));
}

const obviews_explanation* OpenScan::Explain() {
  std::visit(
      [this](const auto& cursor) {
        const vtab::Plan& plan = cursor.plan();
        vtab::ScanStats stats = cursor.stats();
        view_name_ = view_.name;
        access_path_ = vtab::AccessPathName(plan.path);
        warning_ = cursor.warning();
        ranges_.Set(plan.Ranges());
        pushed_.Set(plan.pushed);
        residual_.Set(plan.residual);
        explanation_.records_read = stats.records_read;
        explanation_.records_decoded = stats.records_decoded;
        explanation_.records_returned = stats.records_returned;
        explanation_.out_of_range = cursor.out_of_range_count();
      },
      cursor_);
  explanation_.size = sizeof explanation_;
  explanation_.view = view_name_.c_str();
  explanation_.access_path = access_path_.c_str();
  explanation_.ranges = ranges_.texts.data();
  explanation_.range_count = ranges_.texts.size();
  explanation_.pushed = pushed_.texts.data();
  explanation_.pushed_count = pushed_.texts.size();
  explanation_.residual = residual_.texts.data();
  explanation_.residual_count = residual_.texts.size();
  explanation_.warning = warning_.c_str();
  return &explanation_;
}

}  // namespace obviews::c_abi
