// Showing times that are near each other; see time_texts.h.
#include "schema/time_texts.h"

namespace obviews::schema {
namespace {

constexpr int64_t kUsecPerSecond = 1'000'000;
constexpr int64_t kSecondsPerDay = 86'400;
// Where the parts of `2023-06-01 06:00:00.000000` begin.
constexpr int kTimeAt = 11;
constexpr int kFractionAt = 20;
constexpr int kSize = 26;

void PutTwo(char* at, int64_t number) {
  at[0] = static_cast<char>('0' + number / 10);
  at[1] = static_cast<char>('0' + number % 10);
}

}  // namespace

ShownText UsecTexts::Show(int64_t usec) {
  // Offsets that change, times before the epoch and those near the end of time have rules of their
  // own.
  constexpr int64_t kLastUsec = kMaxLocalUsec - kSecondsPerDay * kUsecPerSecond;
  if (!zone_.is_fixed() || usec < kSecondsPerDay * kUsecPerSecond || usec > kLastUsec) {
    day_ = -1;
    return ShowUsecMySql(usec, zone_, text_);
  }
  int64_t local = usec + zone_.OffsetAt(0) * kUsecPerSecond;
  int64_t second = local / kUsecPerSecond;
  int64_t day = second / kSecondsPerDay;
  int64_t fraction = local - second * kUsecPerSecond;
  if (day != day_) {
    ShowLocalUsecMySql(local, text_);
    day_ = day;
    second_ = second - day * kSecondsPerDay;
    return std::string_view(text_.data, kSize);
  }
  int64_t of_day = second - day * kSecondsPerDay;
  if (of_day != second_) {
    second_ = of_day;
    PutTwo(text_.data + kTimeAt, of_day / 3600);
    PutTwo(text_.data + kTimeAt + 3, of_day / 60 % 60);
    PutTwo(text_.data + kTimeAt + 6, of_day % 60);
  }
  PutTwo(text_.data + kFractionAt, fraction / 10'000);
  PutTwo(text_.data + kFractionAt + 2, fraction / 100 % 100);
  PutTwo(text_.data + kFractionAt + 4, fraction % 100);
  return std::string_view(text_.data, kSize);
}

}  // namespace obviews::schema
