// superion-dft: labels, first-principles MD and the check before a campaign.
#include "dft_adapter/dft_task.h"

int main(int argc, char** argv) {
  return superion::RunnerMain(argc, argv,
                              {{"preflight", superion::RunPreflight},
                               {"aimd", superion::RunAimdTask},
                               {"label", superion::RunLabelTask}});
}
