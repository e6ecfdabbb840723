// The tree; see recovery_tree.h.
#include "tools/progress/recovery_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "tools/cli/counted.h"
#include "tools/output/number.h"
#include "tools/progress/words.h"

namespace obviews::tools {
namespace {

using engine::progress::Failure;
using engine::progress::RecoveryProgress;
using engine::progress::Stage;
using engine::progress::StageTimes;

constexpr int64_t kAll = 1'000'000;
constexpr std::string_view kNotBegun = "not begun";
constexpr size_t kBarWidth = 20;
constexpr size_t kLeastBar = 6;
constexpr size_t kMostReasons = 5;
constexpr size_t kTablesOfReason = 3;
/// Characters of a reason; COMMENT may have a kilobyte and more.
constexpr size_t kMostReason = 240;

Style StyleOf(const RecoveryProgress& progress) {
  if (!progress.stage.known()) return Style::kPlain;
  switch (*progress.stage.value) {
    case Stage::kCompleted:
      return Style::kGood;
    case Stage::kFailed:
    case Stage::kCanceling:
      return Style::kBad;
    default:
      return Style::kBusy;
  }
}

std::string Lower(std::string_view name) {
  std::string text(name);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

/// Failed tables with one reason.
struct ReasonGroup {
  std::string reason;
  std::vector<std::string> tables;
};

std::vector<ReasonGroup> GroupByReason(const std::vector<Failure>& failures) {
  std::vector<ReasonGroup> groups;
  std::map<std::string, size_t> places;
  for (const Failure& failure : failures) {
    if (!failure.of_table) continue;
    std::string reason = ReasonOf(failure.reason, failure.what);
    auto [at, is_new] = places.emplace(reason, groups.size());
    if (is_new) groups.push_back({std::move(reason), {}});
    groups[at->second].tables.push_back(failure.what);
  }
  std::stable_sort(groups.begin(), groups.end(), [](const ReasonGroup& a, const ReasonGroup& b) {
    return a.tables.size() > b.tables.size();
  });
  return groups;
}

class Tree {
 public:
  Tree(const ShownRecovery& recovery, const TreeOptions& options, const WidthMeter& meter)
      : progress_(recovery.progress), options_(options), meter_(meter) {
    width_ = std::max(options.canvas.width, Canvas::kLeastWidth);
    Title(recovery.ref.job);
    Times();
    for (const StageTimes& stage : progress_.stages) AddStage(stage);
    Failures();
    if (!progress_.ended()) Outlook();
  }

  std::vector<StyledLine> Draw() const { return DrawTree(title_, nodes_, options_.canvas, meter_); }

 private:
  std::string Text(std::string_view stored) const {
    return Printable(stored, options_.canvas.utf8);
  }

  void Add(std::string label, StyledLine text, Style style = Style::kPlain) {
    nodes_.push_back({{std::move(label), style}, std::move(text), {}, {}});
  }
  void Add(std::string label, std::string text) {
    Add(std::move(label), StyledLine{{std::move(text), Style::kPlain}});
  }

  /// The name on the left and how far it is on the right, or below.
  void Title(const engine::Key& job) {
    StyledText name{Text(RecoveryName(job, progress_)), Style::kBold};
    StyledText state{StageText(progress_), StyleOf(progress_)};
    if (progress_.percent_ppm.known()) {
      // How much of the stage is done nobody knows then, so this is where it begins.
      const bool least = !progress_.ended() && !progress_.stage_percent_ppm.known();
      const std::string percent = Percent(*progress_.percent_ppm.value);
      state.text += least ? fmt::format("  at least {}", percent) : fmt::format("  {:>8}", percent);
    }
    constexpr size_t kWidest = 100;
    const size_t width = std::min(width_, kWidest);
    const size_t used = meter_.Measure(name.text) + meter_.Measure(state.text);
    if (used + 2 <= width) {
      title_ = {{name, {std::string(width - used, ' '), Style::kPlain}, state}};
    } else {
      title_ = {{name}, {state}};
    }
  }

  std::string At(int64_t usec) const {
    return fmt::format("{} ({})", DateTime(usec, options_.zone), options_.zone.name());
  }

  void Times() {
    const auto& elapsed = progress_.elapsed_seconds;
    const std::string after = elapsed.known() ? Duration(*elapsed.value) : "";
    std::string began = progress_.start.known() ? At(*progress_.start.value)
                                                : fmt::format("not known: {}", progress_.start.why);
    if (!progress_.ended()) {
      if (elapsed.known()) began += fmt::format(", {} ago", after);
      Add("began", began);
      // What the scheduler of this store writes is of now.
      if (!progress_.driven) {
        Add("as of", At(progress_.as_of) + ": it was loaded, and moves only by another load");
      }
      return;
    }
    Add("began", began);
    if (elapsed.known()) {
      Add("ended", fmt::format("{}, after {}", At(progress_.as_of), after));
    } else {
      Add("ended", fmt::format("not known when: {}", elapsed.why));
    }
  }

  // ---- stages

  struct StageState {
    std::string_view name;
    Style style;
  };

  StageState StateOf(const StageTimes& stage) const {
    if (progress_.reached == Stage::kUnknown) return {"not known", Style::kDim};
    if (progress_.stage.value == Stage::kCompleted || stage.stage < progress_.reached) {
      return {"done", Style::kGood};
    }
    if (stage.stage > progress_.reached) return {kNotBegun, Style::kDim};
    if (progress_.stage.value == Stage::kFailed) return {"failed", Style::kBad};
    if (progress_.stage.value == Stage::kCanceling) return {"canceling", Style::kBad};
    return progress_.stage.value == stage.stage ? StageState{"running", Style::kBusy}
                                                : StageState{"ended", Style::kBad};
  }

  bool IsCurrent(const StageTimes& stage) const {
    return !progress_.ended() && progress_.stage.value == stage.stage;
  }

  std::string Took(const StageTimes& stage) const {
    if (!stage.start) return "";
    const bool open = !stage.end && stage.stage == progress_.reached;
    const std::optional<int64_t> end = open ? std::optional(progress_.as_of) : stage.end;
    return end ? Duration((*end - *stage.start) / 1'000'000) : "";
  }

  bool AllOnOneDay() const {
    std::string day;
    for (const StageTimes& stage : progress_.stages) {
      if (!stage.start) continue;
      const std::string this_day = DateTime(*stage.start, options_.zone).substr(0, 10);
      if (!day.empty() && this_day != day) return false;
      day = this_day;
    }
    return true;
  }

  /// Columns that the text of a stage may take.
  size_t Room() const {
    constexpr size_t kBranch = 3;
    constexpr size_t kLabel = 11;
    return width_ - kBranch - kLabel;
  }

  void AddStage(const StageTimes& stage) {
    constexpr size_t kStates = 9;
    constexpr size_t kTook = 8;
    constexpr size_t kPercent = 5;
    const StageState state = StateOf(stage);
    const size_t times = AllOnOneDay() ? 8 : 19;
    const bool with_time = Room() >= kStates + times + kTook + kPercent + 6;
    const bool came = state.name != kNotBegun;
    StyledLine text = {{fmt::format("{:<{}}", state.name, kStates), state.style}};
    std::string columns;
    if (with_time) {
      std::string began = came && stage.start ? DateTime(*stage.start, options_.zone) : "";
      if (times == 8 && began.size() == 19) began = began.substr(11);
      columns += fmt::format("  {:<{}}", began, times);
    }
    columns += fmt::format("  {:>{}}", came ? Took(stage) : "", kTook);
    const bool measured = stage.stage == Stage::kRestore || stage.stage == Stage::kImport;
    const bool begun = came && progress_.reached != Stage::kUnknown;
    StyledLine bar;
    if (measured && begun && stage.percent_ppm) {
      const size_t used = kStates + columns.size() + kPercent + 2;
      bar = Bar(*stage.percent_ppm, Room() > used + 4 ? Room() - used - 4 : 0, state.style);
    }
    if (bar.empty()) columns.erase(columns.find_last_not_of(' ') + 1);
    if (bar.empty() && columns.empty()) text[0].text = state.name;
    text.push_back({columns, Style::kPlain});
    text.insert(text.end(), bar.begin(), bar.end());
    TreeNode node{{Lower(engine::progress::StageName(stage.stage)), Style::kPlain}, text, {}, {}};
    AddDetails(stage, &node);
    nodes_.push_back(std::move(node));
  }

  /// "  [####----]   61 %", without the bar where there is no room for one.
  StyledLine Bar(int64_t ppm, size_t room, Style style) const {
    const size_t width = std::min(room, kBarWidth);
    StyledLine bar;
    if (width >= kLeastBar) {
      const auto done = static_cast<size_t>(ppm * static_cast<int64_t>(width) / kAll);
      std::string full;
      std::string rest;
      for (size_t i = 0; i < done; ++i) full += options_.canvas.utf8 ? "█" : "#";
      for (size_t i = done; i < width; ++i) rest += options_.canvas.utf8 ? "░" : "-";
      bar = {{"  [", Style::kPlain}, {full, style}, {rest, Style::kDim}, {"]", Style::kPlain}};
    }
    bar.push_back({fmt::format("  {:>3} %", ppm / 10'000), Style::kPlain});
    return bar;
  }

  void AddDetails(const StageTimes& stage, TreeNode* node) {
    std::string more;
    if (stage.stage == Stage::kRestore && stage.stage <= progress_.reached) {
      more = BytesText(progress_);
      if (IsCurrent(stage) && !progress_.bytes_total.known()) {
        more += fmt::format("{}not known: {}", more.empty() ? "bytes " : "; of how many is ",
                            progress_.bytes_total.why);
      }
    }
    if (stage.stage == Stage::kImport && stage.stage <= progress_.reached) {
      more = TablesText(progress_, /*reasons=*/true);
    }
    if (IsCurrent(stage) && progress_.rate.known() && !more.empty()) {
      more += fmt::format("; {}", *progress_.rate.value);
    }
    if (!more.empty()) {
      const bool failed = stage.stage == Stage::kImport && progress_.tables_failed.value > 0;
      node->more = {{more, failed ? Style::kBad : Style::kPlain}};
    }
    if (stage.stage == Stage::kImport) {
      AddRunning(node);
      AddFailedTables(node);
    }
  }

  void AddRunning(TreeNode* node) const {
    if (progress_.slowest.empty()) return;
    StyledLine text;
    for (const auto& table : progress_.slowest) {
      const int64_t seconds = (progress_.as_of - table.start) / 1'000'000;
      if (!text.empty()) text.back().text += ", ";
      text.push_back(
          {fmt::format("{} for {}", Text(table.what), Duration(seconds)), Style::kPlain});
    }
    const int64_t others =
        progress_.tables_running.value.value_or(0) - static_cast<int64_t>(progress_.slowest.size());
    if (others > 0) text.back().text += fmt::format(" and {} more", Thousands(others));
    node->children.push_back({{"running", Style::kPlain}, std::move(text), {}, {}});
  }

  // ---- failures

  std::string Shorten(const std::string& reason) const {
    std::string text = Text(reason);
    if (text.size() <= kMostReason) return text;
    size_t end = kMostReason;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return text.substr(0, end) + "...";
  }

  void AddFailedTables(TreeNode* node) const {
    const std::vector<ReasonGroup> groups = GroupByReason(progress_.failures);
    if (groups.empty()) return;
    size_t read = 0;
    for (const ReasonGroup& group : groups) read += group.tables.size();
    const size_t count =
        std::max(read, static_cast<size_t>(progress_.tables_failed.value.value_or(0)));
    TreeNode failed{{"failed", Style::kBad},
                    {{Thousands(static_cast<int64_t>(count)) + (count == 1 ? " table" : " tables"),
                      Style::kBad}},
                    {},
                    {}};
    bool all_named = read == count && groups.size() <= kMostReasons;
    for (size_t i = 0; i < std::min(groups.size(), kMostReasons); ++i) {
      all_named = all_named && groups[i].tables.size() <= kTablesOfReason;
      failed.children.push_back({{"", Style::kPlain}, {GroupText(groups[i])}, {}, {}});
    }
    if (groups.size() > kMostReasons) {
      AddNote(fmt::format("{} for {}", CountIn(groups, kMostReasons),
                          Counted(groups.size() - kMostReasons, "other reason")),
              &failed);
    }
    if (read < count) {
      AddNote(fmt::format("reasons are those of {} of them", Thousands(static_cast<int64_t>(read))),
              &failed);
    }
    if (!all_named && progress_.import_job) AddNote(Statement(), &failed);
    node->children.push_back(std::move(failed));
  }

  static std::string CountIn(const std::vector<ReasonGroup>& groups, size_t from) {
    size_t count = 0;
    for (size_t i = from; i < groups.size(); ++i) count += groups[i].tables.size();
    return Thousands(static_cast<int64_t>(count));
  }

  static void AddNote(std::string text, TreeNode* node) {
    node->children.push_back({{"", Style::kPlain}, {{std::move(text), Style::kDim}}, {}, {}});
  }

  StyledText GroupText(const ReasonGroup& group) const {
    std::string text = fmt::format("{}: {}: ", Thousands(static_cast<int64_t>(group.tables.size())),
                                   Shorten(group.reason));
    const size_t named = std::min(group.tables.size(), kTablesOfReason);
    for (size_t i = 0; i < named; ++i) {
      text += (i == 0 ? "" : ", ") + Text(group.tables[i]);
    }
    if (group.tables.size() > named) {
      text +=
          fmt::format(" and {} more", Thousands(static_cast<int64_t>(group.tables.size() - named)));
    }
    return {text, Style::kPlain};
  }

  std::string Statement() const {
    const engine::Key& job = *progress_.import_job;
    return fmt::format(
        "all: SELECT SRC_DATABASE, SRC_TABLE, COMMENT FROM {}_OB_IMPORT_TABLE_TASK{} WHERE {}"
        "JOB_ID = {} AND RESULT IN ('FAILED', 'FAIL')",
        options_.for_sys ? "CDB" : "DBA", progress_.tasks_ended ? "_HISTORY" : "S",
        options_.for_sys ? fmt::format("TENANT_ID = {} AND ", job.tenant_id) : "", job.job_id);
  }

  void Failures() {
    for (const Failure& failure : progress_.failures) {
      if (failure.of_table) continue;
      const std::string reason =
          failure.reason.empty() ? "no reason given" : Shorten(failure.reason);
      Add("failed", {{fmt::format("{}: {}", failure.what, reason), Style::kBad}}, Style::kBad);
    }
  }

  // ---- what comes

  void Outlook() {
    Add("ends", progress_.eta.known() ? End() : fmt::format("not known: {}", progress_.eta.why));
    const auto& stalled = progress_.stalled_seconds;
    if (!stalled.known()) {
      Add("stalled", fmt::format("not known: {}", stalled.why));
    } else if (*stalled.value > 0) {
      Add("stalled",
          {{fmt::format("nothing has moved for {}", Duration(*stalled.value)), Style::kBad}},
          Style::kBad);
    }
    constexpr std::string_view kUnknown = "unknown: ";
    std::string wait = Text(progress_.waiting_for);
    if (wait.starts_with(kUnknown)) wait = "not known: " + wait.substr(kUnknown.size());
    if (!wait.empty()) Add("waits for", wait);
  }

  std::string End() const {
    const int64_t now = progress_.as_of;
    return fmt::format("in {}, at about {}, between {} and {}",
                       Duration((*progress_.eta.value - now) / 1'000'000),
                       TimeAfter(*progress_.eta.value, now, options_.zone),
                       TimeAfter(*progress_.eta_low, now, options_.zone),
                       TimeAfter(*progress_.eta_high, now, options_.zone));
  }

  const RecoveryProgress& progress_;
  const TreeOptions& options_;
  const WidthMeter& meter_;
  size_t width_;
  std::vector<StyledLine> title_;
  std::vector<TreeNode> nodes_;
};

/// The tables of an ended recovery, and why it failed.
std::string Outcome(const RecoveryProgress& progress, bool utf8) {
  std::string text;
  if (progress.tables_finished.known()) text = TablesText(progress, /*reasons=*/false);
  if (progress.stage.value != Stage::kFailed || progress.failures.empty()) return text;
  const Failure& failure = progress.failures.front();
  return fmt::format("{}{}{}: {}", text, text.empty() ? "" : "; ", failure.what,
                     Printable(ReasonOf(failure.reason), utf8));
}

/// As few lines as the width permits, all but the first indented.
std::vector<StyledLine> WrapHanging(const StyledLine& text, const TreeOptions& options,
                                    const WidthMeter& meter) {
  const size_t width = std::max(options.canvas.width, Canvas::kLeastWidth);
  constexpr size_t kIndent = 2;
  std::vector<StyledLine> lines = Wrap(text, width, meter);
  if (lines.size() == 1) return lines;
  lines = Wrap(text, width - kIndent, meter);
  for (size_t i = 1; i < lines.size(); ++i) {
    lines[i].insert(lines[i].begin(), {std::string(kIndent, ' '), Style::kPlain});
  }
  return lines;
}

}  // namespace

std::vector<StyledLine> RecoveryTree(const ShownRecovery& recovery, const TreeOptions& options,
                                     const WidthMeter& meter) {
  return Tree(recovery, options, meter).Draw();
}

std::vector<StyledLine> EndedRecovery(const ShownRecovery& recovery, const TreeOptions& options,
                                      const WidthMeter& meter) {
  const RecoveryProgress& progress = recovery.progress;
  StyledLine text = {
      {Printable(RecoveryName(recovery.ref.job, progress), options.canvas.utf8), Style::kBold},
      {"  ", Style::kPlain},
      {StageText(progress), StyleOf(progress)}};
  std::string more;
  if (progress.elapsed_seconds.known()) {
    more = fmt::format("  {} after {}", DateTime(progress.as_of, options.zone),
                       Duration(*progress.elapsed_seconds.value));
  }
  const std::string outcome = Outcome(progress, options.canvas.utf8);
  if (!outcome.empty()) more += fmt::format("{}{}", more.empty() ? "  " : ", ", outcome);
  text.push_back({more, progress.tables_failed.value > 0 ? Style::kBad : Style::kPlain});
  return WrapHanging(text, options, meter);
}

std::vector<StyledLine> RunningRecovery(const ShownRecovery& recovery, const TreeOptions& options,
                                        const WidthMeter& meter) {
  const RecoveryProgress& progress = recovery.progress;
  StyledText news{RecoveryNews(recovery, options.canvas.utf8), Style::kPlain};
  if (progress.stalled_seconds.value > 0) {
    news.text += fmt::format(" for {}", Duration(*progress.stalled_seconds.value));
    news.style = Style::kBad;
  } else if (progress.eta.known()) {
    news.text += fmt::format(", ends at about {}",
                             TimeAfter(*progress.eta.value, progress.as_of, options.zone));
  }
  return WrapHanging({news}, options, meter);
}

std::string RecoveryNews(const ShownRecovery& recovery, bool utf8) {
  const RecoveryProgress& progress = recovery.progress;
  std::string text =
      fmt::format("{}: {}", RecoveryName(recovery.ref.job, progress), StageText(progress));
  if (progress.percent_ppm.known()) text += " " + Percent(*progress.percent_ppm.value);
  text = Printable(text, utf8);
  if (progress.ended()) {
    const std::string outcome = Outcome(progress, utf8);
    return outcome.empty() ? text : fmt::format("{}, {}", text, outcome);
  }
  if (progress.reached == Stage::kRestore) {
    const std::string bytes = BytesText(progress);
    if (!bytes.empty()) text += ", " + bytes;
  }
  if (progress.tables_finished.known()) text += ", " + TablesText(progress, /*reasons=*/false);
  if (progress.stalled_seconds.value > 0) text += ", stalled";
  return text;
}

}  // namespace obviews::tools
