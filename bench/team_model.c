#include "team_model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chunks.h"
#include "error.h"
#include "events.h"
#include "team_rules.h"

/* A run that takes so many times as long as it should, and as many seconds more, is given up. */
static const double too_long = 100;

/* A rank; its own process first, then what rank 0 knows of it. */
typedef struct rank {
    double speed;         /* what it plays */
    double known;         /* what it has measured */
    uint64_t left, chunk; /* sessions that it has: to be given to its worker, being played */
    double chunk_start;
    double look_time; /* when it looks for messages; INFINITY: not before something happens */
    uint64_t come;    /* sessions in orders that it has not looked at yet, */
    uint32_t come_portions;
    bool come_merge;
    uint64_t portions; /* that it has looked at */
    double told_time;  /* when it last told rank 0 how it stands, and how: */
    uint64_t told_portions;
    bool told_wants, told_idle;
    double end; /* of its last chunk */
    uint64_t played;

    uint64_t given;     /* portions */
    uint64_t ranges;    /* of them, since the last reduction */
    uint64_t given_end; /* of the last one: ranges that touch are one */
    uint64_t state_portions;
    double state_speed;
    bool state_wants, state_idle;
} rank;

/* A model at work. */
typedef struct team {
    const team_model *model;
    rank *ranks;
    bench_events events;
    bool no_memory;

    /* Rank 0's. */
    bench_event *inbox; /* messages that have come */
    size_t inbox_head, inbox_count, inbox_capacity;
    double spent;              /* of the thread, in the present look */
    unsigned char *asking;     /* by rank: wants a portion, and is up to date */
    uint32_t idle;             /* ranks that are idle and up to date */
    double elsewhere, fastest; /* speeds of the others */
    uint64_t left, next;       /* sessions that nobody was given yet; the first of them */
    uint32_t awaited;
    bool merging, given, ended;
    double reduced_at, merge_next;
    team_forecast found;
} team;

team_rules team_rules_now(void)
{
    return (team_rules){
        .exchange_s = GRAV_RULE_EXCHANGE_S,
        .chunk_s = GRAV_RULE_CHUNK_S,
        .portion_s = GRAV_RULE_PORTION_S,
        .portion_s_each = GRAV_RULE_PORTION_EACH_S,
        .low_s = GRAV_RULE_LOW_S,
        .tell_s = GRAV_RULE_TELL_S,
        .tell_s_each = GRAV_RULE_TELL_EACH_S,
        .merge_s = GRAV_RULE_MERGE_S,
        .first_speed = GRAV_RULE_FIRST_ROLLS_PER_S / 231,
    };
}

static void add_event(team *own, bench_event event)
{
    own->no_memory |= !bench_events_add(&own->events, &event);
}

/* ---- Workers --------------------------------------------------------------------------------- */

static void start_chunk(team *own, uint32_t who, double now, uint64_t size)
{
    rank *at = &own->ranks[who];
    at->chunk = size;
    at->chunk_start = now;
    add_event(own, (bench_event){.kind = EVENT_CHUNK,
                                 .rank = who,
                                 .time = now + own->model->costs.chunk + (double)size / at->speed});
}

/* Rank 0 plays what it has not handed out; the others know of nobody but themselves. */
static void take_chunk(team *own, uint32_t who, double now)
{
    rank *at = &own->ranks[who];
    uint64_t *left = who ? &at->left : &own->left;
    if (at->chunk || !*left)
        return;
    grav_pace pace = {.own = at->known, .all = at->known, .fastest = at->known, .left = *left};
    if (!who) {
        pace.all += own->elsewhere;
        pace.fastest = fmax(pace.fastest, own->fastest);
    }
    uint64_t size = grav_chunk_size(&pace, own->model->rules.chunk_s, 1, *left);
    if (!size)
        return;
    *left -= size;
    own->next += who ? 0 : size;
    start_chunk(own, who, now, size);
}

/* When a rank next looks for messages: all do in turns of their own. */
static double next_look(const team *own, uint32_t who, double now)
{
    const double every = own->model->rules.exchange_s;
    double shift = every * fmod(who * 0.6180339887498949, 1);
    double look = shift + every * ceil((now - shift) / every);
    return look > now ? look : now;
}

static void look_by(team *own, uint32_t who, double time)
{
    rank *at = &own->ranks[who];
    double look = next_look(own, who, time);
    if (at->look_time <= look)
        return;
    at->look_time = look;
    add_event(own, (bench_event){.kind = EVENT_LOOK, .rank = who, .time = look});
}

static void on_chunk(team *own, uint32_t who, double now)
{
    rank *at = &own->ranks[who];
    at->known =
        grav_chunk_speed(at->known, at->chunk, now - at->chunk_start, own->model->rules.chunk_s);
    at->played += at->chunk;
    at->chunk = 0;
    at->end = now;
    take_chunk(own, who, now);
    if (who)
        look_by(own, who, now);
    else if (own->model->ranks == 1)
        own->ended = !at->chunk;
}

/* ---- The others ------------------------------------------------------------------------------ */

static void tell_state(team *own, uint32_t who, double now)
{
    const team_rules *rules = &own->model->rules;
    rank *at = &own->ranks[who];
    bool wants = (double)at->left < at->known * rules->low_s;
    bool idle = !at->chunk && !at->left;
    bool news = wants != at->told_wants || idle != at->told_idle ||
                (at->portions != at->told_portions && (wants || idle));
    double every = fmax(rules->tell_s, rules->tell_s_each * own->model->ranks);
    if (!news && now < at->told_time + every)
        return;
    at->told_time = now;
    at->told_portions = at->portions;
    at->told_wants = wants;
    at->told_idle = idle;
    add_event(own, (bench_event){.kind = EVENT_STATE,
                                 .rank = who,
                                 .time = now + own->model->costs.latency,
                                 .portions = at->portions,
                                 .speed = at->known,
                                 .wants = wants,
                                 .idle = idle});
}

/* Gives what was played to a reduction. Its messages go on when both ends look for some, level by
 * level. */
static void join_merge(team *own, uint32_t who, double now)
{
    const team_costs *costs = &own->model->costs;
    rank *at = &own->ranks[who];
    double level_s = own->model->rules.exchange_s + costs->latency + costs->merge + costs->words;
    own->reduced_at = fmax(own->reduced_at, now + ceil(log2(own->model->ranks)) * level_s);
    at->come_merge = false;
    add_event(own, (bench_event){.kind = EVENT_PLAYED,
                                 .rank = who,
                                 .time = now + costs->latency,
                                 .ranges = at->ranges});
    at->ranges = 0;
}

static void look(team *own, uint32_t who, double now)
{
    const team_rules *rules = &own->model->rules;
    rank *at = &own->ranks[who];
    if (now != at->look_time) /* it has looked since */
        return;
    at->look_time = INFINITY;
    at->left += at->come;
    at->portions += at->come_portions;
    at->come = at->come_portions = 0;
    take_chunk(own, who, now);
    if (at->come_merge)
        join_merge(own, who, now);
    tell_state(own, who, now);
    look_by(own, who, at->told_time + fmax(rules->tell_s, rules->tell_s_each * own->model->ranks));
}

static void on_order(team *own, const bench_event *order)
{
    rank *at = &own->ranks[order->rank];
    at->come += order->sessions;
    at->come_portions += order->sessions > 0;
    at->come_merge |= order->merges;
    look_by(own, order->rank, order->time);
}

/* ---- Rank 0 ---------------------------------------------------------------------------------- */

static void put_in_inbox(team *own, const bench_event *message)
{
    if (own->inbox_count == own->inbox_capacity) {
        size_t capacity = 2 * own->inbox_capacity + 64;
        bench_event *inbox = realloc(own->inbox, capacity * sizeof *inbox);
        if (!inbox) {
            own->no_memory = true;
            return;
        }
        own->inbox = inbox;
        own->inbox_capacity = capacity;
    }
    own->inbox[own->inbox_count++] = *message;
}

static bool take_from_inbox(team *own, bench_event *out)
{
    if (own->inbox_head == own->inbox_count) {
        own->inbox_head = own->inbox_count = 0;
        return false;
    }
    *out = own->inbox[own->inbox_head++];
    return true;
}

/* The fastest of the others, where the one that was tells of another speed. */
static void find_fastest(team *own)
{
    own->fastest = 0;
    for (uint32_t who = 1; who < own->model->ranks; who++)
        own->fastest = fmax(own->fastest, own->ranks[who].state_speed);
}

static void on_state(team *own, const bench_event *state)
{
    rank *from = &own->ranks[state->rank];
    double before = from->state_speed;
    bool current = state->portions == from->given;
    own->idle -= from->state_idle && from->state_portions == from->given;
    own->idle += state->idle && current;
    own->elsewhere += state->speed - before;
    from->state_portions = state->portions;
    from->state_speed = state->speed;
    from->state_wants = state->wants;
    from->state_idle = state->idle;
    own->asking[state->rank] = state->wants && current;
    if (state->speed >= own->fastest)
        own->fastest = state->speed;
    else if (before == own->fastest)
        find_fastest(own);
}

/* The ranges of all are sorted, and then joined to those of before. */
static void on_played(team *own, const bench_event *message)
{
    own->awaited--;
    own->spent += own->model->costs.range * (double)message->ranges;
}

static void send_order(team *own, uint32_t to, double now, uint64_t sessions)
{
    const team_costs *costs = &own->model->costs;
    own->spent += costs->message;
    own->found.messages++;
    add_event(own, (bench_event){.kind = EVENT_ORDER,
                                 .rank = to,
                                 .time = now + own->spent + costs->latency,
                                 .sessions = sessions,
                                 .merges = !sessions});
}

/* Gives a rank a portion, as grav_desk_hand_out() does. */
static bool give_portion(team *own, uint32_t who, double now)
{
    const team_rules *rules = &own->model->rules;
    rank *to = &own->ranks[who];
    double here = own->ranks[0].known;
    double seconds = fmax(rules->portion_s, rules->portion_s_each * own->model->ranks);
    grav_pace pace = {
        .own = to->state_speed,
        .all = here + own->elsewhere,
        .fastest = fmax(here, own->fastest),
        .left = own->left,
    };
    if (!own->left || (double)own->left < here * GRAV_CHUNK_MOMENT_S)
        return false;
    uint64_t size = grav_chunk_size(&pace, seconds, 1, own->left);
    if (!size)
        return false;
    own->idle -= to->state_idle && to->state_portions == to->given;
    to->given++;
    to->ranges += to->given_end != own->next || !to->ranges;
    own->next += size;
    to->given_end = own->next;
    own->left -= size;
    own->given = true;
    own->found.portions++;
    send_order(own, who, now, size);
    return true;
}

static void hand_out(team *own, double now)
{
    const unsigned char *end = own->asking + own->model->ranks;
    unsigned char *at = own->asking;
    while (own->left && (at = memchr(at, 1, (size_t)(end - at)))) {
        *at = !give_portion(own, (uint32_t)(at - own->asking), now);
        at++;
    }
}

static void begin_merge(team *own, double now)
{
    own->merging = true;
    own->given = false;
    own->awaited = own->model->ranks - 1;
    own->reduced_at = now;
    own->found.merges++;
    for (uint32_t who = 1; who < own->model->ranks; who++) {
        send_order(own, who, now, 0);
    }
}

static void go_on_merging(team *own, double now)
{
    if (!own->merging || own->awaited || now < own->reduced_at)
        return;
    own->merging = false;
    own->spent += own->model->costs.merge;
}

/* Merges where it is time to, and ends the run where nothing is left to do. */
static void finish(team *own, double now)
{
    const double asked = own->model->checkpoint_s, always = own->model->rules.merge_s;
    const double every = asked > 0 ? fmin(asked, always) : always;
    if (own->merging)
        return;
    bool done = !own->left && !own->ranks[0].chunk && own->idle == own->model->ranks - 1;
    bool due = every > 0 && now >= own->merge_next;
    if (due)
        own->merge_next = now + every;
    if (own->given && (done || due))
        begin_merge(own, now);
    else if (done)
        own->ended = true;
}

/* Rank 0 takes all messages that have come, and others that come meanwhile, one after another;
 * then it does what they call for. */
static void lead(team *own, double now)
{
    bench_event message;
    own->spent = 0;
    bool took = take_from_inbox(own, &message);
    if (took) {
        own->spent += own->model->costs.message;
        own->found.messages++;
        if (message.kind == EVENT_STATE)
            on_state(own, &message);
        else
            on_played(own, &message);
    } else {
        own->spent += own->model->costs.look * own->model->ranks;
        go_on_merging(own, now);
        hand_out(own, now);
        finish(own, now);
    }
    own->found.busy_s += own->spent;
    double wait_s = took ? 0 : own->model->rules.exchange_s;
    add_event(own, (bench_event){.kind = EVENT_LOOK, .time = now + own->spent + wait_s});
}

/* ---- The run --------------------------------------------------------------------------------- */

static void happen(team *own, const bench_event *event)
{
    switch (event->kind) {
    case EVENT_CHUNK:
        on_chunk(own, event->rank, event->time);
        break;
    case EVENT_LOOK:
        if (event->rank)
            look(own, event->rank, event->time);
        else
            lead(own, event->time);
        break;
    case EVENT_ORDER:
        on_order(own, event);
        break;
    case EVENT_STATE:
    case EVENT_PLAYED:
        put_in_inbox(own, event);
        break;
    }
}

static void begin(team *own)
{
    const team_model *model = own->model;
    own->left = model->sessions;
    own->idle = model->ranks - 1;
    own->merge_next = model->checkpoint_s > 0 ? model->checkpoint_s : model->rules.merge_s;
    for (uint32_t who = 0; who < model->ranks; who++) {
        own->found.ideal_s += model->speeds[who];
        own->ranks[who] = (rank){
            .speed = model->speeds[who],
            .known = model->rules.first_speed,
            .look_time = INFINITY,
            .told_idle = true,
            .state_idle = true, /* who has not said anything yet is not waited for */
        };
        if (who)
            look_by(own, who, 0);
    }
    own->found.ideal_s = (double)model->sessions / own->found.ideal_s;
    take_chunk(own, 0, 0);
    if (model->ranks > 1)
        add_event(own, (bench_event){.kind = EVENT_LOOK});
}

static void sum_up(team *own, double now, uint64_t *played)
{
    double first_end = INFINITY, last_end = 0;
    team_forecast *found = &own->found;
    for (uint32_t who = 0; who < own->model->ranks; who++) {
        first_end = fmin(first_end, own->ranks[who].end);
        last_end = fmax(last_end, own->ranks[who].end);
        found->sessions += own->ranks[who].played;
        if (played)
            played[who] = own->ranks[who].played;
    }
    found->seconds = now;
    found->tail_s = last_end - first_end;
    found->merge_s = now - last_end;
}

static grav_status play(team *own, uint64_t *played, grav_error *err)
{
    bench_event event = {0};
    begin(own);
    const double limit = too_long * (1 + own->found.ideal_s);
    while (!own->ended && !own->no_memory && event.time < limit &&
           bench_events_next(&own->events, &event))
        happen(own, &event);
    if (own->no_memory)
        return grav_no_memory(err, "the model of a team");
    if (!own->ended)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "at these costs rank 0 cannot keep up with the messages of %u ranks",
                         (unsigned)own->model->ranks);
    sum_up(own, event.time + own->spent, played);
    return GRAV_OK;
}

grav_status team_model_play(const team_model *model, uint64_t *played, team_forecast *out,
                            grav_error *err)
{
    team own = {.model = model};
    own.ranks = calloc(model->ranks, sizeof *own.ranks);
    own.asking = calloc(model->ranks, 1);
    grav_status status = own.ranks && own.asking ? play(&own, played, err)
                                                 : grav_no_memory(err, "the model of a team");
    *out = own.found;
    bench_events_free(&own.events);
    free(own.inbox);
    free(own.ranks);
    free(own.asking);
    return status;
}
