#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::schema {

/// The EWKT of a PostGIS value, "SRID=4326;POINT(1 2)", from its binary form EWKB (PostGIS manual, "OGC WKB and WKT"
/// and "PostGIS EWKB, EWKT"). Coordinates have the shortest digits that read back. Nothing when the bytes are no EWKB.
std::optional<std::string> ewkt(std::string_view ewkb);

}  // namespace millrace::schema
