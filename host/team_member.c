/* The others of a team: they play what rank 0 hands them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "crew.h"
#include "error.h"
#include "scheduler.h"
#include "team_rules.h"
#include "team_wire.h"

/* Between runs it looks for messages this often. */
static const struct timespec between_runs = {.tv_nsec = 1000000};

enum { NOTICES_MAX = 16 }; /* that wait to be sent: of more in a millisecond nobody reads */

/* What this process does in one run. */
typedef struct serving {
    grav_team *team;
    uint64_t run; /* its number */
    grav_run_spec spec;
    int devices[64];
    grav_result *model;
    grav_crew crew;
    grav_schedule schedule;
    bool opened; /* there was somebody to play */

    /* Notices come from any thread, and are sent by the one that plays the schedule. */
    pthread_mutex_t mutex;
    grav_error notices[NOTICES_MAX];
    size_t notice_count;

    grav_wire_state told; /* how things stood when rank 0 was last told */
    double told_s;
    uint64_t portions; /* that have come */
    uint64_t merges;   /* reductions that were asked for */
    uint64_t merged;   /* and taken part in */
    bool merging;      /* one is under way */
    uint64_t *words;   /* of it */
    bool in_trouble;   /* nobody plays here any more, and rank 0 knows */
    bool end;
} serving;

static grav_wire_head head_of(const serving *own, grav_wire_kind kind)
{
    return (grav_wire_head){kind, own->run};
}

/* ---- Telling --------------------------------------------------------------------------------- */

static grav_status send_text(serving *own, grav_wire_kind kind, const grav_error *what,
                             grav_error *err)
{
    grav_wire_text text = {.head = head_of(own, kind), .opened = own->opened, .error = *what};
    memcpy(text.host, own->team->host, sizeof text.host);
    return own->team->send(own->team, 0, &text, sizeof text, err);
}

static void on_notice(const char *message, void *data)
{
    serving *own = data;
    pthread_mutex_lock(&own->mutex);
    if (own->notice_count < NOTICES_MAX)
        snprintf(own->notices[own->notice_count++].message, sizeof own->notices[0].message, "%s",
                 message);
    pthread_mutex_unlock(&own->mutex);
}

static grav_status send_notices(serving *own, grav_error *err)
{
    grav_status status = GRAV_OK;
    pthread_mutex_lock(&own->mutex);
    for (size_t i = 0; status == GRAV_OK && i < own->notice_count; i++)
        status = send_text(own, GRAV_WIRE_NOTICE, &own->notices[i], err);
    own->notice_count = 0;
    pthread_mutex_unlock(&own->mutex);
    return status;
}

static grav_status tell_trouble(serving *own, const grav_error *why, grav_error *err)
{
    if (own->in_trouble)
        return GRAV_OK;
    own->in_trouble = true;
    return send_text(own, GRAV_WIRE_TROUBLE, why, err);
}

/* Tells rank 0 how things stand, where that is news, and now and then anyway. */
static grav_status tell_state(serving *own, const grav_desk_view *view, grav_error *err)
{
    const grav_wire_state *told = &own->told;
    grav_wire_state state = {
        .head = head_of(own, GRAV_WIRE_STATE),
        .portions = own->portions,
        .merges = own->merged,
        .wants =
            !view->stopped && view->workers && (double)view->left < view->speed * GRAV_RULE_LOW_S,
        .idle = view->idle,
        .speed = view->speed,
        .fastest = view->fastest,
        .found = view->found,
    };
    bool news = state.wants != told->wants || state.idle != told->idle ||
                (state.portions != told->portions && (state.wants || state.idle));
    double every_s = fmax(GRAV_RULE_TELL_S, GRAV_RULE_TELL_EACH_S * own->team->size);
    if (!news && grav_now_s() - own->told_s < every_s)
        return GRAV_OK;
    own->told = state;
    own->told_s = grav_now_s();
    return own->team->send(own->team, 0, &state, sizeof state, err);
}

/* ---- Merging --------------------------------------------------------------------------------- */

/* Gives what was found since the last time. */
static grav_status begin_merge(serving *own, grav_desk *desk, grav_error *err)
{
    grav_haul haul = {0};
    grav_wire_head head = head_of(own, GRAV_WIRE_PLAYED);
    grav_status status = grav_desk_carry_off(desk, &haul, err);
    if (status == GRAV_OK) {
        grav_wire_from_tally(&haul.tally, own->words);
        own->merging = true;
        own->merged++;
        status = grav_wire_send_played(own->team, &head, &haul.ranges, haul.workers,
                                       haul.worker_count, err);
    }
    if (status == GRAV_OK)
        status = own->team->reduce(own->team, own->words, grav_wire_words(&haul.tally), err);
    grav_haul_free(&haul);
    return status;
}

static grav_status go_on_merging(serving *own, grav_desk *desk, grav_error *err)
{
    bool done = false;
    grav_status status = GRAV_OK;
    if (own->merging)
        status = own->team->reduced(own->team, &done, err);
    if (done)
        own->merging = false;
    if (status == GRAV_OK && !own->merging && own->merged < own->merges)
        status = begin_merge(own, desk, err);
    return status;
}

/* ---- What rank 0 sends ----------------------------------------------------------------------- */

static grav_status follow(serving *own, grav_desk *desk, const grav_wire_order *order,
                          grav_error *err)
{
    const grav_range *portion = &order->portion;
    own->merges = order->merges;
    own->end |= order->end != 0;
    if (order->stop)
        grav_desk_stop(desk);
    if (portion->first == portion->end)
        return GRAV_OK;
    own->portions++;
    return grav_desk_bring(desk, portion, err);
}

static grav_status take_orders(serving *own, grav_desk *desk, grav_error *err)
{
    while (!own->end) {
        int from;
        size_t size;
        void *message;
        grav_wire_order order;
        grav_status status = own->team->receive(own->team, &from, &message, &size, err);
        if (status != GRAV_OK || !message)
            return status;
        memcpy(&order, message, sizeof order.head);
        if (order.head.kind == GRAV_WIRE_ORDER && order.head.run == own->run) {
            memcpy(&order, message, sizeof order);
            status = follow(own, desk, &order, err);
        }
        free(message);
        if (status != GRAV_OK)
            return status;
    }
    return GRAV_OK;
}

static grav_status exchange(grav_desk *desk, void *partner, grav_error *err)
{
    serving *own = partner;
    grav_desk_view view;
    grav_status status = take_orders(own, desk, err);
    if (status == GRAV_OK)
        status = send_notices(own, err);
    if (status == GRAV_OK)
        status = go_on_merging(own, desk, err);
    grav_desk_look(desk, &view);
    if (status == GRAV_OK && view.failure.status != GRAV_OK && view.idle)
        status = tell_trouble(own, &view.failure, err);
    if (status == GRAV_OK && own->end && !own->merging)
        grav_desk_close(desk);
    else if (status == GRAV_OK)
        status = tell_state(own, &view, err);
    own->team->broken |= status != GRAV_OK;
    return status;
}

/* ---- A run ----------------------------------------------------------------------------------- */

/* Reads what is to be played, and where. */
static grav_status read_run(serving *own, const char *message, size_t size, grav_error *err)
{
    grav_wire_run begin;
    char program[sizeof begin.program];
    if (size < sizeof begin)
        return grav_fail(err, GRAV_ERROR_DEVICE, "rank 0 sent half a message");
    memcpy(&begin, message, sizeof begin);
    grav_wire_program(program);
    if (memcmp(program, begin.program, sizeof program) != 0)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "this is graveler %s, rank 0 has %.63s: install the same everywhere",
                         program, begin.program);
    own->run = begin.head.run;
    grav_run_spec_init(&own->spec);
    own->spec.backend = (grav_backend)begin.backend;
    own->spec.threads = (unsigned)begin.threads;
    own->spec.isa = (grav_isa)begin.isa;
    own->spec.double_check = begin.double_check != 0;
    own->spec.devices = own->devices;
    own->spec.device_count = begin.devices;
    for (size_t i = 0; i < begin.devices; i++)
        own->devices[i] = begin.device[i];
    own->spec.notice = on_notice;
    own->spec.data = own;
    return grav_result_parse(message + sizeof begin, size - sizeof begin, &own->model, err);
}

static void on_failed(const grav_worker *worker, const grav_error *why, void *data)
{
    serving *own = data;
    grav_crew_tell_left_out(&own->crew, worker, why);
}

static bool carry_on_with_cpu(const grav_error *why, void *data)
{
    serving *own = data;
    bool added = grav_crew_add_cpu(&own->crew, why);
    own->schedule.worker_count = own->crew.count;
    return added;
}

/* Opens the workers; where that fails the run is served by nobody. */
static grav_status open_crew(serving *own, grav_error *err)
{
    grav_error why = {0};
    grav_haul haul = {0};
    grav_wire_head head = head_of(own, GRAV_WIRE_READY);
    why.status = grav_crew_open(&own->crew, own->model, &why);
    if (why.status != GRAV_OK) {
        grav_crew_close(&own->crew);
        return tell_trouble(own, &why, err);
    }
    own->opened = true;
    own->schedule.workers = own->crew.workers;
    own->schedule.worker_count = own->crew.count;
    grav_status status = grav_haul_workers(&haul, &own->schedule, err);
    if (status == GRAV_OK)
        status = grav_wire_send_played(own->team, &head, &haul.ranges, haul.workers,
                                       haul.worker_count, err);
    grav_haul_free(&haul);
    return status;
}

static grav_status serve_schedule(serving *own, grav_error *err)
{
    grav_error why = {0};
    grav_ranges played = {0};
    const grav_ranges nothing = {0};
    grav_tally tally;
    own->schedule.length = own->model->tally.length;
    own->schedule.failed = on_failed;
    own->schedule.rescue = carry_on_with_cpu;
    own->schedule.data = own;
    own->schedule.exchange = exchange;
    own->schedule.partner = own;
    grav_status status = grav_tally_init(&tally, own->schedule.length, &why);
    own->words = calloc(grav_wire_words(&tally), sizeof *own->words);
    if (status == GRAV_OK && !own->words)
        status = grav_no_memory(&why, "what was played");
    if (status == GRAV_OK)
        status = grav_schedule_play(&own->schedule, &nothing, &played, &tally, &why);
    if (own->in_trouble && !own->team->broken) /* rank 0 knows, and does what is to be done */
        status = GRAV_OK;
    else if (status != GRAV_OK && err)
        *err = why;
    grav_ranges_free(&played);
    grav_tally_free(&tally);
    return status;
}

static grav_status serve_run(grav_team *team, const char *message, size_t size, grav_error *err)
{
    serving *own = calloc(1, sizeof *own);
    if (!own)
        return grav_no_memory(err, "a run");
    own->team = team;
    own->told.idle = true;
    pthread_mutex_init(&own->mutex, NULL);
    grav_status status = read_run(own, message, size, err);
    grav_crew_init(&own->crew, &own->spec, team);
    if (status == GRAV_OK)
        status = open_crew(own, err);
    if (status == GRAV_OK)
        status = serve_schedule(own, err);
    grav_crew_close(&own->crew);
    grav_crew_free(&own->crew);
    grav_result_destroy(own->model);
    if (!team->broken) /* else a reduction may still use them */
        free(own->words);
    pthread_mutex_destroy(&own->mutex);
    free(own);
    return status;
}

/* ---- All runs -------------------------------------------------------------------------------- */

/* Does what a message between runs asks for. */
static grav_status serve_message(grav_team *team, const char *message, size_t size, bool *left,
                                 grav_error *err)
{
    grav_wire_head head;
    memcpy(&head, message, sizeof head);
    if (head.kind == GRAV_WIRE_RUN)
        return serve_run(team, message, size, err);
    if (head.kind != GRAV_WIRE_LEAVE) /* an order of a run that is over */
        return GRAV_OK;
    *left = true;
    head.kind = GRAV_WIRE_LEFT;
    return team->send(team, 0, &head, sizeof head, err);
}

grav_status grav_team_serve(grav_team *team, grav_error *err)
{
    grav_status status = GRAV_OK;
    bool left = false;
    while (status == GRAV_OK && !left) {
        int from;
        size_t size;
        void *message;
        status = team->receive(team, &from, &message, &size, err);
        if (status != GRAV_OK)
            break;
        if (message)
            status = serve_message(team, message, size, &left, err);
        else
            nanosleep(&between_runs, NULL);
        free(message);
    }
    return status;
}

grav_status grav_team_dismiss(grav_team *team, grav_error *err)
{
    const grav_wire_head leave = {.kind = GRAV_WIRE_LEAVE};
    grav_status status = GRAV_OK;
    int staying = team->size - 1;
    if (team->broken)
        return grav_fail(err, GRAV_ERROR_DEVICE, "the team is broken");
    for (int rank = 1; status == GRAV_OK && rank < team->size; rank++)
        status = team->send(team, rank, &leave, sizeof leave, err);
    while (status == GRAV_OK && staying) {
        int from;
        size_t size;
        void *message;
        grav_wire_head head = {0};
        status = team->receive(team, &from, &message, &size, err);
        if (status == GRAV_OK && message)
            memcpy(&head, message, sizeof head);
        else
            nanosleep(&between_runs, NULL);
        free(message);
        staying -= head.kind == GRAV_WIRE_LEFT;
    }
    return status;
}
