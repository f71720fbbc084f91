// The part of `superion analyze` that asks for runs in electric fields or for the divergence of twin runs.
#pragma once

#include <string>

#include "cli/verb.h"
#include "core/json.h"

namespace superion {

struct DrivenRequest {
  bool nemd = false, divergence = false;

  bool wanted() const { return nemd || divergence; }
  const char* kind() const { return nemd ? "nemd" : "divergence"; }  // of the task and of its document
};

void AddDrivenOptions(CLI::App* verb, DrivenRequest* request);

void DescribeDriven(const DrivenRequest& request, const Json& document);

}  // namespace superion
