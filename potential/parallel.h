// Splits independent work over threads.
#pragma once

#include <functional>

namespace superion {

// Calls body(chunk) for every chunk in 0 .. chunks-1, each exactly once, on up to `threads` threads (the
// caller is one of them), and returns when all are done. Which thread takes which chunk is not fixed: bodies
// write to places of their own. Threads are kept between calls of the same calling thread.
void ParallelChunks(int chunks, int threads, const std::function<void(int chunk, int member)>& body);

}  // namespace superion
