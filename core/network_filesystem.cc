#include "core/network_filesystem.h"

#include <cstdint>
#include <map>

namespace superion {

std::string NetworkFilesystemName(long magic) {
  static const std::map<uint32_t, const char*> names = {
      {0x6969u, "NFS"},        {0x0BD00BD0u, "Lustre"}, {0x47504653u, "GPFS"},  {0x19830326u, "BeeGFS"},
      {0x00C36400u, "CephFS"}, {0x5346414Fu, "AFS"},    {0x6B414653u, "AFS"},   {0x517Bu, "SMB"},
      {0xFF534D42u, "SMB"},    {0xFE534D42u, "SMB"},    {0xAAD7AAEAu, "PanFS"}, {0x20030528u, "OrangeFS"},
      {0x7461636Fu, "OCFS2"},  {0x01161970u, "GFS2"}};
  const auto found = names.find(static_cast<uint32_t>(magic));
  return found == names.end() ? "" : found->second;
}

}  // namespace superion
