# One precompiled header for the rooms and one for the tests, which adds what these read. For builds without optimisation:
# with it, g++ 12 takes what it inlines from a precompiled system header for ours, and warns of it.

# millrace_precompile(<target> HEADERS <header>... | FROM <target>): FROM a target whose own it shares; both have the same flags.
function(millrace_precompile target)
  if(CMAKE_DISABLE_PRECOMPILE_HEADERS OR NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
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
endfunction()
