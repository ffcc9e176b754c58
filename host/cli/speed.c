#include "speed.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

enum { TOLD_MAX = 16 }; /* of more workers the number is told */

typedef struct worker_list {
    grav_worker_summary told[TOLD_MAX]; /* those that played most, most first */
    size_t told_count, count;
    double sessions; /* of all workers */
} worker_list;

/* Puts a worker in its place among those told. Equal ones keep their order. */
static void place(worker_list *list, const grav_worker_summary *worker)
{
    size_t at = list->told_count;
    for (; at > 0 && list->told[at - 1].sessions < worker->sessions; at--)
        if (at < TOLD_MAX)
            list->told[at] = list->told[at - 1];
    if (at < TOLD_MAX)
        list->told[at] = *worker;
    if (list->told_count < TOLD_MAX)
        list->told_count++;
}

static worker_list list_workers(const grav_result *result)
{
    worker_list list = {0};
    grav_worker_summary worker;
    for (; grav_result_worker(result, list.count, &worker); list.count++) {
        list.sessions += (double)worker.sessions;
        place(&list, &worker);
    }
    return list;
}

static cli_words share_text(const worker_list *list, const grav_worker_summary *worker)
{
    if (!worker->sessions)
        return (cli_words){"0 %"};
    return text_percent((double)worker->sessions / list->sessions);
}

static cli_words rate_text(const grav_worker_summary *worker)
{
    return worker->sessions_per_s > 0 ? text_rate(worker->sessions_per_s) : (cli_words){""};
}

static int wider(int width, cli_words words)
{
    int length = (int)strlen(words.text);
    return length > width ? length : width;
}

static void print_workers(const worker_list *list)
{
    int share_width = 0, rate_width = 0;
    for (size_t i = 0; i < list->told_count; i++) {
        share_width = wider(share_width, share_text(list, &list->told[i]));
        rate_width = wider(rate_width, rate_text(&list->told[i]));
    }
    for (size_t i = 0; i < list->told_count; i++) {
        printf("%16s%*s  ", "", share_width, share_text(list, &list->told[i]).text);
        if (rate_width)
            printf("%*s  ", rate_width, rate_text(&list->told[i]).text);
        printf("%s\n", list->told[i].text);
    }
    if (list->count > list->told_count)
        printf("%16s%s and %s\n", "", text_unicode() ? "…" : "...",
               text_counted(list->count - list->told_count, "more worker").text);
}

void speed_print(const grav_result *result)
{
    grav_timing timing;
    const worker_list list = list_workers(result);
    grav_result_timing(result, &timing);
    printf("%-16s%s in %s (%s)\n", "Speed", text_rate(timing.sessions_per_s).text,
           text_seconds(timing.play_s).text,
           list.count == 1 ? list.told[0].text : text_counted(list.count, "worker").text);
    if (list.count > 1)
        print_workers(&list);
}
