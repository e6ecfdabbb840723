// Turns the results of compare_peers, one file a size, into a table on the terminal, one in
// Markdown, a chart, and one file of JSON.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "bench/peers/chart.h"

namespace {

using nlohmann::json;

constexpr const char* kReference = "obviews";

constexpr const char* kNotes =
    "n× says how many times better obviews' C++ API is; below 1× it loses. Every peer has one "
    "table "
    "of the 29 columns with the primary key (TENANT_ID, JOB_ID, TASK_ID), no other index, times as "
    "microseconds in a BIGINT; obviews shows times as text. SQLite keeps its statements prepared; "
    "MariaDB and DuckDB plan all but Q4 and the writes each time, as does obviews SQL. Q2 hands "
    "over what the API gives: text in obviews and MariaDB, values in SQLite and DuckDB. Every "
    "write "
    "is on the disk when it returns. Peak memory is that of a fresh process with all its caches; "
    "of "
    "InnoDB and MyRocks it is the one server's, with the caches of both.\n";

struct System {
  std::string id;
  std::string title;
};

/// Three significant digits; thousands and millions as k and M.
std::string Short(double number) {
  if (number >= 999'500) return fmt::format("{:.2f} M", number / 1e6);
  if (number >= 99'950) return fmt::format("{:.0f} k", number / 1e3);
  if (number >= 9'995) return fmt::format("{:.1f} k", number / 1e3);
  if (number >= 99.95) return fmt::format("{:.0f}", number);
  if (number >= 9.995) return fmt::format("{:.1f}", number);
  if (number >= 0.9995) return fmt::format("{:.2f}", number);
  return fmt::format("{:.3g}", number);
}

std::string Ratio(double ratio) {
  if (ratio >= 9'995) return fmt::format("{}×", Short(ratio));
  if (ratio >= 9.95) return fmt::format("{:.0f}×", ratio);
  return fmt::format("{:.2g}×", ratio);
}

/// A system's figure and how many times better obviews is, both "" if it has none.
std::pair<std::string, std::string> Cell(const json& query, const std::string& system) {
  const json& results = query["results"];
  if (!results.contains(system)) return {"–", ""};
  double value = results[system]["median"];
  if (system == kReference || !results.contains(kReference)) return {Short(value), ""};
  double reference = results[kReference]["median"];
  bool more_is_better = query["more_is_better"];
  if (value <= 0 || reference <= 0) return {Short(value), ""};
  return {Short(value), Ratio(more_is_better ? reference / value : value / reference)};
}

std::vector<System> SystemsOf(const json& run) {
  std::vector<System> systems;
  for (const json& system : run["systems"]) systems.push_back({system["id"], system["title"]});
  for (const json& query : run["queries"]) {
    if (query["results"].contains("disk")) {
      systems.push_back({"disk", "disk's fsync"});
      break;
    }
  }
  return systems;
}

std::string Heading(const json& run) {
  int64_t rows = run["rows"];
  int64_t live = run["live_rows"];
  double others = run["disturbance"];
  return fmt::format(
      "{} tasks in finished jobs, {} in running ones; medians of {} rounds; other programs kept "
      "{:.2f} processors busy{}",
      rows, live, run["rounds"].get<int>(), others, others > 0.3 ? ": too many to trust" : "");
}

/// Characters, not bytes: what a terminal counts.
size_t Width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}
std::string Right(const std::string& text, size_t width) {
  return std::string(width - std::min(width, Width(text)), ' ') + text;
}
std::string Left(const std::string& text, size_t width) {
  return text + std::string(width - std::min(width, Width(text)), ' ');
}

std::string Missing(const json& run) {
  std::string text;
  for (const json& system : run["missing"]) {
    text += fmt::format("Left out: {} ({}).\n", system["id"].get<std::string>(),
                        system["reason"].get<std::string>());
  }
  return text;
}

void PrintTable(const json& run) {
  std::vector<System> systems = SystemsOf(run);
  std::vector<std::vector<std::string>> lines(1, {""});
  for (const System& system : systems) lines[0].push_back(system.title);
  for (const json& query : run["queries"]) {
    std::vector<std::string> line = {
        fmt::format("{}, {}", query["title"].get<std::string>(), query["unit"].get<std::string>())};
    for (const System& system : systems) {
      auto [value, ratio] = Cell(query, system.id);
      line.push_back(ratio.empty() ? value : fmt::format("{} {}", value, Right(ratio, 6)));
    }
    lines.push_back(std::move(line));
  }
  std::vector<size_t> widths(lines[0].size(), 0);
  for (const auto& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], Width(line[i]));
  }
  std::cout << '\n' << Heading(run) << '\n';
  for (const auto& line : lines) {
    std::cout << Left(line[0], widths[0]);
    for (size_t i = 1; i < line.size(); ++i) std::cout << "  " << Right(line[i], widths[i]);
    std::cout << '\n';
  }
  std::cout << "n×: so many times better is obviews C++; below 1× it loses.\n" << Missing(run);
}

std::string ToMarkdown(const json& run) {
  std::vector<System> systems = SystemsOf(run);
  std::string out = fmt::format("**{}**\n\n|", Heading(run));
  for (const System& system : systems) out += " | " + system.title;
  out += " |\n|---|";
  for (size_t i = 0; i < systems.size(); ++i) out += "---:|";
  out += '\n';
  for (const json& query : run["queries"]) {
    out += fmt::format("| {}, {} |", query["title"].get<std::string>(),
                       query["unit"].get<std::string>());
    for (const System& system : systems) {
      auto [value, ratio] = Cell(query, system.id);
      bool is_reference = system.id == kReference;
      out += fmt::format(" {}{}{}{} |", is_reference ? "**" : "", value, is_reference ? "**" : "",
                         ratio.empty() ? "" : fmt::format(" ({})", ratio));
    }
    out += '\n';
  }
  return out + "\n" + Missing(run);
}

/// What the runs have in common: machine, date, versions.
std::string Preface(const json& run) {
  const json& machine = run["machine"];
  std::string versions;
  for (const json& system : run["systems"]) {
    std::string version = system["version"];
    if (version.empty() || versions.find(version) != std::string::npos) continue;
    versions += (versions.empty() ? "" : ", ") + version;
  }
  return fmt::format("{}; {} ({} processors), {} MiB, Linux {}. {}.\n\n{}\n",
                     run["date"].get<std::string>(), machine["processor"].get<std::string>(),
                     machine["processors"].get<int>(), machine["memory_mib"].get<int64_t>(),
                     machine["kernel"].get<std::string>(), versions, kNotes);
}

obviews::bench::Chart ToChart(const std::vector<json>& runs) {
  obviews::bench::Chart chart;
  chart.title = fmt::format("Cost against number of tasks, {}, {}",
                            runs.front()["machine"]["processor"].get<std::string>(),
                            runs.front()["date"].get<std::string>());
  std::map<std::string, size_t> positions;
  std::map<std::string, size_t> panels;
  for (const json& run : runs) {
    for (const System& system : SystemsOf(run)) {
      if (positions.emplace(system.id, chart.systems.size()).second) {
        chart.systems.push_back(system.title);
      }
    }
    for (const json& query : run["queries"]) {
      auto [panel, is_new] = panels.emplace(query["id"].get<std::string>(), chart.panels.size());
      if (is_new) chart.panels.push_back({query["title"], query["unit"], {}});
      auto& lines = chart.panels[panel->second].lines;
      for (const auto& [system, result] : query["results"].items()) {
        double value = result["median"];
        if (value <= 0) continue;
        size_t position = positions[system];
        auto line = std::find_if(lines.begin(), lines.end(),
                                 [&](const auto& other) { return other.system == position; });
        if (line == lines.end()) line = lines.insert(lines.end(), {position, {}});
        line->points.emplace_back(run["rows"].get<double>(), value);
      }
    }
  }
  for (auto& panel : chart.panels) {
    std::sort(panel.lines.begin(), panel.lines.end(),
              [](const auto& a, const auto& b) { return a.system < b.system; });
  }
  return chart;
}

bool Write(const std::string& path, const std::string& text) {
  if (path.empty()) return true;
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) std::cerr << "compare_report: cannot write " << path << '\n';
  return !file.fail();
}

int Run(int argc, char** argv) {
  std::vector<std::string> files;
  std::string markdown;
  std::string svg;
  std::string merged;
  CLI::App app("tables and charts of results of compare_peers");
  app.add_option("results", files)->required()->check(CLI::ExistingFile);
  app.add_option("--markdown", markdown);
  app.add_option("--svg", svg);
  app.add_option("--json", merged);
  CLI11_PARSE(app, argc, argv);

  std::vector<json> runs;
  for (const std::string& file : files) {
    runs.push_back(json::parse(std::ifstream(file), nullptr, false));
    if (runs.back().is_discarded()) {
      std::cerr << "compare_report: " << file << " is no JSON\n";
      return 1;
    }
  }
  std::sort(runs.begin(), runs.end(), [](const json& a, const json& b) {
    return a["rows"].get<int64_t>() < b["rows"].get<int64_t>();
  });
  std::string text = Preface(runs.back());
  for (const json& run : runs) {
    PrintTable(run);
    text += "\n" + ToMarkdown(run);
  }
  bool written = Write(markdown, text) && Write(svg, ToSvg(ToChart(runs))) &&
                 Write(merged, json(runs).dump(1) + "\n");
  return written ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "compare_report: %s\n", failure.what());
    return 1;
  }
}
