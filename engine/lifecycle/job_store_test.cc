// The COMMENT of a failure that has no text of its own; moves to history that lose a race.
#include "engine/lifecycle/job_store.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/task_testing.h"
#include "schema/server_errors.h"

namespace obviews::lifecycle {
namespace {

constexpr int64_t kNow = 1'692'106'995'896'258;

class FailureCommentTest : public ::testing::Test {
 protected:
  static JobStoreOptions MadeAt(int64_t usec) {
    JobStoreOptions options;
    options.now_usec = [usec] { return usec; };
    return options;
  }
  static std::string CommentOf(const JobStore& jobs) {
    return jobs.FailureComment(schema::server_error::kCanceled);
  }

  engine::testing::TemporaryDirectory directory_;
  std::unique_ptr<engine::Store> store_ = engine::testing::OpenStore(directory_.Path("db"));
};

TEST_F(FailureCommentTest, TraceIdsCountFromTheTimeTheJobStoreWasMade) {
  JobStore jobs(*store_, MadeAt(kNow));
  EXPECT_EQ(CommentOf(jobs),
            "result:-4072(), addr:127.0.0.1:2882, trace_id:YB4200000001-000602F65C698FC2-0-0");
  EXPECT_EQ(CommentOf(jobs),
            "result:-4072(), addr:127.0.0.1:2882, trace_id:YB4200000001-000602F65C698FC3-0-0");
}

TEST_F(FailureCommentTest, TraceIdsOfALaterRunAreOthers) {
  EXPECT_NE(CommentOf(JobStore(*store_, MadeAt(kNow))),
            CommentOf(JobStore(*store_, MadeAt(kNow + 1'000'000))));
}

TEST_F(FailureCommentTest, AddressAndTraceIdsMayBeTheHosts) {
  JobStoreOptions options;
  options.addr = "[::1]:2882";
  options.trace_id = [] { return std::string("YB42"); };
  EXPECT_EQ(CommentOf(JobStore(*store_, options)),
            "result:-4072(), addr:[::1]:2882, trace_id:YB42");
}

class MoveToHistoryTest : public ::testing::Test {
 protected:
  /// A user recover job that is FAILED, and still live.
  MoveToHistoryTest() {
    StartRequest request;
    request.target.id = kUser.tenant_id;
    request.target.name = "mysql";
    EXPECT_TRUE(jobs_.Start(request));
    Make("PREPARE", "RESTORE_AUX_TENANT");
    Make("RESTORE_AUX_TENANT", "FAILED");
  }
  void Make(std::string_view from, std::string_view to) {
    Status made = jobs_.Make({schema::RecordKind::kRecoverJob, kUser, from, to});
    EXPECT_TRUE(made) << made.error().message;
  }
  Status Move(std::string_view from) {
    return jobs_.MoveToHistory(schema::RecordKind::kRecoverJob, kUser, from);
  }

  static constexpr engine::Key kUser{1002, 1, 0};
  engine::testing::TemporaryDirectory directory_;
  std::unique_ptr<engine::Store> store_ = engine::testing::OpenStore(directory_.Path("db"));
  JobStore jobs_{*store_, JobStoreOptions()};
};

TEST_F(MoveToHistoryTest, ACancelThatTookTheFinishedJobIsALostRace) {
  ASSERT_TRUE(jobs_.Cancel(kUser.tenant_id));
  Status moved = Move("FAILED");
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, ErrorCode::kConflict) << moved.error().message;
  EXPECT_TRUE(jobs_.Find(schema::RecordKind::kRecoverJob, kUser)->has_value());
}

TEST_F(MoveToHistoryTest, ASecondMoveIsALostRace) {
  ASSERT_TRUE(Move("FAILED"));
  Status moved = Move("FAILED");
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, ErrorCode::kConflict) << moved.error().message;
}

TEST_F(MoveToHistoryTest, OfAnUnfinishedJobIsRefused) {
  Status moved = Move("IMPORTING");
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code, ErrorCode::kInvalidArgument) << moved.error().message;
}

}  // namespace
}  // namespace obviews::lifecycle
