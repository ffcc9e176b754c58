/* Sessions once more, roll by roll, and their words. */
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "error.h"
#include "lane_scalar.h"
#include "philox.h"
#include "scores_table.h"

#include "fast.h"
#include "gen3.h"

enum { WORD_BITS = 32, WORDS_PER_BLOCK = 4 };

/* The first GRAV_HEAD_WORDS words of a session by engine `fast`. */
static void fast_head(const philox_keys *keys, uint64_t session, uint32_t *words)
{
    fast_stream stream =
        fast_stream_make(keys, session / GRAV_FAST_BLOCK, (uint32_t)(session % GRAV_FAST_STREAMS));
    fast_skip(&stream, (uint32_t)(session % GRAV_FAST_BLOCK / GRAV_FAST_STREAMS));
    fast_next_head(&stream, words);
}

/* Words of a session by engine `gen3`. */
static void gen3_words(uint64_t session, uint64_t first, size_t count, uint32_t *words)
{
    const grav_gen3_step step = gen3_steps(1);
    uint32_t state = gen3_after(gen3_steps(first), (uint32_t)session);
    for (size_t i = 0; i < count; i++)
        words[i] = state = gen3_after(step, state);
}

void grav_words(grav_engine engine, uint64_t seed, uint64_t session, uint64_t first, size_t count,
                uint32_t *words)
{
    if (engine == GRAV_ENGINE_GEN3) {
        gen3_words(session, first, count, words);
        return;
    }
    uint32_t rounds = grav_engine_philox_rounds(engine);
    philox_keys keys = philox_keys_make(seed);
    if (engine == GRAV_ENGINE_FAST && first < GRAV_HEAD_WORDS) {
        uint32_t head[GRAV_HEAD_WORDS];
        fast_head(&keys, session, head);
        for (; count && first < GRAV_HEAD_WORDS; count--)
            *words++ = head[first++];
    }
    philox_block block = {{0, 0}};
    for (size_t i = 0; i < count; i++) {
        uint64_t word = first + i;
        unsigned in_block = (unsigned)(word % WORDS_PER_BLOCK);
        if (i == 0 || in_block == 0)
            block = philox_session_block(rounds, &keys, word / WORDS_PER_BLOCK, (uint32_t)session,
                                         (uint32_t)(session >> 32));
        words[i] = (uint32_t)(block.pair[in_block / 2] >> (in_block % 2 * WORD_BITS));
    }
}

/* As grav_words_of_sessions(), of sessions [from, to) of one block of engine `fast`. */
static void fast_words(uint64_t seed, uint64_t block, uint32_t from, uint32_t to, size_t words_each,
                       uint32_t *words)
{
    philox_keys keys = philox_keys_make(seed);
    size_t in_head = words_each < GRAV_HEAD_WORDS ? words_each : GRAV_HEAD_WORDS;
    for (uint32_t number = 0; number < GRAV_FAST_STREAMS; number++) {
        fast_stream stream = fast_stream_make(&keys, block, number);
        for (uint32_t at = number; at < to; at += GRAV_FAST_STREAMS) {
            uint32_t head[GRAV_HEAD_WORDS];
            fast_next_head(&stream, head);
            if (at >= from)
                memcpy(words + (at - from) * words_each, head, in_head * sizeof *head);
        }
    }
    for (uint32_t at = from; at < to && words_each > in_head; at++)
        grav_words(GRAV_ENGINE_FAST, seed, block * GRAV_FAST_BLOCK + at, in_head,
                   words_each - in_head, words + (at - from) * words_each + in_head);
}

void grav_words_of_sessions(grav_engine engine, uint64_t seed, uint64_t first, uint64_t end,
                            size_t words_each, uint32_t *words)
{
    uint32_t from, to;
    if (engine != GRAV_ENGINE_FAST) {
        for (uint64_t session = first; session < end; session++)
            grav_words(engine, seed, session, 0, words_each,
                       words + (session - first) * words_each);
        return;
    }
    for (uint64_t block = first / GRAV_FAST_BLOCK; fast_clip(block, first, end, &from, &to);
         block++) {
        fast_words(seed, block, from, to, words_each, words);
        words += (to - from) * words_each;
    }
}

/* Reads a session's bits in ascending order, one word at a time. */
typedef struct bit_reader {
    grav_engine engine;
    uint64_t seed, session;
    uint64_t words; /* read so far: one more than the index of `word` */
    uint32_t word;
} bit_reader;

static bool read_bit(bit_reader *reader, uint64_t bit)
{
    uint64_t index = bit / WORD_BITS;
    if (index + 1 != reader->words) {
        grav_words(reader->engine, reader->seed, reader->session, index, 1, &reader->word);
        reader->words = index + 1;
    }
    return reader->word >> (bit % WORD_BITS) & 1;
}

/* A session being played again: the rolls that no face has taken yet, in order. */
typedef struct replay_state {
    bit_reader reader;
    const grav_experiment *experiment;
    uint8_t *faces;    /* the face each roll took */
    uint32_t *left;    /* the rolls left, */
    uint32_t count;    /* so many */
    uint32_t *waiting; /* those of them that are undecided about the face under way */
} replay_state;

/* Plays one plane: of `undecided` rolls keeps those that stay so, in order, and returns how many
 * there are. Marks those that take the face. */
static uint32_t replay_plane(replay_state *state, uint32_t face, uint64_t start, bool digit,
                             uint32_t undecided)
{
    bool aligned = state->experiment->statistic == GRAV_STATISTIC_STREAK;
    uint32_t still = 0;
    for (uint32_t i = 0; i < undecided; i++) {
        uint32_t roll = state->waiting[i];
        bool bit = read_bit(&state->reader, start + (aligned ? roll : i));
        if (bit == digit)
            state->waiting[still++] = roll;
        else if (digit)
            state->faces[roll] = (uint8_t)face;
    }
    return still;
}

/* Lets a face take its rolls of those that are left. */
static void replay_face(replay_state *state, uint32_t number)
{
    const grav_die *die = &state->experiment->die;
    const grav_face *face = &die->faces[number];
    uint8_t none = (uint8_t)(die->count - 1); /* what a roll that takes no other face takes */
    uint32_t undecided = state->count, kept = 0;
    memcpy(state->waiting, state->left, state->count * sizeof *state->left);
    for (uint32_t plane = 0; plane < face->planes && undecided; plane++)
        undecided = replay_plane(
            state, number, ((uint64_t)GRAV_FACE_PLANES * number + plane) * state->experiment->rolls,
            face->digits << plane >> 63, undecided);
    for (uint32_t i = 0; i < state->count; i++) {
        uint32_t roll = state->left[i];
        if (face->sure)
            state->faces[roll] = (uint8_t)number;
        else if (state->faces[roll] == none)
            state->left[kept++] = roll;
    }
    state->count = kept;
}

/* The longest run of rolls that took face 0. */
static uint64_t longest_streak(const uint8_t *faces, uint32_t rolls)
{
    uint64_t longest = 0, run = 0;
    for (uint32_t i = 0; i < rolls; i++) {
        run = faces[i] == 0 ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static uint64_t score_of_faces(const grav_experiment *experiment, const uint8_t *faces)
{
    if (experiment->statistic == GRAV_STATISTIC_STREAK)
        return longest_streak(faces, experiment->rolls);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < experiment->rolls; i++)
        sum += experiment->faces.items[faces[i]].value;
    return sum;
}

/* Plays all faces, on arrays of an entry a roll each. Returns the score. */
static uint64_t replay_rolls(replay_state *state)
{
    const grav_experiment *experiment = state->experiment;
    state->count = experiment->rolls;
    memset(state->faces, (int)experiment->die.count - 1, experiment->rolls);
    for (uint32_t i = 0; i < experiment->rolls; i++)
        state->left[i] = i;
    for (uint32_t face = 0; face + 1 < experiment->die.count && state->count; face++)
        replay_face(state, face);
    return score_of_faces(experiment, state->faces);
}

/* The same for engine `gen3`, which needs no more than the faces. Returns the score. */
static uint64_t replay_gen3(const grav_experiment *experiment, uint32_t calls_per_roll,
                            uint64_t session, uint8_t *faces)
{
    const grav_gen3 gen3 = grav_gen3_of(experiment, calls_per_roll);
    uint32_t state = (uint32_t)session;
    for (uint32_t i = 0; i < experiment->rolls; i++) {
        state = gen3_after(gen3.roll, state);
        faces[i] = gen3_scores(&gen3, state) ? 0 : 1;
    }
    return score_of_faces(experiment, faces);
}

static grav_status check_session(grav_engine engine, uint64_t session, grav_error *err)
{
    if (!grav_engine_name((int)engine))
        return grav_fail(err, GRAV_ERROR_INVALID, "engine %d is unknown", (int)engine);
    uint64_t end = grav_engine_sessions_end(engine);
    if (session >= end)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "session %llu is not below 2^%u: engine %s has no more",
                         (unsigned long long)session, (unsigned)__builtin_ctzll(end),
                         grav_engine_name((int)engine));
    return GRAV_OK;
}

grav_status grav_replay(const grav_experiment *experiment, grav_method method, grav_engine engine,
                        uint32_t calls_per_roll, uint64_t seed, uint64_t session, uint8_t *faces,
                        uint64_t *score, uint64_t *words, grav_error *err)
{
    if (method != GRAV_METHOD_ROLLS)
        return grav_fail(err, GRAV_ERROR_INVALID, "only sessions of method rolls have rolls");
    grav_status status = check_session(engine, session, err);
    if (status == GRAV_OK)
        status = grav_engine_check_rolls(experiment, engine, seed, calls_per_roll, session, 1, err);
    if (status != GRAV_OK)
        return status;
    size_t rolls = experiment->rolls;
    replay_state state = {
        .reader = {.engine = engine, .seed = seed, .session = session},
        .experiment = experiment,
        .faces = malloc(rolls),
        .left = malloc(rolls * sizeof *state.left),
        .waiting = malloc(rolls * sizeof *state.waiting),
    };
    if (state.faces && state.left && state.waiting) {
        bool gen3 = engine == GRAV_ENGINE_GEN3;
        *score = gen3 ? replay_gen3(experiment, calls_per_roll, session, state.faces)
                      : replay_rolls(&state);
        *words = gen3 ? (uint64_t)rolls * calls_per_roll : state.reader.words;
        if (faces)
            memcpy(faces, state.faces, rolls);
    } else {
        status = grav_no_memory(err, "the rolls of a session");
    }
    free(state.faces);
    free(state.left);
    free(state.waiting);
    return status;
}

/* The session's high word is its word of block 0, the low one that of block 1 (docs/formats.md). */
static void read_draw(grav_engine engine, uint64_t seed, uint64_t session, grav_draw *draw)
{
    uint64_t shared = session / GRAV_SCORES_PER_BLOCK, word = session % GRAV_SCORES_PER_BLOCK;
    grav_words(engine, seed, shared, word, 1, &draw->high);
    grav_words(engine, seed, shared, WORDS_PER_BLOCK + word, 1, &draw->low);
}

grav_status grav_replay_scores(const grav_experiment *experiment, grav_engine engine, uint64_t seed,
                               uint64_t session, grav_draw *out, grav_error *err)
{
    grav_scores *table;
    grav_status status = check_session(engine, session, err);
    if (status == GRAV_OK)
        status = grav_scores_check(experiment, engine, err);
    if (status == GRAV_OK)
        status = grav_scores_of(experiment, &table, err);
    if (status != GRAV_OK)
        return status;
    uint32_t slot;
    read_draw(engine, seed, session, out);
    out->needs_low = !grav_scores_by_high(table, out->high, &slot);
    if (out->needs_low)
        slot = grav_scores_by_both(table, slot, out->high, out->low);
    out->score = grav_experiment_score_min(experiment) + grav_scores_score(table, slot);
    out->at_least = slot ? table->thresholds[slot - 1] : 0;
    out->below = slot < table->count ? table->thresholds[slot] : 0;
    grav_scores_destroy(table);
    return GRAV_OK;
}
