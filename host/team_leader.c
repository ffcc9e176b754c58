#include "team_leader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "error.h"
#include "team_rules.h"
#include "team_wire.h"

enum { WORKERS_TOLD_MAX = 32 };

/* One of the others. */
typedef struct member {
    bool ready;        /* has opened its workers */
    bool left_out;     /* has none left */
    uint64_t portions; /* that it was given */
    grav_wire_state state;
    grav_worker_info *workers;
    size_t worker_count;
} member;

struct grav_leader {
    grav_team *team;
    grav_crew *crew;
    uint64_t run;
    member *members; /* by rank; nobody is 0 */
    uint64_t merges; /* reductions begun */
    bool merging;
    size_t awaited; /* of them have not told yet what they have given */
    uint64_t *words;
    grav_tally tally;         /* what the reduction has found */
    grav_ranges played;       /* in it; in any order until all have told */
    double merged_s;          /* when the last one began */
    grav_found merging_found; /* about what the reduction will find */
    bool given;               /* anything since all were idle and all was merged */
    bool stopped;             /* everyone was told */
    bool told_own;            /* workers of this process */
    size_t told;              /* workers */
    char notice[512];         /* the last one of the others: many may have the same to tell */
};

/* ---- Telling --------------------------------------------------------------------------------- */

/* A text of a member's, with who it is from. */
static grav_error named(int rank, const grav_wire_text *text)
{
    grav_error line = text->error;
    char who[128];
    snprintf(who, sizeof who, "rank %d on %.63s", rank, text->host);
    if (strncmp(line.message, who, strlen(who)) != 0) /* workers' names start so */
        grav_fail_in(&line, line.status, who);
    return line;
}

static void tell_worker(grav_leader *leader, const grav_worker_info *worker)
{
    if (leader->run > 1) /* as in the first one */
        return;
    if (leader->told++ < WORKERS_TOLD_MAX)
        grav_crew_tell(leader->crew, worker->text);
    else if (leader->told == WORKERS_TOLD_MAX + 1)
        grav_crew_tell(leader->crew, "and more workers, which are not told one by one");
}

/* Warns where two processes play on one GPU. */
static void warn_of_sharing(grav_leader *leader, const grav_worker_info *a,
                            const grav_worker_info *b)
{
    grav_error line;
    if (a->backend != GRAV_BACKEND_CUDA || a->rank == b->rank || !*a->pci_bus_id ||
        strcmp(a->pci_bus_id, b->pci_bus_id) != 0 || strcmp(a->host, b->host) != 0)
        return;
    grav_fail(&line, GRAV_OK,
              "ranks %d and %d on %s share one GPU, which gains nothing: start one rank a GPU",
              a->rank < b->rank ? a->rank : b->rank, a->rank < b->rank ? b->rank : a->rank,
              a->host);
    grav_crew_tell(leader->crew, line.message);
}

/* Warns where anybody known plays on the same GPU. */
static void look_for_sharing(grav_leader *leader, const grav_worker_info *worker)
{
    if (worker->backend != GRAV_BACKEND_CUDA)
        return;
    for (size_t i = 0; i < leader->crew->count; i++)
        warn_of_sharing(leader, &leader->crew->workers[i].info, worker);
    for (int rank = 1; rank < leader->team->size; rank++)
        for (size_t i = 0; i < leader->members[rank].worker_count; i++)
            warn_of_sharing(leader, &leader->members[rank].workers[i], worker);
}

static void tell_member(grav_leader *leader, int rank)
{
    const member *own = &leader->members[rank];
    for (size_t i = 0; i < own->worker_count; i++) {
        tell_worker(leader, &own->workers[i]);
        look_for_sharing(leader, &own->workers[i]);
    }
}

static void tell_notice(grav_leader *leader, int rank, const grav_wire_text *text)
{
    if (strcmp(leader->notice, text->error.message) == 0)
        return;
    memcpy(leader->notice, text->error.message, sizeof leader->notice);
    grav_error line = named(rank, text);
    grav_crew_tell(leader->crew, line.message);
}

/* ---- Beginning and ending -------------------------------------------------------------------- */

static grav_status send_run(grav_leader *leader, const char *text, grav_error *err)
{
    const grav_run_spec *spec = leader->crew->spec;
    grav_wire_run begin = {
        .head = {GRAV_WIRE_RUN, leader->run},
        .backend = spec->backend,
        .threads = spec->threads,
        .isa = spec->isa,
        .double_check = spec->double_check,
        .devices = spec->device_count,
    };
    const size_t most = sizeof begin.device / sizeof *begin.device;
    if (spec->device_count > most)
        return grav_fail(err, GRAV_ERROR_INVALID, "a team plays on at most %zu devices a machine",
                         most);
    for (size_t i = 0; i < spec->device_count; i++)
        begin.device[i] = spec->devices[i];
    grav_wire_program(begin.program);
    const size_t size = sizeof begin + strlen(text);
    char *message = malloc(size);
    if (!message)
        return grav_no_memory(err, "a message to the team");
    memcpy(message, &begin, sizeof begin);
    memcpy(message + sizeof begin, text, size - sizeof begin);
    grav_status status = GRAV_OK;
    for (int rank = 1; status == GRAV_OK && rank < leader->team->size; rank++)
        status = leader->team->send(leader->team, rank, message, size, err);
    leader->team->broken |= status != GRAV_OK;
    free(message);
    return status;
}

static grav_status allocate(grav_leader *leader, const grav_result *model, grav_error *err)
{
    grav_status status = grav_tally_init(&leader->tally, model->tally.length, err);
    leader->members = calloc((size_t)leader->team->size, sizeof *leader->members);
    leader->words = calloc(grav_wire_words(&leader->tally), sizeof *leader->words);
    if (status == GRAV_OK && (!leader->members || !leader->words))
        status = grav_no_memory(err, "the team");
    return status;
}

static void free_leader(grav_leader *leader)
{
    for (int rank = 0; leader->members && rank < leader->team->size; rank++)
        free(leader->members[rank].workers);
    free(leader->members);
    free(leader->words);
    grav_tally_free(&leader->tally);
    grav_ranges_free(&leader->played);
    free(leader);
}

grav_status grav_leader_begin(grav_team *team, grav_crew *crew, const grav_result *model,
                              grav_leader **out, grav_error *err)
{
    grav_result *empty = NULL;
    char *text = NULL;
    grav_leader *leader = calloc(1, sizeof *leader);
    if (!leader)
        return grav_no_memory(err, "the team");
    *leader =
        (grav_leader){.team = team, .crew = crew, .run = ++team->runs, .merged_s = grav_now_s()};
    grav_status status = allocate(leader, model, err);
    if (status == GRAV_OK)
        status = grav_result_create_like(model, &empty, err);
    if (status == GRAV_OK)
        status = grav_result_json(empty, NULL, &text, err);
    if (status == GRAV_OK)
        status = send_run(leader, text, err);
    free(text);
    grav_result_destroy(empty);
    if (status == GRAV_OK)
        *out = leader;
    else
        free_leader(leader);
    return status;
}

/* Sends one order to all. */
static grav_status order_all(const grav_leader *leader, grav_wire_order order, grav_error *err)
{
    grav_status status = GRAV_OK;
    order.head = (grav_wire_head){GRAV_WIRE_ORDER, leader->run};
    for (int rank = 1; status == GRAV_OK && rank < leader->team->size; rank++)
        status = leader->team->send(leader->team, rank, &order, sizeof order, err);
    return status;
}

void grav_leader_end(grav_leader *leader)
{
    if (!leader)
        return;
    if (leader->team->broken) /* and may still write to what is the leader's */
        return;
    grav_wire_order end = {.merges = leader->merges, .end = true};
    leader->team->broken = order_all(leader, end, NULL) != GRAV_OK;
    free_leader(leader);
}

const grav_worker_info *grav_leader_next(const grav_leader *leader, grav_leader_place *place)
{
    for (; leader && place->rank < leader->team->size; place->rank++, place->worker = 0) {
        const member *own = &leader->members[place->rank];
        if (place->worker < own->worker_count)
            return &own->workers[place->worker++];
    }
    return NULL;
}

/* ---- What members send ----------------------------------------------------------------------- */

/* Takes over who plays there, and what. */
static grav_status on_played(grav_leader *leader, int rank, const char *message, size_t size,
                             grav_error *err)
{
    grav_wire_played played;
    member *from = &leader->members[rank];
    if (size < sizeof played)
        return grav_fail(err, GRAV_ERROR_DEVICE, "rank %d sent half a message", rank);
    memcpy(&played, message, sizeof played);
    const size_t ranges_size = played.range_count * sizeof(grav_range);
    const size_t workers_size = played.worker_count * sizeof *from->workers;
    if (size != sizeof played + ranges_size + workers_size)
        return grav_fail(err, GRAV_ERROR_DEVICE, "rank %d sent half a message", rank);
    grav_worker_info *workers = realloc(from->workers, workers_size ? workers_size : 1);
    if (!workers)
        return grav_no_memory(err, "the list of workers");
    from->workers = workers;
    from->worker_count = played.worker_count;
    if (workers_size)
        memcpy(workers, message + sizeof played + ranges_size, workers_size);
    grav_status status =
        grav_ranges_reserve(&leader->played, leader->played.count + played.range_count, err);
    if (status == GRAV_OK && ranges_size)
        memcpy(leader->played.items + leader->played.count, message + sizeof played, ranges_size);
    if (status == GRAV_OK)
        leader->played.count += played.range_count;
    return status;
}

static void on_state(member *from, const grav_wire_state *state)
{
    from->state = *state;
    from->ready = true;
}

/* Nobody plays there any more. */
static void on_trouble(grav_leader *leader, grav_desk *desk, int rank, const grav_wire_text *text)
{
    grav_error line = named(rank, text);
    leader->members[rank].left_out = true;
    if (!text->opened || text->error.status == GRAV_ERROR_MISMATCH) {
        grav_desk_fail(desk, &line);
        return;
    }
    grav_error told;
    grav_fail(&told, line.status, "%.480s; it is left out", line.message);
    grav_crew_tell(leader->crew, told.message);
}

static grav_status take_message(grav_leader *leader, grav_desk *desk, int rank, const char *message,
                                size_t size, grav_error *err)
{
    grav_wire_head head;
    grav_wire_state state;
    grav_wire_text text;
    grav_status status = GRAV_OK;
    memcpy(&head, message, sizeof head);
    if (head.run != leader->run) /* said of a run that is over */
        return GRAV_OK;
    switch (head.kind) {
    case GRAV_WIRE_READY:
        status = on_played(leader, rank, message, size, err);
        tell_member(leader, rank);
        break;
    case GRAV_WIRE_PLAYED:
        leader->awaited--;
        status = on_played(leader, rank, message, size, err);
        break;
    case GRAV_WIRE_STATE:
        memcpy(&state, message, sizeof state);
        on_state(&leader->members[rank], &state);
        break;
    case GRAV_WIRE_TROUBLE:
        memcpy(&text, message, sizeof text);
        on_trouble(leader, desk, rank, &text);
        break;
    case GRAV_WIRE_NOTICE:
        memcpy(&text, message, sizeof text);
        tell_notice(leader, rank, &text);
        break;
    default:
        break;
    }
    return status;
}

static grav_status take_messages(grav_leader *leader, grav_desk *desk, grav_error *err)
{
    for (;;) {
        int rank;
        void *message;
        size_t size;
        grav_status status = leader->team->receive(leader->team, &rank, &message, &size, err);
        if (status != GRAV_OK || !message)
            return status;
        status = take_message(leader, desk, rank, message, size, err);
        free(message);
        if (status != GRAV_OK)
            return status;
    }
}

/* ---- How they stand -------------------------------------------------------------------------- */

static bool plays(const member *own)
{
    return own->ready && !own->left_out;
}

/* Whether what it has said is said with everything that it was given. */
static bool is_up_to_date(const member *own)
{
    return own->state.portions == own->portions;
}

static bool is_idle(const member *own)
{
    return !plays(own) || (own->state.idle && is_up_to_date(own));
}

static bool all_idle(const grav_leader *leader)
{
    for (int rank = 1; rank < leader->team->size; rank++)
        if (!is_idle(&leader->members[rank]))
            return false;
    return true;
}

/* ---- Merging --------------------------------------------------------------------------------- */

static void add_found(grav_found *into, const grav_found *from)
{
    grav_part best = {.max_score = into->max_score, .max_session = into->max_session};
    grav_part_offer(&best, from->max_score, from->max_session);
    *into = (grav_found){into->sessions + from->sessions, best.max_score, best.max_session};
}

/* What the others have found that is not merged yet. */
static grav_found found_by_members(const grav_leader *leader)
{
    grav_found found = {.max_session = GRAV_NO_SESSION};
    if (leader->merging)
        found = leader->merging_found;
    for (int rank = 1; rank < leader->team->size; rank++) {
        const member *own = &leader->members[rank];
        if (own->ready && own->state.merges == leader->merges) /* else it is in the reduction */
            add_found(&found, &own->state.found);
    }
    return found;
}

/* Merges what the reduction has found. */
static void merge(grav_leader *leader, grav_desk *desk)
{
    grav_error err;
    grav_status status = grav_ranges_sort(&leader->played, &err);
    if (status == GRAV_OK)
        status = grav_desk_merge(desk, &leader->played, &leader->tally, &err);
    if (status != GRAV_OK)
        grav_desk_fail(desk, &err);
}

static grav_status begin_merge(grav_leader *leader, grav_error *err)
{
    leader->merged_s = grav_now_s();
    leader->merging_found = found_by_members(leader);
    leader->merges++;
    leader->merging = true;
    leader->given = !all_idle(leader); /* what they play now is of the next one */
    leader->awaited = (size_t)leader->team->size - 1;
    leader->played.count = 0;
    grav_tally_clear(&leader->tally);
    grav_wire_from_tally(&leader->tally, leader->words); /* what is played here is merged already */
    grav_status status =
        leader->team->reduce(leader->team, leader->words, grav_wire_words(&leader->tally), err);
    return status == GRAV_OK ? order_all(leader, (grav_wire_order){.merges = leader->merges}, err)
                             : status;
}

/* Looks whether a reduction has come to its end. */
static grav_status go_on_merging(grav_leader *leader, grav_desk *desk, grav_error *err)
{
    bool done = false;
    grav_status status = GRAV_OK;
    if (!leader->merging || leader->awaited)
        return GRAV_OK;
    status = leader->team->reduced(leader->team, &done, err);
    if (status != GRAV_OK || !done)
        return status;
    leader->merging = false;
    grav_wire_to_tally(leader->words, &leader->tally);
    merge(leader, desk);
    return GRAV_OK;
}

/* ---- Handing out ----------------------------------------------------------------------------- */

/* Tells the desk how the others stand. How many play, or will? */
static size_t note_members(const grav_leader *leader, grav_desk *desk)
{
    grav_elsewhere all = {.found = found_by_members(leader)};
    for (int rank = 1; rank < leader->team->size; rank++) {
        const member *own = &leader->members[rank];
        all.workers += !own->left_out;
        if (!plays(own))
            continue;
        all.speed += own->state.speed;
        if (own->state.fastest > all.fastest)
            all.fastest = own->state.fastest;
    }
    grav_desk_note_elsewhere(desk, &all);
    return all.workers;
}

static grav_status hand_out(grav_leader *leader, grav_desk *desk, grav_error *err)
{
    grav_status status = GRAV_OK;
    double seconds = fmax(GRAV_RULE_PORTION_S, GRAV_RULE_PORTION_EACH_S * leader->team->size);
    for (int rank = 1; status == GRAV_OK && rank < leader->team->size; rank++) {
        member *own = &leader->members[rank];
        grav_wire_order order = {.head = {GRAV_WIRE_ORDER, leader->run}, .merges = leader->merges};
        if (!plays(own) || !own->state.wants || !is_up_to_date(own) ||
            !grav_desk_hand_out(desk, own->state.speed, seconds, &order.portion))
            continue;
        own->portions++;
        leader->given = true;
        status = leader->team->send(leader->team, rank, &order, sizeof order, err);
    }
    return status;
}

static grav_status stop_all(grav_leader *leader, grav_error *err)
{
    if (leader->stopped)
        return GRAV_OK;
    leader->stopped = true;
    return order_all(leader, (grav_wire_order){.merges = leader->merges, .stop = true}, err);
}

/* Ends the schedule where nothing is left: merges, and lets play again what did not come back. */
static grav_status finish(grav_leader *leader, grav_desk *desk, const grav_desk_view *view,
                          grav_error *err)
{
    if (leader->merging || !view->idle || !all_idle(leader))
        return GRAV_OK;
    if (leader->given)
        return begin_merge(leader, err);
    if (view->stopped || !grav_desk_recall(desk))
        grav_desk_close(desk);
    return GRAV_OK;
}

/* Fails where neither here nor elsewhere anybody is left. */
static void look_for_workers(grav_desk *desk, const grav_desk_view *view, size_t elsewhere)
{
    grav_error nobody;
    if (view->workers || elsewhere || view->stopped)
        return;
    grav_fail(&nobody, GRAV_ERROR_DEVICE, "nobody is left to play");
    grav_desk_fail(desk, &nobody);
}

/* Has everything merged that was found, wherever. */
static grav_status merge_all(grav_leader *leader, grav_desk *desk, grav_error *err)
{
    if (leader->merging)
        return GRAV_OK;
    if (leader->given)
        return begin_merge(leader, err);
    leader->played.count = 0;
    grav_tally_clear(&leader->tally);
    merge(leader, desk);
    return GRAV_OK;
}

/* One step of it. */
static grav_status exchange(grav_leader *leader, grav_desk *desk, grav_error *err)
{
    grav_desk_view view;
    grav_status status = take_messages(leader, desk, err);
    if (status == GRAV_OK)
        status = go_on_merging(leader, desk, err);
    size_t elsewhere = note_members(leader, desk);
    grav_desk_look(desk, &view);
    look_for_workers(desk, &view, elsewhere);
    if (status == GRAV_OK && view.stopped)
        status = stop_all(leader, err);
    if (status == GRAV_OK && view.left && !view.stopped)
        status = hand_out(leader, desk, err);
    bool is_due = leader->given && grav_now_s() - leader->merged_s >= GRAV_RULE_MERGE_S;
    if (status == GRAV_OK && (view.wants_merge || is_due))
        status = merge_all(leader, desk, err);
    grav_desk_look(desk, &view);
    return status == GRAV_OK ? finish(leader, desk, &view, err) : status;
}

grav_status grav_leader_exchange(grav_desk *desk, void *partner, grav_error *err)
{
    grav_leader *leader = partner;
    for (size_t i = leader->told_own ? leader->crew->count : 0; i < leader->crew->count; i++)
        tell_worker(leader, &leader->crew->workers[i].info);
    leader->told_own = true;
    grav_status status = exchange(leader, desk, err);
    leader->team->broken |= status != GRAV_OK;
    return status;
}
