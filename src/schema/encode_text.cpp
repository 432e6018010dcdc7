#include "schema/encode_column.hpp"

namespace millrace::schema {
namespace {

/// Text that is kept as it is. In binary it is the same bytes, behind a version byte for jsonb.
class TextEncoder final : public CellEncoder {
 public:
  explicit TextEncoder(EncodeColumn column)
      : column_(std::move(column)), binary_(binary_capable(column_.type)), versioned_(column_.type.name == "jsonb") {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    if (format == WireFormat::kBinary) {
      if (!binary_) refuse_bytes(column_, format);
      if (versioned_) {
        if (value.empty() || value[0] != kJsonbVersion) refuse_bytes(column_, format);
        value.remove_prefix(1);
      }
    }
    store_text(column_, value, cell);
  }

  std::optional<LongValue> encode_long(WireFormat format, HeldBytes value) const override {
    if (column_.length != TargetType::kMax) return std::nullopt;
    if (format == WireFormat::kBinary) {
      if (!binary_) return std::nullopt;
      if (versioned_) {
        if (value.view.empty() || value.view[0] != kJsonbVersion) return std::nullopt;
        value.view.remove_prefix(1);
      }
    }
    return long_value(LongValue::Form::kUtf8, value);
  }

 private:
  static constexpr char kJsonbVersion = 1;  // PostgreSQL source, jsonb_send

  EncodeColumn column_;
  bool binary_;
  bool versioned_;
};

}  // namespace

std::unique_ptr<CellEncoder> text_encoder(EncodeColumn column) {
  if (column.kind != CellKind::kText) return nullptr;
  return std::make_unique<TextEncoder>(std::move(column));
}

}  // namespace millrace::schema
