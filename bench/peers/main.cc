// Compares systems at one size and writes what it measured as JSON. Started by bench/compare.
#include <sys/utsname.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "bench/peers/comparison.h"
#include "bench/peers/process.h"

namespace {

std::string FirstValue(const char* file, std::string_view name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    size_t colon = line.find(':');
    if (line.starts_with(name) && colon != std::string::npos) {
      size_t at = line.find_first_not_of(" \t", colon + 1);
      return at == std::string::npos ? "" : line.substr(at);
    }
  }
  return "";
}

nlohmann::json Machine() {
  utsname system = {};
  uname(&system);
  return {{"processor", FirstValue("/proc/cpuinfo", "model name")},
          {"processors", std::thread::hardware_concurrency()},
          {"memory_mib", std::atoll(FirstValue("/proc/meminfo", "MemTotal").c_str()) / 1024},
          {"kernel", system.release}};
}

std::string Today() {
  std::time_t now = std::time(nullptr);
  std::tm parts = {};
  gmtime_r(&now, &parts);
  std::array<char, 16> text = {};
  std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts);
  return text.data();
}

int Run(int argc, char** argv) {
  using obviews::bench::Comparison;
  using obviews::bench::ComparisonOptions;
  ComparisonOptions options;
  std::string out;
  std::string memory_of;
  CLI::App app("compares obviews with other systems at one size");
  app.add_option("--rows", options.history, "rows of finished jobs")->required();
  app.add_option("--live", options.live, "rows of running jobs")->required();
  app.add_option("--rounds", options.rounds)->check(CLI::PositiveNumber);
  app.add_option("--systems", options.systems)->delimiter(',');
  app.add_option("--data", options.peers.directory, "for the stores; must be empty")->required();
  app.add_option("--json", out, "where the results go");
  app.add_option("--mariadb-socket", options.peers.mariadb_socket);
  app.add_option("--mariadb-pid", options.peers.mariadb_pid);
  app.add_option("--scan-memory", memory_of, "only print the peak memory of one full scan");
  CLI11_PARSE(app, argc, argv);
  options.program = std::filesystem::read_symlink("/proc/self/exe").string();

  if (!memory_of.empty()) {
    auto bytes = obviews::bench::ScanMemory(memory_of, options);
    if (!bytes) {
      std::cerr << bytes.error().message << '\n';
      return 1;
    }
    std::cout << *bytes << '\n';
    return 0;
  }
  obviews::bench::Disturbance disturbance(options.peers.mariadb_pid);
  Comparison comparison(options);
  if (auto done = comparison.Run(); !done) {
    std::cerr << "compare: " << done.error().message << '\n';
    return 1;
  }
  nlohmann::json results = comparison.ToJson();
  results["date"] = Today();
  results["machine"] = Machine();
  results["disturbance"] = disturbance.processors();
  std::ofstream file(out);
  file << results.dump(1) << '\n';
  file.close();
  if (!file) {
    std::cerr << "compare: cannot write " << out << '\n';
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "compare: %s\n", failure.what());
    return 1;
  }
}
