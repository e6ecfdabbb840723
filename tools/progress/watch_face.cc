// The faces; see watch_face.h.
#include "tools/progress/watch_face.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "tools/cli/instant.h"
#include "tools/cli/messages.h"
#include "tools/progress/progress_json.h"
#include "tools/progress/progress_page.h"
#include "tools/progress/watch_screen.h"
#include "tools/progress/words.h"

namespace obviews::tools {
namespace {

using engine::progress::RecoveryRef;
using std::chrono::milliseconds;

milliseconds Until(WatchFace::Clock::time_point due) {
  return std::max(std::chrono::ceil<milliseconds>(due - WatchFace::Clock::now()), milliseconds(0));
}

/// Waits for signals alone.
class SilentFace : public WatchFace {
 public:
  explicit SilentFace(WatchContext& context) : context_(context) {}

  Status Show(const Glance& glance) override {
    if (!glance.waiting.empty() && glance.waiting != told_) {
      told_ = glance.waiting;
      PrintNotice("waiting: " + told_);
    }
    return {};
  }

  bool Wait(Clock::time_point due) override {
    while (context_.input->signal() == 0 && Clock::now() < due) {
      context_.input->Wait(Until(due), /*with_input=*/false);
    }
    return context_.input->signal() == 0;
  }

 protected:
  WatchContext& context_;

 private:
  std::string told_;
};

/// Prints recoveries that have news.
class NewsFace : public SilentFace {
 public:
  using SilentFace::SilentFace;

  Status Show(const Glance& glance) override {
    OBVIEWS_RETURN_IF_ERROR(SilentFace::Show(glance));
    if (!glance.sight) return {};
    for (const ShownRecovery& recovery : glance.sight->recoveries) {
      // What had ended before is no news.
      if (!context_.followed.Contains(recovery.ref)) continue;
      std::string news = RecoveryNews(recovery, context_.tree.canvas.utf8);
      std::string& told = told_[recovery.ref];
      if (news == told) continue;
      context_.sink.Append(LineOf(recovery, news));
      told = std::move(news);
    }
    return context_.sink.Flush();
  }

 private:
  virtual std::string LineOf(const ShownRecovery& recovery, const std::string& news) const = 0;

  std::map<RecoveryRef, std::string> told_;
};

class LineFace final : public NewsFace {
 public:
  using NewsFace::NewsFace;

 private:
  std::string LineOf(const ShownRecovery& recovery, const std::string& news) const override {
    const auto& progress = recovery.progress;
    const schema::Zone& zone = context_.tree.zone;
    std::string end;
    if (progress.eta.known()) {
      end = fmt::format(", ends about {}", TimeAfter(*progress.eta.value, progress.as_of, zone));
    }
    return fmt::format("{} {}{}\n", DateTime(progress.as_of, zone), news, end);
  }
};

class JsonFace final : public NewsFace {
 public:
  using NewsFace::NewsFace;

 private:
  std::string LineOf(const ShownRecovery& recovery, const std::string& /*news*/) const override {
    return RecoveryJson(recovery, context_.tree.zone) + "\n";
  }
};

class ScreenFace final : public WatchFace {
 public:
  ScreenFace(WatchContext& context, std::unique_ptr<WatchScreen> screen)
      : context_(context), screen_(std::move(screen)) {}

  Status Show(const Glance& glance) override {
    glance_ = glance;
    looked_usec_ = NowUsec();
    Draw();
    return {};
  }

  bool Wait(Clock::time_point due) override {
    // Signals arrive beside the terminal.
    constexpr milliseconds kSlice{100};
    while (Clock::now() < due) {
      context_.input->Wait(milliseconds(0), /*with_input=*/false);
      if (context_.input->signal() != 0) return false;
      switch (screen_->Wait(std::min(Until(due), kSlice))) {
        case WatchScreen::Event::kQuit:
          return false;
        case WatchScreen::Event::kResized:
          Draw();
          break;
        case WatchScreen::Event::kNone:
          break;
      }
    }
    return true;
  }

 private:
  void Draw() {
    context_.tree.canvas = screen_->canvas();
    std::vector<StyledLine> lines;
    if (glance_.sight && !glance_.sight->recoveries.empty()) {
      lines = ProgressPage(
          *glance_.sight, [&](const RecoveryRef& ref) { return context_.followed.Contains(ref); },
          context_.tree, meter_);
    } else {
      const std::string what = glance_.sight ? "there is no recovery yet" : glance_.waiting;
      lines = Wrap({{"waiting: ", Style::kBold},
                    {Printable(what, context_.tree.canvas.utf8), Style::kPlain}},
                   context_.tree.canvas.width, meter_);
    }
    screen_->Show(std::move(lines),
                  fmt::format("{}, every {} s", TimeOfDay(looked_usec_, context_.tree.zone),
                              context_.seconds));
  }

  WatchContext& context_;
  std::unique_ptr<WatchScreen> screen_;
  WidthMeter meter_;
  Glance glance_;
  int64_t looked_usec_ = 0;
};

}  // namespace

std::unique_ptr<WatchFace> MakeQuietFace(WatchContext& context) {
  return std::make_unique<SilentFace>(context);
}

std::unique_ptr<WatchFace> MakeLineFace(WatchContext& context) {
  return std::make_unique<LineFace>(context);
}

std::unique_ptr<WatchFace> MakeJsonFace(WatchContext& context) {
  return std::make_unique<JsonFace>(context);
}

std::unique_ptr<WatchFace> MakeScreenFace(WatchContext& context) {
  auto screen = WatchScreen::Open(context.colours);
  if (screen == nullptr) return nullptr;
  return std::make_unique<ScreenFace>(context, std::move(screen));
}

}  // namespace obviews::tools
