// Which file systems belong to a network: locks, memory maps and renames are not what they are on a local
// disk.
#pragma once

#include <string>

namespace superion {

// Name of a network or parallel file system by the magic number of statfs(2), or "" for a local one.
std::string NetworkFilesystemName(long magic);

}  // namespace superion
