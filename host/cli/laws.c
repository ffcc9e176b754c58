#include "laws.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEPT_MAX = 16,
    KEPT_SCORES_MAX = 4096, /* of each: longer ones are worked out again rather than kept */
};

struct cli_law {
    char *name; /* of the experiment, but for its target */
    grav_law *law;
    unsigned users; /* the shelf is one of them */
};

static cli_law *shelf[KEPT_MAX];
static unsigned oldest;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void leave(cli_law *law)
{
    if (!law || --law->users)
        return;
    grav_law_destroy(law->law);
    free(law->name);
    free(law);
}

static cli_law *find(const char *name)
{
    for (size_t i = 0; i < KEPT_MAX; i++)
        if (shelf[i] && strcmp(shelf[i]->name, name) == 0)
            return shelf[i];
    return NULL;
}

static void put_on_shelf(cli_law *law)
{
    uint64_t first = 0, step = 1, last = 0;
    if (law->law)
        grav_law_scores(law->law, &first, &step, &last);
    if ((last - first) / step >= KEPT_SCORES_MAX)
        return;
    leave(shelf[oldest]);
    shelf[oldest] = law;
    law->users++;
    oldest = (oldest + 1) % KEPT_MAX;
}

cli_law *cli_law_of(const grav_experiment *experiment)
{
    char *name;
    if (asprintf(&name, "%" PRIu32 " %d %s", grav_experiment_rolls(experiment),
                 (int)grav_experiment_statistic(experiment), grav_experiment_die(experiment)) < 0)
        return NULL;
    pthread_mutex_lock(&mutex);
    cli_law *law = find(name);
    if (law)
        law->users++;
    pthread_mutex_unlock(&mutex);
    if (law) {
        free(name);
        return law;
    }
    law = calloc(1, sizeof *law);
    if (!law) {
        free(name);
        return NULL;
    }
    *law = (cli_law){.name = name, .users = 1};
    grav_law_create(experiment, &law->law, NULL);
    pthread_mutex_lock(&mutex);
    if (!find(name))
        put_on_shelf(law);
    pthread_mutex_unlock(&mutex);
    return law;
}

const grav_law *cli_law_get(const cli_law *law)
{
    return law ? law->law : NULL;
}

void cli_law_give_back(cli_law *law)
{
    pthread_mutex_lock(&mutex);
    leave(law);
    pthread_mutex_unlock(&mutex);
}

void cli_laws_free(void)
{
    for (size_t i = 0; i < KEPT_MAX; i++) {
        leave(shelf[i]);
        shelf[i] = NULL;
    }
}
