#include "schema/encode_column.hpp"
#include "schema/encode_json_text.hpp"

namespace millrace::schema {
namespace {

/// Arrays, composites and hstore, from their text.
class JsonEncoder final : public CellEncoder {
 public:
  explicit JsonEncoder(EncodeColumn column) : column_(std::move(column)) {}

  void encode(WireFormat format, std::string_view value, Cell& cell) const override {
    TextOut json;
    json.reserve(2 * value.size());
    if (format != WireFormat::kText || !append_json(column_.type, value, json)) refuse_bytes(column_, format);
    store_text(column_, json.text(), cell);
  }

  std::optional<LongValue> encode_long(WireFormat format, HeldBytes value) const override {
    if (format != WireFormat::kText || column_.length != TargetType::kMax) return std::nullopt;
    return made_text(value,
                     [this](std::string_view text, TextOut& out) { return append_json(column_.type, text, out); });
  }

 private:
  EncodeColumn column_;
};

}  // namespace

std::unique_ptr<CellEncoder> json_encoder(EncodeColumn column) {
  if (column.kind != CellKind::kText) return nullptr;
  return std::make_unique<JsonEncoder>(std::move(column));
}

}  // namespace millrace::schema
