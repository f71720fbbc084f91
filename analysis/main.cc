// superion-analyze: the runner of the kinds `analyze`, `nemd`, `divergence`, `arrhenius`,
// `finite_size`, `error_budget` and `structure`.
#include "analysis/analyze.h"

int main(int argc, char** argv) {
  return superion::RunnerMain(argc, argv,
                              {{"analyze", superion::analysis::RunAnalyze},
                               {"nemd", superion::analysis::RunNemd},
                               {"divergence", superion::analysis::RunDivergence},
                               {"arrhenius", superion::analysis::RunArrhenius},
                               {"finite_size", superion::analysis::RunFiniteSize},
                               {"error_budget", superion::analysis::RunErrorBudget},
                               {"structure", superion::analysis::RunStructure}});
}
