#pragma once
// Numbers too small for a full mantissa (below 1e-38 in float) take a processor up to a hundred times longer,
// and Adam's moments of parameters at rest sink through them. While such an object lives, this thread rounds
// them to zero, wherever they come up (flush to zero, denormals are zero).

namespace hypercast {

class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();  // back to what was
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  unsigned long long before_ = 0;
};

}  // namespace hypercast
