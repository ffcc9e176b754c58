#include "batch_answers.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch_output.h"

/* Stands in a slot for an answer that will not come. */
static char none[1];

void cli_answers_init(cli_answers *answers, int file, bool in_order)
{
    *answers = (cli_answers){.file = file, .in_order = in_order};
    pthread_mutex_init(&answers->mutex, NULL);
}

void cli_answers_free(cli_answers *answers)
{
    pthread_mutex_destroy(&answers->mutex);
    free(answers->slots);
}

static char **slot_of(const cli_answers *answers, uint64_t place)
{
    return &answers->slots[place & (answers->slot_count - 1)];
}

static bool reserve_slot(cli_answers *answers)
{
    size_t count = answers->slot_count ? 2 * answers->slot_count : 64;
    if (answers->end - answers->next < answers->slot_count)
        return true;
    char **slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    for (uint64_t place = answers->next; place < answers->end; place++)
        slots[place & (count - 1)] = *slot_of(answers, place);
    free(answers->slots);
    answers->slots = slots;
    answers->slot_count = count;
    return true;
}

bool cli_answers_place(cli_answers *answers, uint64_t *place)
{
    pthread_mutex_lock(&answers->mutex);
    bool good = !answers->in_order || reserve_slot(answers);
    *place = answers->end;
    answers->end += good;
    pthread_mutex_unlock(&answers->mutex);
    return good;
}

/* Takes away an answer that was written in part: a file of ours ends with a whole one. Standard
 * output may hold what is not ours. */
static void cut(const cli_answers *answers, off_t end)
{
    struct stat about;
    if (answers->file != STDOUT_FILENO && end >= 0 && fstat(answers->file, &about) == 0 &&
        S_ISREG(about.st_mode) && ftruncate(answers->file, end) != 0)
        return; /* --resume cuts it off, too */
}

static void write_one(cli_answers *answers, char *text)
{
    if (text == none)
        return;
    if (!answers->failure) {
        off_t end = answers->file == STDOUT_FILENO ? -1 : lseek(answers->file, 0, SEEK_END);
        answers->failure = cli_output_write(answers->file, text, strlen(text));
        if (answers->failure)
            cut(answers, end);
    }
    answers->lost += answers->failure != 0;
    free(text);
}

/* Writes what has its turn. */
static void write_in_order(cli_answers *answers)
{
    while (answers->next < answers->end && *slot_of(answers, answers->next)) {
        char *text = *slot_of(answers, answers->next);
        *slot_of(answers, answers->next++) = NULL;
        answers->waiting -= strlen(text);
        write_one(answers, text);
    }
}

void cli_answers_put(cli_answers *answers, uint64_t place, char *text)
{
    text = text ? text : none;
    pthread_mutex_lock(&answers->mutex);
    if (answers->in_order) {
        *slot_of(answers, place) = text;
        answers->waiting += strlen(text);
        write_in_order(answers);
    } else {
        write_one(answers, text);
    }
    pthread_mutex_unlock(&answers->mutex);
}

size_t cli_answers_waiting(cli_answers *answers)
{
    pthread_mutex_lock(&answers->mutex);
    size_t waiting = answers->waiting;
    pthread_mutex_unlock(&answers->mutex);
    return waiting;
}

int cli_answers_failure(cli_answers *answers)
{
    pthread_mutex_lock(&answers->mutex);
    int failure = answers->failure;
    pthread_mutex_unlock(&answers->mutex);
    return failure;
}
