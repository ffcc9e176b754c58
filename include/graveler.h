/* graveler: plays billions of sessions of dice rolls, finds the luckiest one, keeps the whole
 * distribution and holds both against exact theory.
 *
 * score(seed, experiment, method, engine, session) is a pure function, and tallies of disjoint
 * ranges of sessions merge by addition and maximum. So results are bit-identical whoever played
 * which part in what order.
 *
 * The library never prints and never exits. Functions that can fail return a grav_status and, where
 * `err` is not NULL, say in it what went wrong; on failure their outputs are untouched. Each may
 * fail with GRAV_ERROR_MEMORY; what else can go wrong is said where they are declared. Pointers
 * must not be NULL but where that is said. Times are in seconds.
 *
 * Objects that a function hands out by `out` belong to the caller, who gives them to the matching
 * *_destroy (NULL is fine), and texts to free(). What a function is given it only looks at, during
 * the call, unless it says otherwise. All functions may be called from any thread. Objects are not
 * locked, but for pools and batches: share one between threads only to read it. */
#ifndef GRAVELER_H
#define GRAVELER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRAV_VERSION "0.1.0"

/* Limits of format version 1. */
#define GRAV_ROLLS_MAX (UINT32_C(1) << 24)     /* rolls per session */
#define GRAV_FACES_MAX 256                     /* faces of a die; at least 2 */
#define GRAV_VALUE_MAX INT32_MAX               /* value of a face */
#define GRAV_WEIGHT_DIGITS_MAX 499             /* of the sum of a die's smallest whole weights */
#define GRAV_SCORE_MAX UINT32_MAX              /* highest score an experiment may have */
#define GRAV_SESSIONS_END (UINT64_C(1) << 63)  /* first + sessions at most */
#define GRAV_GEN3_SESSIONS (UINT64_C(1) << 32) /* the same for engine gen3: one a state */
#define GRAV_THREADS_MAX 4096
#define GRAV_HISTOGRAM_MAX (UINT32_C(1) << 20) /* scores a histogram may tell apart */

/* Limits of the exact law, and so of method `scores` and its tables. The possible scores of a sum
 * are equally far apart: a die of values 0 and 5 has rolls + 1 of them. */
#define GRAV_LAW_SCORES_MAX ((UINT32_C(1) << 20) + 1) /* possible scores */
#define GRAV_LAW_ROLLS_MAX (UINT32_C(1) << 20) /* of a die with two values, such as a chance's */
/* Steps to work out any other law, about an addition of a 64-bit product each: see
 * grav_law_create(). */
#define GRAV_LAW_STEPS_MAX (UINT64_C(1) << 29)

#ifdef __cplusplus
extern "C" {
#endif
/* The shared library exports what follows, and nothing else. */
#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif

/* ---- Errors ---------------------------------------------------------------------------------- */

typedef enum grav_status {
    GRAV_OK = 0,
    GRAV_ERROR_INVALID,  /* a value is refused; the message names it and what is allowed */
    GRAV_ERROR_MEMORY,   /* memory could not be had */
    GRAV_ERROR_FILE,     /* a file could not be written or read */
    GRAV_ERROR_DEVICE,   /* no usable device, or a device failed */
    GRAV_ERROR_MISMATCH, /* a check found that an answer is not what it should be */
} grav_status;

typedef struct grav_error {
    grav_status status;
    char message[512]; /* one line, no newline, no full stop */
} grav_error;

/* Replaces control characters of text, in place, by `?`: what a user typed may then stand in a
 * message of one line. */
void grav_make_printable(char *text);

/* ---- Names ----------------------------------------------------------------------------------- */

typedef enum grav_statistic {
    GRAV_STATISTIC_SUM,    /* the sum of the values rolled */
    GRAV_STATISTIC_STREAK, /* the longest run of rolls that score; a chance's die only */
} grav_statistic;
typedef enum grav_method {
    GRAV_METHOD_ROLLS,  /* every roll is rolled */
    GRAV_METHOD_SCORES, /* one draw a session from the exact law, within its limits */
} grav_method;
typedef enum grav_engine {
    GRAV_ENGINE_PHILOX,
    GRAV_ENGINE_PHILOX7,
    GRAV_ENGINE_FAST,
    GRAV_ENGINE_GEN3, /* a game's own; the session's index is the state it starts from */
} grav_engine;
typedef enum grav_keep { GRAV_KEEP_HISTOGRAM, GRAV_KEEP_MAX } grav_keep;
typedef enum grav_backend {
    GRAV_BACKEND_AUTO, /* all GPUs if there are any, else the CPU */
    GRAV_BACKEND_CPU,
    GRAV_BACKEND_CUDA,
    GRAV_BACKEND_ALL, /* all GPUs and the CPU */
} grav_backend;
typedef enum grav_isa {
    GRAV_ISA_AUTO, /* the best there is */
    GRAV_ISA_PORTABLE,
    GRAV_ISA_AVX2,
    GRAV_ISA_AVX512,
} grav_isa;

/* The name used on the command line and in files, which lives for ever, or NULL where value is not
 * of the enumeration: counting up from 0 to the first NULL lists all. */
const char *grav_statistic_name(int value);
const char *grav_method_name(int value);
const char *grav_engine_name(int value);
const char *grav_keep_name(int value);
const char *grav_backend_name(int value);
const char *grav_isa_name(int value);

/* ---- Engines --------------------------------------------------------------------------------- */

/* Whether sessions depend on the seed; else it is 0. */
bool grav_engine_has_seed(grav_engine engine);

/* One past the last session: GRAV_SESSIONS_END, or GRAV_GEN3_SESSIONS. */
uint64_t grav_engine_sessions_end(grav_engine engine);

/* ---- Numbers --------------------------------------------------------------------------------- */

/* Reads a whole number from min to max: `1000000000`, `1e9`, `2^30`, `1_000_000`, `0x2a`.
 * GRAV_ERROR_INVALID: it is none, or out of range. */
grav_status grav_parse_count(const char *text, uint64_t min, uint64_t max, uint64_t *out,
                             grav_error *err);

/* Reads a time of at least min seconds, at most a thousand years: `90` (seconds), `50ns`,
 * `2us`, `500ms`, `30s`, `10m`, `1.5h`, `2d`. GRAV_ERROR_INVALID: it is none, or out of range. */
grav_status grav_parse_duration(const char *text, double min, double *seconds, grav_error *err);

/* A number of any magnitude: probabilities of luck leave the range of double quickly. */
typedef struct grav_decimal {
    double value;    /* the nearest double; 0 or infinity where there is none */
    double mantissa; /* mantissa * 10^exponent, 1 <= mantissa < 10, or both 0 */
    int64_t exponent;
} grav_decimal;

/* x / divisor, divisor > 0 and finite; right to some 15 digits. */
grav_decimal grav_decimal_over(grav_decimal x, double divisor);

/* ---- Experiments ----------------------------------------------------------------------------- */

/* What a session is: so many rolls of a die, and what they score. */
typedef struct grav_experiment grav_experiment;

typedef struct grav_experiment_spec {
    uint32_t rolls; /* per session, 1 to GRAV_ROLLS_MAX */
    const char
        *chance; /* that a roll scores 1 instead of 0: "1/4", "0.25", "25%", "2.5e-1"; exact */
    /* NULL, or instead of the chance the faces of any die, with commas: VALUE, VALUExWEIGHT or
     * LOW..HIGH[xWEIGHT], as in "1,2,3,4,5,6", "0..10" or "1x1,0x3". Weights are chances before
     * they are divided by their sum: whole numbers, fractions or decimals, exact, 1 where none is
     * given. Faces keep their order, on which sessions depend. */
    const char *die;
    grav_statistic statistic;
    bool has_target;
    uint64_t target; /* the score asked about, at most GRAV_SCORE_MAX */
} grav_experiment_spec;

/* The founding job: 231 rolls at chance 1/4, target 177. */
void grav_experiment_spec_init(grav_experiment_spec *spec);

/* Refuses (GRAV_ERROR_INVALID) what is out of range or unreadable: chances outside [0, 1]; dice of
 * less than 2 or more than GRAV_FACES_MAX faces, with a value above GRAV_VALUE_MAX or a weight
 * below 0, or without a weight above 0; weights of more digits than GRAV_WEIGHT_DIGITS_MAX, for
 * what is written of a die is read again; a chance of a face among the rolls left by those before
 * it that is above 0 but below 2^-64; scores that could exceed GRAV_SCORE_MAX; statistic streak of
 * a die other than a chance's. The strings are copied. */
grav_status grav_experiment_create(const grav_experiment_spec *spec, grav_experiment **out,
                                   grav_error *err);
/* Frees it and its texts. Results and tasks of it keep their share. */
void grav_experiment_destroy(grav_experiment *experiment);

/* Rolls per session, and what is made of them. */
uint32_t grav_experiment_rolls(const grav_experiment *experiment);
grav_statistic grav_experiment_statistic(const grav_experiment *experiment);
/* The lowest and the highest score that any roll of all the faces could lead to. */
uint64_t grav_experiment_score_min(const grav_experiment *experiment);
uint64_t grav_experiment_score_max(const grav_experiment *experiment);
/* The chance in lowest terms, "1/4", of a die of faces 1 and 0 in this order; NULL of any other.
 * Like all texts below it lives as long as the experiment. */
const char *grav_experiment_chance(const grav_experiment *experiment);
/* The die as grav_experiment_spec has it, with the smallest whole weights: "1x1,0x3", "1..6". */
const char *grav_experiment_die(const grav_experiment *experiment);
/* The i-th face, from 0: its value and its chance in lowest terms. False: no such. */
bool grav_experiment_face(const grav_experiment *experiment, size_t i, uint32_t *value,
                          const char **chance);
/* Whether there is a target; if so *target is set (target may be NULL). */
bool grav_experiment_target(const grav_experiment *experiment, uint64_t *target);

/* ---- The law --------------------------------------------------------------------------------- */

/* The exact distribution of an experiment's score: the sum of any die, or the longest streak.
 * Chances are ratios of whole numbers, worked out exactly and rounded once, to 128 bits; but the
 * sums of a die with two values, where those numbers get long, with 192 bits (a binomial law's
 * terms follow each other without cancellation). So every figure below is right to the last digits
 * of a double, however small it is. */
typedef struct grav_law grav_law;

/* Refuses (GRAV_ERROR_INVALID), before any work, laws of more than GRAV_LAW_SCORES_MAX possible
 * scores; of more than GRAV_LAW_ROLLS_MAX rolls of a die with two values; and others that take more
 * than GRAV_LAW_STEPS_MAX steps. Let weights be the smallest whole ones, w the 64-bit words of the
 * longest of them, and L the words of their sum to the power of rolls. Then a streak takes
 *     rolls * L * (32 w + L / 2) steps, and a sum
 *     scores * (faces + 4) * w * (L + 8), with w + 2 for w where a weight has over 42 bits.
 * A step takes about 1 ns: 0.3 s for 10,000 dice of six faces. */
grav_status grav_law_create(const grav_experiment *experiment, grav_law **out, grav_error *err);
/* Frees it. A law does not need the experiment that it was made of. */
void grav_law_destroy(grav_law *law);

/* The possible scores: *first, *first + *step and so on up to *last (each may be NULL). Some of
 * them may have chance 0 all the same. */
void grav_law_scores(const grav_law *law, uint64_t *first, uint64_t *step, uint64_t *last);

/* The mean score, and its standard deviation. */
double grav_law_mean(const grav_law *law);
double grav_law_sd(const grav_law *law);
/* P(score = score); 0 for impossible scores. */
double grav_law_equal(const grav_law *law, uint64_t score);
/* The same, to any depth. */
grav_decimal grav_law_probability(const grav_law *law, uint64_t score);
/* P(score >= score), to any depth. */
grav_decimal grav_law_at_least(const grav_law *law, uint64_t score);
/* The lowest score that at least this share of sessions does not exceed: of share 0 the lowest
 * possible score, of 1 the highest. Chances are rounded to a double before they are compared. */
uint64_t grav_law_quantile(const grav_law *law, double share);
/* P(the highest of so many sessions >= score); 0 of none. */
double grav_law_max_at_least(const grav_law *law, uint64_t score, uint64_t sessions);
/* The same, to any depth. */
grav_decimal grav_law_max_tail(const grav_law *law, uint64_t score, uint64_t sessions);
/* As grav_law_quantile(), of the highest of so many sessions, at least 1. */
uint64_t grav_law_max_quantile(const grav_law *law, uint64_t sessions, double share);
/* The fewest sessions of which one reaches score with at least this chance, 0 < chance < 1; half of
 * it is an even chance. Of a score out of reach: value infinity, mantissa and exponent 0. */
grav_decimal grav_law_sessions_for(const grav_law *law, uint64_t score, double chance);

/* What `graveler odds` is asked beside the experiment. */
typedef struct grav_odds_spec {
    bool has_score;
    uint64_t score;    /* the score asked about: P(score >= score) and what follows from it */
    uint64_t tries;    /* attempts of which the best counts; 0: not asked */
    uint64_t sessions; /* whose highest score is told, at least 1 */
    double rate;       /* sessions per second, above 0 and finite */
    bool measured;     /* whether rate is that of this machine */
} grav_odds_spec;

/* No score, no tries, 1e9 sessions at 1e9 sessions per second, not measured. */
void grav_odds_spec_init(grav_odds_spec *spec);

/* The text of `graveler odds --json` (docs/formats.md), for free(). */
grav_status grav_odds_json(const grav_experiment *experiment, const grav_law *law,
                           const grav_odds_spec *spec, char **out, grav_error *err);

/* ---- Running --------------------------------------------------------------------------------- */

/* A result: experiment, run, the ranges played and their tally. */
typedef struct grav_result grav_result;

/* What a run tells while it plays. */
typedef struct grav_progress {
    uint64_t sessions; /* to play */
    uint64_t played;
    uint64_t resumed; /* of them, that were played before, by a checkpoint */
    double elapsed_s; /* of this run */
    bool any;         /* whether anything was played yet; only then the next two are set */
    uint64_t max_score;
    uint64_t max_session;
} grav_progress;

/* Processes that play one run together: see grav_team_serve(). */
typedef struct grav_team grav_team;

typedef struct grav_run_spec {
    uint64_t seed;     /* 0 where the engine has none */
    uint64_t first;    /* first session */
    uint64_t sessions; /* at least 1; first + sessions at most grav_engine_sessions_end() */
    grav_method method;
    grav_engine engine;
    /* Engine gen3: steps of the generator that make a roll, of which the last decides, at least 1.
     * Other engines: 1. */
    uint32_t calls_per_roll;
    grav_keep keep;    /* the histogram, or the highest score alone */
    bool until_target; /* end at the first session, by index, that reaches the target */

    grav_backend backend;
    const int *devices; /* GPUs to use, by index; with device_count 0: all */
    size_t device_count;
    unsigned threads; /* of the CPU, 1 to GRAV_THREADS_MAX; 0: one per processor */
    grav_isa isa;
    /* Who plays, too, and whom this process is rank 0 of. The GPUs of a machine are shared among
     * the processes on it, and so are its processors where threads is 0. NULL: nobody. */
    grav_team *team;

    /* Every session is played twice: on a GPU and the CPU, or by two isas of the CPU, where there
     * are two (else a notice says so). Where the two differ the run ends as failed, with
     * GRAV_ERROR_MISMATCH; all that is in its result has been found twice. */
    bool double_check;

    /* The run ends in order, and is not complete, after so many seconds; 0: never. */
    double max_s;
    /* A file to write what was played to about every checkpoint_s seconds (above 0), and to go on
     * from if it is there: see grav_run(). NULL: none. */
    const char *checkpoint;
    double checkpoint_s;

    /* Called from grav_run's own thread about ten times a second. Returning true stops the run
     * within a fraction of a second. May be NULL. */
    bool (*progress)(const grav_progress *progress, void *data);
    /* Called with one line worth telling, such as that there is no GPU, from whatever thread, one
     * at a time. May be NULL. */
    void (*notice)(const char *message, void *data);
    void *data; /* handed to both */
} grav_run_spec;

/* 1e9 sessions from 0, seed 0, method rolls, engine philox, 1 call per roll, keep histogram, best
 * backend, no end in time, no checkpoint (else every 30 s). */
void grav_run_spec_init(grav_run_spec *spec);

/* Whether a run would be accepted, without playing: GRAV_ERROR_INVALID says what is wrong. Engine
 * gen3 rolls method rolls and a chance's die, at a chance a/m with m at most 65536 in lowest
 * terms. */
grav_status grav_run_check(const grav_experiment *experiment, const grav_run_spec *spec,
                           grav_error *err);

/* Plays. A run that was stopped is GRAV_OK, and its result is not complete and may be empty. So is
 * one that failed after something had been played: grav_result_failure() tells why. A worker that
 * fails is left out, with a notice, where another can play on.
 *
 * Who plays is held against known answers first (grav_selftest(), once in a process). A GPU or an
 * isa with wrong answers is done without, with a notice, where the spec leaves the choice: backend
 * auto or all without devices, isa auto. Else it is GRAV_ERROR_MISMATCH.
 *
 * Memory does not depend on the number of sessions.
 *
 * A checkpoint is a result file. It is written whole to FILE.new, which then takes its name, and
 * the one before becomes FILE.prev: after every failure, of the machine too, one of the two is
 * whole. A run of the same experiment, seed, method, engine and keep goes on from it, on whatever
 * backend; of another it is refused (GRAV_ERROR_INVALID), and so is one with sessions that this run
 * was not asked for. A damaged FILE is made up for by FILE.prev, with a notice; where that is
 * damaged too, it is GRAV_ERROR_MISMATCH. One that could not be read may be good: GRAV_ERROR_FILE.
 * FILE.lock keeps two processes from one checkpoint (GRAV_ERROR_INVALID). A checkpoint that cannot
 * be written is a notice, and, at the end of the run, its failure. */
grav_status grav_run(const grav_experiment *experiment, const grav_run_spec *spec,
                     grav_result **out, grav_error *err);

/* The result in a checkpoint that a run would go on from; *out is NULL where there is none.
 * notice->message is not empty where it is that of FILE.prev. */
grav_status grav_checkpoint_load(const char *path, grav_result **out, grav_error *notice,
                                 grav_error *err);

/* Frees it and all that lives as long as it. */
void grav_result_destroy(grav_result *result);

/* Adds results of disjoint ranges of one run: same experiment, seed, method, engine, calls
 * per roll and keep. Both stay as they are. Refuses (GRAV_ERROR_INVALID), saying which, others and
 * ranges that overlap; what lies between the ranges may be missing. */
grav_status grav_result_merge(const grav_result *a, const grav_result *b, grav_result **out,
                              grav_error *err);

/* Splits sessions [first, first + sessions) into so many parts, in order, whose sizes differ by at
 * most one: the first sessions mod parts of them have one more. Part `part`, from 0, starts at
 * *out_first and has *out_sessions; 0 where there are more parts than sessions and this is one of
 * the last, which start at first + sessions. Refuses (GRAV_ERROR_INVALID) sessions or parts of 0,
 * first + sessions above GRAV_SESSIONS_END, and a part that there is not. */
grav_status grav_split(uint64_t first, uint64_t sessions, uint64_t parts, uint64_t part,
                       uint64_t *out_first, uint64_t *out_sessions, grav_error *err);

#define GRAV_SPLIT_LIST_MAX UINT32_C(1000000) /* parts that a list of them may have */

/* The text of `graveler split --json` (docs/formats.md), for free(): all parts, at most
 * GRAV_SPLIT_LIST_MAX. Refuses what grav_split() does. */
grav_status grav_split_json(uint64_t first, uint64_t sessions, uint64_t parts, char **out,
                            grav_error *err);

/* The tally, and what follows from it. */
typedef struct grav_summary {
    uint64_t sessions;
    bool complete;        /* everything that was asked for was played */
    uint64_t max_score;   /* set if sessions > 0 */
    uint64_t max_session; /* the lowest session with that score */
    bool has_histogram;   /* only then, and with sessions > 0, the rest is set */
    uint64_t min_score;
    uint64_t hits; /* sessions that reached the target; 0 without a target */
    double mean;
    double sd;             /* of the population */
    uint64_t quartiles[3]; /* lowest score that at least 25, 50, 75 % of sessions do not exceed */
} grav_summary;

/* Works *out out, which needs a look at every score. */
void grav_result_summary(const grav_result *result, grav_summary *out);

/* Sessions by score: counts[i] of them scored *first + i, for i below *length. NULL without a
 * histogram. Lives as long as the result. */
const uint64_t *grav_result_histogram(const grav_result *result, uint64_t *first, size_t *length);

/* The i-th played range [*first, *end), in ascending order, neighbours joined. False: no such. */
bool grav_result_range(const grav_result *result, size_t i, uint64_t *first, uint64_t *end);

#define GRAV_DIGEST_SIZE 33 /* with the 0 at the end */
/* 32 hex digits over experiment, run and tally: equal digests mean equal answers (docs/formats.md).
 */
void grav_result_digest(const grav_result *result, char digest[GRAV_DIGEST_SIZE]);

/* Why a run ended before all was played, if a worker or its checkpoint failed; NULL: it did not.
 * Lives as long as the result. */
const grav_error *grav_result_failure(const grav_result *result);

typedef struct grav_timing {
    double wall_s; /* of grav_run as a whole */
    double play_s; /* from the first to the last session */
    double
        kernel_s; /* of that, GPU kernels at work, by CUDA events, all GPUs added up; 0: no GPU */
    double sessions_per_s;
} grav_timing;

/* How long it took; zeros where that is not known. */
void grav_result_timing(const grav_result *result, grav_timing *out);

typedef struct grav_worker_summary {
    const char *text;      /* "CPU, portable, 2 threads"; lives as long as the result */
    uint64_t sessions;     /* those played again to find the first that reaches a target, too */
    double sessions_per_s; /* while it was busy; 0: not known, or nothing played */
} grav_worker_summary;

/* The i-th of those who played. False: no such. */
bool grav_result_worker(const grav_result *result, size_t i, grav_worker_summary *out);

/* Pearson's chi-square of the histogram against the law. */
typedef struct grav_chi2 {
    double value;
    uint64_t dof;
    double p; /* chance of a value at least as high */
} grav_chi2;

/* Neighbouring scores are pooled until each cell expects at least 5 sessions, tails included. False
 * where that leaves fewer than two cells, without a histogram, and for engine gen3: its sessions
 * are pieces of one cycle that overlap, for which it is no test. law is that of the result's
 * experiment. */
bool grav_result_chi2(const grav_result *result, const grav_law *law, grav_chi2 *out);

/* The result file's text (docs/formats.md), for free(). law may be NULL: left out. */
grav_status grav_result_json(const grav_result *result, const grav_law *law, char **out,
                             grav_error *err);

/* The same object on one line, without newline and checksum, for free(): a line of JSON Lines. */
grav_status grav_result_json_line(const grav_result *result, const grav_law *law, char **out,
                                  grav_error *err);

/* Reads a result file's text. Its checksum, its digest and all that is true of every tally are
 * checked. GRAV_ERROR_INVALID: it is no result; GRAV_ERROR_MISMATCH: it is damaged, or contradicts
 * itself. Parts that follow from the rest, such as the law, are not looked at. */
grav_status grav_result_parse(const char *text, size_t length, grav_result **out, grav_error *err);

/* The same of a file; messages name it. GRAV_ERROR_INVALID: there is none, too; GRAV_ERROR_FILE: it
 * is there and could not be read. */
grav_status grav_result_load(const char *path, grav_result **out, grav_error *err);

/* Adds the results in files of disjoint ranges of one run. Refuses (GRAV_ERROR_INVALID), naming the
 * files, other runs and ranges that overlap; what lies between the ranges may be missing. In
 * whatever order they come the digest is the same. Memory is that of two results. */
grav_status grav_result_merge_files(const char *const *paths, size_t count, grav_result **out,
                                    grav_error *err);

/* What a result is of; the experiment lives as long as it. The spec has what was asked for, and
 * where to play as grav_run_spec_init() sets it. */
const grav_experiment *grav_result_experiment(const grav_result *result);
void grav_result_spec(const grav_result *result, grav_run_spec *out);

/* ---- Teams ----------------------------------------------------------------------------------- */

/* A team is made by whatever carries its messages; `graveler-mpi` has one of MPI's. Its processes
 * are the same program. Rank 0 calls grav_run() with the team in the spec, any number of times, and
 * then grav_team_dismiss(); the others call grav_team_serve(), which plays what they are given. All
 * of it from the thread that made the team.
 *
 * Rank 0 hands out sessions, and merges what was found before every checkpoint and at the end. A
 * process whose workers have all failed is done without, with a notice; one that cannot open any
 * ends the run as failed. */
grav_status grav_team_serve(grav_team *team, grav_error *err);
/* Lets the others return. GRAV_ERROR_DEVICE, of both: the team is broken. */
grav_status grav_team_dismiss(grav_team *team, grav_error *err);

/* ---- Pool ------------------------------------------------------------------------------------ */

/* Many experiments at once. A pool is this machine's threads and GPUs, which play the tasks that
 * are submitted to its batches: small ones side by side, one a thread, large ones spread over all.
 * A task's result is that of grav_run(), whatever else the pool plays.
 *
 * All functions of pools and batches may be called from any thread, also at the same time and from
 * within `done`, except that nobody may use what is being destroyed. Who waits within `done` keeps
 * a thread of the pool from playing, and waits for ever for the task that `done` is told of. */
typedef struct grav_pool grav_pool;
typedef struct grav_batch grav_batch;

/* A task of a batch. Numbers go up from 1 in the order of submission, and none comes twice in a
 * batch. */
typedef uint64_t grav_task;

/* How a task has ended. */
typedef struct grav_done {
    grav_task task;
    void *data; /* the task's own */
    /* For grav_result_destroy(): as grav_run() hands it out, one that failed early with its
     * grav_result_failure(). NULL where error tells why. A task that was cancelled, or stopped by
     * its max_s, has what was played of it, or nothing: NULL. */
    grav_result *result;
    grav_error error; /* status GRAV_OK: none */
    bool cancelled;   /* by grav_batch_cancel(), before it had ended */
} grav_done;

typedef struct grav_pool_spec {
    /* As grav_run_spec has them, but that GRAV_BACKEND_AUTO is GRAV_BACKEND_ALL: GPUs play what is
     * large enough to be worth it, together with the CPU's threads, which play the rest. */
    grav_backend backend;
    const int *devices;
    size_t device_count;
    unsigned threads;
    grav_isa isa;
    /* Called with one line worth telling, such as that a GPU is left out, from whatever thread, one
     * at a time. May be NULL. */
    void (*notice)(const char *message, void *data);
    void *data; /* handed to it */
} grav_pool_spec;

/* Best backend, one thread per processor, no notices. */
void grav_pool_spec_init(grav_pool_spec *spec);

/* Starts in well under a millisecond: GPUs are set up, and everyone is held against known answers
 * (grav_selftest(), once in a process), when the first task comes that they are to play. Refuses
 * (GRAV_ERROR_INVALID) what grav_run_check() would refuse of where to play, and with
 * GRAV_BACKEND_CUDA (GRAV_ERROR_DEVICE) where there is no GPU. */
grav_status grav_pool_create(const grav_pool_spec *spec, grav_pool **out, grav_error *err);
/* Destroys the batches that are left, too. Not from within `done`. */
void grav_pool_destroy(grav_pool *pool);
/* Threads of the CPU that play; 0 with GRAV_BACKEND_CUDA. */
unsigned grav_pool_threads(const grav_pool *pool);

/* Tasks whose results are taken together. A pool serves any number of batches, in turns: one with
 * many tasks does not keep those of another waiting. Within a batch tasks are begun in the order of
 * submission, but that at most four that are more than one share of a thread's are under way at a
 * time, in turns with each other and with those that are small: neither keeps the other waiting.
 * The pool must outlive its use. */
grav_status grav_batch_create(grav_pool *pool, grav_batch **out, grav_error *err);
/* Cancels the tasks that are open and waits for those under way; their results are destroyed, and
 * `done` is not called for them. Not from within the batch's own `done`. */
void grav_batch_destroy(grav_batch *batch);

typedef struct grav_task_spec {
    /* Shared, not copied: may be destroyed as soon as the task is submitted. */
    const grav_experiment *experiment;
    /* What to play. Where to play is the pool's: backend, devices, threads and isa are not looked
     * at, and team, checkpoint, progress and notice must be NULL. max_s counts from when the task
     * is begun. */
    grav_run_spec run;
    /* Called from the thread that ended the task, which is then told to nobody else. It may submit
     * tasks. The result is its own; the rest of *done lives as long as the call. NULL: the task is
     * for grav_batch_take() and grav_batch_wait(). */
    void (*done)(grav_batch *batch, grav_done *done);
    void *data;
} grav_task_spec;

/* Hands a task to the pool and returns at once; *out is its number, and may be NULL. Refuses
 * (GRAV_ERROR_INVALID) what grav_run_check() refuses, and every task of a batch that is being
 * destroyed; GRAV_ERROR_MEMORY too where no thread at all can be started. All else is the task's
 * own error. */
grav_status grav_batch_submit(grav_batch *batch, const grav_task_spec *spec, grav_task *out,
                              grav_error *err);

typedef enum grav_taken {
    GRAV_TAKEN,   /* *out tells how a task has ended; it is no longer the batch's */
    GRAV_NOT_YET, /* none has, in that time */
    GRAV_NONE,    /* no such task is open, and none has ended that was not taken */
} grav_taken;

/* The next task that has ended, in the order in which they end. Waits for at most so many seconds:
 * 0 looks once, a negative number waits as long as it takes. */
grav_taken grav_batch_take(grav_batch *batch, double seconds, grav_done *out);
/* The same of one task. GRAV_NONE: there is no such, its `done` is told, or somebody has taken it.
 */
grav_taken grav_batch_wait(grav_batch *batch, grav_task task, double seconds, grav_done *out);

/* Lets a task end, soon (within a fraction of a second), with what was played of it; a task that
 * has ended stays as it is. Where nobody plays it yet, its `done` is called before this returns.
 * False: it has ended, or there is no such. */
bool grav_batch_cancel(grav_batch *batch, grav_task task);
/* The same of all. */
void grav_batch_cancel_all(grav_batch *batch);

/* How far a batch is, since it was created. */
typedef struct grav_batch_progress {
    uint64_t submitted;
    uint64_t open;             /* tasks not ended yet */
    uint64_t failed;           /* tasks with an error */
    uint64_t cancelled;        /* of the others */
    uint64_t sessions, played; /* asked for by all tasks, and played so far; not all are where tasks
                                * fail, are cancelled or end with their target */
} grav_batch_progress;

/* Sets *out to what is true at this moment. */
void grav_batch_look(const grav_batch *batch, grav_batch_progress *out);
/* Tasks that have not ended yet. */
uint64_t grav_batch_open(const grav_batch *batch);

/* ---- Verifying ------------------------------------------------------------------------------- */

/* Each is GRAV_ERROR_MISMATCH, and the message says what differs, where a result is not what it
 * should be. grav_result_load() has checked the rest. */

/* That all figures in the file which the result was loaded from follow from its histogram and, if
 * it has them, from the law (else law may be NULL). */
grav_status grav_verify_file(const char *path, const grav_result *result, const grav_law *law,
                             grav_error *err);
/* That the highest score and the histogram are no worse luck than one in 1e9. */
grav_status grav_verify_law(const grav_result *result, const grav_law *law, grav_error *err);
/* That the record session scores what it is said to, by grav_replay() and not by a kernel. */
grav_status grav_verify_record(const grav_result *result, grav_error *err);
/* That all sessions, played again, give the same; where to play, and whom to tell, is where's.
 * *stopped: that was interrupted, and nothing is known. */
grav_status grav_verify_full(const grav_result *result, const grav_run_spec *where, bool *stopped,
                             grav_error *err);

#define GRAV_SAMPLE_MAX UINT32_C(1000000) /* ranges of a sample */
/* That some of the sessions, played again, fit in: one range in each of so many equal parts, of
 * about 2^28 rolls, at random by seed. No score may be more frequent in them than in the result,
 * and no session in them better than its record. *sessions: how many were played. A sample of all
 * sessions is a full check. */
grav_status grav_verify_sample(const grav_result *result, const grav_run_spec *where,
                               uint64_t parts, uint64_t seed, uint64_t *sessions, bool *stopped,
                               grav_error *err);

/* ---- Rare events ----------------------------------------------------------------------------- */

/* Events that no simulation would see, by importance sampling with exponential tilting (Siegmund,
 * Importance sampling in the Monte Carlo study of sequential tests, Annals of Statistics 4, 1976;
 * Bucklew, Introduction to Rare Event Simulation, 2004; Asmussen and Glynn, Stochastic Simulation,
 * 2007, chapter VI).
 *
 * What is asked for is P(score >= at_least) of an experiment of statistic sum whose faces f have
 * values v_f and chances p_f. Let vmin be the lowest value of chance above 0, and g the greatest
 * common divisor of the differences between such values. The tilted experiment is the same with
 * chances proportional to p_f lambda^((v_f - vmin) / g), so that high scores are common. A session
 * of n rolls that scores s under it weighs as much as its likelihood ratio
 *     T^n lambda^-((s - n vmin) / g)      where T is the sum of p_f lambda^((v_f - vmin) / g)
 * which depends on the score alone: the histogram of the tilted experiment is all there is to
 * weigh. lambda is a short fraction that brings the tilted mean near at_least (halfway from the
 * second highest score to the highest where only that will do); 1 where at_least does not exceed
 * the mean.
 *
 * Tilted weights have up to 256 bits and are rounded where they need more. A face whose tilted
 * chance among the rolls left to it is below 2^-64 is not played, and T leaves it out. Neither, nor
 * that chances are played with 64 digits, changes the expected estimate by more than n 2^-55 times
 * the likelihood ratio of at_least.
 *
 * Like all importance sampling it knows only hits of the kinds it has played: of few rolls of a die
 * whose chances are many powers of ten apart, the likeliest way to a hit may be one that the tilted
 * die hardly ever takes.
 */
typedef struct grav_tilt grav_tilt;

/* Refuses (GRAV_ERROR_INVALID) statistic streak, whose likelihood ratio does not depend on the
 * score alone; more than GRAV_HISTOGRAM_MAX scores; at_least above every score of chance above 0;
 * and dice whose tilted chances, of those played, differ by a factor above 2^512. */
grav_status grav_tilt_create(const grav_experiment *experiment, uint64_t at_least, grav_tilt **out,
                             grav_error *err);
/* Frees it, its experiment and its text. */
void grav_tilt_destroy(grav_tilt *tilt);

/* The experiment to run, with its histogram; its target is at_least. Lives as long as the tilt. */
const grav_experiment *grav_tilt_experiment(const grav_tilt *tilt);
/* lambda in lowest terms, "79/8", and g. lambda lives as long as the tilt. */
const char *grav_tilt_lambda(const grav_tilt *tilt);
uint32_t grav_tilt_step(const grav_tilt *tilt);
/* The mean score of the tilted experiment. */
double grav_tilt_mean(const grav_tilt *tilt);
/* The likelihood ratio of a score that the tilted experiment can have; 0 of others. */
grav_decimal grav_tilt_ratio(const grav_tilt *tilt, uint64_t score);

/* An estimate of P(score >= at_least). */
typedef struct grav_rare {
    uint64_t sessions;     /* that were weighed */
    uint64_t hits;         /* of them, with a score of at_least or more: 0 leaves the rest 0 */
    grav_decimal estimate; /* the mean of the hits' likelihood ratios over all sessions; unbiased */
    grav_decimal error;    /* its standard error, from the second moment */
    double relative_error; /* error / estimate */
} grav_rare;

/* Weighs a result of the tilted experiment. Refuses (GRAV_ERROR_INVALID) a result of another, and
 * one without a histogram. */
grav_status grav_tilt_estimate(const grav_tilt *tilt, const grav_result *result, grav_rare *out,
                               grav_error *err);

/* The estimate less the exact chance, in standard errors. False: the error is 0, and nothing can be
 * told. */
bool grav_rare_errors_apart(const grav_rare *rare, grav_decimal exact, double *out);

/* The text of `graveler rare --json` (docs/formats.md), for free(): what was estimated of
 * experiment by its tilt and a result of that. law may be NULL: left out. */
grav_status grav_rare_json(const grav_experiment *experiment, const grav_tilt *tilt,
                           const grav_rare *rare, const grav_result *result, const grav_law *law,
                           char **out, grav_error *err);

/* ---- Presets --------------------------------------------------------------------------------- */

/* A known question: an experiment, and a run that answers it in seconds to minutes. */
typedef struct grav_preset {
    const char *name;     /* "dream-pearls" */
    const char *question; /* one line */
    const char *source;   /* where it comes from */
    grav_experiment_spec experiment;
    grav_keep keep;
    uint64_t sessions;
} grav_preset;

/* The i-th preset, from 0, which is the founding job; NULL past the last. */
const grav_preset *grav_preset_at(size_t i);
/* The preset of that name; NULL: no such. */
const grav_preset *grav_preset_named(const char *name);

/* ---- Replaying ------------------------------------------------------------------------------- */

/* Rolls one session of method `rolls` again. faces[i] becomes the index of the face that roll i
 * took, which is 0 where a roll at a chance scored (one byte a roll; may be NULL). *score is its
 * score and *words the number of words it read, up to the last one. Refuses (GRAV_ERROR_INVALID)
 * what a run would. */
grav_status grav_replay(const grav_experiment *experiment, grav_method method, grav_engine engine,
                        uint32_t calls_per_roll, uint64_t seed, uint64_t session, uint8_t *faces,
                        uint64_t *score, uint64_t *words, grav_error *err);

/* One session of method `scores`: its draw u = high * 2^32 + low, and what that is held against. */
typedef struct grav_draw {
    uint32_t high, low;
    bool needs_low;    /* whether the high word leaves the score open */
    uint64_t at_least; /* <= u: floor(2^64 P(score <= score - 1)) */
    uint64_t below;    /* > u: floor(2^64 P(score <= score)); 0 stands for 2^64 */
    uint64_t score;
} grav_draw;

/* Draws one session of method `scores` again. Refuses (GRAV_ERROR_INVALID) what a run would. */
grav_status grav_replay_scores(const grav_experiment *experiment, grav_engine engine, uint64_t seed,
                               uint64_t session, grav_draw *out, grav_error *err);

/* Words [first, first + count) of a session, as every backend sees them. first + count at most
 * 2^32. By engine gen3 word j of a session, below GRAV_GEN3_SESSIONS, is its state after j + 1
 * steps. */
void grav_words(grav_engine engine, uint64_t seed, uint64_t session, uint64_t first, size_t count,
                uint32_t *words);

/* The first words_each words (at most 2^32) of sessions [first, end), end at most
 * grav_engine_sessions_end(), one session's after the other: (end - first) * words_each words.
 * Engine `fast` is faster so than session by session. */
void grav_words_of_sessions(grav_engine engine, uint64_t seed, uint64_t first, uint64_t end,
                            size_t words_each, uint32_t *words);

/* ---- Devices --------------------------------------------------------------------------------- */

typedef struct grav_cpu_info {
    char model[128];
    unsigned threads; /* that a run would use */
    grav_isa isa;     /* that GRAV_ISA_AUTO stands for; itself if this CPU has none */
} grav_cpu_info;

/* Sets *out to what there is. */
void grav_cpu(grav_cpu_info *out);

/* Whether this CPU can play with isa. */
bool grav_cpu_has(grav_isa isa);

typedef struct grav_gpu_info {
    char name[256];
    int compute_major, compute_minor;
    int multiprocessors;
    uint64_t memory_bytes;
    int driver_version, runtime_version; /* CUDA's: 1000 * major + 10 * minor */
    char pci_bus_id[24];                 /* where it sits: "00000000:65:00.0" */
} grav_gpu_info;

/* The number of usable GPUs. GRAV_ERROR_DEVICE says why there are none. */
grav_status grav_gpu_count(int *count, grav_error *err);
/* What GPU `device` is, from 0. GRAV_ERROR_DEVICE: there is no such, or it cannot be asked. */
grav_status grav_gpu(int device, grav_gpu_info *out, grav_error *err);

/* The library's GRAV_VERSION, which a program that loads it can hold against that of its header. */
const char *grav_version(void);
/* The commit this library was built from, or "unknown". */
const char *grav_commit(void);

/* ---- Self-test ------------------------------------------------------------------------------- */

/* Plays known answers, small runs of every kind whose digests are known, on one device, in
 * milliseconds. With GRAV_BACKEND_CUDA that is GPU `device`; isa and threads mean nothing. With
 * GRAV_BACKEND_CPU it is the CPU by isa, on so many threads (at most GRAV_THREADS_MAX; 0: one per
 * processor); device means nothing. Other backends are refused (GRAV_ERROR_INVALID), and so are an
 * isa and a GPU that are not there. GRAV_ERROR_MISMATCH: an answer is wrong; the message names the
 * device or isa, the experiment, the sessions and both digests. */
grav_status grav_selftest(grav_backend backend, int device, grav_isa isa, unsigned threads,
                          grav_error *err);

/* How many known answers there are. */
size_t grav_selftest_answers(void);

/* ---- Stress ---------------------------------------------------------------------------------- */

/* What a sensor shows: now, and at most so far. */
typedef struct grav_reading {
    bool known;
    double now, most;
} grav_reading;

/* Who is put under stress, and how that goes. The first four as grav_selftest() has them. */
typedef struct grav_stress_device {
    grav_backend backend;
    int device;
    grav_isa isa;
    unsigned threads;
    uint64_t right, wrong;       /* ranges played whose digest was the known one, or another */
    uint64_t sessions;           /* in them */
    double played_s;             /* how long they took */
    grav_error wrong_last;       /* what was wrong, last */
    grav_error failure;          /* why it plays no more; status GRAV_OK: it does */
    grav_reading celsius, watts; /* GPU: by NVML, where that is there */
} grav_stress_device;

typedef struct grav_stress_spec {
    double seconds; /* above 0; ranges under way then are played to their end */
    /* Called from grav_stress()'s own thread about ten times a second. Returning true ends it,
     * without the ranges under way. May be NULL. */
    bool (*progress)(const grav_stress_device *devices, size_t count, double elapsed_s, void *data);
    /* Called when a range was wrong or a device has failed, one at a time, from whatever thread.
     * May be NULL. */
    void (*trouble)(const grav_stress_device *device, const grav_error *what, void *data);
    void *data; /* handed to both */
} grav_stress_spec;

/* Plays ranges whose digests are known, over and over, on so many devices side by side. Each plays
 * one range at least; a device that fails plays no more. What became of each is in *devices, whose
 * figures are set to 0 first. *stopped: progress ended it. GRAV_ERROR_INVALID: a device that is not
 * there, or no time. */
grav_status grav_stress(grav_stress_device *devices, size_t count, const grav_stress_spec *spec,
                        bool *stopped, grav_error *err);

/* The text of `graveler stress --json` (docs/formats.md), for free(). complete: nobody ended it
 * before its time. */
grav_status grav_stress_json(const grav_stress_device *devices, size_t count, double seconds,
                             bool complete, char **out, grav_error *err);

/* ---- Files ----------------------------------------------------------------------------------- */

/* Whether text could be written to path, found out without leaving a trace: else GRAV_ERROR_FILE.
 */
grav_status grav_file_check(const char *path, grav_error *err);

/* Writes text to path whole or not at all: to a temporary name beside it, fsync, rename. What is
 * not a regular file (a device, a pipe) is written to directly. GRAV_ERROR_FILE: it was not
 * written, and a file that was there is as before. */
grav_status grav_file_write(const char *path, const char *text, grav_error *err);

/* The same of so many bytes, whatever they are. */
grav_status grav_file_write_bytes(const char *path, const void *bytes, size_t length,
                                  grav_error *err);

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif
