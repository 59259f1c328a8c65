#pragma once
// How fast Eigen multiplies matrices: the floor under similarities of many models.

namespace hypercast::bench {

// Floating-point operations a second of this rank in about `seconds` of products of [rows][width] with
// [width][rows] in double precision. Not collective.
double product_rate(int rows, int width, double seconds);

}  // namespace hypercast::bench
