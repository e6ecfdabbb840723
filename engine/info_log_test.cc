// RocksDB's own log: lines, files, and no room for them.
#include "engine/info_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "engine/testing.h"

namespace obviews::engine {
namespace {

using ::testing::MatchesRegex;
using testing::TemporaryDirectory;

std::string Content(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(InfoLog, AddsLinesOfWarningsToTheFile) {
  TemporaryDirectory tmp;
  for (int process = 0; process < 2; ++process) {
    InfoLog log(tmp.path());
    EXPECT_EQ(std::filesystem::exists(tmp.Path("LOG")), process > 0) << "nothing is said yet";
    rocksdb::Info(&log, "left out");
    rocksdb::Warn(&log, "number %d", process);
  }
  EXPECT_THAT(
      Content(tmp.Path("LOG")),
      MatchesRegex("....-..-.. ..:..:.. UTC .*number 0\n....-..-.. ..:..:.. UTC .*number 1\n"));
}

TEST(InfoLog, KeepsTheFileShort) {
  TemporaryDirectory tmp;
  InfoLog log(tmp.path());
  for (int i = 0; i < 600; ++i) rocksdb::Warn(&log, "%s", std::string(5000, 'x').c_str());
  EXPECT_LT(std::filesystem::file_size(tmp.Path("LOG")), 1'060'000U);
  EXPECT_LT(std::filesystem::file_size(tmp.Path("LOG.old")), 1'060'000U);
  EXPECT_GT(std::filesystem::file_size(tmp.Path("LOG.old")), 1'000'000U);
}

TEST(InfoLog, DoesWithoutWhatCannotBeWritten) {
  InfoLog nowhere("/dev/null/missing");
  rocksdb::Warn(&nowhere, "unheard");
  TemporaryDirectory tmp;
  std::filesystem::create_symlink("/dev/full", tmp.Path("LOG"));
  InfoLog full(tmp.path());
  for (int i = 0; i < 3; ++i) rocksdb::Warn(&full, "unheard");
  EXPECT_EQ(Content(tmp.Path("LOG.old")), "");
}

}  // namespace
}  // namespace obviews::engine
