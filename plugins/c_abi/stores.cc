// Opening, closing and describing; see stores.h.
#include "plugins/c_abi/stores.h"

#include <fmt/format.h>

#include <utility>

#include "plugins/c_abi/api.h"
#include "plugins/c_abi/call.h"
#include "virtual_tables/session_settings.h"

namespace obviews::c_abi {

OpenStore::OpenStore(std::unique_ptr<engine::Store> store, bool writes)
    : store_(std::move(store)), writes_(writes) {
  for (const std::string& notice : store_->notices()) notices_.push_back(ToText(notice));
}

const ViewInfos& OpenSession::views() {
  std::call_once(described_, [this] { views_ = std::make_unique<ViewInfos>(session_); });
  return *views_;
}

Result<const schema::View*> FindView(const vtab::Session& session, const char* name) {
  OBVIEWS_RETURN_IF_ERROR(CheckGiven(name, "the view's name"));
  if (const schema::View* view = session.FindView(name)) return view;
  std::string_view nearest = session.catalog().Nearest(name, session.is_sys(), session.mode);
  return Fail(ErrorCode::kNotFound,
              fmt::format("no such view: {}{}", name,
                          nearest.empty() ? "" : fmt::format("; did you mean {}?", nearest)));
}

namespace {

Result<engine::OpenOptions> OpenOptionsOf(const obviews_store_options* given) {
  OBVIEWS_ASSIGN_OR_RETURN(obviews_store_options taken, Take(given, "obviews_store_options"));
  OBVIEWS_RETURN_IF_ERROR(CheckFlags(taken.flags, OBVIEWS_CREATE_IF_MISSING | OBVIEWS_NO_SYNC,
                                     "obviews_store_options"));
  engine::OpenOptions options;
  switch (taken.access) {
    case OBVIEWS_FOLLOW:
      options.access = engine::Access::kFollower;
      break;
    case OBVIEWS_READ_ONLY:
      options.access = engine::Access::kReadOnly;
      break;
    case OBVIEWS_READ_WRITE:
      options.access = engine::Access::kReadWrite;
      break;
    default:
      return Fail(ErrorCode::kInvalidArgument, fmt::format("no such access: {}", taken.access));
  }
  if (taken.flags != 0 && options.access != engine::Access::kReadWrite) {
    return Fail(ErrorCode::kInvalidArgument,
                "the flags of obviews_store_options go with OBVIEWS_READ_WRITE");
  }
  options.create_if_missing = (taken.flags & OBVIEWS_CREATE_IF_MISSING) != 0;
  options.sync = (taken.flags & OBVIEWS_NO_SYNC) == 0;
  return options;
}

int32_t StoreOpen(const char* directory, const obviews_store_options* options,
                  obviews_store** store, obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(store, "store"));
    OBVIEWS_RETURN_IF_ERROR(CheckGiven(directory, "the directory"));
    OBVIEWS_ASSIGN_OR_RETURN(engine::OpenOptions wanted, OpenOptionsOf(options));
    OBVIEWS_ASSIGN_OR_RETURN(auto opened, engine::Store::Open(directory, wanted));
    bool writes = wanted.access == engine::Access::kReadWrite;
    *store = Handles::Instance().Add(std::make_shared<OpenStore>(std::move(opened), writes));
    return {};
  });
}

int32_t StoreClose(obviews_store* store, obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Remove<OpenStore>(store));
    // Whoever still uses it closes it when done; nobody can begin to, now that the handle is gone.
    return open.use_count() == 1 ? open->store().Close() : Status();
  });
}

int32_t StoreNotices(const obviews_store* store, const obviews_text** notices, size_t* count,
                     obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(notices, "notices"));
    OBVIEWS_RETURN_IF_ERROR(ClearResult(count, "count"));
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Find<OpenStore>(store));
    *notices = open->notices().data();
    *count = open->notices().size();
    return {};
  });
}

void SetText(const char* given, std::string* setting) {
  if (given != nullptr) *setting = given;
}

/// A session without a store: some user tenant's, if it is not sys's.
Result<vtab::Session> DescribingSession(const vtab::SessionSettings& settings) {
  OBVIEWS_ASSIGN_OR_RETURN(vtab::Session session, settings.BaseSession());
  bool user = session.mode == schema::Mode::kOracle || !schema::SameName(settings.tenant, "sys");
  if (user) session.tenant_id = 0;
  return session;
}

Result<std::shared_ptr<OpenSession>> OpenSessionOn(std::shared_ptr<OpenStore> store,
                                                   const obviews_session_options& options) {
  OBVIEWS_RETURN_IF_ERROR(CheckFlags(options.flags, OBVIEWS_SHOW_SECRETS | OBVIEWS_FIXED_NOW,
                                     "obviews_session_options"));
  vtab::SessionSettings settings;
  SetText(options.tenant, &settings.tenant);
  SetText(options.mode, &settings.mode);
  SetText(options.time_zone, &settings.time_zone);
  SetText(options.system_time_zone, &settings.system_time_zone);
  SetText(options.view_version, &settings.view_version);
  settings.show_secrets = (options.flags & OBVIEWS_SHOW_SECRETS) != 0;
  vtab::Session session;
  std::string notice;
  if (store == nullptr) {
    OBVIEWS_ASSIGN_OR_RETURN(session, DescribingSession(settings));
  } else {
    OBVIEWS_ASSIGN_OR_RETURN(std::shared_ptr<const engine::Snapshot> snapshot,
                             store->store().TakeSnapshot());
    OBVIEWS_ASSIGN_OR_RETURN(session, settings.SessionFor(*snapshot));
    notice = vtab::UnknownTenantNotice(snapshot, session);
  }
  if ((options.flags & OBVIEWS_FIXED_NOW) != 0) session.now_usec = options.now_usec;
  return std::make_shared<OpenSession>(std::move(store), std::move(session), std::move(notice));
}

int32_t SessionOpen(const obviews_store* store, const obviews_session_options* options,
                    obviews_session** session, obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(session, "session"));
    OBVIEWS_ASSIGN_OR_RETURN(obviews_session_options taken,
                             Take(options, "obviews_session_options"));
    std::shared_ptr<OpenStore> on;
    if (store != nullptr) {
      OBVIEWS_ASSIGN_OR_RETURN(on, Handles::Instance().Find<OpenStore>(store));
    }
    OBVIEWS_ASSIGN_OR_RETURN(auto opened, OpenSessionOn(std::move(on), taken));
    *session = Handles::Instance().Add(std::move(opened));
    return {};
  });
}

int32_t SessionClose(obviews_session* session, obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Remove<OpenSession>(session));
    return {};
  });
}

int32_t SessionInfo(const obviews_session* session, obviews_session_info* info,
                    obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Find<OpenSession>(session));
    obviews_session_info made{};
    made.oracle_mode = open->session().mode == schema::Mode::kOracle ? 1 : 0;
    made.tenant_id = open->session().tenant_id;
    made.notice = open->notice().c_str();
    return Give(made, info, "obviews_session_info");
  });
}

int32_t Views(const obviews_session* session, const obviews_view_info* const** views, size_t* count,
              obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(views, "views"));
    OBVIEWS_RETURN_IF_ERROR(ClearResult(count, "count"));
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Find<OpenSession>(session));
    *views = open->views().all().data();
    *count = open->views().all().size();
    return {};
  });
}

int32_t Describe(const obviews_session* session, const char* view, const obviews_view_info** info,
                 obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(info, "info"));
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Find<OpenSession>(session));
    OBVIEWS_ASSIGN_OR_RETURN(const schema::View* found, FindView(open->session(), view));
    *info = open->views().Of(*found);
    return {};
  });
}

int32_t SnapshotTake(const obviews_store* store, obviews_snapshot** snapshot,
                     obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_RETURN_IF_ERROR(ClearResult(snapshot, "snapshot"));
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Find<OpenStore>(store));
    OBVIEWS_ASSIGN_OR_RETURN(auto taken, open->store().TakeSnapshot());
    *snapshot =
        Handles::Instance().Add(std::make_shared<OpenSnapshot>(std::move(open), std::move(taken)));
    return {};
  });
}

int32_t SnapshotClose(obviews_snapshot* snapshot, obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Remove<OpenSnapshot>(snapshot));
    return {};
  });
}

int32_t SnapshotInfo(const obviews_snapshot* snapshot, obviews_snapshot_info* info,
                     obviews_error** error) {
  return Call(error, [&]() -> Status {
    OBVIEWS_ASSIGN_OR_RETURN(auto open, Handles::Instance().Find<OpenSnapshot>(snapshot));
    obviews_snapshot_info made{};
    engine::CommitStamp stamp = open->snapshot()->stamp();
    made.commits = stamp.number;
    made.committed_usec = stamp.committed_usec;
    made.taken_usec = open->snapshot()->taken_usec();
    return Give(made, info, "obviews_snapshot_info");
  });
}

}  // namespace

void FillStores(obviews_reader* reader) {
  reader->store_open = StoreOpen;
  reader->store_close = StoreClose;
  reader->store_notices = StoreNotices;
  reader->session_open = SessionOpen;
  reader->session_close = SessionClose;
  reader->session_info = SessionInfo;
  reader->views = Views;
  reader->describe = Describe;
  reader->snapshot_take = SnapshotTake;
  reader->snapshot_close = SnapshotClose;
  reader->snapshot_info = SnapshotInfo;
}

}  // namespace obviews::c_abi
