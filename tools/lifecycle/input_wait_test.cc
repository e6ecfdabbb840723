// Waiting for input and signals at once.
#include "tools/lifecycle/input_wait.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace obviews::tools {
namespace {

using namespace std::chrono_literals;

class InputWaitTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(pipe(ends_.data()), 0); }
  void TearDown() override {
    close(ends_[0]);
    CloseWriter();
  }
  void Write(std::string_view text) const {
    ASSERT_EQ(write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void CloseWriter() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

TEST_F(InputWaitTest, HandsOverWhatWasWrittenAndSeesTheEndOnce) {
  InputWait wait(ends_[0]);
  EXPECT_FALSE(wait.Wait(0ms));
  Write("one");
  EXPECT_TRUE(wait.Wait(1000ms));
  EXPECT_EQ(wait.TakeText(), "one");
  EXPECT_EQ(wait.TakeText(), "");
  EXPECT_FALSE(wait.ended());
  CloseWriter();
  EXPECT_TRUE(wait.Wait(1000ms));
  EXPECT_TRUE(wait.ended());
  EXPECT_FALSE(wait.Wait(0ms));
}

TEST_F(InputWaitTest, InputMayBeLeftAlone) {
  InputWait wait(ends_[0]);
  Write("one");
  EXPECT_FALSE(wait.Wait(0ms, false));
  EXPECT_TRUE(wait.Wait(0ms));
}

TEST_F(InputWaitTest, KeepsTheFirstSignal) {
  InputWait wait(ends_[0]);
  EXPECT_EQ(wait.signal(), 0);
  ASSERT_EQ(pthread_kill(pthread_self(), SIGTERM), 0);
  EXPECT_FALSE(wait.Wait(1000ms));
  EXPECT_EQ(wait.signal(), SIGTERM);
  ASSERT_EQ(pthread_kill(pthread_self(), SIGINT), 0);
  wait.Wait(1000ms);
  EXPECT_EQ(wait.signal(), SIGTERM);
}

TEST_F(InputWaitTest, AClosedInputIsAtItsEnd) {
  InputWait wait(-1);
  EXPECT_FALSE(wait.Wait(0ms));
  InputWait closed(1'000'000);
  EXPECT_TRUE(closed.Wait(0ms));
  EXPECT_TRUE(closed.ended());
}

}  // namespace
}  // namespace obviews::tools
