// Fit of counts to a law: what the tests of distributions share.
#ifndef GRAV_TESTS_FIT_H
#define GRAV_TESTS_FIT_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fit {

// Below this and above 1 minus this a p-value is no longer luck. Seeds are fixed: a test that
// passes once passes always.
constexpr double kUnlucky = 1e-4;

void ExpectLucky(double p);

// Expected sessions by score.
std::vector<double> Expected(uint32_t rolls, double chance, uint64_t sessions);

struct ChiSquare {
    double value;
    size_t dof;
    double p;
};

// Pearson's chi-square over cells of neighbouring scores; firsts[i] is the lowest score of cell i.
ChiSquare TestCells(const std::vector<uint64_t> &histogram, const std::vector<double> &expected,
                    const std::vector<size_t> &firsts);

// Cells by the rule of grav_result_chi2(): neighbours are pooled until a cell expects 5 sessions,
// and what is left over at the top belongs to the last cell.
std::vector<size_t> PooledCells(const std::vector<double> &expected);

} // namespace fit

#endif
