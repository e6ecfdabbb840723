// Which errors end a job, and what its COMMENT says then.
#include "schema/server_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace obviews::schema {
namespace {

using ::testing::ElementsAreArray;

// As BEHAVIOUR §5 lists them.
constexpr int kFinal[] = {-4002, -4005, -4006, -4007, -4015, -4016, -4017, -4018,
                          -4072, -4109, -4143, -4179, -4200, -4201, -4354, -5019,
                          -5020, -5151, -5154, -5157, -5160, -5685, -9094};

TEST(IsRetryable, EveryErrorButTheListedOnes) {
  std::vector<int> final_codes;
  for (int code = -1; code >= -10000; --code) {
    if (!IsRetryable(code)) final_codes.push_back(code);
  }
  EXPECT_THAT(final_codes, ElementsAreArray(kFinal));
}

TEST(FinalErrors, AreNamedAndInOrder) {
  std::vector<int> codes;
  for (const ServerError& error : FinalErrors()) {
    codes.push_back(error.code);
    EXPECT_TRUE(error.name.starts_with("OB_")) << error.name;
  }
  EXPECT_THAT(codes, ElementsAreArray(kFinal));
}

TEST(FailureComment, NamesCodeAddressAndTrace) {
  EXPECT_EQ(FailureComment(server_error::kCanceled, "", "127.0.0.1:2882", "Y1-0001"),
            "result:-4072(), addr:127.0.0.1:2882, trace_id:Y1-0001");
  EXPECT_EQ(FailureComment(server_error::kTenantNotExist, "1004", "[::1]:2882", ""),
            "result:-5157(1004), addr:[::1]:2882, trace_id:");
}

struct Cut {
  const char* name;
  std::string text;
  size_t size;
};
void PrintTo(const Cut& cut, std::ostream* out) { *out << cut.name; }

class CommentCut : public ::testing::TestWithParam<Cut> {};

TEST_P(CommentCut, EndsBeforeACharacterThatDoesNotFit) {
  const Cut& cut = GetParam();
  EXPECT_EQ(CutComment(cut.text), std::string_view(cut.text).substr(0, cut.size));
}

/// `size` bytes of ASCII before `tail`.
std::string Long(size_t size, const std::string& tail) { return std::string(size, 'x') + tail; }

INSTANTIATE_TEST_SUITE_P(
    Comments, CommentCut,
    ::testing::Values(Cut{"Empty", "", 0}, Cut{"Fits", Long(1024, ""), 1024},
                      Cut{"OneTooMany", Long(1025, ""), 1024},
                      Cut{"TwoBytesFit", Long(1022, "\xC3\xA9zz"), 1024},
                      Cut{"TwoBytesDoNot", Long(1023, "\xC3\xA9zz"), 1023},
                      Cut{"ThreeBytesFit", Long(1021, "\xE8\xA1\xA8zz"), 1024},
                      Cut{"ThreeBytesLackOne", Long(1022, "\xE8\xA1\xA8zz"), 1022},
                      Cut{"ThreeBytesLackTwo", Long(1023, "\xE8\xA1\xA8zz"), 1023},
                      Cut{"FourBytesFit", Long(1020, "\xF0\x9F\x97\x84zz"), 1024},
                      Cut{"FourBytesLackOne", Long(1021, "\xF0\x9F\x97\x84zz"), 1021},
                      Cut{"FourBytesLackThree", Long(1023, "\xF0\x9F\x97\x84zz"), 1023},
                      Cut{"NoUtf8", Long(1000, std::string(100, '\x80')), 1024}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(FailureComment, IsCutLikeAnyComment) {
  std::string comment = FailureComment(-4016, std::string(2000, 'x'), "127.0.0.1:2882", "Y1");
  EXPECT_EQ(comment, "result:-4016(" + std::string(1024 - 13, 'x'));
  // A character of three bytes at 1022.
  comment = FailureComment(-4016, std::string(1009, 'x') + "\xE8\xA1\xA8", "127.0.0.1:2882", "Y1");
  EXPECT_EQ(comment, "result:-4016(" + std::string(1009, 'x'));
}

}  // namespace
}  // namespace obviews::schema
