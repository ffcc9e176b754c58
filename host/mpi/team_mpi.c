#include "team_mpi.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

/* Errors of MPI itself end the job: that is its default, and what it promises of the state after
 * one leaves no choice. */

/* A message on its way. */
typedef struct letter {
    struct letter *next;
    MPI_Request request;
    char text[];
} letter;

typedef struct mpi_state {
    MPI_Comm messages, reductions; /* whose traffic is nobody else's */
    MPI_Op add;
    MPI_Request reduction;
    letter *sent; /* that may still be on their way */
} mpi_state;

enum { TAG = 0 };

/* ---- Messages -------------------------------------------------------------------------------- */

/* Forgets what has gone. */
static void clear_sent(mpi_state *mpi)
{
    letter **at = &mpi->sent;
    while (*at) {
        int gone;
        letter *one = *at;
        MPI_Test(&one->request, &gone, MPI_STATUS_IGNORE);
        if (gone) {
            *at = one->next;
            free(one);
        } else {
            at = &one->next;
        }
    }
}

static grav_status mpi_send(grav_team *team, int to, const void *message, size_t size,
                            grav_error *err)
{
    mpi_state *mpi = team->state;
    if (size > INT32_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID, "a message of %zu bytes is too long", size);
    letter *one = malloc(sizeof *one + size);
    if (!one)
        return grav_no_memory(err, "a message");
    memcpy(one->text, message, size);
    MPI_Isend(one->text, (int)size, MPI_BYTE, to, TAG, mpi->messages, &one->request);
    one->next = mpi->sent;
    mpi->sent = one;
    return GRAV_OK;
}

static grav_status mpi_receive(grav_team *team, int *from, void **message, size_t *size,
                               grav_error *err)
{
    mpi_state *mpi = team->state;
    MPI_Status status;
    int come, length;
    clear_sent(mpi);
    *message = NULL;
    MPI_Iprobe(MPI_ANY_SOURCE, TAG, mpi->messages, &come, &status);
    if (!come)
        return GRAV_OK;
    MPI_Get_count(&status, MPI_BYTE, &length);
    void *text = malloc((size_t)length);
    if (!text)
        return grav_no_memory(err, "a message");
    MPI_Recv(text, length, MPI_BYTE, status.MPI_SOURCE, TAG, mpi->messages, MPI_STATUS_IGNORE);
    *from = status.MPI_SOURCE;
    *message = text;
    *size = (size_t)length;
    return GRAV_OK;
}

/* ---- Reductions ------------------------------------------------------------------------------ */

/* The operation: an element is a whole tally. */
static void add_tallies(void *from, void *into, int *count, MPI_Datatype *type)
{
    int size;
    MPI_Type_size(*type, &size);
    const size_t words = (size_t)size / sizeof(uint64_t);
    for (size_t i = 0; i < (size_t)*count; i++)
        grav_team_add_words((const uint64_t *)from + i * words, (uint64_t *)into + i * words,
                            words);
}

static grav_status mpi_reduce(grav_team *team, uint64_t *words, size_t count, grav_error *err)
{
    mpi_state *mpi = team->state;
    MPI_Datatype tally;
    (void)err;
    MPI_Type_contiguous((int)count, MPI_UINT64_T, &tally);
    MPI_Type_commit(&tally);
    if (team->rank == 0)
        MPI_Ireduce(MPI_IN_PLACE, words, 1, tally, mpi->add, 0, mpi->reductions, &mpi->reduction);
    else
        MPI_Ireduce(words, NULL, 1, tally, mpi->add, 0, mpi->reductions, &mpi->reduction);
    MPI_Type_free(&tally);
    return GRAV_OK;
}

static grav_status mpi_reduced(grav_team *team, bool *done, grav_error *err)
{
    mpi_state *mpi = team->state;
    int flag;
    (void)err;
    MPI_Test(&mpi->reduction, &flag, MPI_STATUS_IGNORE);
    *done = flag != 0;
    return GRAV_OK;
}

/* ---- The team -------------------------------------------------------------------------------- */

/* This process's share of the processors it may run on: processes that may run on the same ones
 * share them evenly. */
static unsigned threads_of(MPI_Comm machine, int size)
{
    cpu_set_t own, *all = malloc((size_t)size * sizeof *all);
    CPU_ZERO(&own);
    sched_getaffinity(0, sizeof own, &own);
    unsigned sharing = 0, processors = (unsigned)CPU_COUNT(&own);
    if (!all) /* all must take part, and one that has no memory will soon say so */
        MPI_Abort(MPI_COMM_WORLD, 1);
    MPI_Allgather(&own, sizeof own, MPI_BYTE, all, sizeof own, MPI_BYTE, machine);
    for (int i = 0; i < size; i++)
        sharing += CPU_EQUAL(&own, &all[i]) != 0;
    free(all);
    return sharing < processors ? processors / sharing : 1;
}

/* Finds out who is where. */
static void look_around(grav_team *team)
{
    MPI_Comm machine;
    char name[MPI_MAX_PROCESSOR_NAME];
    int length;
    MPI_Comm_rank(MPI_COMM_WORLD, &team->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &team->size);
    MPI_Get_processor_name(name, &length);
    snprintf(team->host, sizeof team->host, "%.63s", name);
    grav_make_printable(team->host);
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, team->rank, MPI_INFO_NULL, &machine);
    MPI_Comm_rank(machine, &team->local_rank);
    MPI_Comm_size(machine, &team->local_size);
    team->threads = threads_of(machine, team->local_size);
    MPI_Comm_free(&machine);
}

grav_status grav_team_mpi_create(grav_team **out, grav_error *err)
{
    grav_team *team = calloc(1, sizeof *team);
    mpi_state *mpi = calloc(1, sizeof *mpi);
    if (!team || !mpi) {
        free(team);
        free(mpi);
        return grav_no_memory(err, "the team");
    }
    *team = (grav_team){
        .send = mpi_send,
        .receive = mpi_receive,
        .reduce = mpi_reduce,
        .reduced = mpi_reduced,
        .state = mpi,
    };
    look_around(team);
    mpi->reduction = MPI_REQUEST_NULL;
    MPI_Comm_dup(MPI_COMM_WORLD, &mpi->messages);
    MPI_Comm_dup(MPI_COMM_WORLD, &mpi->reductions);
    MPI_Op_create(add_tallies, 1, &mpi->add);
    *out = team;
    return GRAV_OK;
}

void grav_team_mpi_destroy(grav_team *team)
{
    mpi_state *mpi = team->state;
    for (letter *one = mpi->sent, *next; one; one = next) {
        next = one->next;
        MPI_Wait(&one->request, MPI_STATUS_IGNORE);
        free(one);
    }
    MPI_Op_free(&mpi->add);
    MPI_Comm_free(&mpi->reductions);
    MPI_Comm_free(&mpi->messages);
    free(mpi);
    free(team);
}
