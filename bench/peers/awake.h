// Processors that do not fall asleep between a question and its answer.
#pragma once

#include <sched.h>

#include <atomic>
#include <thread>
#include <vector>

namespace obviews::bench {

/// While this lives, threads that run only where nobody else wants to keep all processors busy: a
/// sleeping processor of a virtual machine takes up to 100 microseconds to wake, which would be
/// most of what a short statement to a server takes, whatever the server.
class AwakeProcessors {
 public:
  AwakeProcessors() {
    for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
      threads_.emplace_back([this] {
        sched_param none{};
        if (sched_setscheduler(0, SCHED_IDLE, &none) != 0) return;
        while (!stop_.load(std::memory_order_relaxed)) Pause();
      });
    }
  }
  ~AwakeProcessors() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  AwakeProcessors(const AwakeProcessors&) = delete;
  AwakeProcessors& operator=(const AwakeProcessors&) = delete;

 private:
  /// Leaves what two processors share to the other one.
  static void Pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace obviews::bench
