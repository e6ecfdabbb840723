// Dumping views; see tsv_dump.h.
#include "tools/cli/tsv_dump.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "tools/output/tsv_batch.h"

namespace obviews::tools {
namespace {

/// Rows of a stretch: some megabytes of text.
constexpr uint64_t kRowsPerStretch = 16384;

Result<std::string> DumpAlone(vtab::BatchCursor cursor, const TakeTsv& take) {
  TsvBatch tsv;
  std::string text;
  while (true) {
    OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor.Next());
    if (!more) return cursor.warning();
    text.clear();
    tsv.Append(cursor.columns(), cursor.rows(), &text);
    OBVIEWS_RETURN_IF_ERROR(take(text, cursor.rows()));
  }
}

/// Threads that show stretches, a few ahead of the one being printed.
class ParallelDump {
 public:
  ParallelDump(std::shared_ptr<const engine::Snapshot> snapshot, const vtab::Session& session,
               const vtab::ScanRequest& request, std::vector<engine::Stretch> stretches,
               unsigned threads)
      : snapshot_(std::move(snapshot)),
        session_(session),
        request_(request),
        stretches_(std::move(stretches)),
        ahead_(size_t{2} * threads) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  }
  ~ParallelDump() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  ParallelDump(const ParallelDump&) = delete;
  ParallelDump& operator=(const ParallelDump&) = delete;

  Result<std::string> Print(const TakeTsv& take) {
    uint64_t out_of_range = 0;
    std::string first;
    for (size_t at = 0; at < stretches_.size(); ++at) {
      OBVIEWS_ASSIGN_OR_RETURN(Shown shown, Take(at));
      OBVIEWS_RETURN_IF_ERROR(take(shown.text, shown.rows));
      if (out_of_range == 0) first = std::move(shown.first_out_of_range);
      out_of_range += shown.out_of_range;
    }
    return vtab::DescribeOutOfRange(out_of_range, first);
  }

 private:
  struct Shown {
    std::string text;
    uint64_t rows = 0;
    uint64_t out_of_range = 0;  ///< times that showed as NULL
    std::string first_out_of_range;
  };

  void Work() {
    while (true) {
      size_t mine = 0;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [this] {
          return stopped_ || next_ == stretches_.size() || next_ < printed_ + ahead_;
        });
        if (stopped_ || next_ == stretches_.size()) return;
        mine = next_++;
      }
      Result<Shown> shown = Show(stretches_[mine]);
      {
        std::lock_guard<std::mutex> lock(mutex_);
        done_.emplace(mine, std::move(shown));
      }
      changed_.notify_all();
    }
  }

  Result<Shown> Show(const engine::Stretch& stretch) const {
    vtab::ScanRequest request = request_;
    request.stretch = stretch;
    vtab::BatchCursor cursor(snapshot_, session_, std::move(request));
    Shown shown;
    TsvBatch tsv;
    while (true) {
      OBVIEWS_ASSIGN_OR_RETURN(bool more, cursor.Next());
      if (!more) break;
      tsv.Append(cursor.columns(), cursor.rows(), &shown.text);
      shown.rows += cursor.rows();
    }
    shown.out_of_range = cursor.out_of_range_count();
    shown.first_out_of_range = cursor.first_out_of_range();
    return shown;
  }

  Result<Shown> Take(size_t at) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return done_.contains(at); });
    Result<Shown> shown = std::move(done_.extract(at).mapped());
    printed_ = at + 1;
    lock.unlock();
    changed_.notify_all();
    return shown;
  }

  std::shared_ptr<const engine::Snapshot> snapshot_;
  const vtab::Session& session_;
  const vtab::ScanRequest& request_;
  const std::vector<engine::Stretch> stretches_;
  const size_t ahead_;

  std::mutex mutex_;  ///< guards all below
  std::condition_variable changed_;
  bool stopped_ = false;
  size_t next_ = 0;     ///< the stretch a thread takes next
  size_t printed_ = 0;  ///< stretches taken for printing
  std::map<size_t, Result<Shown>> done_;
  std::vector<std::thread> threads_;
};

}  // namespace

Result<std::string> DumpTsv(const std::shared_ptr<const engine::Snapshot>& snapshot,
                            const vtab::Session& session, const vtab::ScanRequest& request,
                            unsigned threads, const TakeTsv& take) {
  // How many rows a stretch adds to a limit is known only after those before it.
  if (threads > 1 && !request.limit && request.offset == 0) {
    vtab::Plan plan = vtab::MakePlan(session, *request.view, request.predicate);
    OBVIEWS_ASSIGN_OR_RETURN(
        auto stretches, snapshot->Split(request.view->record->kind, plan.space, kRowsPerStretch));
    if (stretches.size() > 1) {
      return ParallelDump(snapshot, session, request, std::move(stretches), threads).Print(take);
    }
  }
  vtab::ScanRequest in_order = request;
  in_order.in_key_order = true;
  return DumpAlone(vtab::BatchCursor(snapshot, session, std::move(in_order)), take);
}

}  // namespace obviews::tools
