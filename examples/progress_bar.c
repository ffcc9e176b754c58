/* A progress bar, and Ctrl-C that loses nothing: what was played until then is the result.
 *   ./progress_bar [SESSIONS] */
#include <graveler.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

/* Called about ten times a second; true stops the run. */
static bool draw(const grav_progress *progress, void *data)
{
    const char *bar = "########################################";
    double share = (double)progress->played / (double)progress->sessions;
    (void)data;
    fprintf(stderr, "\r[%-40.*s] %5.1f %%", (int)(40 * share), bar, 100 * share);
    return interrupted;
}

int main(int argc, char **argv)
{
    grav_experiment_spec what;
    grav_run_spec how;
    grav_experiment *experiment = NULL;
    grav_result *result = NULL;
    grav_summary summary;
    grav_error err = {GRAV_OK, ""};

    grav_experiment_spec_init(&what);
    grav_run_spec_init(&how);
    how.seed = 42;
    how.progress = draw;
    if ((argc > 1 && grav_parse_count(argv[1], 1, GRAV_SESSIONS_END, &how.sessions, &err)) ||
        grav_experiment_create(&what, &experiment, &err) != GRAV_OK) {
        fprintf(stderr, "progress_bar: %s\n", err.message);
        return 2;
    }
    signal(SIGINT, on_interrupt);
    grav_status status = grav_run(experiment, &how, &result, &err);
    grav_experiment_destroy(experiment);
    if (status != GRAV_OK) {
        fprintf(stderr, "\nprogress_bar: %s\n", err.message);
        return 1;
    }
    grav_result_summary(result, &summary);
    draw(&(grav_progress){.sessions = how.sessions, .played = summary.sessions}, NULL);
    fputc('\n', stderr);
    printf("%s: %" PRIu64 " sessions", summary.complete ? "done" : "interrupted", summary.sessions);
    if (summary.sessions > 0)
        printf(", highest score %" PRIu64 " of session %" PRIu64, summary.max_score,
               summary.max_session);
    putchar('\n');
    grav_result_destroy(result);
    return summary.complete ? 0 : 3;
}
