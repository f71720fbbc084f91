# Declares the library of a room, its programs and its tests in one uniform way.
find_program(SUPERION_CCACHE ccache)
if(SUPERION_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SUPERION_CCACHE})
endif()
find_package(absl CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(Threads REQUIRED)

add_library(superion_warnings INTERFACE)
target_compile_options(superion_warnings INTERFACE -Wall -Wextra -Wno-unused-parameter)

# superion_room(NAME SOURCES a.cc … [LINK lib …]): static library superion_<NAME>, alias superion::<NAME>,
# headers included from the root of the checkout ("core/frame.h").
function(superion_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINK" ${ARGN})
  add_library(superion_${name} STATIC ${ROOM_SOURCES})
  add_library(superion::${name} ALIAS superion_${name})
  target_include_directories(superion_${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(superion_${name} PUBLIC ${ROOM_LINK} PRIVATE superion_warnings)
endfunction()

# superion_program(NAME SOURCES main.cc … LINK lib …): executable in bin/.
function(superion_program name)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${PROGRAM_LINK} superion_warnings)
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# superion_test(NAME SOURCES x_test.cc … LINK lib … [LABELS unit|nightly|…] [TIMEOUT s]): one GoogleTest binary, one
# CTest entry per test case. A case that calls GTEST_SKIP shows as skipped. Temporary files of each process lie in a folder of its own
# (tests/support/main.cc).
function(superion_test name)
  cmake_parse_arguments(TEST "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT TEST_LABELS)
    set(TEST_LABELS unit)
  endif()
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  add_executable(${name} ${TEST_SOURCES} ${CMAKE_SOURCE_DIR}/tests/support/main.cc)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${TEST_LINK} GTest::gmock superion_warnings)
  target_compile_definitions(${name} PRIVATE
    SUPERION_SOURCE_DIR="${CMAKE_SOURCE_DIR}" SUPERION_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test_bin)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS "${TEST_LABELS}" TIMEOUT ${TEST_TIMEOUT}
    SKIP_REGULAR_EXPRESSION "\\[  SKIPPED \\]")
endfunction()
