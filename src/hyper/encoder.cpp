#include "hyper/encoder.hpp"

namespace hypercast::hyper {

EncoderRegistry encoder_registry() {
  EncoderRegistry registry("condition encoder");
  register_encoders(registry);
  return registry;
}

}  // namespace hypercast::hyper
