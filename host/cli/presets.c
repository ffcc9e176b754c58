/* graveler presets */
#include <stdio.h>

#include "commands.h"
#include "report.h"
#include "text.h"

static const char *const name = "presets";

static grav_status print_preset(const grav_preset *preset, grav_error *err)
{
    grav_experiment *experiment;
    uint64_t target;
    grav_status status = grav_experiment_create(&preset->experiment, &experiment, err);
    if (status != GRAV_OK)
        return status;
    printf("%s\n    %s\n    ", preset->name, preset->question);
    report_print_experiment(stdout, experiment);
    if (grav_experiment_target(experiment, &target))
        printf(", target %s", text_count(target).text);
    printf("\n    %s\n\n", preset->source);
    grav_experiment_destroy(experiment);
    return GRAV_OK;
}

static int run(const cli_settings *settings)
{
    (void)settings;
    grav_error err;
    const grav_preset *preset;
    for (size_t i = 0; (preset = grav_preset_at(i)); i++)
        if (print_preset(preset, &err) != GRAV_OK)
            return cli_finish_output(name, cli_fail(name, &err));
    printf("graveler run --preset %s plays one; other options change it.\n",
           grav_preset_at(0)->name);
    return cli_finish_output(name, CLI_DONE);
}

const cli_command cli_presets_command = {
    .name = "presets",
    .summary = "list known questions, ready to play",
    .example = "graveler presets",
    .help = "Lists the questions that --preset knows: what is asked, of which experiment, and "
            "where it comes from.",
    .tables = (const cli_option *const[]){NULL},
    .run = run,
};
