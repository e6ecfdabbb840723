// Threads, queue and timers of the scheduler; see scheduler.h.
#include "engine/lifecycle/scheduler.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "engine/lifecycle/driver.h"

namespace obviews::lifecycle {
namespace {

/// Steps of one recovery in a row, so that the others have their turn.
constexpr int kStepsAtOnce = 16;

/// A recovery, and whether some worker is to step it. All but the driver is guarded by the
/// scheduler's mutex.
struct Entry {
  std::unique_ptr<Driver> driver;  ///< used by the worker that has it in hand
  bool queued = false;
  bool in_hand = false;
  bool woken = false;  ///< while it was in hand
};

}  // namespace

struct RecoverTableScheduler::Impl : std::enable_shared_from_this<Impl> {
  Impl(JobStore& of_jobs, Executor& with, SchedulerOptions how)
      : jobs(of_jobs), executor(with), options(std::move(how)) {}

  JobStore& jobs;
  Executor& executor;
  const SchedulerOptions options;

  std::mutex mutex;  ///< guards all below
  std::condition_variable changed;
  std::condition_variable idle;
  std::map<int64_t, std::shared_ptr<Entry>> entries;  ///< by sys job
  std::deque<int64_t> ready;
  std::multimap<Clock::time_point, int64_t> timers;
  std::vector<std::thread> workers;
  bool stopping = false;

  /// Takes up a recovery, or lets one go on. `refresh`: somebody else changed its records.
  void Wake(int64_t sys_job_id, bool refresh, bool take_up) {
    std::lock_guard<std::mutex> lock(mutex);
    if (stopping) return;
    auto at = entries.find(sys_job_id);
    if (at == entries.end()) {
      if (!take_up) return;
      at = entries.emplace(sys_job_id, MakeEntry(sys_job_id)).first;
    }
    Entry& entry = *at->second;
    if (refresh) entry.driver->Refresh();
    Queue(sys_job_id, entry);
  }

  /// REQUIRES: the mutex is held.
  void Queue(int64_t sys_job_id, Entry& entry) {
    if (entry.in_hand) {
      entry.woken = true;
    } else if (!entry.queued) {
      entry.queued = true;
      ready.push_back(sys_job_id);
      changed.notify_one();
    }
  }

  std::shared_ptr<Entry> MakeEntry(int64_t sys_job_id) {
    auto mailbox = std::make_shared<Mailbox>();
    mailbox->wake = [weak = weak_from_this(), sys_job_id] {
      if (auto self = weak.lock()) self->Wake(sys_job_id, false, false);
    };
    auto entry = std::make_shared<Entry>();
    entry->driver = std::make_unique<Driver>(jobs, executor, options, sys_job_id, mailbox);
    return entry;
  }

  void Work() {
    std::unique_lock<std::mutex> lock(mutex);
    while (WaitForWork(lock)) {
      int64_t sys_job_id = ready.front();
      ready.pop_front();
      std::shared_ptr<Entry> entry = entries.at(sys_job_id);
      entry->queued = false;
      entry->in_hand = true;
      entry->woken = false;
      lock.unlock();
      Step step = StepSome(*entry->driver);
      lock.lock();
      entry->in_hand = false;
      if (step.outcome == Step::Outcome::kEnded) {
        entries.erase(sys_job_id);
        if (entries.empty()) idle.notify_all();
      } else if (step.outcome == Step::Outcome::kAgain || entry->woken) {
        Queue(sys_job_id, *entry);
      } else if (step.until) {
        timers.emplace(*step.until, sys_job_id);
        changed.notify_one();
      }
    }
  }

  /// Until something is ready; false if the scheduler stops.
  bool WaitForWork(std::unique_lock<std::mutex>& lock) {
    while (true) {
      if (stopping) return false;
      while (!timers.empty() && timers.begin()->first <= Clock::now()) {
        int64_t sys_job_id = timers.begin()->second;
        timers.erase(timers.begin());
        auto at = entries.find(sys_job_id);
        if (at != entries.end()) Queue(sys_job_id, *at->second);
      }
      if (!ready.empty()) return true;
      if (timers.empty()) {
        changed.wait(lock);
      } else {
        changed.wait_until(lock, timers.begin()->first);
      }
    }
  }

  Step StepSome(Driver& driver) {
    for (int i = 0; i < kStepsAtOnce; ++i) {
      Result<Step> step = driver.Next();
      if (!step) {
        if (step.error().code == ErrorCode::kConflict) continue;
        driver.Refresh();
        if (options.on_error) options.on_error(driver.sys_job_id(), step.error());
        return Step::WaitUntil(Clock::now() + options.retry_pause);
      }
      if (step->outcome != Step::Outcome::kAgain) return *step;
    }
    return Step::Again();
  }
};

RecoverTableScheduler::RecoverTableScheduler(JobStore& jobs, Executor& executor,
                                             SchedulerOptions options)
    : impl_(std::make_shared<Impl>(jobs, executor, std::move(options))) {}

RecoverTableScheduler::~RecoverTableScheduler() { Stop(); }

Status RecoverTableScheduler::Start() {
  Impl& impl = *impl_;
  impl.jobs.SetListener([weak = std::weak_ptr<Impl>(impl_)](int64_t sys_job_id) {
    if (auto self = weak.lock()) self->Wake(sys_job_id, true, true);
  });
  OBVIEWS_ASSIGN_OR_RETURN(std::vector<int64_t> live, impl.jobs.LiveRecoveries());
  for (int64_t sys_job_id : live) impl.Wake(sys_job_id, false, true);
  std::lock_guard<std::mutex> lock(impl.mutex);
  if (impl.stopping || !impl.workers.empty()) return {};
  for (int i = 0; i < std::max(impl.options.workers, 1); ++i) {
    impl.workers.emplace_back([&impl] { impl.Work(); });
  }
  return {};
}

bool RecoverTableScheduler::WaitUntilIdle(std::chrono::milliseconds limit) {
  std::unique_lock<std::mutex> lock(impl_->mutex);
  return impl_->idle.wait_for(lock, limit, [&] { return impl_->entries.empty(); });
}

void RecoverTableScheduler::Stop() {
  impl_->jobs.SetListener(nullptr);
  std::vector<std::thread> workers;
  {
    std::lock_guard<std::mutex> lock(impl_->mutex);
    impl_->stopping = true;
    workers.swap(impl_->workers);
  }
  impl_->changed.notify_all();
  for (std::thread& worker : workers) worker.join();
  std::lock_guard<std::mutex> lock(impl_->mutex);
  impl_->entries.clear();
}

}  // namespace obviews::lifecycle
