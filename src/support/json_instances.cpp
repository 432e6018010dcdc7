#include "support/json_instances.hpp"

template class nlohmann::basic_json<>;
template class nlohmann::basic_json<nlohmann::ordered_map>;
template class nlohmann::detail::serializer<nlohmann::json>;
template class nlohmann::detail::serializer<nlohmann::ordered_json>;
template class nlohmann::detail::lexer<nlohmann::json, millrace::JsonTextInput>;
template class nlohmann::detail::lexer<nlohmann::json, millrace::JsonBufferInput>;
template class nlohmann::detail::lexer<nlohmann::ordered_json, millrace::JsonTextInput>;
template class nlohmann::detail::lexer<nlohmann::ordered_json, millrace::JsonBufferInput>;
template class nlohmann::detail::parser<nlohmann::json, millrace::JsonTextInput>;
template class nlohmann::detail::parser<nlohmann::json, millrace::JsonBufferInput>;
template class nlohmann::detail::parser<nlohmann::ordered_json, millrace::JsonTextInput>;
template class nlohmann::detail::parser<nlohmann::ordered_json, millrace::JsonBufferInput>;
