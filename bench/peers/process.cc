// Reads /proc; see process.h.
#include "bench/peers/process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace obviews::bench {
namespace {

std::string PathOf(int pid, std::string_view file) {
  return pid == 0 ? fmt::format("/proc/self/{}", file) : fmt::format("/proc/{}/{}", pid, file);
}

double Seconds(int64_t ticks) {
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

uint64_t ProcessMemory(int pid, std::string_view line) {
  std::ifstream status(PathOf(pid, "status"));
  for (std::string text; std::getline(status, text);) {
    if (text.starts_with(line) && text.size() > line.size() && text[line.size()] == ':') {
      return std::strtoull(text.c_str() + line.size() + 1, nullptr, 10) * 1024;
    }
  }
  return 0;
}

bool ResetPeak(int pid) {
  std::ofstream file(PathOf(pid, "clear_refs"));
  file << "5" << std::flush;
  return file.good();
}

double MachineSeconds() {
  std::ifstream stat("/proc/stat");
  std::string name;
  int64_t user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, soft_irq = 0;
  stat >> name >> user >> nice >> system >> idle >> waiting >> irq >> soft_irq;
  return Seconds(user + nice + system + irq + soft_irq);
}

double ProcessSeconds(int pid) {
  std::ifstream stat(PathOf(pid, "stat"));
  std::string text;
  std::getline(stat, text);
  // The name stands in parentheses and may hold anything; the times are fields 14 to 17.
  std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 1)));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  int64_t user = 0, system = 0, childrens_user = 0, childrens_system = 0;
  fields >> user >> system >> childrens_user >> childrens_system;
  return Seconds(user + system + childrens_user + childrens_system);
}

double Disturbance::processors() const {
  std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started_;
  return std::max(Others() - before_, 0.0) / passed.count();
}

double Disturbance::Others() const {
  double server = server_pid_ == 0 ? 0 : ProcessSeconds(server_pid_);
  return MachineSeconds() - ProcessSeconds(0) - server;
}

}  // namespace obviews::bench
