// Opening and looking; see recovery_source.h.
#include "tools/progress/recovery_source.h"

#include <utility>

namespace obviews::tools {

namespace {

/// How long a store that cannot be read may be one that is being made.
constexpr std::chrono::seconds kPatience{5};

}  // namespace

Result<RecoverySight> RecoverySource::Take() {
  Result<RecoverySight> sight = TakeOne();
  if (!sight) store_.reset();
  if (sight || sight.error().code == ErrorCode::kStoreMissing) readable_ = Clock::now();
  return sight;
}

Result<RecoverySight> RecoverySource::TakeOne() {
  if (store_ == nullptr) {
    OBVIEWS_ASSIGN_OR_RETURN(store_, engine::Store::Open(db_, {}));
    for (const std::string& notice : store_->notices()) notices_.push_back(notice);
  }
  OBVIEWS_ASSIGN_OR_RETURN(auto snapshot, store_->TakeSnapshot());
  if (!look_) {
    OBVIEWS_ASSIGN_OR_RETURN(session_, options_.SessionFor(*snapshot));
    if (std::string notice = UnknownTenantNotice(snapshot, session_); !notice.empty()) {
      notices_.push_back(std::move(notice));
    }
    look_.emplace(session_, look_options_);
  }
  return look_->Take(*snapshot);
}

bool RecoverySource::MayPass(const Error& error) const {
  switch (error.code) {
    case ErrorCode::kStoreMissing:
    case ErrorCode::kNotFound:
      return true;
    case ErrorCode::kStoreUnreadable:
      return Clock::now() - readable_ < kPatience;
    default:
      return false;
  }
}

std::vector<std::string> RecoverySource::TakeNotices() { return std::exchange(notices_, {}); }

}  // namespace obviews::tools
