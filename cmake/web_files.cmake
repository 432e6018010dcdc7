# millrace_web_files(<target> <folder>)
# Puts every file of the folder into the program: the assembler includes it, a generated table names it
# (server/web_files.hpp). Without the folder the table is empty, and the server says so at its page.
function(millrace_web_files target folder)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*)
  set(data "")
  set(declarations "")
  set(rows "")
  set(number 0)
  foreach(file IN LISTS files)
    set(name millrace_web_${number})
    string(APPEND data "asm(\".section .rodata\\n.global ${name}_begin\\n${name}_begin:\\n.incbin \\\"${folder}/${file}"
                       "\\\"\\n.global ${name}_end\\n${name}_end:\\n.byte 0\\n.previous\\n\");\n")
    string(APPEND declarations "extern const char ${name}_begin[];\nextern const char ${name}_end[];\n")
    string(APPEND rows "    {\"/${file}\", {${name}_begin, static_cast<std::size_t>(${name}_end - ${name}_begin)}},\n")
    math(EXPR number "${number} + 1")
  endforeach()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/web_files.cpp)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT [[
// Made by cmake/web_files.cmake.
#include "server/web_files.hpp"

@data@
extern "C" {
@declarations@}

namespace millrace::server {

const std::map<std::string_view, std::string_view>& web_files() {
  static const std::map<std::string_view, std::string_view> files = {
@rows@  };
  return files;
}

}  // namespace millrace::server
]])
  list(TRANSFORM files PREPEND ${folder}/)
  # Its assembler lines change the section that what follows them lands in.
  set_source_files_properties(${generated} PROPERTIES OBJECT_DEPENDS "${files}" SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE ${generated})
endfunction()
