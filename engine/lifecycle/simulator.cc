// One thread, one heap of what is due; see simulator.h.
#include "engine/lifecycle/simulator.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/lifecycle/simulated_backup.h"

namespace obviews::lifecycle {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

// Codes of the server.
constexpr int kTimeout = -4012;  ///< is tried again
constexpr int kCanceled = -4072;
constexpr int kTenantNotExist = -5157;

constexpr int64_t kFirstAuxTenant = 1'000'002;
constexpr double kStalledTimes = 10;
constexpr double kImportBytesPerSecond = 50e6;
constexpr int64_t kByteSteps = 20;

/// One step of a piece of work: a call some time after the step before.
struct Step {
  Seconds after{0};
  std::function<void()> call;
};

/// A piece of work that runs.
struct Piece {
  std::string aux_tenant;
  int64_t task_id = 0;  ///< of an import; else 0
  bool needs_tenant = true;
  std::vector<Step> steps;
  size_t next = 0;
  /// Ends the piece instead of the steps that are left.
  std::function<void(WorkError)> fail;
};

/// When a piece goes on.
struct Event {
  Clock::time_point due;
  uint64_t order = 0;
  uint64_t piece = 0;
  friend bool operator>(const Event& a, const Event& b) {
    return std::tie(a.due, a.order) > std::tie(b.due, b.order);
  }
};

template <class T>
std::function<void(WorkError)> FailBy(const Done<T>& done) {
  return [done](WorkError error) { done(tl::unexpected(std::move(error))); };
}

}  // namespace

struct Simulator::Impl {
  explicit Impl(const SimulatorOptions& given)
      : options(given), as_fast_as_possible(!(given.speed > 0) || std::isinf(given.speed)) {
    if (options.clock == nullptr) thread = std::thread([this] { Run(); });
  }

  ~Impl() {
    {
      std::lock_guard lock(mutex);
      stopping = true;
    }
    changed.notify_all();
    if (thread.joinable()) thread.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  /// Begins a piece of work. On a tenant that was dropped it fails at once.
  void Begin(Piece piece) {
    {
      std::lock_guard lock(mutex);
      if (piece.needs_tenant && dropped.contains(piece.aux_tenant)) {
        EndWith(piece, kTenantNotExist);
      }
      Add(std::move(piece));
    }
    changed.notify_all();
  }

  /// Ends the pieces that `is_meant` holds for. REQUIRES: the lock is held.
  template <class IsMeant>
  void End(int code, IsMeant is_meant) {
    for (auto& [id, piece] : pieces) {
      if (!is_meant(piece)) continue;
      EndWith(piece, code);
      Schedule(id, Seconds(0));
    }
  }

  Clock::time_point Now() const {
    if (options.clock == nullptr) return Clock::now();
    return Clock::time_point(std::chrono::microseconds(options.clock->now_usec()));
  }

  // Under the lock.
  static void EndWith(Piece& piece, int code) {
    Step last;
    last.call = [fail = piece.fail, code] { fail({code, ""}); };
    piece.steps.clear();
    piece.steps.push_back(std::move(last));
    piece.next = 0;
  }
  void Add(Piece piece) {
    const uint64_t id = next_id++;
    const Seconds after = piece.steps.front().after;
    pieces.emplace(id, std::move(piece));
    Schedule(id, after);
  }
  void Schedule(uint64_t id, Seconds after) {
    Clock::time_point due = Now();
    if (!as_fast_as_possible) {
      due += std::chrono::duration_cast<Clock::duration>(after / options.speed);
    }
    scheduled[id] = next_order;
    events.push({due, next_order++, id});
  }

  void Run() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      if (events.empty()) {
        changed.wait(lock);
        continue;
      }
      const Event event = events.top();
      if (event.due > Clock::now()) {
        changed.wait_until(lock, event.due);
        continue;
      }
      events.pop();
      if (IsAwaited(event)) DoStep(event, lock);
    }
  }

  bool RunNext() {
    std::unique_lock lock(mutex);
    while (!events.empty()) {
      const Event event = events.top();
      events.pop();
      if (!IsAwaited(event)) continue;
      const auto due = event.due.time_since_epoch();
      const int64_t usec = std::chrono::duration_cast<std::chrono::microseconds>(due).count();
      options.clock->Set(std::max(usec, options.clock->now_usec()));
      DoStep(event, lock);
      return true;
    }
    return false;
  }

  /// A piece that was ended meanwhile has a later event of its own.
  bool IsAwaited(const Event& event) const {
    auto awaited = scheduled.find(event.piece);
    return awaited != scheduled.end() && awaited->second == event.order;
  }

  void DoStep(const Event& event, std::unique_lock<std::mutex>& lock) {
    Piece ended;
    std::function<void()> call = Advance(event.piece, ended);
    lock.unlock();
    call();
    // What these hold may be the last of its kind, and end work of ours as it goes.
    call = nullptr;
    ended = Piece();
    lock.lock();
  }

  /// The call of a piece's next step. The step after is scheduled; without one the piece is
  /// `ended`.
  std::function<void()> Advance(uint64_t id, Piece& ended) {
    auto found = pieces.find(id);
    Piece& piece = found->second;
    std::function<void()> call = std::move(piece.steps[piece.next++].call);
    if (piece.next < piece.steps.size()) {
      Schedule(id, piece.steps[piece.next].after);
    } else {
      scheduled.erase(id);
      ended = std::move(piece);
      pieces.erase(found);
    }
    return call;
  }

  /// Whether this piece of work, which is begun for the first time, fails once before it goes on.
  bool FailsFirst(const SimulatedChance& chance, const std::string& name) {
    if (!chance.Happens(options.stall_rate) || chance.With("how").OneOf(2) != 0) return false;
    std::lock_guard lock(mutex);
    return tried.insert(name).second;
  }
  double Slowness(const SimulatedChance& chance) const {
    const bool stalls = chance.Happens(options.stall_rate) && chance.With("how").OneOf(2) != 0;
    return stalls ? kStalledTimes : 1;
  }

  /// A piece with one step, that may fail once before with a retryable error.
  template <class T, class Finish>
  void BeginOne(const Recovery& recovery, int64_t task_id, const SimulatedChance& chance,
                std::string_view kind, double seconds, Done<T> done, Finish finish) {
    Piece piece;
    piece.aux_tenant = recovery.aux_tenant_name;
    piece.task_id = task_id;
    piece.fail = FailBy(done);
    const SimulatedChance stall = chance.With(kind).With("stall");
    std::string name = recovery.aux_tenant_name;
    name.append("/").append(kind).append("/").append(std::to_string(task_id));
    if (FailsFirst(stall, name)) {
      EndWith(piece, kTimeout);
      piece.steps.front().after = Seconds(seconds);
    } else {
      piece.steps.push_back(
          {Seconds(seconds * Slowness(stall)),
           [done = std::move(done), finish = std::move(finish)] { done(finish()); }});
    }
    Begin(std::move(piece));
  }

  const SimulatorOptions options;
  const bool as_fast_as_possible;
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  uint64_t next_id = 1;
  uint64_t next_order = 1;
  std::unordered_map<uint64_t, Piece> pieces;
  std::unordered_map<uint64_t, uint64_t> scheduled;  ///< the order of each piece's event
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
  std::unordered_set<std::string> dropped;  ///< auxiliary tenants
  std::unordered_set<std::string> tried;    ///< work that has failed once
  std::thread thread;                       ///< last: uses all above
};

namespace {

/// A restore as the auxiliary tenant's job shows it.
class RestorePlan {
 public:
  RestorePlan(const SimulatorOptions& options, const SimulatedChance& chance, double slowness,
              int64_t aux_tenant_id, std::function<void(const RestoreProgress&)> progress)
      : slowness_(slowness), tell_(std::move(progress)) {
    now_.aux_tenant_id = aux_tenant_id;
    ls_ = static_cast<int64_t>(2 + chance.With("ls").OneOf(4));
    tablets_ = options.tables_per_tenant * 2 + 300 * ls_;
    bytes_ = tablets_ * static_cast<int64_t>(1'000'000 + chance.With("bytes").OneOf(2'000'000));
  }

  std::vector<Step> Make() {
    Tell(0, "RESTORE_PRE");
    now_.total_bytes = bytes_;
    now_.finish_bytes = 0;
    now_.ls_count = ls_;
    now_.finish_ls_count = 0;
    now_.tablet_count = tablets_;
    now_.finish_tablet_count = 0;
    Tell(0.5, "RESTORE_CREATE_INIT_LS");
    const double whole = 2 + static_cast<double>(bytes_) / 400e6;
    for (int64_t step = 0; step <= kByteSteps; ++step) {
      now_.finish_bytes = bytes_ / kByteSteps * step;
      if (step == kByteSteps) now_.finish_bytes = bytes_;
      now_.finish_tablet_count = tablets_ * step / kByteSteps;
      Tell(whole / kByteSteps, "PHYSICAL_RESTORE_WAIT_RESTORE_TO_CONSISTENT_SCN");
    }
    now_.finish_ls_count = ls_;
    Tell(0.5, "RESTORE_WAIT_LS");
    Tell(0.5, "POST_CHECK");
    Tell(0.5, "UPGRADE");
    return std::move(steps_);
  }

 private:
  void Tell(double seconds, std::string_view status) {
    now_.status = status;
    steps_.push_back({Seconds(seconds * slowness_), [tell = tell_, now = now_] { tell(now); }});
  }

  double slowness_;
  std::function<void(const RestoreProgress&)> tell_;
  RestoreProgress now_;
  int64_t ls_ = 0;
  int64_t tablets_ = 0;
  int64_t bytes_ = 0;
  std::vector<Step> steps_;
};

}  // namespace

Simulator::Simulator(const SimulatorOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Simulator::~Simulator() = default;

void Simulator::RestoreAuxTenant(const RestoreWork& work,
                                 std::function<void(const RestoreProgress&)> progress,
                                 Done<AuxTenant> done) {
  const SimulatorOptions& options = impl_->options;
  const SimulatedChance chance = ChanceOf(options, work.recovery);
  const SimulatedChance stall = chance.With("restore").With("stall");
  AuxTenant tenant;
  tenant.id = kFirstAuxTenant + 2 * work.recovery.sys_job_id;
  if (options.tenants != nullptr) {
    if (auto target = options.tenants->Resolve(work.recovery.target_tenant_name)) {
      tenant.mode = target->mode;
      tenant.lower_case_names = target->lower_case_names;
    }
  }
  Piece piece;
  piece.aux_tenant = work.recovery.aux_tenant_name;
  piece.fail = FailBy(done);
  piece.steps =
      RestorePlan(options, chance, impl_->Slowness(stall), tenant.id, std::move(progress)).Make();
  std::optional<WorkError> error = SimulatedRestoreError(options, work.recovery);
  if (impl_->FailsFirst(stall, work.recovery.aux_tenant_name)) error = WorkError{kTimeout, ""};
  // A restore that fails does so among its bytes.
  if (error) piece.steps.resize(piece.steps.size() / 2);
  piece.steps.push_back({Seconds(0.5), [done = std::move(done), tenant, error] {
                           if (error) return done(tl::unexpected(*error));
                           done(tenant);
                         }});
  impl_->Begin(std::move(piece));
}

void Simulator::ActivateAuxTenant(const AuxWork& work, Done<std::monostate> done) {
  impl_->BeginOne(work.recovery, 0, ChanceOf(impl_->options, work.recovery), "activate", 1,
                  std::move(done), [] { return std::monostate(); });
}

void Simulator::ListTables(const ListWork& work, Done<std::vector<ListedTable>> done) {
  impl_->BeginOne(work.recovery, 0, ChanceOf(impl_->options, work.recovery), "list", 0.5,
                  std::move(done),
                  [work, options = &impl_->options] { return SimulatedTables(*options, work); });
}

void Simulator::ImportTable(const ImportWork& work, Done<ImportCounts> done) {
  const SimulatorOptions& options = impl_->options;
  const SimulatedChance chance =
      ChanceOf(options, work.recovery, work.source_database, work.source_table);
  const ListedTable table = SimulatedSizes(options, chance);
  constexpr double kAtLeast = 0.2;
  constexpr double kAtMost = 60;
  const double seconds =
      std::min(kAtMost, kAtLeast + static_cast<double>(table.bytes) / kImportBytesPerSecond);
  WorkResult<ImportCounts> outcome =
      ImportCounts{table.bytes, table.rows, table.indexes, table.constraints};
  if (auto error = SimulatedImportError(options, work)) outcome = tl::unexpected(*std::move(error));
  impl_->BeginOne(work.recovery, work.task_id, chance, "import", seconds, std::move(done),
                  [outcome] { return outcome; });
}

void Simulator::AbortImport(const ImportWork& work) {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->End(kCanceled, [&](const Piece& piece) {
      return piece.task_id == work.task_id && work.task_id != 0 &&
             piece.aux_tenant == work.recovery.aux_tenant_name;
    });
  }
  impl_->changed.notify_all();
}

void Simulator::DropAuxTenant(const AuxWork& work, Done<std::monostate> done) {
  const std::string& name = work.recovery.aux_tenant_name;
  Piece piece;
  piece.aux_tenant = name;
  piece.needs_tenant = false;
  piece.fail = FailBy(done);
  piece.steps.push_back({Seconds(0.5), [done = std::move(done)] { done(std::monostate()); }});
  {
    std::lock_guard lock(impl_->mutex);
    impl_->dropped.insert(name);
    impl_->End(kTenantNotExist, [&](const Piece& running) {
      return running.needs_tenant && running.aux_tenant == name;
    });
  }
  impl_->Begin(std::move(piece));
}

bool Simulator::RunNext() { return impl_->RunNext(); }

}  // namespace obviews::lifecycle
