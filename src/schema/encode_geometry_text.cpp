#include "schema/encode_geometry_text.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "schema/encode_float_text.hpp"
#include "schema/hex.hpp"

namespace millrace::schema {
namespace {

constexpr std::uint32_t kHasZ = 0x80000000U;
constexpr std::uint32_t kHasM = 0x40000000U;
constexpr std::uint32_t kHasSrid = 0x20000000U;
constexpr std::uint32_t kFlags = kHasZ | kHasM | kHasSrid;
constexpr int kDeepest = 16;  // collections in collections: more than anybody draws, less than the stack holds

enum Shape : std::uint32_t {
  kPoint = 1,
  kLineString = 2,
  kPolygon = 3,
  kMultiPoint = 4,
  kMultiLineString = 5,
  kMultiPolygon = 6,
  kCollection = 7,
  kCircularString = 8,
  kCompoundCurve = 9,
  kCurvePolygon = 10,
  kMultiCurve = 11,
  kMultiSurface = 12,
  kPolyhedralSurface = 15,
  kTin = 16,
  kTriangle = 17
};

constexpr std::array<std::string_view, 18> kShapeNames = {"",
                                                          "POINT",
                                                          "LINESTRING",
                                                          "POLYGON",
                                                          "MULTIPOINT",
                                                          "MULTILINESTRING",
                                                          "MULTIPOLYGON",
                                                          "GEOMETRYCOLLECTION",
                                                          "CIRCULARSTRING",
                                                          "COMPOUNDCURVE",
                                                          "CURVEPOLYGON",
                                                          "MULTICURVE",
                                                          "MULTISURFACE",
                                                          "",
                                                          "",
                                                          "POLYHEDRALSURFACE",
                                                          "TIN",
                                                          "TRIANGLE"};

/// The shape whose name a part leaves out inside `outer`; 0: every part is named.
std::uint32_t unnamed_part(std::uint32_t outer) {
  switch (outer) {
    case kMultiPoint:
      return kPoint;
    case kMultiLineString:
    case kCompoundCurve:
    case kCurvePolygon:
    case kMultiCurve:
      return kLineString;
    case kMultiPolygon:
    case kMultiSurface:
    case kPolyhedralSurface:
      return kPolygon;
    case kTin:
      return kTriangle;
    default:
      return 0;
  }
}

class Writer {
 public:
  Writer(std::string_view bytes, bool hex, TextOut& out) : bytes_(bytes), each_(hex ? 2 : 1), out_(out) {}

  bool write() { return geometry(0, 0) && bytes_.empty(); }

 private:
  template <class Value>
  bool read(Value& value) {
    if (bytes_.size() < each_ * sizeof value) return false;
    std::array<char, sizeof(Value)> raw{};
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const char* from = bytes_.data() + each_ * (little_ ? i : raw.size() - 1 - i);
      const int byte = each_ == 1 ? static_cast<unsigned char>(*from) : hex_byte(from);
      if (byte < 0) return false;
      raw[i] = static_cast<char>(byte);
    }
    std::memcpy(&value, raw.data(), sizeof value);
    bytes_.remove_prefix(each_ * sizeof value);
    return true;
  }

  bool geometry(std::uint32_t outer, int depth) {
    std::uint8_t order = 0;
    std::uint32_t type = 0;
    if (depth > kDeepest || !read(order) || order > 1) return false;
    little_ = order == 1;
    if (!read(type)) return false;
    if ((type & kHasSrid) != 0) {
      std::uint32_t srid = 0;
      if (depth > 0 || !read(srid)) return false;
      put("SRID=" + std::to_string(srid) + ";");
    }
    const auto shape = type & ~kFlags;
    dimensions_ = 2 + ((type & kHasZ) != 0 ? 1 : 0) + ((type & kHasM) != 0 ? 1 : 0);
    if (shape >= kShapeNames.size() || kShapeNames[shape].empty()) return false;
    if (shape != unnamed_part(outer)) {
      put(kShapeNames[shape]);
      if ((type & (kHasZ | kHasM)) == kHasM) put("M");  // three numbers are taken for x, y and z else
    }
    return body(shape, depth);
  }

  bool body(std::uint32_t shape, int depth) {
    switch (shape) {
      case kPoint:
        return point();
      case kLineString:
      case kCircularString:
        return points();
      case kPolygon:
      case kTriangle:
        return list([&] { return points(); });
      default:
        return list([&] { return geometry(shape, depth + 1); });
    }
  }

  bool coordinates(std::string& text, bool& empty) {
    text.clear();
    empty = true;
    for (int i = 0; i < dimensions_; ++i) {
      double number = 0;
      if (!read(number)) return false;
      if (i > 0) text += ' ';
      text += float_text(number);
      empty = empty && std::isnan(number);
    }
    return true;
  }

  /// A point of nothing but NaN is an empty one.
  bool point() {
    bool empty = true;
    if (!coordinates(numbers_, empty)) return false;
    if (empty) {
      say_empty();
    } else {
      put("(");
      put(numbers_);
      put(")");
    }
    return true;
  }

  bool points() {
    return list([&] {
      bool empty = true;
      if (!coordinates(numbers_, empty)) return false;
      put(numbers_);
      return true;
    });
  }

  template <class Part>
  bool list(Part part) {
    std::uint32_t count = 0;
    if (!read(count)) return false;
    if (count == 0) {
      say_empty();
      return true;
    }
    put("(");
    for (std::uint32_t i = 0; i < count; ++i) {
      if (i > 0) put(",");
      if (!part()) return false;
    }
    put(")");
    return true;
  }

  void say_empty() {
    if (last_ >= 'A' && last_ <= 'Z') put(" ");
    put("EMPTY");
  }

  void put(std::string_view text) {
    out_ += text;
    last_ = text.back();
  }

  std::string_view bytes_;
  std::size_t each_;  ///< characters of a byte
  TextOut& out_;
  char last_ = '\0';
  std::string numbers_;
  bool little_ = true;
  int dimensions_ = 2;
};

}  // namespace

bool append_ewkt(std::string_view ewkb, bool hex, TextOut& out) {
  return Writer(ewkb, hex, out).write();
}

}  // namespace millrace::schema
