#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "schema/cell_encoder.hpp"
#include "schema/cell_text.hpp"
#include "schema/column_types.hpp"

namespace millrace::schema {

/// Big-endian bytes of one integer after another: how PostgreSQL's send functions write.
template <class... Integers>
std::string wire(Integers... values) {
  std::string bytes;
  const auto append = [&](auto value) {
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8) {
      bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> static_cast<unsigned>(shift) & 0xFFU);
    }
  };
  (append(values), ...);
  return bytes;
}

inline SourceType source_type(std::string name, std::optional<int> length = {}, std::optional<int> precision = {},
                              std::optional<int> scale = {}) {
  return {
      .schema = "pg_catalog", .name = name, .length = length, .precision = precision, .scale = scale, .declared = name};
}

/// A column `c`, mapped by the rules or to a type of the user's choice.
inline ColumnMapping mapping(const SourceType& type, ValuePolicy policy = ValuePolicy::kFail,
                             std::optional<TargetType> chosen = {}) {
  return {.source = {.name = "c", .type = type},
          .target = {.name = "c", .type = chosen.value_or(map_type(type, {}, policy).type)}};
}

/// One column's encoder and what it makes of values, as people would write the cell.
class Encoded {
 public:
  explicit Encoded(const ColumnMapping& column, ValuePolicy policy = ValuePolicy::kFail)
      : type_(column.target.type), kind_(cell_kind(type_)), encoder_(make_encoder(column, policy)) {}

  std::string text(std::string_view value) { return encode(WireFormat::kText, value); }
  std::string binary(std::string_view value) { return encode(WireFormat::kBinary, value); }
  const Cell& cell() const { return cell_; }

 private:
  std::string encode(WireFormat format, std::string_view value) {
    try {
      encoder_->encode(format, value, cell_);
      return to_display(kind_, cell_, type_);
    } catch (const ValueError& error) {
      EXPECT_EQ(error.code(), ErrorCode::kValueUnrepresentable);
      EXPECT_EQ(error.context().column, "c");
      return "refused: " + error.message();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kProtocol) << error.message();
      return "malformed";
    }
  }

  TargetType type_;
  CellKind kind_;
  std::unique_ptr<CellEncoder> encoder_;
  Cell cell_;
};

inline TargetType decimal_type(int precision, int scale) {
  return {.name = "decimal", .precision = precision, .scale = scale};
}

}  // namespace millrace::schema
