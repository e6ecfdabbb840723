// Choosing recoveries; see recovery_choice.h.
#include "tools/cli/recovery_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "schema/numbers.h"
#include "schema/quote.h"

namespace obviews::tools {
namespace {

using engine::Key;
using engine::progress::RecoveryReader;
using engine::progress::RecoveryRef;

/// Jobs an error names at most.
constexpr size_t kMostNamed = 6;

Result<std::vector<RecoveryRef>> Visible(RecoveryReader& reader, const vtab::Session& session) {
  engine::KeySpace space;
  if (session.is_sys()) return reader.List(space);
  space.tenants = schema::RangeSet::Point(session.tenant_id);
  return reader.ListParts(space);
}

Error NoSuchJob(const Key& job, const std::vector<RecoveryRef>& visible) {
  std::string there;
  for (size_t i = 0; i < std::min(visible.size(), kMostNamed); ++i) {
    there += fmt::format("{}{}", there.empty() ? "" : ", ", JobName(visible[i].job));
  }
  if (visible.size() > kMostNamed) {
    there += fmt::format(" and {} more", visible.size() - kMostNamed);
  }
  return {ErrorCode::kNotFound,
          fmt::format("no recovery has a job {}; {}", JobName(job),
                      there.empty() ? "there is none" : "there are those of jobs " + there)};
}

Result<RecoveryRef> RecoveryOf(RecoveryReader& reader, const vtab::Session& session,
                               const Key& job) {
  OBVIEWS_ASSIGN_OR_RETURN(std::vector<RecoveryRef> visible, Visible(reader, session));
  auto shown = std::find_if(visible.begin(), visible.end(),
                            [&](const RecoveryRef& ref) { return ref.job == job; });
  if (shown != visible.end()) return *shown;
  if (session.is_sys()) {
    Result<RecoveryRef> found = reader.Resolve(job);
    if (!found && found.error().code == ErrorCode::kNotFound) found = reader.ResolveRestore(job);
    if (found || found.error().code != ErrorCode::kNotFound) return found;
  }
  return Fail(NoSuchJob(job, visible));
}

/// Orders recoveries: not ended first, then the latest end.
struct Place {
  bool ended = false;
  int64_t end = 0;
  RecoveryRef ref;
};

Result<Place> PlaceOf(RecoveryReader& reader, const RecoveryRef& ref) {
  OBVIEWS_ASSIGN_OR_RETURN(auto facts, reader.Read(ref, {.failures = 0, .running_table = false}));
  const auto& root = facts.sys ? facts.sys : facts.user;
  if (!root || !root->ended()) return Place{false, 0, ref};
  return Place{true, root->end.value_or(0), ref};
}

}  // namespace

Result<Key> ParseJob(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    auto tenant = schema::ParseInt64(text.substr(0, slash));
    auto job = schema::ParseInt64(text.substr(slash + 1));
    if (tenant && job) return Key{*tenant, *job, 0};
  }
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is no job: TENANT_ID/JOB_ID is expected, such as 1002/1",
                          schema::QuoteForMessage(text)));
}

std::string JobName(const Key& job) { return fmt::format("{}/{}", job.tenant_id, job.job_id); }

Result<std::vector<RecoveryRef>> ChooseRecoveries(RecoveryReader& reader,
                                                  const vtab::Session& session,
                                                  const std::optional<Key>& job) {
  if (job) {
    OBVIEWS_ASSIGN_OR_RETURN(RecoveryRef ref, RecoveryOf(reader, session, *job));
    return std::vector<RecoveryRef>(1, ref);
  }
  OBVIEWS_ASSIGN_OR_RETURN(std::vector<RecoveryRef> visible, Visible(reader, session));
  std::vector<Place> places;
  for (const RecoveryRef& ref : visible) {
    OBVIEWS_ASSIGN_OR_RETURN(Place place, PlaceOf(reader, ref));
    places.push_back(place);
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.ended != b.ended ? b.ended : a.end > b.end;
  });
  std::vector<RecoveryRef> refs;
  refs.reserve(places.size());
  for (const Place& place : places) refs.push_back(place.ref);
  return refs;
}

}  // namespace obviews::tools
