// Where looks come from: the store, opened when it is there, as a follower.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/cli/session_options.h"
#include "tools/progress/recovery_look.h"

namespace obviews::tools {

/// Takes looks at the recoveries of one store. Not thread-safe.
class RecoverySource {
 public:
  /// `options` must outlive this.
  RecoverySource(std::string db, const SessionOptions& options, const LookOptions& look)
      : db_(std::move(db)), options_(options), look_options_(look) {}

  /// The present state. After an error the store is opened anew by the next look.
  Result<RecoverySight> Take();

  /// Whether somebody who can wait should try again: the store, the tenant or the job may come; a
  /// store that cannot be read may be one that is being made, but not for long.
  bool MayPass(const Error& error) const;

  /// Who asks, once a look succeeded; before, who asks in a store that knows no tenant.
  const vtab::Session& session() const { return session_; }
  /// What opening the store had to say since this was asked.
  std::vector<std::string> TakeNotices();

 private:
  using Clock = std::chrono::steady_clock;

  Result<RecoverySight> TakeOne();

  std::string db_;
  const SessionOptions& options_;
  LookOptions look_options_;
  std::unique_ptr<engine::Store> store_;
  vtab::Session session_;
  std::optional<RecoveryLook> look_;
  std::vector<std::string> notices_;
  Clock::time_point readable_ = Clock::now();  ///< when it last was, or was not there
};

}  // namespace obviews::tools
