// A piece of work begun with an executor, as who waits for it sees it. Internal to
// engine/lifecycle.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/lifecycle/executor.h"

namespace obviews::lifecycle {

using Clock = std::chrono::steady_clock;

/// Where executors leave their outcomes, and whom they wake.
struct Mailbox {
  std::mutex mutex;  ///< guards the outcomes of all slots of one driver
  /// Not called while holding the mutex. Set once, before the mailbox is shared.
  std::function<void()> wake;
};

/// Used by one thread at a time; the callback by any.
template <class T>
class WorkSlot {
 public:
  explicit WorkSlot(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}

  /// Nothing is running, and no pause is left.
  bool MayBegin(Clock::time_point now) const { return cell_ == nullptr && now >= not_before_; }
  Clock::time_point not_before() const { return not_before_; }
  bool running() const { return cell_ != nullptr; }

  /// What to hand to the executor. Outcomes that come after Forget, or the slot's end, are ignored.
  Done<T> Begin() {
    cell_ = std::make_shared<Cell>();
    return [weak = std::weak_ptr<Cell>(cell_), mailbox = mailbox_](WorkResult<T> result) {
      auto cell = weak.lock();
      if (cell == nullptr) return;
      {
        std::lock_guard<std::mutex> lock(mailbox->mutex);
        cell->result = std::move(result);
      }
      mailbox->wake();
    };
  }

  /// Whether Take has an outcome.
  bool ended() const {
    if (cell_ == nullptr) return false;
    std::lock_guard<std::mutex> lock(mailbox_->mutex);
    return cell_->result.has_value();
  }
  /// The outcome, once.
  std::optional<WorkResult<T>> Take() {
    if (cell_ == nullptr) return std::nullopt;
    std::optional<WorkResult<T>> result;
    {
      std::lock_guard<std::mutex> lock(mailbox_->mutex);
      result = std::move(cell_->result);
    }
    if (result) cell_.reset();
    return result;
  }

  void Forget() { cell_.reset(); }
  void Pause(Clock::time_point until) { not_before_ = until; }

 private:
  struct Cell {
    std::optional<WorkResult<T>> result;
  };

  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<Cell> cell_;
  Clock::time_point not_before_{};
};

}  // namespace obviews::lifecycle
