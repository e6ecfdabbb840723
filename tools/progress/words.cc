// The words; see words.h.
#include "tools/progress/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "schema/civil.h"
#include "schema/conversions.h"
#include "schema/numbers.h"
#include "schema/server_errors.h"
#include "tools/output/number.h"
#include "tools/output/utf8.h"

namespace obviews::tools {

using engine::progress::RecoveryProgress;

std::string Duration(int64_t seconds) {
  seconds = std::max<int64_t>(seconds, 0);
  const int64_t days = seconds / schema::kSecondsPerDay;
  const int64_t hours = seconds / 3600 % 24;
  const int64_t minutes = seconds / 60 % 60;
  if (days > 0) return fmt::format("{}d {:02}:{:02}:{:02}", days, hours, minutes, seconds % 60);
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, seconds % 60);
  return fmt::format("{}:{:02}", minutes, seconds % 60);
}

std::string Percent(int64_t ppm) {
  return fmt::format("{}.{:02} %", ppm / 10'000, ppm / 100 % 100);
}

std::string DateTime(int64_t usec, const schema::Zone& zone) {
  schema::TextBuffer buffer;
  const schema::ShownText shown = schema::ShowUsecMySql(usec, zone, buffer);
  constexpr size_t kToTheSecond = 19;
  return shown ? std::string(shown->substr(0, kToTheSecond)) : "?";
}

std::string TimeOfDay(int64_t usec, const schema::Zone& zone) {
  std::string text = DateTime(usec, zone);
  return text.size() > 11 ? text.substr(11) : text;
}

std::string TimeAfter(int64_t later, int64_t usec, const schema::Zone& zone) {
  std::string text = DateTime(later, zone);
  const bool same_day = text.substr(0, 10) == DateTime(usec, zone).substr(0, 10);
  return same_day ? TimeOfDay(later, zone) : text;
}

std::string TablesText(const RecoveryProgress& progress, bool reasons) {
  auto because = [&](const std::string& why) { return reasons ? ": " + why : std::string(); };
  const auto& total = progress.tables_total;
  if (!progress.tables_finished.known()) {
    const std::string why = because(progress.tables_finished.why);
    if (!total.known()) return "tables not known" + why;
    return fmt::format("of {} tables, how many are imported is not known{}",
                       Thousands(*total.value), why);
  }
  std::string text = Thousands(*progress.tables_finished.value);
  if (total.known()) text += fmt::format(" of {}", Thousands(*total.value));
  text += total.value.value_or(*progress.tables_finished.value) == 1 ? " table" : " tables";
  auto add = [&](const engine::progress::Figure<int64_t>& count, std::string_view what) {
    if (count.value.value_or(0) > 0) text += fmt::format(", {} {}", Thousands(*count.value), what);
  };
  add(progress.tables_failed, "failed");
  add(progress.tables_running, "running");
  add(progress.tables_left, "not begun");
  if (!total.known()) text += "; how many there are is not known" + because(total.why);
  return text;
}

std::string BytesText(const RecoveryProgress& progress) {
  auto bytes = [](int64_t count) {
    schema::TextBuffer buffer;
    return std::string(schema::ShowBytesMySql(count, buffer));
  };
  if (!progress.bytes_finished.known() && !progress.bytes_total.known()) return {};
  if (!progress.bytes_total.known()) return bytes(*progress.bytes_finished.value);
  std::string total = bytes(*progress.bytes_total.value);
  if (!progress.bytes_finished.known()) return "of " + total;
  if (*progress.bytes_finished.value == *progress.bytes_total.value) return total;
  return fmt::format("{} of {}", bytes(*progress.bytes_finished.value), total);
}

std::string StageText(const RecoveryProgress& progress) {
  if (!progress.stage.known()) return "stage not known";
  return std::string(engine::progress::StageName(*progress.stage.value));
}

std::string RecoveryName(const engine::Key& job, const RecoveryProgress& progress) {
  std::string text = fmt::format("recovery {}/{}", job.tenant_id, job.job_id);
  const std::string& name = progress.target_tenant_name;
  const int64_t id = progress.target_tenant_id;
  if (!name.empty()) text += fmt::format(" of tenant {}", name);
  if (id != 0) text += name.empty() ? fmt::format(" of tenant {}", id) : fmt::format(" ({})", id);
  return text;
}

namespace {

/// The text with `'...'` for every `'name'`.
std::string WithoutName(std::string text, std::string_view name) {
  constexpr std::string_view kAny = "'...'";
  const std::string quoted = fmt::format("'{}'", name);
  for (size_t at = 0; (at = text.find(quoted, at)) != std::string::npos; at += kAny.size()) {
    text.replace(at, quoted.size(), kAny);
  }
  return text;
}

}  // namespace

std::string ReasonOf(std::string_view comment, std::string_view table) {
  comment = comment.substr(0, comment.find(", addr:"));
  if (comment.empty()) return "no reason given";
  constexpr std::string_view kCode = "result:";
  if (!comment.starts_with(kCode)) {
    constexpr std::string_view kBetween = "`.`";
    const size_t dot = table.find(kBetween);
    if (dot == std::string_view::npos) return std::string(comment);
    const std::string_view database = table.substr(1, dot - 1);
    const std::string_view name = table.substr(dot + 3, table.size() - dot - 4);
    return WithoutName(WithoutName(std::string(comment), fmt::format("{}.{}", database, name)),
                       name);
  }
  const auto code = schema::ParseInt64Prefix(comment.substr(kCode.size()));
  const auto errors = schema::FinalErrors();
  auto known = std::find_if(errors.begin(), errors.end(), [&](const schema::ServerError& error) {
    return error.code == code.value;
  });
  if (known == errors.end()) return std::string(comment);
  return fmt::format("{} {}", comment, known->name);
}

std::string Printable(std::string_view text, bool utf8) {
  std::string out;
  while (!text.empty()) {
    const Utf8Char c = DecodeUtf8(text);
    const size_t length = std::max<size_t>(c.length, 1);
    const bool control = c.code_point < 0x20 || (c.code_point >= 0x7F && c.code_point < 0xA0) ||
                         c.code_point == 0x2028 || c.code_point == 0x2029 ||
                         (c.code_point >= 0x202A && c.code_point <= 0x202E) ||
                         (c.code_point >= 0x2066 && c.code_point <= 0x2069);
    if (c.length == 0 || control || (!utf8 && c.code_point >= 0x80)) {
      for (char byte : text.substr(0, length)) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
      }
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return out;
}

}  // namespace obviews::tools
