// The report of a campaign as one self-contained HTML page: inline style and SVG, no script, nothing fetched.
#pragma once

#include <string>

#include "core/json.h"

namespace superion {

// `report` is the document of docs/report.md. Total: a part that is missing or of another type is said on the
// page, never an error and never an empty plot. Every text from the document is escaped.
std::string RenderReport(const Json& report);

}  // namespace superion
