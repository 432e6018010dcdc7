# One precompiled header for the rooms and one for the tests, which adds what these read.

# millrace_precompile(<target> HEADERS <header>... | FROM <target>): FROM a target whose own it shares; both have the same flags.
function(millrace_precompile target)
  if(CMAKE_DISABLE_PRECOMPILE_HEADERS)
    return()
  endif()
  cmake_parse_arguments(PRE "" "FROM" "HEADERS" ${ARGN})
  if(PRE_FROM)
    target_precompile_headers(${target} REUSE_FROM ${PRE_FROM})
  else()
    target_precompile_headers(${target} PRIVATE ${PRE_HEADERS})
  endif()
  # For ccache, which else sees no more than that there is one.
  target_compile_options(${target} PRIVATE -fpch-preprocess)
  # g++ 12 takes what it inlines from a precompiled system header for ours, and warns of it. Builds without the header
  # (CMAKE_DISABLE_PRECOMPILE_HEADERS) keep these warnings.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-restrict)
  endif()
endfunction()
