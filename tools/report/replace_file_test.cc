// Files that are replaced whole or stay as they were.
#include "tools/report/replace_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "engine/testing.h"

namespace obviews::tools {
namespace {

using ::testing::HasSubstr;

class ReplaceFileTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.Path(name); }
  std::string Put(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
    return Path(name);
  }
  static std::string Text(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  size_t Files() const {
    using std::filesystem::directory_iterator;
    return static_cast<size_t>(std::distance(directory_iterator(directory_.path()), {}));
  }
  static Status WriteNew(Sink& sink) {
    sink.Append("new");
    return {};
  }

 private:
  engine::testing::TemporaryDirectory directory_;
};

TEST_F(ReplaceFileTest, MakesAFileAndReplacesOneAndKeepsItsPermissions) {
  const std::string path = Path("report.html");
  ASSERT_TRUE(ReplaceFile(path, WriteNew));
  EXPECT_EQ(Text(path), "new");
  Put("report.html", "old and longer");
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  ASSERT_TRUE(ReplaceFile(path, WriteNew));
  EXPECT_EQ(Text(path), "new");
  struct stat now = {};
  ASSERT_EQ(stat(path.c_str(), &now), 0);
  EXPECT_EQ(now.st_mode & 07777, 0640U);
  EXPECT_EQ(Files(), 1U);
}

TEST_F(ReplaceFileTest, WhatFailsLeavesTheOldFileAndNothingElse) {
  const std::string path = Put("report.html", "old");
  auto done = ReplaceFile(path, [](Sink& sink) -> Status {
    sink.Append("half of it");
    return Fail(ErrorCode::kCorruption, "damaged");
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "damaged");
  EXPECT_EQ(Text(path), "old");
  EXPECT_EQ(Files(), 1U);
}

TEST_F(ReplaceFileTest, SaysWhatCannotBeWrittenAndWhy) {
  EXPECT_EQ(ReplaceFile("/no/such/folder/x", WriteNew).error().message,
            "cannot write \"/no/such/folder/x\": No such file or directory");
  EXPECT_EQ(ReplaceFile("/tmp", WriteNew).error().message, "cannot write \"/tmp\": Is a directory");
  auto full = ReplaceFile("/dev/full", WriteNew);
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error().message, HasSubstr("No space left on device"));
}

TEST_F(ReplaceFileTest, FollowsALinkAndWritesIntoWhatIsNoFile) {
  const std::string path = Put("real.html", "old");
  const std::string link = Path("link.html");
  ASSERT_EQ(symlink(path.c_str(), link.c_str()), 0);
  ASSERT_TRUE(ReplaceFile(link, WriteNew));
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(Text(path), "new");
  EXPECT_TRUE(ReplaceFile("/dev/null", WriteNew));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace obviews::tools
