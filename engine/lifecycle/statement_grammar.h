// The grammar of the statements (BEHAVIOUR §11), as PEGTL rules. Included by statement.cc alone.
// Rules are named for what they match; the reading (what is done with a match) is in statement.cc.
#pragma once

#include <tao/pegtl.hpp>

namespace obviews::lifecycle::grammar {

namespace peg = tao::pegtl;

// A rule that must match here: if it does not, Control<Rule>::raise reports what was expected, at
// the place where the rule began.
template <class Rule>
struct Expect : peg::sor<Rule, peg::raise<Rule>> {};

// --- white space and comments

struct WordByte : peg::sor<peg::ranges<'a', 'z', 'A', 'Z', '0', '9', '_'>, peg::one<'$'>,
                           peg::range<'\x80', '\xff'>> {};
struct Blank : peg::ascii::space {};
struct LineEnd : peg::until<peg::eolf> {};
struct LineComment
    : peg::seq<
          peg::sor<peg::one<'#'>,
                   peg::seq<peg::two<'-'>, peg::at<peg::sor<peg::range<'\x00', ' '>, peg::eof>>>>,
          LineEnd> {};
// Not `/*! */`: servers run what stands in it.
struct ClosedComment : peg::seq<peg::string<'/', '*'>, peg::not_at<peg::one<'!'>>,
                                peg::until<peg::string<'*', '/'>>> {};
struct BlockComment : peg::seq<peg::at<peg::string<'/', '*'>>, Expect<ClosedComment>> {};
struct Gap : peg::star<peg::sor<Blank, LineComment, BlockComment>> {};

// --- words, names, texts

template <class Word>
struct Keyword : peg::seq<Word, peg::not_at<WordByte>, Gap> {};
template <char C>
struct Sign : peg::seq<peg::one<C>, Gap> {};

// NOLINTBEGIN(bugprone-macro-parentheses)
#define OBVIEWS_KEYWORD(name, text) \
  struct name : Keyword<TAO_PEGTL_ISTRING(text)> {}
// NOLINTEND(bugprone-macro-parentheses)
OBVIEWS_KEYWORD(Alter, "alter");
OBVIEWS_KEYWORD(System, "system");
OBVIEWS_KEYWORD(Recover, "recover");
OBVIEWS_KEYWORD(Cancel, "cancel");
OBVIEWS_KEYWORD(Table, "table");
OBVIEWS_KEYWORD(Tablegroup, "tablegroup");
OBVIEWS_KEYWORD(Tablespace, "tablespace");
OBVIEWS_KEYWORD(To, "to");
OBVIEWS_KEYWORD(Tenant, "tenant");
OBVIEWS_KEYWORD(From, "from");
OBVIEWS_KEYWORD(Until, "until");
OBVIEWS_KEYWORD(Time, "time");
OBVIEWS_KEYWORD(Scn, "scn");
OBVIEWS_KEYWORD(With, "with");
OBVIEWS_KEYWORD(Key, "key");
OBVIEWS_KEYWORD(Encrypted, "encrypted");
OBVIEWS_KEYWORD(By, "by");
OBVIEWS_KEYWORD(Remap, "remap");
OBVIEWS_KEYWORD(Description, "description");
#undef OBVIEWS_KEYWORD

struct ReservedWord : peg::sor<Alter, Table, To, From, With, Key, By> {};
struct AnyKeyword : peg::sor<ReservedWord, System, Recover, Cancel, Tablegroup, Tablespace, Tenant,
                             Until, Time, Scn, Encrypted, Remap, Description> {};

struct Word : peg::plus<WordByte> {};
struct Digits : peg::plus<peg::digit> {};
// Digits alone are a number.
struct PlainName : peg::seq<peg::not_at<Digits, peg::not_at<WordByte>>, Word> {};
struct ClosedName : peg::seq<peg::one<'`'>, peg::star<peg::sor<peg::not_one<'`'>, peg::two<'`'>>>,
                             peg::one<'`'>> {};
struct QuotedName : peg::seq<peg::at<peg::one<'`'>>, Expect<ClosedName>> {};

template <char Quote>
struct OneText : peg::seq<peg::one<Quote>,
                          peg::star<peg::sor<peg::not_one<Quote, '\\'>, peg::two<Quote>,
                                             peg::seq<peg::one<'\\'>, peg::any>>>,
                          peg::one<Quote>> {};
struct ClosedText : peg::sor<OneText<'\''>, OneText<'"'>> {};
struct TextStart : peg::success {};
struct Text
    : peg::seq<TextStart, peg::plus<peg::at<peg::one<'\'', '"'>>, Expect<ClosedText>, Gap>> {};

// --- the list of tables

struct AllTables : peg::seq<Sign<'*'>, Sign<'.'>, peg::one<'*'>> {};
struct DatabaseName : peg::sor<QuotedName, peg::seq<peg::not_at<ReservedWord>, PlainName>> {};
struct Dot : Sign<'.'> {};
struct AnyTable : peg::one<'*'> {};
struct TableName : peg::sor<QuotedName, PlainName> {};
struct PartitionName : peg::sor<QuotedName, Word> {};
struct TableOrAny : peg::sor<AnyTable, TableName> {};
struct NamedItem : peg::seq<DatabaseName, Gap, Expect<Dot>, Expect<TableOrAny>, Gap,
                            peg::opt<Sign<':'>, Expect<PartitionName>, Gap>> {};
struct Item : peg::sor<peg::seq<AllTables, Gap>, NamedItem> {};
struct ItemList : peg::list<Expect<Item>, Sign<','>> {};

// --- clauses

struct TenantText : Text {};
struct TenantName : DatabaseName {};
struct AnyTenant : peg::sor<TenantText, peg::seq<TenantName, Gap>> {};
struct TargetTenant : peg::seq<Expect<Tenant>, peg::opt<Sign<'='>>, Expect<AnyTenant>> {};
// Read as a statement of its own, since servers tell it from one that is misspelt.
struct NoTarget : peg::at<peg::sor<From, Until, With>> {};
struct Target : peg::sor<peg::seq<To, TargetTenant>, NoTarget> {};

struct BackupUri : Text {};
struct FromClause : peg::seq<From, Expect<BackupUri>> {};
struct UntilTimeText : Text {};
struct UntilScnNumber : peg::seq<Digits, peg::not_at<WordByte>> {};
struct UntilPoint : peg::sor<peg::seq<Time, peg::opt<Sign<'='>>, Expect<UntilTimeText>>,
                             peg::seq<Scn, peg::opt<Sign<'='>>, Expect<UntilScnNumber>, Gap>> {};
struct UntilClause : peg::seq<Until, Expect<UntilPoint>> {};
struct RestoreOption : Text {};

struct BackupPasswd : Text {};
struct EncryptedStart : peg::at<Encrypted> {};
struct EncryptedClause : peg::seq<EncryptedStart, Encrypted, Expect<By>, Expect<BackupPasswd>> {};
struct KmsUri : Text {};
struct KmsPasswd : Text {};
struct KeyStart : peg::at<With> {};
struct KeyClause : peg::seq<KeyStart, With, Expect<Key>, Expect<From>, Expect<KmsUri>,
                            peg::opt<Encrypted, Expect<By>, Expect<KmsPasswd>>> {};
struct DescriptionText : Text {};
struct DescriptionStart : peg::at<Description> {};
struct DescriptionClause
    : peg::seq<DescriptionStart, Description, peg::opt<Sign<'='>>, Expect<DescriptionText>> {};

// --- REMAP: items are one word each

struct RemapByte : peg::sor<WordByte, peg::one<'.', ':', '*', '`'>> {};
template <class... Parts>
struct RemapWord : peg::seq<Parts..., peg::not_at<RemapByte>> {};
struct WordDotWord : peg::seq<Word, peg::one<'.'>, Word> {};
struct WordDotAny : peg::seq<Word, peg::string<'.', '*'>> {};
struct RemapTarget : peg::seq<Word, peg::opt<peg::one<'.'>, Word>> {};
struct DatabaseRemap : RemapWord<WordDotAny, peg::one<':'>, WordDotAny> {};
struct TableRemap : RemapWord<WordDotWord, peg::one<':'>, RemapTarget> {};
struct PartitionRemap : RemapWord<WordDotWord, peg::one<':'>, Word, peg::one<':'>, RemapTarget> {};
struct TableRemapItem : peg::sor<TableRemap, DatabaseRemap, PartitionRemap> {};
struct TablegroupRemap : RemapWord<Word, peg::one<':'>, Word> {};
struct TablespaceRemap : RemapWord<Word, peg::one<':'>, Word> {};

struct RemapStart : peg::at<Remap> {};
struct RemapTables : peg::seq<Table, peg::list<peg::seq<Expect<TableRemapItem>, Gap>, Sign<','>>> {
};
struct RemapTablegroups
    : peg::seq<Tablegroup, peg::list<peg::seq<Expect<TablegroupRemap>, Gap>, Sign<','>>> {};
struct RemapTablespaces
    : peg::seq<Tablespace, peg::list<peg::seq<Expect<TablespaceRemap>, Gap>, Sign<','>>> {};
struct RemapKind : peg::sor<RemapTables, RemapTablegroups, RemapTablespaces> {};
struct RemapClause : peg::seq<RemapStart, Remap, Expect<RemapKind>> {};

// --- statements

struct RecoverStart : Recover {};
struct RecoverTable
    : peg::seq<RecoverStart, Expect<Table>, ItemList, Expect<Target>, peg::opt<FromClause>,
               peg::opt<UntilClause>, Expect<With>, Expect<RestoreOption>,
               peg::star<peg::sor<EncryptedClause, KeyClause, RemapClause, DescriptionClause>>> {};
struct CancelRecoverTable : peg::seq<Cancel, Expect<Recover>, Expect<Table>, Expect<AnyTenant>> {};
struct Command : peg::sor<RecoverTable, CancelRecoverTable> {};
struct End : peg::eof {};
struct Statement : peg::seq<Gap, Expect<Alter>, Expect<System>, Expect<Command>,
                            peg::opt<Sign<';'>>, Expect<End>> {};

// --- what is said where a rule was expected

struct Expectation {
  const char* text = "";
  bool shows_words = false;  ///< words found instead may be shown: no quoted text stood before them
  bool remap = false;        ///< ... or none can end there
};
template <class Rule>
inline constexpr Expectation kExpected;

template <>
inline constexpr Expectation kExpected<Alter> = {"ALTER SYSTEM"};
template <>
inline constexpr Expectation kExpected<System> = {"SYSTEM"};
template <>
inline constexpr Expectation kExpected<Command> = {"RECOVER TABLE or CANCEL RECOVER TABLE"};
template <>
inline constexpr Expectation kExpected<Recover> = {"RECOVER TABLE", true};
template <>
inline constexpr Expectation kExpected<Table> = {"TABLE", true};
template <>
inline constexpr Expectation kExpected<Item> = {"a table: <database>.<table>, <database>.* or *.*",
                                                true};
template <>
inline constexpr Expectation kExpected<Dot> = {"`.` and a table, or `.*`", true};
template <>
inline constexpr Expectation kExpected<TableOrAny> = {"the name of a table, or `*`", true};
template <>
inline constexpr Expectation kExpected<PartitionName> = {"the name of a partition", true};
template <>
inline constexpr Expectation kExpected<Target> = {"`,` and a table, or TO TENANT", true};
template <>
inline constexpr Expectation kExpected<Tenant> = {"TENANT", true};
template <>
inline constexpr Expectation kExpected<AnyTenant> = {"the name of a tenant", true};
template <>
inline constexpr Expectation kExpected<BackupUri> = {"the paths of the backup in quotes"};
template <>
inline constexpr Expectation kExpected<UntilPoint> = {"TIME='<time>' or SCN=<number>"};
template <>
inline constexpr Expectation kExpected<UntilTimeText> = {"a time in quotes"};
template <>
inline constexpr Expectation kExpected<UntilScnNumber> = {"a number"};
template <>
inline constexpr Expectation kExpected<With> = {
    "WITH '<option>', after FROM and UNTIL if they are given"};
template <>
inline constexpr Expectation kExpected<RestoreOption> = {"the option in quotes"};
template <>
inline constexpr Expectation kExpected<By> = {"BY"};
template <>
inline constexpr Expectation kExpected<BackupPasswd> = {"a password in quotes"};
template <>
inline constexpr Expectation kExpected<Key> = {"KEY FROM"};
template <>
inline constexpr Expectation kExpected<From> = {"FROM"};
template <>
inline constexpr Expectation kExpected<KmsUri> = {"the path of the key in quotes"};
template <>
inline constexpr Expectation kExpected<KmsPasswd> = {"a password in quotes"};
template <>
inline constexpr Expectation kExpected<DescriptionText> = {"a description in quotes"};
template <>
inline constexpr Expectation kExpected<RemapKind> = {"TABLE, TABLEGROUP or TABLESPACE"};
template <>
inline constexpr Expectation kExpected<TableRemapItem> = {
    "<database>.<table>:<table>, <database>.<table>:<database>.<table> or "
    "<database>.*:<database>.*, without spaces and backticks",
    true, true};
template <>
inline constexpr Expectation kExpected<TablegroupRemap> = {
    "<table group>:<table group>, without spaces and backticks", true, true};
template <>
inline constexpr Expectation kExpected<TablespaceRemap> = {
    "<tablespace>:<tablespace>, without spaces and backticks", true, true};
template <>
inline constexpr Expectation kExpected<ClosedText> = {"a quote that closes this text"};
template <>
inline constexpr Expectation kExpected<ClosedName> = {"a backtick that closes this name"};
template <>
inline constexpr Expectation kExpected<ClosedComment> = {
    "a comment that ends with */ and does not begin with /*!"};
template <>
inline constexpr Expectation kExpected<End> = {"another clause or the end of the statement"};

}  // namespace obviews::lifecycle::grammar
