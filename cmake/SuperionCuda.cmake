# SUPERION_CUDA: AUTO trains on CUDA devices where a CUDA compiler that works and a LibTorch for CUDA are found (Debian's
# LibTorch is for CPUs), ON insists, OFF does not look. Where it is used, trainer/ sets SUPERION_WITH_CUDA.
set(SUPERION_CUDA AUTO CACHE STRING "Train on CUDA devices: AUTO, ON or OFF")
set_property(CACHE SUPERION_CUDA PROPERTY STRINGS AUTO ON OFF)
set(SUPERION_CUDA_ARCHITECTURES "80;90" CACHE STRING "Compute capabilities of the kernels; newer devices translate the last")

if(SUPERION_CUDA)
  if(NOT CMAKE_CUDA_HOST_COMPILER)
    set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER})
  endif()
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    set(CMAKE_CUDA_STANDARD 17)  # CMake 3.25 knows no later one for nvcc, and LibTorch would take that of C++
  elseif(NOT SUPERION_CUDA STREQUAL "AUTO")
    message(FATAL_ERROR "SUPERION_CUDA=${SUPERION_CUDA}: no CUDA compiler that works was found; install the CUDA toolkit and put nvcc on "
      "PATH (or give CMAKE_CUDA_COMPILER), or configure with SUPERION_CUDA=OFF")
  endif()
endif()

# superion_cuda_kernel(NAME SOURCES x.cu …): objects of CUDA kernels, for $<TARGET_OBJECTS:NAME>. They name no LibTorch.
function(superion_cuda_kernel name)
  cmake_parse_arguments(KERNEL "" "" "SOURCES" ${ARGN})
  add_library(${name} OBJECT ${KERNEL_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE -Werror=all-warnings -Xcompiler=-Wall,-Wextra)
  set_target_properties(${name} PROPERTIES CUDA_STANDARD_REQUIRED ON
    CUDA_ARCHITECTURES "${SUPERION_CUDA_ARCHITECTURES}")
endfunction()
