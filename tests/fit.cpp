#include "fit.h"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>

#include <gtest/gtest.h>

namespace fit {

void ExpectLucky(double p)
{
    EXPECT_GT(p, kUnlucky);
    EXPECT_LT(p, 1 - kUnlucky);
}

std::vector<double> Expected(uint32_t rolls, double chance, uint64_t sessions)
{
    const boost::math::binomial_distribution<double> law(rolls, chance);
    std::vector<double> expected;
    for (uint32_t score = 0; score <= rolls; score++)
        expected.push_back(static_cast<double>(sessions) * pdf(law, score));
    return expected;
}

ChiSquare TestCells(const std::vector<uint64_t> &histogram, const std::vector<double> &expected,
                    const std::vector<size_t> &firsts)
{
    double value = 0;
    for (size_t cell = 0; cell < firsts.size(); cell++) {
        size_t end = cell + 1 < firsts.size() ? firsts[cell + 1] : histogram.size();
        double seen = 0, due = 0;
        for (size_t score = firsts[cell]; score < end; score++) {
            seen += static_cast<double>(histogram[score]);
            due += expected[score];
        }
        EXPECT_GE(due, 5) << "the cell from score " << firsts[cell] << " expects too little";
        value += (seen - due) * (seen - due) / due;
    }
    const size_t dof = firsts.size() - 1;
    const boost::math::chi_squared_distribution<double> law(static_cast<double>(dof));
    return {value, dof, cdf(complement(law, value))};
}

std::vector<size_t> PooledCells(const std::vector<double> &expected)
{
    std::vector<size_t> firsts = {0};
    double due = 0;
    for (size_t score = 0; score < expected.size(); score++) {
        due += expected[score];
        if (due >= 5) {
            firsts.push_back(score + 1);
            due = 0;
        }
    }
    firsts.pop_back();
    return firsts;
}

} // namespace fit
