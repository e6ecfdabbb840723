// The options and the loop; see progress_command.h.
#include "tools/progress/progress_command.h"

#include <fmt/format.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

#include "schema/numbers.h"
#include "tools/cli/counted.h"
#include "tools/cli/exit_codes.h"
#include "tools/cli/messages.h"
#include "tools/cli/recovery_choice.h"
#include "tools/output/terminal.h"
#include "tools/progress/openmetrics.h"
#include "tools/progress/progress_json.h"
#include "tools/progress/progress_page.h"
#include "tools/progress/recovery_source.h"
#include "tools/progress/watch_face.h"

namespace obviews::tools {
namespace {

using Clock = WatchFace::Clock;

constexpr double kDefaultSeconds = 1;
constexpr double kLeastSeconds = 0.1;
constexpr double kMostSeconds = 3600;
constexpr size_t kDefaultWidth = 80;

constexpr const char* kExamples = R"(Examples:
  dump-views --db D progress                     all recoveries, those that run as trees
  dump-views --db D progress --job 1002/1        the recovery that this job is of
  dump-views --db D progress --watch 2           until all have ended; q ends it before
  dump-views --db D progress --wait --timeout 600 && echo done
  dump-views --db D progress --openmetrics > recoveries.prom
Options of dump-views hold too: --db, --tenant, --time-zone, --show-secrets; --json for programs.
Exit codes with --watch and --wait: 0 all COMPLETED, 5 one still runs, 6 one FAILED.)";

bool IsSet(const char* variable) {
  const char* value = getenv(variable);
  return value != nullptr && *value != '\0';
}

/// Columns of standard output: the terminal's; else $COLUMNS, or 80.
size_t OutputWidth() {
  if (const size_t terminal = TerminalColumns(STDOUT_FILENO); terminal > 0) return terminal;
  const char* columns = getenv("COLUMNS");
  auto width = schema::ParseUint64(columns == nullptr ? "" : columns);
  return width && *width > 0 && *width < 10'000 ? static_cast<size_t>(*width) : kDefaultWidth;
}

bool WantsColours() { return isatty(STDOUT_FILENO) != 0 && !IsSet("NO_COLOR"); }

std::optional<double> ParseSeconds(std::string_view text) {
  double seconds = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return seconds;
}

std::chrono::nanoseconds Nanoseconds(double seconds) {
  return std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
}

/// One run of the command.
class ProgressRun {
 public:
  ProgressRun(const std::string& db, const SessionOptions& session, const ProgressCommand& command,
              const LookOptions& look, InputWait* input, Sink& sink)
      : command_(command),
        source_(db, session, look),
        context_{input, sink, followed_, {}, db, command.interval_seconds(), WantsColours()} {
    context_.tree.canvas = {OutputWidth(), std::string_view(nl_langinfo(CODESET)) == "UTF-8"};
    if (auto zone = schema::Zone::Parse(session.time_zone)) context_.tree.zone = *zone;
  }

  Result<int> Once() {
    OBVIEWS_ASSIGN_OR_RETURN(RecoverySight sight, source_.Take());
    PrintNotices();
    followed_.See(sight);
    OBVIEWS_RETURN_IF_ERROR(Print(sight));
    return kExitOk;
  }

  Result<int> Follow() {
    Result<Glance> last = Loop(*MakeFace());
    PrintNotices();
    if (!last) return Fail(last.error());
    // Lines have told the end.
    const bool told = command_.watch && !on_screen_ && followed_.any();
    if (last->sight && !told) OBVIEWS_RETURN_IF_ERROR(Print(*last->sight));
    if (!last->sight) PrintNotice(last->waiting);
    return followed_.code();
  }

 private:
  std::unique_ptr<WatchFace> MakeFace() {
    if (!command_.watch) return MakeQuietFace(context_);
    if (command_.json) return MakeJsonFace(context_);
    auto screen = MakeScreenFace(context_);
    on_screen_ = screen != nullptr;
    return on_screen_ ? std::move(screen) : MakeLineFace(context_);
  }

  /// Returns what it saw last.
  Result<Glance> Loop(WatchFace& face) {
    const auto interval = Nanoseconds(context_.seconds);
    const auto end =
        command_.timeout ? Clock::now() + Nanoseconds(*command_.timeout) : Clock::time_point::max();
    for (auto due = Clock::now();;) {
      OBVIEWS_ASSIGN_OR_RETURN(Glance glance, Look());
      OBVIEWS_RETURN_IF_ERROR(face.Show(glance));
      if (glance.sight && followed_.over()) return glance;
      // A look that took longer than the interval is not made up for.
      due = std::max(due + interval, Clock::now() + interval / 10);
      if (!face.Wait(std::min(due, end)) || Clock::now() >= end) return glance;
    }
  }

  Result<Glance> Look() {
    Result<RecoverySight> sight = source_.Take();
    if (!on_screen_) PrintNotices();
    Glance glance;
    if (sight) {
      SetSession();
      followed_.See(*sight);
      if (sight->recoveries.empty()) glance.waiting = "there is no recovery yet";
      glance.sight = std::move(*sight);
      return glance;
    }
    if (!source_.MayPass(sight.error())) return Fail(sight.error());
    glance.waiting = sight.error().message;
    return glance;
  }

  void SetSession() { context_.tree.for_sys = source_.session().is_sys(); }

  void PrintNotices() {
    for (const std::string& notice : source_.TakeNotices()) PrintNotice(notice);
  }

  Status Print(const RecoverySight& sight) {
    SetSession();
    Sink& sink = context_.sink;
    if (command_.openmetrics) {
      sink.Append(OpenMetrics(sight));
    } else if (command_.json) {
      sink.Append(RecoveriesJson(sight, context_.tree.zone));
    } else {
      context_.tree.canvas.width = OutputWidth();
      const bool tree = !command_.job.empty() || command_.wait || command_.watch;
      auto wanted = [&](const engine::progress::RecoveryRef& ref) {
        return tree && (!command_.job.empty() || followed_.Contains(ref));
      };
      sink.Append(
          Render(ProgressPage(sight, wanted, context_.tree, WidthMeter()), context_.colours));
    }
    return sink.Flush();
  }

  const ProgressCommand& command_;
  FollowedRecoveries followed_;
  RecoverySource source_;
  WatchContext context_;
  bool on_screen_ = false;
};

}  // namespace

void ProgressCommand::AddTo(CLI::App& app) {
  app.add_option("--job", job, "only the recovery that this recover, import or restore job is of")
      ->type_name("TENANT_ID/JOB_ID");
  app.add_option("--watch", watch,
                 "look again every so many seconds (default 1) until all have ended: in place on a "
                 "terminal, else a line for each change")
      ->expected(0, 1)
      ->type_name("[SECONDS]");
  app.add_flag("--wait", wait, "wait until all have ended, then print");
  app.add_option("--timeout", timeout, "with --wait or --watch: no longer than so many seconds")
      ->check(CLI::Range(0.0, 1e9))
      ->type_name("SECONDS");
  app.add_flag("--openmetrics", openmetrics, "OpenMetrics text, for a textfile collector");
  app.add_option("--ended", ended, "show so many recoveries that have ended, the latest first")
      ->check(CheckCount)
      ->type_name("N")
      ->capture_default_str();
  app.footer(kExamples);
}

std::string ProgressCommand::Check() const {
  if (auto key = ParseJob(job); !job.empty() && !key) return "--job: " + key.error().message;
  if (json && openmetrics) return "--json and --openmetrics exclude each other";
  if (watch && openmetrics) return "--openmetrics is printed once, so --watch does not go with it";
  if (timeout && !watch && !wait) return "--timeout goes with --wait or --watch";
  if (!watch || watch->empty()) return {};
  auto seconds = ParseSeconds(*watch);
  if (!seconds || !(*seconds >= kLeastSeconds && *seconds <= kMostSeconds)) {
    return fmt::format("--watch: '{}' is no number of seconds from {} to {}", *watch, kLeastSeconds,
                       kMostSeconds);
  }
  return {};
}

double ProgressCommand::interval_seconds() const {
  return ParseSeconds(watch.value_or("")).value_or(kDefaultSeconds);
}

Result<int> RunProgress(const std::string& db, const SessionOptions& session,
                        const ProgressCommand& command, Sink& sink) {
  // The locale says what the terminal can show; numbers stay as they are.
  setlocale(LC_CTYPE, "");
  LookOptions look;
  look.ended = static_cast<size_t>(command.ended);
  if (!command.job.empty()) {
    OBVIEWS_ASSIGN_OR_RETURN(look.job, ParseJob(command.job));
  }
  if (!command.follows()) return ProgressRun(db, session, command, look, nullptr, sink).Once();
  // Before the store's threads are there, which else would take the signals.
  InputWait input(STDIN_FILENO);
  return ProgressRun(db, session, command, look, &input, sink).Follow();
}

}  // namespace obviews::tools
