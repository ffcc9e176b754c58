/* Known questions. */
#include <string.h>

#include "graveler.h"

static const grav_preset presets[] = {
    /* The first is what everything defaults to. */
    {
        .name = "founding",
        .question = "231 rolls at 1/4: how high is the highest of a billion, is 177 ever reached?",
        .source = "ShoddyCast, youtube.com/watch?v=M8C8dHQE2Ro; github.com/arhourigan/graveler",
        .experiment = {.rolls = 231, .chance = "1/4", .has_target = true, .target = 177},
        .sessions = 1000000000,
    },
    {
        .name = "177-in-a-row",
        .question = "231 rolls at 1/4: do 177 in a row ever score?",
        .source = "the event whose chance, 4^-177, write-ups of the founding job give for it",
        .experiment = {.rolls = 231,
                       .chance = "1/4",
                       .statistic = GRAV_STATISTIC_STREAK,
                       .has_target = true,
                       .target = 177},
        .sessions = 1000000000,
    },
    {
        .name = "dream-pearls",
        .question = "262 barters at 20/423: as many as 42 ender pearls?",
        .source = "Minecraft Speedrunning Team, \"Dream Investigation Results\", December 2020",
        .experiment = {.rolls = 262, .chance = "20/423", .has_target = true, .target = 42},
        .sessions = 1000000000,
    },
    {
        .name = "dream-rods",
        .question = "305 blazes at 1/2: as many as 211 rods?",
        .source = "Minecraft Speedrunning Team, \"Dream Investigation Results\", December 2020",
        .experiment = {.rolls = 305, .chance = "1/2", .has_target = true, .target = 211},
        .sessions = 1000000000,
    },
    {
        .name = "shiny",
        .question = "8192 encounters at 1/8192: a shiny one, or several?",
        .source = "Bulbapedia, \"Shiny Pokemon\": the chance of generations II to V",
        .experiment = {.rolls = 8192, .chance = "1/8192", .has_target = true, .target = 1},
        .sessions = 10000000,
    },
    {
        .name = "ten-d6",
        .question = "ten six-sided dice: all sixes?",
        .source = "E. W. Weisstein, \"Dice\", mathworld.wolfram.com/Dice.html",
        .experiment = {.rolls = 10, .die = "1..6", .has_target = true, .target = 60},
        .sessions = 1000000000,
    },
    {
        .name = "million",
        .question = "the sum of a million whole numbers from 0 to 10: how far from 5,000,000?",
        .source = "the central limit theorem made felt: one part in a thousand is 1.6 sd",
        .experiment = {.rolls = 1000000, .die = "0..10"},
        .keep = GRAV_KEEP_MAX,
        .sessions = 1000,
    },
};

const grav_preset *grav_preset_at(size_t i)
{
    return i < sizeof presets / sizeof *presets ? &presets[i] : NULL;
}

const grav_preset *grav_preset_named(const char *name)
{
    const grav_preset *preset;
    for (size_t i = 0; (preset = grav_preset_at(i)); i++)
        if (strcmp(preset->name, name) == 0)
            return preset;
    return NULL;
}
