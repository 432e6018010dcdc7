#pragma once

// The parts of nlohmann/json that each file would make anew are made once, in json_instances.cpp: they took half of the
// time to compile.

#include <nlohmann/json.hpp>
#include <string>

namespace millrace {

/// What json::parse reads texts and buffers through.
using JsonTextInput = nlohmann::detail::iterator_input_adapter<std::string::const_iterator>;
using JsonBufferInput = nlohmann::detail::iterator_input_adapter<const char*>;

}  // namespace millrace

extern template class nlohmann::basic_json<>;
extern template class nlohmann::basic_json<nlohmann::ordered_map>;
extern template class nlohmann::detail::serializer<nlohmann::json>;
extern template class nlohmann::detail::serializer<nlohmann::ordered_json>;
extern template class nlohmann::detail::lexer<nlohmann::json, millrace::JsonTextInput>;
extern template class nlohmann::detail::lexer<nlohmann::json, millrace::JsonBufferInput>;
extern template class nlohmann::detail::lexer<nlohmann::ordered_json, millrace::JsonTextInput>;
extern template class nlohmann::detail::lexer<nlohmann::ordered_json, millrace::JsonBufferInput>;
extern template class nlohmann::detail::parser<nlohmann::json, millrace::JsonTextInput>;
extern template class nlohmann::detail::parser<nlohmann::json, millrace::JsonBufferInput>;
extern template class nlohmann::detail::parser<nlohmann::ordered_json, millrace::JsonTextInput>;
extern template class nlohmann::detail::parser<nlohmann::ordered_json, millrace::JsonBufferInput>;
