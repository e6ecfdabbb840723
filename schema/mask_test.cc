// Secrets disappear from shown values, and nothing else changes.
#include "schema/mask.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace obviews::schema {
namespace {

std::string Masked(std::string_view text) {
  std::string out = "left over";
  MaskUriSecrets(text, out);
  return out;
}

TEST(MaskTest, AWholeSecretIsHiddenAndAnEmptyOneStaysEmpty) {
  EXPECT_EQ(MaskSecret("hunter2"), "******");
  EXPECT_EQ(MaskSecret("x"), "******");
  EXPECT_EQ(MaskSecret(""), "");
}

TEST(MaskTest, ValuesOfSecretKeysAreHidden) {
  const struct {
    const char* text;
    const char* masked;
  } cases[] = {
      {"oss://b/p?host=h.com&access_id=AK&access_key=SK",
       "oss://b/p?host=h.com&access_id=******&access_key=******"},
      {"oss://b/p?access_key=SK&host=h.com", "oss://b/p?access_key=******&host=h.com"},
      {"s3://b/p?ACCESS_KEY=SK", "s3://b/p?ACCESS_KEY=******"},
      {"s3://b/p?AccessKeySecret=a=b==", "s3://b/p?AccessKeySecret=******"},
      {"cos://b/p?secret-key=SK&appid=1", "cos://b/p?secret-key=******&appid=1"},
      {"s3://b/p?access%5Fkey=SK", "s3://b/p?access%5Fkey=******"},
      {"pool_list=p1&kms_encrypt=true&encrypt_key=K&primary_zone=z1",
       "pool_list=p1&kms_encrypt=true&encrypt_key=******&primary_zone=z1"},
      {"password=p,with,commas&x=1", "password=******&x=1"},
      {"access_key=SK, oss://b?sts_token=T", "access_key=******, oss://b?sts_token=******"},
      {"oss://a?access_key=K1,oss://b?access_key=K2,file:///c",
       "oss://a?access_key=******,oss://b?access_key=******,file:///c"},
      {"Passwd = x", "Passwd =******"},
      {"a.token=T", "a.token=******"},
      {"token=\xff\x01&b=2", "token=******&b=2"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Masked(c.text), c.masked);
    EXPECT_TRUE(NeedsUriMask(c.text)) << c.text;
  }
}

TEST(MaskTest, ThePasswordOfAUriIsHidden) {
  EXPECT_EQ(Masked("ftp://user:pass@host/dir"), "ftp://user:******@host/dir");
  EXPECT_EQ(Masked("ftp://user:p@ss:w@host:21/d:e@f"), "ftp://user:******@host:21/d:e@f");
  EXPECT_EQ(Masked("ftp://u:p,q@h,ftp://v:r@i"), "ftp://u:******@h,ftp://v:******@i");
  EXPECT_EQ(Masked("s3://:p@h?access_id=A"), "s3://:******@h?access_id=******");
}

TEST(MaskTest, InProseAValueEndsWhereTheSentenceGoesOn) {
  const struct {
    const char* text;
    const char* masked;
  } cases[] = {
      {"backup oss://b/p?access_key=SK not found, retry later",
       "backup oss://b/p?access_key=****** not found, retry later"},
      {"oss://b/p?access_id=ID&access_key=SK: denied",
       "oss://b/p?access_id=******&access_key=****** denied"},
      {"cannot open 'oss://b?access_key=SK', code -4002",
       "cannot open 'oss://b?access_key=******', code -4002"},
      {"cannot open \"oss://b?access_key=SK\"; token=T2\nnext line",
       "cannot open \"oss://b?access_key=******\"; token=******\nnext line"},
      {"login with password='two words' failed", "login with password='******' failed"},
      {"login with password='never closed failed", "login with password='******"},
      {"the password = x is wrong", "the password = ****** is wrong"},
      {"s3://b?access_key=S%20K%22&x=1 was refused", "s3://b?access_key=******&x=1 was refused"},
      {"result:-4072(access_key=SK, secret_key=S2), addr:h",
       "result:-4072(access_key=****** secret_key=****** addr:h"},
      {"cannot reach ftp://host:21 please ask a@b.com", nullptr},
      {"ftp://u:p@h is down, ask a@b.com", "ftp://u:******@h is down, ask a@b.com"},
      // In doubt more is hidden.
      {"oss://b?access_key=S K&host=h", "oss://b?access_key=******&host=h"},
      {"encrypt_key=two words", "encrypt_key=******"},
      {"ftp://u:two words@h", "ftp://u:******@h"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Masked(c.text), c.masked != nullptr ? c.masked : c.text);
    EXPECT_EQ(NeedsUriMask(c.text), c.masked != nullptr) << c.text;
  }
}

TEST(MaskTest, ASecretInsideAnotherIsHiddenToo) {
  EXPECT_EQ(Masked("oss://token=T&u:p@h"), "oss://token=******&u:******@h");
  EXPECT_EQ(Masked("oss://u:p,token=x@h/d"), "oss://u:******@h/d");
  EXPECT_EQ(Masked("oss://u:token=/a&@h"), "oss://u:******@h");
}

TEST(MaskTest, TextsWithoutSecretsStayAsTheyAre) {
  const std::string texts[] = {
      "",
      "file:///data/backup/data,file:///data/backup/archive",
      "pool_list=small_pool_0&primary_zone=z1",
      "oss://b/p?host=h.com&delete_mode=tagging",
      "ftp://user@host/dir",
      "ftp://host:21/a@b",
      "mailto:a:b@c",
      "access_key",
      "access_key=",
      "access_key=&x=1",
      "my_key=1&tokens=5&kms_encrypt=true",
      std::string("key\0=a@b\0", 9),
      "access_key=******&x=1",
      "ftp://u:******@h",
      "ftp://u:@h",
      std::string(100'000, '='),
  };
  for (const std::string& text : texts) {
    EXPECT_EQ(Masked(text), text);
    EXPECT_FALSE(NeedsUriMask(text)) << text.substr(0, 80);
  }
}

TEST(MaskTest, HugeTextsAreMaskedInOnePass) {
  // Anything quadratic would not come back.
  for (const char* piece : {"a://b/", "a://u:p@h,", "://", "x=,", "access_key=&", "access_key=",
                            "access_key=a b ", "access_key=a  ", "token='", "a://h:2 x@y "}) {
    for (const char* begin : {"", "in "}) {
      std::string text = begin;
      while (text.size() < 1'000'000) text += piece;
      const std::string masked = Masked(text);
      EXPECT_EQ(NeedsUriMask(text), masked != text) << piece;
    }
  }
}

TEST(MaskTest, SecretKeysAreAClosedList) {
  for (const char* key :
       {"access_id", "ACCESS_KEY", "accesskey", "secret_key", "password", "passwd", "token",
        "sts_token", "encrypt_key", "kms_info", "X-Amz-Signature", "x_amz_security_token", "pwd"}) {
    EXPECT_TRUE(IsSecretKey(key)) << key;
  }
  for (const char* key : {"", "host", "kms_encrypt", "appid", "key", "id", "access", "passwords",
                          "access_key_id_of_a_very_long_name", "%", "%5", "%zz"}) {
    EXPECT_FALSE(IsSecretKey(key)) << key;
  }
}

TEST(MaskTest, MaskingIsIdempotentAndAgreesWithAsking) {
  std::mt19937 random(11);
  const std::string pieces[] = {"access_key", "=",   "&",  ",",  "oss://", "u:p@h",  "/",
                                "?",          "x=1", "@",  ":",  "token=", "******", " ",
                                "%5F",        "'",   "\"", "\n", "h:21",   "prose "};
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (uint32_t n = random() % 10; n > 0; --n) text += pieces[random() % std::size(pieces)];
    const std::string masked = Masked(text);
    ASSERT_EQ(Masked(masked), masked) << text;
    ASSERT_EQ(NeedsUriMask(text), masked != text) << text;
  }
}

}  // namespace
}  // namespace obviews::schema
