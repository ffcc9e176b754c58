/* graveler stress */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands.h"
#include "play.h"
#include "targets.h"
#include "text.h"

static const char *const name = "stress";

/* So many wrong answers are told one by one: a broken device would fill the screen. */
enum { TOLD_MAX = 10 };

typedef struct stress_view {
    bool draw, drawn;
    double seconds;   /* asked for */
    double elapsed_s; /* so far */
    uint64_t told;
} stress_view;

/* ---- While it plays -------------------------------------------------------------------------- */

/* `GPU 0 71 °C 655 W` of the hottest there is; nothing where no sensor is known. */
static void hottest(const grav_stress_device *devices, size_t count, char *out, size_t size)
{
    const grav_stress_device *found = NULL;
    for (size_t i = 0; i < count; i++)
        if (devices[i].celsius.known && (!found || devices[i].celsius.now > found->celsius.now))
            found = &devices[i];
    *out = 0;
    if (found)
        snprintf(out, size, "  GPU %d %.0f C %.0f W", found->device, found->celsius.now,
                 found->watts.now);
}

static void clear(stress_view *view)
{
    if (view->drawn)
        fputs("\r\033[K", stderr);
    view->drawn = false;
}

static bool on_progress(const grav_stress_device *devices, size_t count, double elapsed_s,
                        void *data)
{
    stress_view *view = data;
    char line[512], heat[64];
    view->elapsed_s = elapsed_s;
    uint64_t right = 0, wrong = 0;
    for (size_t i = 0; i < count; i++) {
        right += devices[i].right;
        wrong += devices[i].wrong;
    }
    if (view->draw) {
        hottest(devices, count, heat, sizeof heat);
        snprintf(line, sizeof line, "%s of %s  %s right, %" PRIu64 " wrong%s",
                 text_seconds(elapsed_s).text, text_seconds(view->seconds).text,
                 text_counted(right, "range").text, wrong, heat);
        fprintf(stderr, "\r%.*s\033[K", text_columns(STDERR_FILENO) - 1, line);
        fflush(stderr);
        view->drawn = true;
    }
    return cli_interrupted();
}

static void on_trouble(const grav_stress_device *device, const grav_error *what, void *data)
{
    stress_view *view = data;
    clear(view);
    if (what->status != GRAV_ERROR_MISMATCH) {
        grav_error line = {.status = what->status};
        char who[TARGETS_NAME_SIZE];
        targets_name(&(cli_target){device->backend, device->device, device->isa}, who, sizeof who);
        snprintf(line.message, sizeof line.message, "%.80s: %.400s; it plays no more", who,
                 what->message);
        cli_fail(name, &line);
    } else if (view->told++ < TOLD_MAX) {
        cli_fail(name, what);
        if (view->told == TOLD_MAX)
            fprintf(stderr, "%s %s: more wrong answers are counted, not told\n", cli_program, name);
    }
}

/* ---- The report ------------------------------------------------------------------------------ */

static double rate(const grav_stress_device *device)
{
    return device->played_s > 0 ? (double)device->sessions / device->played_s : 0;
}

static void print_device(const grav_stress_device *device)
{
    char who[TARGETS_NAME_SIZE];
    targets_name(&(cli_target){device->backend, device->device, device->isa}, who, sizeof who);
    printf("%-13s %s right, %s wrong: %s", who, text_counted(device->right, "range").text,
           text_count(device->wrong).text, text_counted(device->sessions, "session").text);
    if (device->played_s > 0)
        printf(", %s", text_rate(rate(device)).text);
    if (device->celsius.known)
        printf(", %.0f C (at most %.0f)", device->celsius.now, device->celsius.most);
    if (device->watts.known)
        printf(", %.0f W (at most %.0f)", device->watts.now, device->watts.most);
    printf("%s\n", device->failure.status != GRAV_OK ? ", FAILED" : "");
}

/* ---- The command ----------------------------------------------------------------------------- */

static grav_status write_json(const cli_settings *settings, const grav_stress_device *devices,
                              size_t count, double seconds, bool stopped, grav_error *err)
{
    char *text;
    grav_status status = grav_stress_json(devices, count, seconds, !stopped, &text, err);
    if (status != GRAV_OK)
        return status;
    status = cli_write_json(settings, text, err);
    free(text);
    return status;
}

/* A wrong answer matters most, then a device that failed. */
static int code_of(const grav_stress_device *devices, size_t count, bool stopped)
{
    int code = stopped ? CLI_INTERRUPTED : CLI_DONE;
    for (size_t i = 0; i < count; i++)
        if (devices[i].failure.status != GRAV_OK)
            code = CLI_FAILED;
    for (size_t i = 0; i < count; i++)
        if (devices[i].wrong)
            code = CLI_MISMATCH;
    return code;
}

static int report(const cli_settings *settings, const grav_stress_device *devices, size_t count,
                  double seconds, bool stopped)
{
    grav_error err;
    int code = code_of(devices, count, stopped);
    if (!settings->json.given || cli_json_file(settings))
        for (size_t i = 0; i < count; i++)
            print_device(&devices[i]);
    if (stopped)
        fprintf(stderr, "%s %s: interrupted after %s\n", cli_program, name,
                text_seconds(seconds).text);
    if (settings->json.given &&
        write_json(settings, devices, count, seconds, stopped, &err) != GRAV_OK) {
        int failed = cli_fail(name, &err);
        code = code == CLI_MISMATCH ? code : failed;
    }
    return cli_finish_output(name, code);
}

static int stress(const cli_settings *settings, grav_stress_device *devices, size_t count)
{
    grav_error err;
    bool stopped;
    double seconds = settings->time.given ? settings->time.seconds : 600;
    stress_view view = {.draw = cli_wants_progress(settings), .seconds = seconds};
    const grav_stress_spec spec = {seconds, on_progress, on_trouble, &view};
    cli_catch_signals();
    grav_status status = grav_stress(devices, count, &spec, &stopped, &err);
    clear(&view);
    if (status != GRAV_OK)
        return cli_fail(name, &err);
    return report(settings, devices, count, view.elapsed_s, stopped);
}

static int run(const cli_settings *settings)
{
    cli_target targets[TARGETS_MAX];
    grav_stress_device devices[TARGETS_MAX];
    size_t count;
    grav_error err, no_gpus;
    if (targets_find(settings, false, targets, &count, &no_gpus, &err) != GRAV_OK)
        return cli_fail(name, &err);
    if (no_gpus.status != GRAV_OK && targets_need_gpus(settings))
        return cli_fail(name, &no_gpus);
    for (size_t i = 0; i < count; i++)
        devices[i] = (grav_stress_device){
            .backend = targets[i].backend,
            .device = targets[i].device,
            .isa = targets[i].isa,
            .threads =
                targets[i].backend == GRAV_BACKEND_CPU ? (unsigned)settings->threads.value : 0,
        };
    return stress(settings, devices, count);
}

static const cli_option stress_options[] = {
    {.argument = "Stress:"},
    {"time", "TIME", "for how long: 90s, 10m, 12h (10m)", CLI_DURATION,
     offsetof(cli_settings, time), 100, 0, NULL},
    {0},
};

static const cli_option output_options[] = {
    {.argument = "Output:"},
    {"json", "FILE", "write how it went as JSON (to stdout)", CLI_FILE,
     offsetof(cli_settings, json), 0, 0, NULL},
    {0},
};

const cli_command cli_stress_command = {
    .name = "stress",
    .summary = "burn in the CPU and the GPUs, every answer checked",
    .example = "graveler stress --time 10m",
    .help =
        "Plays ranges of sessions whose answers are known on the CPU and on every GPU, or where "
        "the options say, until the time is up. Every answer is checked; a wrong one is exit "
        "code 4. Tells speed and, where the driver does, temperature and power of each GPU.",
    .tables = (const cli_option *const[]){stress_options, cli_where_options, output_options,
                                          cli_progress_options, NULL},
    .run = run,
};
