// The law against Boost's binomial law, against enumeration and against published figures.
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/multiprecision/gmp.hpp>
#include <cmath>

#include "support.h"

namespace {

using boost::multiprecision::mpq_rational;

// P(score >= score) by adding exact fractions.
mpq_rational ExactAtLeast(unsigned rolls, const mpq_rational &chance, unsigned score)
{
    mpq_rational sum = 0, term = 1; // term: chance^rolls, the probability of the highest score
    for (unsigned i = 0; i < rolls; i++)
        term *= chance;
    for (unsigned k = rolls; k >= score; k--) {
        sum += term;
        if (k == 0)
            break;
        term *= mpq_rational(k) * (1 - chance) / (mpq_rational(rolls - k + 1) * chance);
    }
    return sum;
}

TEST(Law, FoundingFiguresAreThePublishedOnes)
{
    auto law = support::MakeLaw(support::MakeExperiment(231, "1/4"));
    EXPECT_EQ(grav_law_mean(law.get()), 57.75);
    EXPECT_EQ(grav_law_sd(law.get()), std::sqrt(43.3125));
    EXPECT_EQ(grav_law_at_least(law.get(), 177).value, 1.2036758201322641e-60);
    // 177 in a row is another event: 4^-177.
    EXPECT_NE(grav_law_at_least(law.get(), 177).exponent, -107);
}

TEST(Law, HighestOfABillionIsAsPublished)
{
    auto law = support::MakeLaw(support::MakeExperiment(231, "1/4"));
    const std::pair<uint64_t, double> published[] = {{98, .9960},  {99, .9124},  {100, .6527},
                                                     {101, .3633}, {102, .1726}, {103, .0752},
                                                     {104, .0312}};
    for (auto [score, p] : published)
        EXPECT_NEAR(grav_law_max_at_least(law.get(), score, 1000000000), p, 0.00005) << score;
    EXPECT_EQ(grav_law_max_at_least(law.get(), 0, 1), 1);
    EXPECT_EQ(grav_law_max_at_least(law.get(), 232, 1000), 0);
    EXPECT_NEAR(grav_law_max_at_least(law.get(), 177, 1000000000) / 1.2036758201322641e-51, 1,
                1e-12);
}

struct Binomial {
    unsigned rolls;
    const char *chance;
    mpq_rational exact;
};

class LawOf : public testing::TestWithParam<Binomial> {};

TEST_P(LawOf, TailsEqualExactFractions)
{
    const Binomial &binomial = GetParam();
    auto law = support::MakeLaw(support::MakeExperiment(binomial.rolls, binomial.chance));
    for (unsigned score = 0; score <= binomial.rolls; score += 1 + binomial.rolls / 40) {
        double exact = ExactAtLeast(binomial.rolls, binomial.exact, score).convert_to<double>();
        grav_decimal p = grav_law_at_least(law.get(), score);
        if (exact >= 1e-290) {
            EXPECT_NEAR(p.value / exact, 1, 3e-16) << score;
        }
        if (p.value > 0) {
            double again = p.mantissa * std::pow(10, static_cast<double>(p.exponent));
            EXPECT_NEAR(again / p.value, 1, 1e-12) << score;
        }
    }
    EXPECT_EQ(grav_law_at_least(law.get(), binomial.rolls + 1).value, 0);
}

TEST_P(LawOf, EqualIsBoostsDensity)
{
    const Binomial &binomial = GetParam();
    auto law = support::MakeLaw(support::MakeExperiment(binomial.rolls, binomial.chance));
    boost::math::binomial_distribution<double> boost(binomial.rolls,
                                                     binomial.exact.convert_to<double>());
    double sum = 0;
    for (unsigned score = 0; score <= binomial.rolls; score++) {
        double p = grav_law_equal(law.get(), score), expected = pdf(boost, score);
        sum += p;
        if (expected > 1e-290) {
            EXPECT_NEAR(p / expected, 1, 1e-9) << score;
        }
    }
    EXPECT_NEAR(sum, 1, 1e-13);
    EXPECT_EQ(grav_law_equal(law.get(), binomial.rolls + 1), 0);
    EXPECT_NEAR(grav_law_mean(law.get()), mean(boost), 1e-12 * mean(boost));
    EXPECT_NEAR(grav_law_sd(law.get()), standard_deviation(boost),
                1e-12 * standard_deviation(boost));
}

INSTANTIATE_TEST_SUITE_P(Many, LawOf,
                         testing::Values(Binomial{1, "1/2", mpq_rational(1, 2)},
                                         Binomial{2, "1/3", mpq_rational(1, 3)},
                                         Binomial{231, "1/4", mpq_rational(1, 4)},
                                         Binomial{231, "99.5%", mpq_rational(199, 200)},
                                         Binomial{400, "1e-6", mpq_rational(1, 1000000)},
                                         Binomial{305, "0.5", mpq_rational(1, 2)},
                                         Binomial{700, "2/3", mpq_rational(2, 3)}));

TEST(Law, GoesFarBelowDouble)
{
    auto law = support::MakeLaw(support::MakeExperiment(1000, "1e-6"));
    grav_decimal p = grav_law_at_least(law.get(), 1000); // 10^-6000
    EXPECT_EQ(p.value, 0);
    EXPECT_EQ(p.mantissa, 1);
    EXPECT_EQ(p.exponent, -6000);
}

TEST(Law, OfACertainChance)
{
    for (auto [chance, only] : {std::pair{"0", 0u}, {"1", 50u}}) {
        auto law = support::MakeLaw(support::MakeExperiment(50, chance));
        for (unsigned score = 0; score <= 51; score++) {
            EXPECT_EQ(grav_law_equal(law.get(), score), score == only);
            EXPECT_EQ(grav_law_at_least(law.get(), score).value, score <= only);
        }
        EXPECT_EQ(grav_law_sd(law.get()), 0);
        EXPECT_EQ(grav_law_max_at_least(law.get(), only, 3), 1);
    }
}

TEST(Law, OfAsManyRollsAsAllowed)
{
    auto law = support::MakeLaw(support::MakeExperiment(GRAV_LAW_ROLLS_MAX, "1/4"));
    boost::math::binomial_distribution<double> boost(GRAV_LAW_ROLLS_MAX, 0.25);
    for (double at : {262144., 262000., 264000., 270000.}) {
        double p = grav_law_at_least(law.get(), static_cast<uint64_t>(at)).value;
        EXPECT_NEAR(p / cdf(complement(boost, at - 1)), 1, 1e-6) << at;
    }
    grav_law *none = nullptr;
    grav_error err;
    auto experiment = support::MakeExperiment(GRAV_LAW_ROLLS_MAX + 1, "1/4");
    EXPECT_EQ(grav_law_create(experiment.get(), &none, &err), GRAV_ERROR_INVALID);
    EXPECT_NE(std::string(err.message).find("1048576"), std::string::npos) << err.message;
}

// What the library calls chi-square, with Boost's p.
TEST(Law, ChiSquareFollowsItsOwnLaw)
{
    auto experiment = support::MakeExperiment(40, "1/4");
    auto law = support::MakeLaw(experiment);
    unsigned above_half = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        auto spec = support::Spec({"portable", GRAV_BACKEND_CPU, GRAV_ISA_PORTABLE}, seed, 0, 2000);
        auto result = support::Run(experiment, spec);
        grav_chi2 chi2;
        ASSERT_TRUE(grav_result_chi2(result.get(), law.get(), &chi2));
        boost::math::chi_squared_distribution<double> boost(static_cast<double>(chi2.dof));
        EXPECT_NEAR(chi2.p / cdf(complement(boost, chi2.value)), 1, 1e-10);
        above_half += chi2.p > 0.5;
    }
    EXPECT_NEAR(above_half, 100, 35); // five standard deviations of 200 fair coins
}

TEST(Law, ChiSquareSeesAWrongChance)
{
    auto experiment = support::MakeExperiment(231, "1/4");
    auto wrong = support::MakeLaw(support::MakeExperiment(231, "0.251"));
    auto spec = support::Spec({"portable", GRAV_BACKEND_CPU, GRAV_ISA_PORTABLE}, 1, 0, 1000000);
    grav_chi2 chi2;
    ASSERT_TRUE(grav_result_chi2(support::Run(experiment, spec).get(), wrong.get(), &chi2));
    EXPECT_LT(chi2.p, 1e-3);
}

} // namespace
