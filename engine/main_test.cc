// Entry of the engine's test program: runs the tests, or the work of a child process a test
// started.
#include <gtest/gtest.h>

#include "engine/child_testing.h"

int main(int argc, char** argv) {
  using obviews::engine::testing::ChildWorks;
  if (argc > 2 && std::string(argv[1]) == obviews::engine::testing::kChildFlag) {
    auto work = ChildWorks().find(argv[2]);
    if (work == ChildWorks().end()) return 126;
    return work->second(std::vector<std::string>(argv + 3, argv + argc));
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
