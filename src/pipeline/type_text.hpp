#pragma once

#include <string>

#include "schema/target_table.hpp"

namespace millrace::pipeline {

/// "decimal(12,2)" -> the type; the opposite of TargetType::to_string. Throws Error kUsage naming `field`.
schema::TargetType parse_target_type(const std::string& text, const std::string& field);

}  // namespace millrace::pipeline
