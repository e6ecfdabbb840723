// The COMMENT of a failure that has no text of its own.
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

}  // namespace
}  // namespace obviews::lifecycle
