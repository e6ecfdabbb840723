// What a person or a program sees of a watch, and how it waits for the next look.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "tools/lifecycle/input_wait.h"
#include "tools/output/sink.h"
#include "tools/progress/followed.h"
#include "tools/progress/recovery_tree.h"

namespace obviews::tools {

/// What a look came to: a sight, or what is waited for instead.
struct Glance {
  std::optional<RecoverySight> sight;
  std::string waiting;  ///< "" if there is a sight
};

/// What faces share. Lives as long as they do.
struct WatchContext {
  InputWait* input;  ///< of signals; REQUIRES: not null where a face waits
  Sink& sink;
  const FollowedRecoveries& followed;
  /// Of trees; the session's zone and tenant become known with the first sight.
  TreeOptions tree;
  std::string db;
  double seconds = 1;  ///< between two looks
  bool colours = false;
};

/// One way to show a watch. Not thread-safe.
class WatchFace {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~WatchFace() = default;
  /// Errors: those of the output.
  virtual Status Show(const Glance& glance) = 0;
  /// Waits until `due`. False if somebody wants it to end: `q`, SIGINT or SIGTERM.
  virtual bool Wait(Clock::time_point due) = 0;
};

/// Says nothing but, once each and on standard error, what has to come before there is anything to
/// wait for.
std::unique_ptr<WatchFace> MakeQuietFace(WatchContext& context);
/// A line of text for each recovery that has news.
std::unique_ptr<WatchFace> MakeLineFace(WatchContext& context);
/// A line of JSON for each recovery that has news.
std::unique_ptr<WatchFace> MakeJsonFace(WatchContext& context);
/// The terminal as a page that is redrawn in place; nullptr if it cannot be.
std::unique_ptr<WatchFace> MakeScreenFace(WatchContext& context);

}  // namespace obviews::tools
