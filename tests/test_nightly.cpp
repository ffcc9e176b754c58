// Ten billion sessions: what smaller runs cannot see of engine `fast`. Takes about half a minute on
// two cores with AVX-512, and so is left out of ordinary runs of the tests.
#include <boost/math/distributions/binomial.hpp>

#include "experiment.h"
#include "fit.h"
#include "support.h"

extern "C" {
#include "cpu.h"
}

#include <cmath>

namespace {

// P(highest of n sessions = v) for v = 0 ... rolls.
std::vector<double> LawOfTheMaximum(uint32_t rolls, double chance, uint64_t n)
{
    const boost::math::binomial_distribution<double> law(rolls, chance);
    std::vector<double> chances;
    double below = 0; // P(max < v)
    for (uint32_t v = 0; v <= rolls; v++) {
        // F(v)^n, of a chance 1 - F(v) that may be tiny.
        const double above = v < rolls ? cdf(complement(law, v)) : 0;
        const double at_most =
            above < 1 ? std::exp(static_cast<double>(n) * std::log1p(-above)) : 0;
        chances.push_back(at_most - below);
        below = at_most;
    }
    return chances;
}

// One call for a whole window, all of it one score: more than a 32-bit counter holds.
TEST(NightlyWindow, OfOneScoreIsCounted)
{
    const support::Experiment experiment = support::MakeExperiment(1, "1");
    const grav_plan plan = grav_plan_make(experiment.get(), GRAV_ENGINE_PHILOX, 1, 1);
    for (size_t i = 0; grav_variant_at(i); i++) {
        if (!grav_variant_at(i)->runs_here())
            continue;
        std::vector<uint64_t> counts(2);
        grav_part part = {0, GRAV_NO_SESSION, counts.data(), 0};
        grav_variant_at(i)->play(&plan, 0, uint64_t{1} << 32, &part);
        EXPECT_EQ(counts[0], 0u) << grav_variant_at(i)->name;
        EXPECT_EQ(counts[1], uint64_t{1} << 32) << grav_variant_at(i)->name;
    }
}

TEST(NightlyFast, TenBillionSessionsAndTheirMaximaFollowTheLaw)
{
    const uint32_t rolls = 231;
    const double chance = 0.25;
    const uint64_t blocks = 1000, sessions = 10000000;
    const support::Experiment experiment = support::MakeExperiment(rolls, "1/4");
    const support::Backend best = {"best", GRAV_BACKEND_AUTO, GRAV_ISA_AUTO};
    std::vector<uint64_t> scores(rolls + 1), maxima(rolls + 1);
    for (uint64_t block = 0; block < blocks; block++) {
        grav_run_spec spec = support::Spec(best, 60, block * sessions, sessions);
        spec.engine = GRAV_ENGINE_FAST;
        const support::Result result = support::Run(experiment, spec);
        maxima[support::Summary(result).max_score]++;
        const std::vector<uint64_t> histogram = support::Histogram(result);
        for (size_t score = 0; score <= rolls; score++)
            scores[score] += histogram[score];
    }

    auto check = [](const std::string &name, const std::vector<uint64_t> &counts,
                    const std::vector<double> &expected) {
        SCOPED_TRACE(name);
        const fit::ChiSquare test = fit::TestCells(counts, expected, fit::PooledCells(expected));
        std::cout << name << ": chi-square " << test.value << " on " << test.dof
                  << " degrees of freedom, p = " << test.p << "\n";
        EXPECT_GE(test.dof, 5u);
        fit::ExpectLucky(test.p);
    };
    check("scores", scores, fit::Expected(rolls, chance, blocks * sessions));
    std::vector<double> expected = LawOfTheMaximum(rolls, chance, sessions);
    for (double &due : expected)
        due *= static_cast<double>(blocks);
    check("maxima", maxima, expected);
}

} // namespace
