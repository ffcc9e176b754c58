// The distribution of scores against the exact law, which Boost.Math works out here.
// Boost comes first: its own function support() must not be taken for our namespace.
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/poisson.hpp>

#include "fit.h"
#include "playing.h"

#include <cmath>
#include <cstdlib>
#include <unistd.h>

namespace {

using fit::ChiSquare;
using fit::Expected;
using fit::ExpectLucky;
using fit::kUnlucky;
using fit::PooledCells;
using fit::TestCells;
using playing::Engine;
using playing::kEngines;
using playing::kPhiloxEngines;
using support::Experiment;
using support::MakeExperiment;
using support::Result;
using support::Summary;

using Binomial = boost::math::binomial_distribution<double>;

// Mean and standard deviation within 5 standard errors of the law's.
void ExpectMoments(const grav_summary &summary, uint32_t rolls, double chance)
{
    const Binomial law(rolls, chance);
    const double n = static_cast<double>(summary.sessions), sd = standard_deviation(law);
    EXPECT_NEAR(summary.mean, mean(law), 5 * sd / std::sqrt(n));
    EXPECT_NEAR(summary.sd, sd, 5 * sd * std::sqrt((kurtosis(law) - 1) / (4 * n)));
}

// A method and the engine that feeds it.
struct Way {
    grav_method method;
    Engine engine;
};

std::ostream &operator<<(std::ostream &out, const Way &way)
{
    return out << grav_method_name(way.method) << ", " << way.engine;
}

std::vector<Way> Ways()
{
    std::vector<Way> ways;
    for (const Engine &engine : kEngines)
        ways.push_back({GRAV_METHOD_ROLLS, engine});
    for (const Engine &engine : kPhiloxEngines)
        ways.push_back({GRAV_METHOD_SCORES, engine});
    return ways;
}

Result Play(const support::Backend &backend, const Way &way, const Experiment &experiment,
            uint64_t seed, uint64_t sessions)
{
    grav_run_spec spec = support::Spec(backend, seed, 0, sessions);
    spec.engine = way.engine.id;
    spec.method = way.method;
    return support::Run(experiment, spec);
}

// ---- Small runs of many experiments -------------------------------------------------------------

class Distribution : public support::OnBackend {};
GRAV_ON_EVERY_BACKEND(Distribution);

TEST_P(Distribution, IsTheLaw)
{
    const struct {
        uint32_t rolls;
        const char *text;
        double chance;
    } experiments[] = {{231, "1/4", 0.25},    {231, "1/2", 0.5},     {231, "3/4", 0.75},
                       {231, "1/3", 1 / 3.0}, {231, "1e-3", 1e-3},   {1, "0.3", 0.3},
                       {2, "1/3", 1 / 3.0},   {10, "1/2", 0.5},      {64, "0.3", 0.3},
                       {100, "1/3", 1 / 3.0}, {257, "0.999", 0.999}, {1000, "0.3", 0.3}};
    const uint64_t sessions = 1000000;
    for (const Way &way : Ways())
        for (const auto &[rolls, text, chance] : experiments) {
            SCOPED_TRACE(testing::Message() << rolls << " rolls at " << text << ", " << way);
            Experiment experiment = MakeExperiment(rolls, text);
            Result result = Play(GetParam(), way, experiment, 20, sessions);
            std::vector<double> expected = Expected(rolls, chance, sessions);
            ChiSquare test = TestCells(support::Histogram(result), expected, PooledCells(expected));
            ExpectLucky(test.p);
            ExpectMoments(Summary(result), rolls, chance);

            grav_chi2 ours;
            ASSERT_TRUE(grav_result_chi2(result.get(), support::MakeLaw(experiment).get(), &ours));
            EXPECT_EQ(ours.dof, test.dof);
            EXPECT_NEAR(ours.value, test.value, 1e-7 * test.value);
            EXPECT_NEAR(ours.p, test.p, 1e-7 * test.p);
        }
}

TEST_P(Distribution, OfACertainScoreHasNoTest)
{
    for (const char *chance : {"0", "1"}) {
        Experiment experiment = MakeExperiment(10, chance);
        Result result = Play(GetParam(), Ways()[0], experiment, 20, 1000);
        grav_chi2 ours;
        EXPECT_FALSE(grav_result_chi2(result.get(), support::MakeLaw(experiment).get(), &ours));
    }
}

// A p-value that leaves the range of double is 0, and found at once.
TEST_P(Distribution, FarFromTheLawIsTold)
{
    Result result = Play(GetParam(), Ways()[0], MakeExperiment(231, "1/2"), 20, 1000000);
    auto find = [&result] {
        grav_chi2 chi2 = {0, 0, 1};
        alarm(20); // ends the child where no answer comes
        bool found = grav_result_chi2(result.get(),
                                      support::MakeLaw(MakeExperiment(231, "1/4")).get(), &chi2);
        std::_Exit(found && chi2.value > 1e5 && chi2.p == 0 ? 0 : 1);
    };
    EXPECT_EXIT(find(), testing::ExitedWithCode(0), "");
}

// ---- The founding job, into its tails -----------------------------------------------------------

class SlowDistribution : public support::OnBackend {};
GRAV_ON_EVERY_BACKEND(SlowDistribution);

// The chance of a Poisson law to be as far out, on either side, as the count.
double PoissonP(double due, uint64_t count)
{
    const boost::math::poisson_distribution<double> law(due);
    double below = cdf(law, static_cast<double>(count));
    double above = count ? cdf(complement(law, static_cast<double>(count - 1))) : 1;
    return 2 * std::min(below, above);
}

TEST_P(SlowDistribution, OfTheFoundingJobIsTheLaw)
{
    const uint32_t rolls = 231, low = 27, high = 92, far = 97;
    const double chance = 0.25;
    const uint64_t sessions = 100000000;
    std::vector<size_t> cells = {0};
    for (size_t score = low + 1; score <= high; score++)
        cells.push_back(score);
    const std::vector<double> expected = Expected(rolls, chance, sessions);
    for (const Way &way : Ways()) {
        SCOPED_TRACE(testing::Message() << way);
        Experiment experiment = MakeExperiment(rolls, "1/4", far);
        // By `scores` and 7 rounds seed 30 has 8 sessions of at least `far` where 1.2 are due. That
        // is luck: 2e10 sessions of seed 20261122 have 228 by philox7, 238 by philox, of 245.2 due.
        const uint64_t seed = way.method == GRAV_METHOD_ROLLS ? 30 : 31;
        Result result = Play(GetParam(), way, experiment, seed, sessions);
        ExpectLucky(TestCells(support::Histogram(result), expected, cells).p);
        ExpectLucky(TestCells(support::Histogram(result), expected, PooledCells(expected)).p);
        ExpectMoments(Summary(result), rolls, chance);

        // Scores that the shortcut of three blocks for every session would get wrong are up here.
        double due = static_cast<double>(sessions) *
                     cdf(complement(Binomial(rolls, chance), static_cast<double>(far - 1)));
        EXPECT_GT(PoissonP(due, Summary(result).hits), kUnlucky)
            << Summary(result).hits << " sessions of at least " << far << ", expected " << due;
    }
}

} // namespace
