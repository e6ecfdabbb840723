// Transactions without a connection; see detached.h.
#include "plugins/mariadb/detached.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "plugins/mariadb/instance.h"
#include "plugins/mariadb/table_handler.h"
#include "plugins/mariadb/xid.h"

namespace obviews::mariadb {
namespace {

/// What an XID has before its data: three numbers.
constexpr size_t kHeadSize = 3 * sizeof(int64_t);

/// The server's codes, of the XA standard.
constexpr int kUnknown = -4;       // XAER_NOTA
constexpr int kManagerError = -3;  // XAER_RMERR

int Recover(handlerton* /*engine*/, XID* list, uint length) {
  int found = 0;
  int error = TableHandler::Guard([&]() -> int {
    Instance& instance = TheInstance();
    if (instance.views == nullptr || !instance.views->writable()) return 0;
    for (const std::string& name : instance.detached.Recover(instance.views->store())) {
      if (static_cast<uint>(found) < length && ReadName(name, &list[found])) ++found;
    }
    return 0;
  });
  return error == 0 ? found : 0;
}

int Finish(XID* xid, bool commit) {
  return TableHandler::Guard([&]() -> int {
    Instance& instance = TheInstance();
    if (instance.views == nullptr || !instance.views->writable()) return kUnknown;
    Status finished = instance.detached.Finish(instance.views->store(), NameOf(*xid), commit);
    if (finished) return 0;
    if (finished.error().code == ErrorCode::kNotFound) return kUnknown;
    LogTransactionError(finished.error(), /*prepared=*/true);
    return kManagerError;
  });
}

int CommitByXid(handlerton* /*engine*/, XID* xid) { return Finish(xid, true); }
int RollbackByXid(handlerton* /*engine*/, XID* xid) { return Finish(xid, false); }

}  // namespace

std::string NameOf(const XID& xid) {
  const int64_t head[] = {xid.formatID, xid.gtrid_length, xid.bqual_length};
  std::string name(kHeadSize, '\0');
  std::memcpy(name.data(), head, kHeadSize);
  name.append(xid.data, static_cast<size_t>(xid.gtrid_length + xid.bqual_length));
  return name;
}

bool ReadName(std::string_view name, XID* xid) {
  int64_t head[3];
  if (name.size() < kHeadSize) return false;
  std::memcpy(head, name.data(), kHeadSize);
  name.remove_prefix(kHeadSize);
  if (head[1] < 0 || head[2] < 0 || name.size() > XIDDATASIZE ||
      name.size() != static_cast<uint64_t>(head[1]) + static_cast<uint64_t>(head[2])) {
    return false;
  }
  xid->formatID = head[0];
  xid->gtrid_length = head[1];
  xid->bqual_length = head[2];
  std::memcpy(xid->data, name.data(), name.size());
  return true;
}

void DetachedTransactions::Keep(std::string xid, std::unique_ptr<engine::Transaction> transaction) {
  std::lock_guard<std::mutex> lock(lock_);
  kept_[std::move(xid)] = std::move(transaction);
}

std::vector<std::string> DetachedTransactions::Recover(engine::Store& store) {
  std::lock_guard<std::mutex> lock(lock_);
  auto names = engine::PreparedTransactions(store);
  if (!names) {
    LogStoreError(names.error());
    return {};
  }
  for (const std::string& name : *names) {
    if (kept_.contains(name)) continue;
    auto resumed = engine::Transaction::Resume(store, name);
    if (resumed) {
      kept_[name] = *std::move(resumed);
    } else if (resumed.error().code != ErrorCode::kConflict) {
      LogStoreError(resumed.error());
    }
  }
  std::vector<std::string> all;
  for (const auto& [name, transaction] : kept_) all.push_back(name);
  return all;
}

Status DetachedTransactions::Finish(engine::Store& store, const std::string& xid, bool commit) {
  std::unique_ptr<engine::Transaction> transaction;
  {
    std::lock_guard<std::mutex> lock(lock_);
    auto kept = kept_.find(xid);
    if (kept != kept_.end()) {
      transaction = std::move(kept->second);
      kept_.erase(kept);
    }
  }
  if (transaction == nullptr) {
    OBVIEWS_ASSIGN_OR_RETURN(transaction, engine::Transaction::Resume(store, xid));
  }
  if (!commit) return transaction->Rollback();
  auto committed = transaction->Commit();
  if (!committed) return Fail(std::move(committed).error());
  return {};
}

void DetachedTransactions::Release() {
  std::lock_guard<std::mutex> lock(lock_);
  kept_.clear();
}

void DetachedTransactions::Register(handlerton* engine) {
  engine->recover = mariadb::Recover;
  engine->commit_by_xid = CommitByXid;
  engine->rollback_by_xid = RollbackByXid;
}

}  // namespace obviews::mariadb
