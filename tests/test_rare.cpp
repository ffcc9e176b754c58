// Estimates of rare events against exact chances that are added up here, and the tilt's algebra in
// exact fractions.
#include <boost/math/distributions/binomial.hpp>
#include <boost/multiprecision/gmp.hpp>

#include "fit.h"
#include "playing.h"

#include <cmath>
#include <map>
#include <numeric>

namespace {

using boost::multiprecision::mpq_rational;
using support::Backend;
using support::Experiment;
using support::Result;
using Tilt = std::unique_ptr<grav_tilt, support::Destroyer<grav_tilt_destroy>>;

struct Face {
    uint32_t value;
    mpq_rational chance;
};

Experiment MakeDie(uint32_t rolls, const std::string &die)
{
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.rolls = rolls;
    spec.die = die.c_str();
    spec.has_target = false;
    grav_experiment *experiment = nullptr;
    grav_error err;
    if (grav_experiment_create(&spec, &experiment, &err) != GRAV_OK)
        throw std::runtime_error(die + ": " + err.message);
    return Experiment(experiment);
}

Tilt MakeTilt(const Experiment &experiment, uint64_t at_least)
{
    grav_tilt *tilt = nullptr;
    grav_error err;
    if (grav_tilt_create(experiment.get(), at_least, &tilt, &err) != GRAV_OK)
        throw std::runtime_error(err.message);
    return Tilt(tilt);
}

std::vector<Face> Faces(const grav_experiment *experiment)
{
    std::vector<Face> faces;
    uint32_t value;
    const char *chance;
    for (size_t i = 0; grav_experiment_face(experiment, i, &value, &chance); i++)
        faces.push_back({value, mpq_rational(chance)});
    return faces;
}

grav_rare Estimate(const Tilt &tilt, const grav_run_spec &spec)
{
    grav_result *result = nullptr;
    grav_error err;
    if (grav_run(grav_tilt_experiment(tilt.get()), &spec, &result, &err) != GRAV_OK)
        throw std::runtime_error(err.message);
    Result owner(result);
    grav_rare rare;
    if (grav_tilt_estimate(tilt.get(), result, &rare, &err) != GRAV_OK)
        throw std::runtime_error(err.message);
    return rare;
}

// The distribution of the score, one roll after the other.
template <class Number>
std::map<uint64_t, Number> Distribution(const std::vector<Face> &faces, uint32_t rolls)
{
    std::map<uint64_t, Number> law{{0, Number(1)}};
    std::vector<std::pair<uint32_t, Number>> steps;
    for (const Face &face : faces)
        if (face.chance != 0)
            steps.push_back({face.value, static_cast<Number>(face.chance)});
    for (uint32_t i = 0; i < rolls; i++) {
        std::map<uint64_t, Number> next;
        for (const auto &[score, p] : law)
            for (const auto &[value, chance] : steps)
                next[score + value] += p * chance;
        law = next;
    }
    return law;
}

template <class Number> Number AtLeast(const std::map<uint64_t, Number> &law, uint64_t score)
{
    Number sum = 0;
    for (auto i = law.lower_bound(score); i != law.end(); ++i)
        sum += i->second;
    return sum;
}

// ---- Algebra ------------------------------------------------------------------------------------

mpq_rational Power(const mpq_rational &base, uint64_t exponent)
{
    mpq_rational out = 1;
    for (uint64_t i = 0; i < exponent; i++)
        out *= base;
    return out;
}

// The tilt as the header defines it, from lambda alone.
struct Definition {
    uint32_t value_min, step;
    mpq_rational lambda, mass;

    Definition(const std::vector<Face> &faces, const char *lambda_text)
        : value_min(UINT32_MAX), step(0), lambda(lambda_text), mass(0)
    {
        for (const Face &face : faces)
            if (face.chance > 0)
                value_min = std::min(value_min, face.value);
        for (const Face &face : faces)
            if (face.chance > 0)
                step = std::gcd(step, face.value - value_min);
        step = step ? step : 1;
        for (const Face &face : faces)
            if (face.chance > 0)
                mass += Weight(face);
    }
    mpq_rational Weight(const Face &face) const
    {
        return face.chance == 0 ? mpq_rational(0)
                                : face.chance * Power(lambda, (face.value - value_min) / step);
    }
    mpq_rational Ratio(uint64_t score, uint32_t rolls) const
    {
        return Power(mass, rolls) /
               Power(lambda, (score - static_cast<uint64_t>(rolls) * value_min) / step);
    }
};

std::string AnyDie(playing::Random *random)
{
    std::string die;
    uint64_t faces = 2 + playing::Below(*random, 4), scale = 1 + playing::Below(*random, 4);
    for (uint64_t i = 0; i < faces; i++)
        die += (i ? "," : "") + std::to_string(scale * playing::Below(*random, 9)) + "x" +
               std::to_string(playing::Below(*random, i ? 6 : 5) + (i ? 0 : 1)) + "/" +
               std::to_string(1 + playing::Below(*random, 9));
    return die;
}

TEST(Tilt, RatiosAreExactWhateverTheDie)
{
    playing::Random random(20260101);
    int tilted = 0;
    for (int i = 0; i < 200; i++) {
        std::string die = AnyDie(&random);
        uint32_t rolls = static_cast<uint32_t>(1 + playing::Below(random, 5));
        Experiment experiment = MakeDie(rolls, die);
        auto faces = Faces(experiment.get());
        auto law = Distribution<mpq_rational>(faces, rolls);
        uint64_t at_least = playing::Below(random, law.rbegin()->first + 1);
        SCOPED_TRACE(die + ", rolls " + std::to_string(rolls) + ", at least " +
                     std::to_string(at_least));

        Tilt tilt = MakeTilt(experiment, at_least);
        Definition definition(faces, grav_tilt_lambda(tilt.get()));
        tilted += definition.lambda > 1;
        EXPECT_GE(definition.lambda, 1);
        EXPECT_EQ(grav_tilt_step(tilt.get()), definition.step);
        auto tilted_faces = Faces(grav_tilt_experiment(tilt.get()));
        ASSERT_EQ(tilted_faces.size(), faces.size());
        for (size_t f = 0; f < faces.size(); f++) {
            EXPECT_EQ(tilted_faces[f].value, faces[f].value);
            EXPECT_EQ(tilted_faces[f].chance, definition.Weight(faces[f]) / definition.mass);
        }

        mpq_rational all = 0, hits = 0, mean = 0;
        for (const auto &[score, p] : Distribution<mpq_rational>(tilted_faces, rolls)) {
            mpq_rational ratio = definition.Ratio(score, rolls);
            EXPECT_EQ(p * ratio, law.at(score)) << score;
            all += p * ratio;
            hits += score >= at_least ? mpq_rational(p * ratio) : mpq_rational(0);
            mean += p * score;
            grav_decimal found = grav_tilt_ratio(tilt.get(), score);
            EXPECT_NEAR(found.value / static_cast<double>(ratio), 1, 1e-14) << score;
        }
        EXPECT_EQ(all, 1);
        EXPECT_EQ(hits, AtLeast(law, at_least));
        EXPECT_NEAR(grav_tilt_mean(tilt.get()), static_cast<double>(mean), 1e-9);
    }
    EXPECT_GT(tilted, 50);
}

TEST(Tilt, BringsTheMeanNearTheScore)
{
    struct {
        uint32_t rolls;
        std::string die;
        uint64_t at_least;
        double off; // at most: a third of the tilted standard deviation, worked out apart
    } const cases[] = {
        {231, "1x1,0x3", 177, 2.2},
        {231, "1x1,0x3", 100, 2.6},
        {1000, "0..10", 7000, 32},
        {10, "1..6", 50, 1.5},
        {100, "0..255", 20000, 170},
        {1048575, "1,0", 600000, 169},
        {1, "0,3,1000000x1e-15", 1000000, 750000}, // half a step below, give or take a quarter
    };
    for (const auto &c : cases) {
        Tilt tilt = MakeTilt(MakeDie(c.rolls, c.die), c.at_least);
        EXPECT_NEAR(grav_tilt_mean(tilt.get()), static_cast<double>(c.at_least), c.off) << c.die;
    }
}

TEST(Tilt, TheHighestScoreStaysWithinReach)
{
    for (uint32_t rolls : {1u, 10u, 231u, 100000u}) {
        Tilt tilt = MakeTilt(support::MakeExperiment(rolls, "1/4"), rolls);
        double misses = rolls - grav_tilt_mean(tilt.get());
        EXPECT_GT(misses, 0.2) << rolls;
        EXPECT_LT(misses, 0.8) << rolls;
    }
}

// Of 11 faces the lowest are less than 2^-64 likely under this tilt.
TEST(Tilt, FacesThatCannotBePlayedAreLeftOut)
{
    const uint32_t rolls = 2000;
    Experiment experiment = MakeDie(rolls, "0..10");
    Tilt tilt = MakeTilt(experiment, 20000);
    auto faces = Faces(experiment.get());
    auto tilted = Faces(grav_tilt_experiment(tilt.get()));
    EXPECT_EQ(tilted.front().chance, 0);
    EXPECT_GT(tilted.back().chance, mpq_rational(9, 10));

    // T is that of the faces left: the highest score's chances tell.
    auto log10 = [](const grav_decimal &x) {
        return std::log10(x.mantissa) + static_cast<double>(x.exponent);
    };
    double ratio =
        rolls *
        std::log10(static_cast<double>(mpq_rational(faces.back().chance / tilted.back().chance)));
    EXPECT_NEAR(log10(grav_tilt_ratio(tilt.get(), 20000)), ratio, 1e-9);
    grav_rare rare = Estimate(tilt, support::Spec(playing::Portable(), 42, 0, 4000));
    EXPECT_NEAR(log10(rare.estimate), -2000 * std::log10(11.0),
                4 * rare.relative_error / std::log(10));
}

// lambda^steps would have millions of bits.
TEST(Tilt, WeightsAreRoundedWhereTheyAreLong)
{
    for (const char *die : {"0,1,1000000x1/7", "0..9,999999x1e-6"}) {
        Experiment experiment = MakeDie(1, die);
        Tilt tilt = MakeTilt(experiment, 900000);
        auto tilted = Faces(grav_tilt_experiment(tilt.get()));
        double p = static_cast<double>(Faces(experiment.get()).back().chance);
        double t = static_cast<double>(tilted.back().chance);
        EXPECT_GT(t, 0.2) << die;
        EXPECT_LT(t, 0.8) << die;
        uint64_t score = tilted.back().value;
        EXPECT_NEAR(grav_tilt_ratio(tilt.get(), score).value * t / p, 1, 1e-12) << die;
    }
}

TEST(Tilt, ScoresThatCannotBeHaveNoRatio)
{
    Tilt tilt = MakeTilt(MakeDie(3, "2,4x1/9,10x1/100"), 26);
    for (uint64_t score : {0, 5, 7, 9, 31, 32})
        EXPECT_EQ(grav_tilt_ratio(tilt.get(), score).mantissa, 0) << score;
    for (uint64_t score : {6, 8, 30})
        EXPECT_GT(grav_tilt_ratio(tilt.get(), score).mantissa, 0) << score;
}

void ExpectRefused(const Experiment &experiment, uint64_t at_least, const std::string &why)
{
    grav_tilt *tilt = nullptr;
    grav_error err;
    EXPECT_EQ(grav_tilt_create(experiment.get(), at_least, &tilt, &err), GRAV_ERROR_INVALID);
    EXPECT_NE(std::string(err.message).find(why), std::string::npos) << err.message;
    EXPECT_EQ(grav_tilt_create(experiment.get(), at_least, &tilt, nullptr), GRAV_ERROR_INVALID);
    EXPECT_EQ(tilt, nullptr);
}

TEST(Tilt, RefusesWhatItCannotDo)
{
    ExpectRefused(support::MakeExperiment(231, "1/4"), 232, "highest score is 231");
    ExpectRefused(MakeDie(10, "1..6,7x0"), 61, "highest score is 60");
    ExpectRefused(support::MakeExperiment(231, "0"), 1, "highest score is 0");
    ExpectRefused(MakeDie(1 << 20, "0,1"), 1000000, "at most 1048576 scores");
    ExpectRefused(MakeDie(1, "0,2x1e-400,1x1e-400"), 1, "2^512");
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.statistic = GRAV_STATISTIC_STREAK;
    grav_experiment *streak = nullptr;
    ASSERT_EQ(grav_experiment_create(&spec, &streak, nullptr), GRAV_OK);
    ExpectRefused(Experiment(streak), 177, "odds");
}

// ---- Estimates ----------------------------------------------------------------------------------

TEST(Rare, BelowTheMeanIsPlainSimulation)
{
    const uint64_t sessions = 5000;
    auto spec = support::Spec(playing::Portable(), 42, 0, sessions);
    Experiment experiment = support::MakeExperiment(231, "1/4");
    for (uint64_t at_least : {0, 30, 50, 57}) {
        Tilt tilt = MakeTilt(experiment, at_least);
        EXPECT_STREQ(grav_tilt_lambda(tilt.get()), "1");
        grav_rare rare = Estimate(tilt, spec);
        auto plain =
            support::Summary(support::Run(support::MakeExperiment(231, "1/4", at_least), spec));
        double p = static_cast<double>(plain.hits) / sessions;
        EXPECT_EQ(rare.sessions, sessions);
        EXPECT_EQ(rare.hits, plain.hits);
        EXPECT_EQ(rare.estimate.value, p);
        EXPECT_NEAR(rare.error.value, std::sqrt(p * (1 - p) / sessions), 1e-15);
    }
}

TEST(Rare, WithoutAHitThereIsNoEstimate)
{
    Tilt tilt = MakeTilt(support::MakeExperiment(231, "1/4"), 177);
    auto spec = support::Spec(playing::Portable(), 42, 0, 1);
    while (Estimate(tilt, spec).hits)
        spec.first++;
    grav_rare rare = Estimate(tilt, spec);
    EXPECT_EQ(rare.sessions, 1u);
    EXPECT_EQ(rare.estimate.mantissa, 0);
    EXPECT_EQ(rare.error.mantissa, 0);
    EXPECT_EQ(rare.relative_error, 0);
}

TEST(Rare, WeighsItsOwnResultsOnly)
{
    Experiment experiment = support::MakeExperiment(231, "1/4", 177);
    Tilt tilt = MakeTilt(experiment, 177);
    auto spec = support::Spec(playing::Portable(), 42, 0, 10);
    grav_rare rare;
    grav_error err;
    EXPECT_EQ(grav_tilt_estimate(tilt.get(), support::Run(experiment, spec).get(), &rare, &err),
              GRAV_ERROR_INVALID);
    spec.keep = GRAV_KEEP_MAX;
    grav_result *result = nullptr;
    ASSERT_EQ(grav_run(grav_tilt_experiment(tilt.get()), &spec, &result, &err), GRAV_OK);
    Result owner(result);
    EXPECT_EQ(grav_tilt_estimate(tilt.get(), result, &rare, &err), GRAV_ERROR_INVALID);
}

// An experiment with scores to ask about.
struct Question {
    uint32_t rolls;
    std::string die;
    std::vector<uint64_t> at_least;
};

const Question kQuestions[] = {
    {231, "1x1,0x3", {60, 70, 80, 100, 120, 150, 177, 200, 220, 230, 231}},
    {100, "1,0", {60, 75, 90, 100}},
    {50, "1x1/1000,0x999/1000", {2, 4, 10}},
    {10, "1..6", {45, 52, 58, 60}},
    {30, "0..10", {200, 250, 290, 300}},
    {20, "1x5,2x3,3x1,10x1/100", {50, 80, 120, 199}},
    {12, "0,5,10x1/7", {61, 85, 111}}, // not all multiples of 5
    {25, "3x0,9,4x2,7x1/3", {150, 180, 225}},
};

size_t CountWithin(const std::vector<double> &errors, double limit)
{
    return static_cast<size_t>(std::count_if(errors.begin(), errors.end(),
                                             [&](double z) { return std::fabs(z) < limit; }));
}

// By 36 targets and several seeds.
TEST(Rare, ErrorsAreAsLargeAsTheyAreSaidToBe)
{
    const uint64_t sessions = 5000, seeds = 10;
    std::vector<double> errors; // in standard errors
    uint64_t seed = 1;
    for (const Question &question : kQuestions) {
        Experiment experiment = MakeDie(question.rolls, question.die);
        auto law = Distribution<double>(Faces(experiment.get()), question.rolls);
        for (uint64_t at_least : question.at_least) {
            Tilt tilt = MakeTilt(experiment, at_least);
            double exact = AtLeast(law, at_least);
            for (uint64_t i = 0; i < seeds; i++) {
                auto spec = support::Spec(playing::Portable(), seed++, 0, sessions);
                spec.isa = GRAV_ISA_AUTO;
                spec.threads = 1;
                grav_rare rare = Estimate(tilt, spec);
                EXPECT_GT(rare.hits, sessions / 10) << question.die << " " << at_least;
                EXPECT_LT(rare.relative_error, 0.1) << question.die << " " << at_least;
                EXPECT_NEAR(rare.relative_error, rare.error.value / rare.estimate.value, 1e-12);
                errors.push_back((rare.estimate.value - exact) / rare.error.value);
            }
        }
    }
    ASSERT_GE(errors.size(), 36 * seeds);
    for (auto [limit, share] : {std::pair{1., .682689}, {2., .954500}, {3., .997300}}) {
        boost::math::binomial_distribution<double> law(static_cast<double>(errors.size()), share);
        size_t within = CountWithin(errors, limit);
        SCOPED_TRACE(std::to_string(within) + " of " + std::to_string(errors.size()) + " within " +
                     std::to_string(limit));
        fit::ExpectLucky(cdf(law, static_cast<double>(within)));
        fit::ExpectLucky(cdf(complement(law, static_cast<double>(within) - 1)));
    }
    double sum = std::accumulate(errors.begin(), errors.end(), 0.);
    EXPECT_LT(std::fabs(sum / std::sqrt(static_cast<double>(errors.size()))), 4);
}

// However few sessions a run has: the mean of many is right.
TEST(Rare, EstimatesAreUnbiased)
{
    const size_t runs = 2000;
    for (auto [rolls, die, at_least] : {std::tuple{231u, "1x1,0x3", 177u}, {10u, "1..6", 58u}}) {
        Experiment experiment = MakeDie(rolls, die);
        Tilt tilt = MakeTilt(experiment, at_least);
        double exact = AtLeast(Distribution<double>(Faces(experiment.get()), rolls), at_least);
        double sum = 0, squares = 0;
        for (size_t i = 0; i < runs; i++) {
            auto spec = support::Spec(playing::Portable(), 7, 20 * i, 20);
            spec.threads = 1;
            double x = Estimate(tilt, spec).estimate.value / exact;
            sum += x;
            squares += x * x;
        }
        double mean = sum / runs, error = std::sqrt((squares / runs - mean * mean) / runs);
        EXPECT_LT(error, 0.05);
        EXPECT_NEAR(mean, 1, 4 * error) << die;
    }
}

TEST(SlowRare, TheFoundingChanceWithinAPercent)
{
    Tilt tilt = MakeTilt(support::MakeExperiment(231, "1/4"), 177);
    for (uint64_t seed : {1, 2, 42}) {
        auto spec = support::Spec(playing::Portable(), seed, 0, 10000000);
        spec.isa = GRAV_ISA_AUTO;
        grav_rare rare = Estimate(tilt, spec);
        EXPECT_NEAR(rare.estimate.value / 1.2036758201322641e-60, 1, 0.01) << seed;
        EXPECT_LT(rare.relative_error, 0.0025);
    }
}

class RareOn : public support::OnBackend {};

TEST_P(RareOn, TheEstimateIsTheSameEverywhere)
{
    for (const Question &question : kQuestions) {
        Tilt tilt = MakeTilt(MakeDie(question.rolls, question.die), question.at_least.back());
        grav_rare portable =
            Estimate(tilt, support::Spec(playing::Portable(), 42, 1000000000000, 3001));
        for (unsigned threads : playing::ThreadCounts(GetParam())) {
            auto spec = support::Spec(GetParam(), 42, 1000000000000, 3001);
            spec.threads = threads;
            grav_rare rare = Estimate(tilt, spec);
            EXPECT_EQ(rare.hits, portable.hits) << question.die;
            EXPECT_EQ(rare.sessions, portable.sessions);
            for (auto field : {&grav_rare::estimate, &grav_rare::error}) {
                EXPECT_EQ((rare.*field).mantissa, (portable.*field).mantissa) << question.die;
                EXPECT_EQ((rare.*field).exponent, (portable.*field).exponent) << question.die;
            }
        }
    }
}

GRAV_ON_EVERY_BACKEND(RareOn);

// A tilted die of a chance is a chance: method `scores` draws from its law.
TEST(Rare, MethodScoresDrawsFromTheTiltedLaw)
{
    Tilt tilt = MakeTilt(support::MakeExperiment(231, "1/4"), 177);
    auto spec = support::Spec(playing::Portable(), 42, 0, 100000);
    spec.method = GRAV_METHOD_SCORES;
    grav_rare rare = Estimate(tilt, spec);
    EXPECT_NEAR(rare.estimate.value / 1.2036758201322641e-60, 1, 4 * rare.relative_error);
    EXPECT_LT(rare.relative_error, 0.02);
}

} // namespace
