#pragma once

namespace superion::report {

// The style sheet of the page: light, printable, no fonts or images from elsewhere.
extern const char kStyle[];

}  // namespace superion::report
