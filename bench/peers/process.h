// Memory and time of processes as Linux accounts them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace obviews::bench {

/// A line of /proc/PID/status such as VmHWM or VmRSS, in bytes; 0 if it cannot be read. PID 0: this
/// process.
uint64_t ProcessMemory(int pid, std::string_view line);

/// Sets the VmHWM of a process to what it uses now. False if that is not allowed.
bool ResetPeak(int pid);

/// Processor seconds that all processes of the machine have used since it was started.
double MachineSeconds();

/// Processor seconds of a process, with those of its children that ended. PID 0: this process.
double ProcessSeconds(int pid);

/// Processors that were busy with something else than this comparison, on average since made.
class Disturbance {
 public:
  explicit Disturbance(int server_pid)
      : server_pid_(server_pid), started_(std::chrono::steady_clock::now()), before_(Others()) {}
  double processors() const;

 private:
  double Others() const;

  int server_pid_;
  std::chrono::steady_clock::time_point started_;
  double before_;
};

}  // namespace obviews::bench
