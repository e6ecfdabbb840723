// Random SELECT statements over the views of a session.
#pragma once

#include <string>
#include <vector>

#include "world.h"

namespace obviews::differential {

/// A statement, with `@` in place of the schema its tables are in.
struct Statement {
  std::string text;
  std::vector<vtab::Literal> parameters;
  /// What its result is determined up to.
  enum class Order : uint8_t { kTotal, kAnyOrder, kCountOnly } order = Order::kAnyOrder;

  std::string In(std::string_view schema) const;
};

Statement RandomStatement(const World& world, const schema::View& view, Random& random);

}  // namespace obviews::differential
