/* The program. */
#include "program.h"

int main(int argc, char **argv)
{
    return cli_main(&cli_graveler, argc, argv);
}
